import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { MINUTE } from '../../domain/time/instant.js';
import { actionUpdates, alertsSignal, incidentQuery } from '../../workflows/messages.js';
import { alertOf, batchOf } from '../support/plans.js';
import { actionOf, startSkippingIncidents, type SkippingIncidents } from '../support/skipping-incidents.js';

let incidents: SkippingIncidents;

beforeAll(async () => {
  incidents = await startSkippingIncidents();
});
afterEach(() => incidents.forget());
afterAll(() => incidents.stop());

describe('an incident that nobody answers', () => {
  test('pages tier after tier, twice, and then the catch-all again and again', async () => {
    const { openedAt } = await incidents.open();
    await incidents.env.sleep(66.5 * MINUTE);
    const round = (from: number): string[] =>
      ['alice', 'bob', 'carol', 'dan', 'erin'].flatMap((who, tier) =>
        [0, 1, 3].map((after) => `${from + tier * 5 + after} ${who} ${after === 0 ? 'sms' : 'voice'}`),
      );
    expect(incidents.contacts(openedAt)).toEqual([
      ...round(0),
      ...round(25),
      '50 group:ops-room sms',
      '65 alice sms',
      '65 group:ops-room sms',
      '66 alice voice',
    ]);
  });
});

describe('an incident that is acknowledged', () => {
  test('pages nobody after the answer, and tells those who were paged', async () => {
    const { openedAt, act } = await incidents.open();
    await incidents.env.sleep(6.5 * MINUTE);
    expect(await act('acknowledge', 'bob')).toMatchObject({ outcome: 'acknowledged', owner: 'bob' });
    await incidents.env.sleep(20 * MINUTE);
    expect(incidents.contacts(openedAt)).toEqual([
      '0 alice sms',
      '1 alice voice',
      '3 alice voice',
      '5 bob sms',
      '6 bob voice',
    ]);
    expect(incidents.contacts(openedAt, 'notice')).toEqual(['7 alice sms']);
  });

  test('gives the same answer to the same request, and refuses one that means an earlier opening', async () => {
    const { handle, act } = await incidents.open();
    const first = await act('acknowledge', 'alice');
    expect(await act('acknowledge', 'alice')).toEqual(first);
    const stale = actionOf('00000000000000000000-00000000', 'acknowledge', 'alice', 'other');
    await expect(handle.executeUpdate(actionUpdates.acknowledge, { args: [stale] })).rejects.toMatchObject({
      cause: { type: 'wrong-incident' },
    });
  });

  test('asks the owner after 25 minutes and pages the next tier after 30 without progress', async () => {
    const { openedAt, act } = await incidents.open();
    await act('acknowledge', 'alice');
    await incidents.env.sleep(30.5 * MINUTE);
    expect(incidents.contacts(openedAt, 'notice')).toEqual(['25 alice sms', '30 alice sms']);
    expect(incidents.contacts(openedAt)).toEqual(['0 alice sms', '30 bob sms']);
  });
});

describe('an incident that fires again while it is watched', () => {
  test('pages its owner again, then the policy from the secondary on', async () => {
    const { handle, openedAt, act } = await incidents.open();
    await act('acknowledge', 'alice');
    await handle.signal(alertsSignal, batchOf([alertOf({ status: 'resolved' })]));
    await incidents.env.sleep(20 * MINUTE);
    await handle.signal(alertsSignal, batchOf([alertOf({ startsAt: 2 })]));
    await incidents.env.sleep(6.5 * MINUTE);
    expect(incidents.contacts(openedAt)).toEqual([
      '0 alice sms',
      '20 alice sms',
      '21 alice voice',
      '23 alice voice',
      '25 bob sms',
      '26 bob voice',
    ]);
    expect(await handle.query<IncidentView, []>(incidentQuery)).toMatchObject({ phase: 'triggered' });
  });
});

describe('an incident whose workflow somebody cancels in the Temporal UI', () => {
  test('goes on paging and says what to do instead', async () => {
    const { handle, openedAt } = await incidents.open();
    await incidents.env.sleep(2 * MINUTE);
    await handle.cancel();
    await incidents.env.sleep(4.5 * MINUTE);
    expect(incidents.contacts(openedAt)).toEqual([
      '0 alice sms',
      '1 alice voice',
      '3 alice voice',
      '5 bob sms',
      '6 bob voice',
    ]);
    const { timeline } = await handle.query<IncidentView, []>(incidentQuery);
    expect(timeline.filter(({ type }) => type === 'note')).toMatchObject([{ who: 'Temporal' }]);
  });
});
