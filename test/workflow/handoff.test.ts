import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { HandoffActivities } from '../../activities/handoff-contracts.js';
import type { PlannedAnnouncement } from '../../domain/handoff/announce.js';
import type { HandoffView, PlannedHandoff } from '../../domain/handoff/handoff.js';
import { DAY, HOUR, MINUTE } from '../../domain/time/instant.js';
import { actionOf } from '../support/skipping-incidents.js';
import {
  ANNOUNCEMENT_WORKFLOW,
  HANDOFF_PLANNER_WORKFLOW,
  HANDOFF_WORKFLOW,
  handoffWorkflowId,
  incidentWorkflowId,
  INCIDENT_WORKFLOW,
  TASK_QUEUE,
} from '../../temporal-config/names.js';
import { createWorker } from '../../worker/create-worker.js';
import {
  actionUpdates,
  alertsSignal,
  confirmHandoffSignal,
  handoffQuery,
  incidentQuery,
} from '../../workflows/messages.js';
import { bundleForTests } from '../support/bundle.js';
import { alertOf, batchOf, inputOf } from '../support/plans.js';
import { createRecordedActivities, type RecordedActivities } from '../support/recorded-activities.js';
import { startTimeSkipping } from '../support/temporal.js';

let env: TestWorkflowEnvironment;
let worker: Worker;
let running: Promise<void>;
let pages: RecordedActivities;
let ids = 0;

/** What was asked of the world, with the time. */
const asked: { readonly at: number; readonly what: string }[] = [];
let isSo = true;
let refusals = 0;
let takeOver: HandoffActivities['takeOver'] = () => Promise.resolve(0);
let firstShift: readonly string[] = [];

async function note(what: string): Promise<void> {
  asked.push({ at: await env.currentTimeMs(), what });
}

beforeAll(async () => {
  env = await startTimeSkipping();
  pages = createRecordedActivities(() => env.currentTimeMs());
  const handoffs: HandoffActivities = {
    planHandoffs: () => Promise.resolve({ handoffs: 2, announcements: 1 }),
    isHandoffStillSo: () => Promise.resolve(isSo),
    isAnnouncementStillSo: () => Promise.resolve(isSo),
    writeHandoff: async ({ kind, to }) => {
      refusals -= 1;
      if (refusals >= 0) throw ApplicationFailure.retryable('no method took it');
      await note(`${kind} to ${to}`);
      return { status: 'sent' };
    },
    whomToTell: () => Promise.resolve(['carol', 'erin']),
    takeOver: async (input) => {
      await note(`take over from ${input.plan.leaving ?? 'nobody'} to ${input.confirmed.by}`);
      return takeOver(input);
    },
    writeAnnouncement: async ({ to }) => {
      await note(`announcement (${to.role}) to ${to.userId}`);
      return { status: 'sent' };
    },
    firstShiftMethods: () => Promise.resolve(firstShift),
    writeFirstShiftTest: async ({ methodId }) => {
      await note(`test by ${methodId}`);
      return { status: 'sent' };
    },
  };
  worker = await createWorker({
    connection: env.nativeConnection,
    namespace: 'default',
    activities: pages,
    handoffs,
    workflowBundle: await bundleForTests(),
  });
  running = worker.run();
});
afterEach(() => {
  asked.length = 0;
  isSo = true;
  refusals = 0;
  takeOver = () => Promise.resolve(0);
  firstShift = [];
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await env.teardown();
});

interface Begun {
  readonly handle: WorkflowHandle;
  readonly plan: PlannedHandoff;
}

/** A hand-over from alice to bob two hours from now. */
async function begin(changes: Partial<PlannedHandoff> = {}): Promise<Begun> {
  ids += 1;
  const at = (await env.currentTimeMs()) + 2 * HOUR;
  const plan: PlannedHandoff = {
    id: ids.toString(16).padStart(20, '0'),
    code: '7KQ2',
    schedule: 'payments',
    slot: 'primary',
    at,
    leaving: 'alice',
    coming: 'bob',
    digestAt: { leaving: at - 30 * MINUTE, coming: at - 30 * MINUTE },
    until: at + 12 * HOUR,
    ...changes,
  };
  const handle = await env.client.workflow.start(HANDOFF_WORKFLOW, {
    workflowId: handoffWorkflowId(plan.id),
    taskQueue: TASK_QUEUE,
    args: [plan],
  });
  onTestFinished(async () => {
    await handle.terminate().catch(() => undefined);
  });
  return { handle, plan };
}

/** What was done, in minutes from the change; what happens at one instant by name. */
function told({ plan }: Pick<Begun, 'plan'>): string[] {
  return asked
    .map(({ at, what }) => ({ minute: Math.round((at - plan.at) / MINUTE), what }))
    .sort((one, other) => one.minute - other.minute || one.what.localeCompare(other.what))
    .map(({ minute, what }) => `${minute} ${what}`);
}

