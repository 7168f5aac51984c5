import { describe, expect, it } from 'vitest';
import { createKnownCalendars, hashOfToken } from '../../../api/calendars/known-calendars.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../../domain/time/instant.js';
import type { StoredCalendar } from '../../../store/calendars.js';
import { StoreAway } from '../../../store/errors.js';
import { memoryStore } from './memory-store.js';
import { override, utc } from './support.js';

const NOW = utc('2026-06-09 12:00');

function calendar(id: string): StoredCalendar {
  return { id, kind: 'person', subjectId: id, createdAt: NOW, createdBy: 'ops' };
}

/** What is known of a store with one calendar, of which the token is `alice`. */
function knownOf() {
  const store = memoryStore();
  store.put('alice', calendar('a'));
  const clock = { now: NOW };
  const logged: unknown[] = [];
  const log = { warn: (...line: unknown[]) => void logged.push(line) };
  const known = createKnownCalendars({ store, now: () => clock.now, log });
  return { store, clock, known, logged };
}

describe('the calendars that are known', () => {
  it('are found by their tokens, with the overrides of two weeks back and more', async () => {
    const { store, known } = knownOf();
    store.overridesAre([override({})]);
    expect(await known.find('alice')).toEqual({
      calendar: calendar('a'),
      set: { version: 1, overrides: [override({})] },
    });
    expect(store.asked.from).toBe(utc('2025-01-01 00:00'));
    expect(store.asked.includeCancelled).toBe(true);
    expect(await known.find('bob')).toBeNull();
    expect(await known.find(hashOfToken('alice'))).toBeNull();
    expect(await known.find('')).toBeNull();
  });

  it('cost the store no more than a look in two seconds, however many ask', async () => {
    const { store, clock, known } = knownOf();
    for (let n = 0; n < 10_000; n += 1) {
      clock.now += 1;
      await known.find(n % 3 === 0 ? 'alice' : `forged-${n}`);
    }
    // Ten seconds: every 250 ms at most while tokens are asked for that nobody knows, two small questions each.
    expect(store.calls()).toBeLessThanOrEqual(2 + 40 * 2 + 2);
    expect(store.callsOf('byTokenHash')).toBe(1);
    expect(store.callsOf('list')).toBe(1);
  });

  it('are asked for once by many who come at the same moment', async () => {
    const { store, known } = knownOf();
    await Promise.all(Array.from({ length: 100 }, () => known.find('alice')));
    expect(store.calls()).toBe(4);
  });

  it('hear within two seconds of what other processes write, and of new ones at once', async () => {
    const { store, clock, known } = knownOf();
    await known.find('alice');
    store.drop('alice');
    clock.now += SECOND;
    expect(await known.find('alice')).not.toBeNull();
    clock.now += SECOND;
    expect(await known.find('alice')).toBeNull();
    store.put('new', calendar('n'));
    clock.now += 250;
    expect(await known.find('new')).toMatchObject({ calendar: { id: 'n' } });
    store.overridesAre([override({})]);
    clock.now += 2 * SECOND;
    expect((await known.find('new'))?.set.overrides).toHaveLength(1);
  });

  it('hear at once of what this process writes, also when a look was under way', async () => {
    const { store, known } = knownOf();
    await known.find('alice');
    store.put('bob', calendar('b'));
    known.changed(calendar('b'));
    expect(await known.find('bob')).not.toBeNull();

    const held = store.hold();
    known.changed(calendar('b'));
    const early = known.find('alice');
    // The look has read already, and then somebody takes Bob's back.
    await held.reached;
    store.drop('bob');
    known.changed({ ...calendar('b'), revokedAt: NOW, revokedBy: 'ops' });
    const late = known.find('bob');
    held.release();
    expect(await late).toBeNull();
    expect(await early).not.toBeNull();
  });

  it('go on for an hour without the store, and no longer', async () => {
    const { store, clock, known } = knownOf();
    await known.find('alice');
    store.away = new StoreAway('unreachable', 'gone');
    for (let minute = 0; minute < 59; minute += 1) {
      clock.now += MINUTE;
      expect(await known.find('alice')).not.toBeNull();
      // Nobody can say that it was not made a moment ago.
      await expect(known.find('forged')).rejects.toBe(store.away);
    }
    clock.now += MINUTE;
    await expect(known.find('alice')).rejects.toBe(store.away);
    store.away = null;
    clock.now += 2 * SECOND;
    expect(await known.find('alice')).not.toBeNull();
  });

  it('are nobody’s while the store has never answered', async () => {
    const { store, known } = knownOf();
    store.away = new StoreAway('starting', 'not yet');
    await expect(known.find('alice')).rejects.toBe(store.away);
  });

  it('do not wait for a store that hangs once it is known to be away', async () => {
    const { store, clock, known } = knownOf();
    await known.find('alice');
    store.away = new StoreAway('slow', 'slow');
    clock.now += 3 * SECOND;
    await known.find('alice');
    store.away = null;
    const held = store.hold();
    clock.now += 3 * SECOND;
    expect(await known.find('alice')).not.toBeNull();
    held.release();
  });

  it('that were taken back here stay so though the store goes away', async () => {
    const { store, known } = knownOf();
    await known.find('alice');
    store.drop('alice');
    known.changed({ ...calendar('a'), revokedAt: NOW, revokedBy: 'ops' });
    store.away = new StoreAway('unreachable', 'gone');
    expect(await known.find('alice')).toBeNull();
  });

  it('tell of mistakes that are not the store’s', async () => {
    const { store, clock, known, logged } = knownOf();
    await known.find('alice');
    store.away = new StoreAway('unreachable', 'gone');
    clock.now += 3 * SECOND;
    await known.find('alice');
    expect(logged).toEqual([]);
    store.away = new TypeError('a mistake');
    clock.now += 3 * SECOND;
    await known.find('alice');
    await known.find('alice');
    expect(logged).toMatchObject([[{ err: store.away }, expect.stringContaining('calendars')]]);
  });

  it('look again though the clock was set back', async () => {
    const { store, clock, known } = knownOf();
    await known.find('alice');
    store.drop('alice');
    clock.now -= DAY;
    expect(await known.find('alice')).toBeNull();
    expect(clock.now + HOUR).toBeLessThan(NOW);
  });
});
