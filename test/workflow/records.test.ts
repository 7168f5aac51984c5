import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { KeepAnswer, RecordBatch } from '../../domain/records/batch.js';
import { openIncident } from '../../domain/incident/machine.js';
import type { TimelineEntry } from '../../domain/incident/timeline.js';
import type { IncidentView, ReviewView } from '../../domain/incident/view.js';
import { DAY, HOUR, MINUTE } from '../../domain/time/instant.js';
import {
  INCIDENT_WORKFLOW,
  incidentWorkflowId,
  recordWorkflowId,
  reviewWorkflowId,
  TASK_QUEUE,
} from '../../temporal-config/names.js';
import { alertsSignal, incidentQuery, recordQuery, reviewQuery } from '../../workflows/messages.js';
import { alertOf, batchOf, inputOf, planOf, SEVERITIES } from '../support/plans.js';
import {
  startSkippingIncidents,
  type OpenedIncident,
  type SkippingIncidents,
} from '../support/skipping-incidents.js';

/** A store for the tests: what it was given, by incident and part. */
let answer: KeepAnswer = { kind: 'kept' };
const tries: { readonly at: number; readonly batch: RecordBatch; readonly taken: boolean }[] = [];

let incidents: SkippingIncidents;

beforeAll(async () => {
  incidents = await startSkippingIncidents({
    records: {
      keepRecord: async (batch) => {
        const taken = answer.kind === 'kept';
        tries.push({ at: await incidents.env.currentTimeMs(), batch, taken });
        return answer;
      },
    },
  });
});
beforeEach(() => {
  answer = { kind: 'kept' };
  tries.length = 0;
});
afterEach(() => incidents.forget());
afterAll(() => incidents.stop());

/** What the store has, as it came: a number twice would show. */
function kept(part: 'incident' | 'review'): readonly (readonly [number, TimelineEntry])[] {
  return tries
    .filter(({ taken, batch }) => taken && batch.facts.part === part)
    .flatMap(({ batch }) => batch.entries.map(({ seq, entry }) => [seq, entry] as const));
}

/** The same of a timeline that is told whole. */
function numbered(timeline: readonly TimelineEntry[]): readonly (readonly [number, TimelineEntry])[] {
  return timeline.map((entry, index) => [index, entry] as const);
}

