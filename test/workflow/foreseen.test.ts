import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { firstSearches, type ForeseenPeople } from '../../domain/incident/foreseen.js';
import { MINUTE } from '../../domain/time/instant.js';
import { inputOf } from '../support/plans.js';
import { personOf } from '../support/recorded-activities.js';
import { startSkippingIncidents, type SkippingIncidents } from '../support/skipping-incidents.js';

let incidents: SkippingIncidents;

beforeAll(async () => {
  incidents = await startSkippingIncidents();
});
afterEach(() => incidents.forget());
afterAll(() => incidents.stop());

/** As the API sends it, but naming somebody whom no search would find. */
function foreseenAt(at: number): readonly ForeseenPeople[] {
  const searches = firstSearches(inputOf(), at);
  expect(searches.map(({ targets }) => targets)).toEqual([[{ kind: 'user', id: 'alice' }]]);
  return searches.map(({ targets, urgency }) => ({
    targets,
    urgency,
    at,
    found: { people: [personOf('foreseen')], problems: [] },
  }));
}

test('whom the API found is paged without a search, with what the first alert says', async () => {
  const { openedAt } = await incidents.open({ foreseen: foreseenAt(await incidents.env.currentTimeMs()) });
  await incidents.env.sleep(5.5 * MINUTE);
  expect(incidents.contacts(openedAt)).toEqual([
    '0 foreseen sms',
    '1 foreseen voice',
    '3 foreseen voice',
    '5 bob sms',
  ]);
  expect(incidents.activities.delivered[0]?.message.firing).toBe(1);
});

test('what was found long ago, or for other targets, is searched for anew', async () => {
  const now = await incidents.env.currentTimeMs();
  const old = await incidents.open({ foreseen: foreseenAt(now - MINUTE) });
  await incidents.env.sleep(MINUTE / 2);
  expect(incidents.contacts(old.openedAt)).toEqual(['0 alice sms']);
  await incidents.forget();

  const other = foreseenAt(await incidents.env.currentTimeMs()).map((known) => ({
    ...known,
    targets: [{ kind: 'user', id: 'bob' } as const],
  }));
  const { openedAt } = await incidents.open({ foreseen: other });
  await incidents.env.sleep(MINUTE / 2);
  expect(incidents.contacts(openedAt)).toEqual(['0 alice sms']);
});
