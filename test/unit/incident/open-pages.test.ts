import { expect, test } from 'vitest';
import { viewOf } from '../../../domain/incident/machine.js';
import { awaitedPeople, isOpenCall, isOpenPage, openlyPaged } from '../../../domain/incident/open-pages.js';
import { MINUTE } from '../../../domain/time/instant.js';
import { incident } from './fixtures.js';

type It = ReturnType<typeof incident>;

/** Who is shown as paged and not answered yet: what the search attribute is made of. */
function shownOpen(it: It): readonly string[] {
  return viewOf(it.state(), '')
    .paged.filter(({ open }) => open)
    .map(({ userId }) => userId);
}

test('a page stays open when the next tier takes over, and no longer once somebody answers', () => {
  const it = incident();
  it.advanceTo('6:00');
  expect(it.state().pages.map(({ userId, status }) => `${userId} ${status}`)).toEqual([
    'alice superseded',
    'bob active',
  ]);
  expect([...awaitedPeople(it.state())]).toEqual(['alice', 'bob']);
  expect(openlyPaged(it.state())).toEqual(['alice', 'bob']);
  expect(shownOpen(it)).toEqual(['alice', 'bob']);
  it.acknowledge('bob');
  expect(awaitedPeople(it.state()).size).toBe(0);
  expect(openlyPaged(it.state())).toEqual([]);
  expect(shownOpen(it)).toEqual([]);
});

test('a page beside the policy is open though somebody has the incident', () => {
  const it = incident();
  it.acknowledge('alice');
  const dan = { name: 'dan', targets: [{ kind: 'user', id: 'dan' }], timeoutMs: 5 * MINUTE } as const;
  it.acts('alice', { action: 'add-responders', responders: [{ name: 'dan', steps: [dan] }] });
  expect([...awaitedPeople(it.state())]).toEqual(['dan']);
  expect(shownOpen(it)).toEqual(['dan']);
});

test('a page for information is open and calls on nobody', () => {
  expect(isOpenPage({ status: 'superseded' })).toBe(true);
  expect(isOpenCall({ status: 'superseded', reason: 'alert' })).toBe(true);
  expect(isOpenCall({ status: 'active', reason: 'for-information' })).toBe(false);
  expect(isOpenCall({ status: 'stopped', reason: 'alert' })).toBe(false);
});