async function sleepUntil(at: number): Promise<void> {
  await env.sleep(at - (await env.currentTimeMs()));
}

const confirmation = { by: 'bob', via: 'sms' } as const;

test('both read what is open half an hour before; unconfirmed, a reminder, then the secondary and the owner', async () => {
  const begun = await begin();
  await sleepUntil(begun.plan.at + MINUTE);
  expect(told(begun)).toEqual([
    '-30 digest-coming to bob',
    '-30 digest-leaving to alice',
    '-20 reminder to bob',
    '-10 unconfirmed to carol',
    '-10 unconfirmed to erin',
  ]);
  expect(await begun.handle.query(handoffQuery)).toMatchObject({ status: 'unconfirmed', confirmedAt: null });

  await begun.handle.signal(confirmHandoffSignal, confirmation);
  expect((await begun.handle.result()) as HandoffView).toMatchObject({ status: 'done' });
  expect(told(begun).slice(5)).toEqual(['1 confirmed to alice', '1 take over from alice to bob']);
});

test('confirmed before the change: nobody is reminded, and it takes effect at the change', async () => {
  const begun = await begin();
  await sleepUntil(begun.plan.at - 25 * MINUTE);
  // Somebody else's confirmation, and the leaving one's, are none.
  await begun.handle.signal(confirmHandoffSignal, { by: 'alice', via: 'sms' });
  await begun.handle.signal(confirmHandoffSignal, { by: 'mallory', via: 'sms' });
  expect(await begun.handle.query(handoffQuery)).toMatchObject({ status: 'asked' });
  await begun.handle.signal(confirmHandoffSignal, confirmation);
  await begun.handle.signal(confirmHandoffSignal, confirmation);
  await sleepUntil(begun.plan.at + MINUTE);
  expect(told(begun)).toEqual([
    '-30 digest-coming to bob',
    '-30 digest-leaving to alice',
    '-25 confirmed to alice',
    '0 take over from alice to bob',
  ]);
});

test('an override makes it void: nothing is sent, and it ends at the change', async () => {
  const begun = await begin();
  isSo = false;
  expect((await begun.handle.result()) as HandoffView).toMatchObject({ status: 'void' });
  expect(told(begun)).toEqual([]);
});

test('an override after the confirmation takes nothing from anybody', async () => {
  const begun = await begin();
  await sleepUntil(begun.plan.at - 25 * MINUTE);
  await begun.handle.signal(confirmHandoffSignal, confirmation);
  await sleepUntil(begun.plan.at - 20 * MINUTE);
  isSo = false;
  expect((await begun.handle.result()) as HandoffView).toMatchObject({ status: 'void' });
  expect(told(begun).filter((what) => what.includes('take over'))).toEqual([]);
});

test('an override that is taken back in time makes it true again', async () => {
  const begun = await begin({
    digestAt: { leaving: null, coming: (await env.currentTimeMs()) + 10 * MINUTE },
  });
  isSo = false;
  await sleepUntil(begun.plan.at - 100 * MINUTE);
  expect(await begun.handle.query(handoffQuery)).toMatchObject({ status: 'void' });
  isSo = true;
  await sleepUntil(begun.plan.at - 90 * MINUTE);
  expect(told(begun)).toEqual(['-95 digest-coming to bob']);
  expect(await begun.handle.query(handoffQuery)).toMatchObject({ status: 'asked' });
});

test('a letter that fails for a moment is tried again', async () => {
  const begun = await begin({
    coming: null,
    digestAt: { leaving: (await env.currentTimeMs()) + MINUTE, coming: null },
  });
  refusals = 2;
  // With nobody who comes there is nothing to confirm.
  expect((await begun.handle.result()) as HandoffView).toMatchObject({ status: 'over' });
  expect(told(begun)).toEqual(['-119 digest-leaving to alice']);
});

test('nobody confirms: it is over when the place changes hands again', async () => {
  const begun = await begin({ until: (await env.currentTimeMs()) + 3 * HOUR });
  const view = (await begun.handle.result()) as HandoffView;
  expect(view).toMatchObject({ status: 'over', taken: 0 });
  expect(Math.round(((await env.currentTimeMs()) - begun.plan.at) / MINUTE)).toBe(60);
});