async function statusOf(workflowId: string): Promise<string> {
  try {
    return (await incidents.env.client.workflow.getHandle(workflowId).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'none';
    throw error;
  }
}

const NO_POSTMORTEM = SEVERITIES.map(({ postmortemWithinMs: _none, ...severity }) => severity);

/** Acknowledged at once, over after half an hour, and owes no postmortem. */
async function overAfterHalfAnHour(): Promise<OpenedIncident> {
  const opened = await incidents.open({ plan: planOf({ severities: NO_POSTMORTEM }) });
  await opened.act('acknowledge', 'alice');
  await opened.handle.signal(alertsSignal, batchOf([alertOf({ status: 'resolved' })]));
  return opened;
}

describe('what happens in an incident', () => {
  test('is kept a minute later, all of it once and in order, and nobody sees a promise of it', async () => {
    const { handle, openedAt, act } = await incidents.open();
    const before = await handle.query<IncidentView, []>(incidentQuery);
    expect(before.deadlines.map(({ label }) => label).join()).not.toContain('store');
    await incidents.env.sleep(80_000);
    expect(tries.map(({ at }) => Math.floor((at - openedAt) / MINUTE))).toEqual([1]);
    await act('acknowledge', 'alice');
    await incidents.env.sleep(80_000);
    const view = await handle.query<IncidentView, []>(incidentQuery);
    expect(kept('incident')).toEqual(numbered(view.timeline));
    // Nothing happens any more: nothing is tried.
    const count = tries.length;
    await incidents.env.sleep(20 * MINUTE);
    expect(tries).toHaveLength(count);
  });

  test('is tried again after 1, 2, 4 … minutes while the store is away; paging and answering go on meanwhile', async () => {
    answer = { kind: 'away', why: 'unreachable' };
    const { handle, openedAt, act } = await incidents.open();
    await incidents.env.sleep(6.5 * MINUTE);
    expect(incidents.contacts(openedAt)).toEqual([
      '0 alice sms',
      '1 alice voice',
      '3 alice voice',
      '5 bob sms',
      '6 bob voice',
    ]);
    expect(await act('acknowledge', 'bob')).toMatchObject({ outcome: 'acknowledged' });
    await incidents.env.sleep(5 * MINUTE);
    const waits = tries.map(({ at }, index) => (at - (tries[index - 1]?.at ?? openedAt)) / MINUTE);
    expect(waits).toHaveLength(4);
    waits.forEach((wait, index) => {
      const expected = [1, 1, 2, 4][index] ?? 0;
      expect(wait).toBeGreaterThanOrEqual(expected * 0.99);
      expect(wait).toBeLessThan(expected * 1.27);
    });
    answer = { kind: 'kept' };
    await incidents.env.sleep(10 * MINUTE);
    const view = await handle.query<IncidentView, []>(incidentQuery);
    expect(kept('incident')).toEqual(numbered(view.timeline));
  });

  test('is told whole to whoever rebuilds records, also once it is over', async () => {
    const { handle, openingId } = await overAfterHalfAnHour();
    await incidents.env.sleep(32 * MINUTE);
    expect(await statusOf(handle.workflowId)).toBe('COMPLETED');
    const view = await handle.query<IncidentView, []>(incidentQuery);
    const batch = await handle.query(recordQuery);
    expect(batch?.facts.view).toMatchObject({ openingId, phase: 'resolved' });
    expect(batch?.entries.map(({ seq, entry }) => [seq, entry])).toEqual(numbered(view.timeline));
  });

  test('goes on to be kept where an earlier run of the workflow left off', async () => {
    const input = inputOf({ key: 'c'.repeat(20) });
    const openingId = `${'c'.repeat(20)}-00c0ffee`;
    const now = await incidents.env.currentTimeMs();
    const { state } = openIncident(input, openingId, now);
    expect(state.timeline.length).toBeGreaterThan(0);
    const carried = { ...state, recordedThrough: state.timeline.length };
    const handle = await incidents.env.client.workflow.start(INCIDENT_WORKFLOW, {
      workflowId: incidentWorkflowId(input.key),
      taskQueue: TASK_QUEUE,
      args: [{ ...input, carried }],
    });
    await handle.signal(alertsSignal, batchOf([alertOf()]));
    await incidents.env.sleep(2 * MINUTE);
    const view = await handle.query<IncidentView, []>(incidentQuery);
    expect(kept('incident')[0]?.[0]).toBe(state.timeline.length);
    expect(kept('incident')).toEqual(numbered(view.timeline).slice(state.timeline.length));
    await handle.terminate();
  });
});

describe('an incident that is over', () => {
  test('has its whole timeline in the store as it ends; a review that owes nothing adds nothing', async () => {
    const { handle, openingId } = await overAfterHalfAnHour();
    await incidents.env.sleep(32 * MINUTE);
    expect(await statusOf(handle.workflowId)).toBe('COMPLETED');
    expect(await statusOf(reviewWorkflowId(openingId))).toBe('COMPLETED');
    const view = await handle.query<IncidentView, []>(incidentQuery);
    expect(view.timeline.at(-1)?.type).toBe('sent');
    expect(kept('incident')).toEqual(numbered(view.timeline));
    expect(kept('review')).toEqual([]);
  });

  test('ends as ever where there is no store', async () => {
    answer = { kind: 'no-store' };
    const { handle, openingId } = await overAfterHalfAnHour();
    await incidents.env.sleep(32 * MINUTE);
    expect(await statusOf(handle.workflowId)).toBe('COMPLETED');
    expect(await statusOf(reviewWorkflowId(openingId))).toBe('COMPLETED');
    expect(await statusOf(recordWorkflowId(openingId, 'incident', 0))).toBe('none');
    // A minute after it opened, and at its end.
    expect(tries).toHaveLength(2);
  });

  test('whose review owes a postmortem has what happens in that, too', async () => {
    const { handle, openingId, act } = await incidents.open();
    await act('acknowledge', 'alice');
    await handle.signal(alertsSignal, batchOf([alertOf({ status: 'resolved' })]));
    await incidents.env.sleep(32 * MINUTE);
    const review = incidents.env.client.workflow.getHandle(reviewWorkflowId(openingId));
    expect(kept('review').map(([, { type }]) => type)).toEqual(['review-started']);
    await incidents.env.sleep(25 * HOUR);
    const { timeline } = await review.query<ReviewView, []>(reviewQuery);
    expect(timeline.map(({ type }) => type)).toContain('postmortem-reminder');
    expect(kept('review')).toEqual(numbered(timeline));
    await review.terminate();
  });

  // The last of this file: the Java server no longer skips time once a child has completed whose parent is over.
  test('ends while the store is away; a week later, when it is back, the record becomes whole', async () => {
    answer = { kind: 'away', why: 'unreachable' };
    const { handle, openingId } = await overAfterHalfAnHour();
    await incidents.env.sleep(32 * MINUTE);
    expect(await statusOf(handle.workflowId)).toBe('COMPLETED');
    expect(await statusOf(reviewWorkflowId(openingId))).toBe('COMPLETED');
    const rest = incidents.env.client.workflow.getHandle(recordWorkflowId(openingId, 'incident', 0));
    const until = tries.length;
    await incidents.env.sleep(7 * DAY);
    expect(await statusOf(rest.workflowId)).toBe('RUNNING');
    // At last every half an hour, or up to a quarter later.
    expect(tries.length - until).toBeGreaterThan(260);
    expect(tries.length - until).toBeLessThan(350);
    answer = { kind: 'kept' };
    expect(await rest.result()).toBe('kept');
    const view = await handle.query<IncidentView, []>(incidentQuery);
    expect(kept('incident')).toEqual(numbered(view.timeline));
  });
});