test('an incident of who leaves is then of who comes: its timeline says by which hand-over, and nobody is told twice', async () => {
  const input = inputOf({ key: 'f'.repeat(20) });
  const incident = await env.client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
    workflowId: incidentWorkflowId(input.key),
    taskQueue: TASK_QUEUE,
    args: [input],
    signal: alertsSignal,
    signalArgs: [batchOf([alertOf()])],
  });
  onTestFinished(async () => {
    await incident.terminate().catch(() => undefined);
  });
  const { openingId } = await incident.query(incidentQuery);
  await incident.executeUpdate(actionUpdates.acknowledge, {
    args: [actionOf(openingId, 'acknowledge', 'alice')],
  });
  takeOver = async ({ plan, confirmed }) => {
    const { outcome } = await incident.executeUpdate(actionUpdates.take, {
      args: [
        {
          action: 'take',
          handover: { schedule: plan.schedule, from: plan.leaving ?? '' },
          openingId,
          by: { kind: 'user', id: confirmed.by, name: 'Bob' },
          via: confirmed.via,
          requestId: `handoff:${plan.id}`,
        },
      ],
    });
    return outcome === 'taken' ? 1 : 0;
  };
  const at = (await env.currentTimeMs()) + 5 * MINUTE;
  const begun = await begin({ at, digestAt: { leaving: at - 4 * MINUTE, coming: at - 4 * MINUTE } });
  await begun.handle.signal(confirmHandoffSignal, confirmation);
  await sleepUntil(at - MINUTE);
  expect((await incident.query(incidentQuery)).owner?.id).toBe('alice');
  pages.delivered.length = 0;
  expect((await begun.handle.result()) as HandoffView).toMatchObject({ status: 'done', taken: 1 });
  const view = await incident.query(incidentQuery);
  expect(view.owner).toMatchObject({ id: 'bob', name: 'Bob' });
  expect(view.timeline).toContainEqual(
    expect.objectContaining({ type: 'taken-over', who: 'Bob', from: 'alice', handover: 'payments' }),
  );
  // Who is off shift is not chased: "still on it?" goes to bob.
  await env.sleep(26 * MINUTE);
  const takenAt = view.owner?.since ?? 0;
  // At the hand-over itself nobody hears anything.
  expect(pages.delivered.filter((delivery) => delivery.at < takenAt + 4 * MINUTE)).toEqual([]);
  const chased = pages.delivered.filter(({ message }) =>
    message.parts.some(({ type }) => type === 'still-on-it'),
  );
  expect(chased.map(({ userId }) => userId)).toEqual(['bob']);
});

async function announce(changes: Partial<PlannedAnnouncement> = {}): Promise<WorkflowHandle> {
  ids += 1;
  const now = await env.currentTimeMs();
  const plan: PlannedAnnouncement = {
    id: ids.toString(16).padStart(20, '0'),
    schedule: 'payments',
    slot: 'primary',
    at: now + DAY + 10 * MINUTE,
    sendAt: now + 10 * MINUTE,
    coming: 'bob',
    why: 'rotation',
    to: [{ userId: 'bob', role: 'coming' }],
    ...changes,
  };
  return env.client.workflow.start(ANNOUNCEMENT_WORKFLOW, {
    workflowId: `announcement:${plan.id}`,
    taskQueue: TASK_QUEUE,
    args: [plan],
  });
}

test('a shift is announced a day ahead, and before the first one every way to page is tested', async () => {
  firstShift = ['sms-1', 'voice-1'];
  const began = await env.currentTimeMs();
  const handle = await announce();
  expect(await handle.result()).toEqual({ sent: 1, tested: 2, isVoid: false });
  const [first, ...tests] = asked.map(({ what }) => what);
  expect(first).toBe('announcement (coming) to bob');
  // All ways at once: whichever worker is quicker comes first.
  expect(tests.sort()).toEqual(['test by sms-1', 'test by voice-1']);
  expect(Math.round(((asked[0]?.at ?? 0) - began) / MINUTE)).toBe(10);
});

test('an override that came late is announced at once to all whom it concerns; what was taken back tests nothing', async () => {
  firstShift = ['sms-1'];
  const to = [
    { userId: 'bob', role: 'coming' },
    { userId: 'alice', role: 'relieved' },
  ] as const;
  const handle = await announce({ why: 'cancelled', sendAt: (await env.currentTimeMs()) - HOUR, to });
  expect(await handle.result()).toEqual({ sent: 2, tested: 0, isVoid: false });
});

test('what is no longer so is not announced', async () => {
  const handle = await announce();
  isSo = false;
  expect(await handle.result()).toEqual({ sent: 0, tested: 0, isVoid: true });
  expect(asked).toEqual([]);
});

test('the planner plans', async () => {
  const planned: unknown = await env.client.workflow.execute(HANDOFF_PLANNER_WORKFLOW, {
    workflowId: 'handoff-planner',
    taskQueue: TASK_QUEUE,
    args: [],
  });
  expect(planned).toEqual({ handoffs: 2, announcements: 1 });
});
