import { describe, expect, it } from 'vitest';
import { shiftEvents, windowAt, type ShiftEvent } from '../../../api/calendars/shift-events.js';
import { onCallAt, prepare, type PreparedSchedule } from '../../../domain/oncall/on-call.js';
import type { Override } from '../../../domain/oncall/override.js';
import { DAY, HOUR, MINUTE } from '../../../domain/time/instant.js';
import { override, schedule, utc, weekly } from './support.js';

const NOW = utc('2026-06-09 12:00');

function eventsAt(now: number, overrides: readonly Override[] = [], of: PreparedSchedule = weekly()) {
  return shiftEvents(of, overrides, windowAt(now));
}

function primaries(events: readonly ShiftEvent[]): readonly ShiftEvent[] {
  return events.filter(({ slot }) => slot === 'primary');
}

function uids(events: readonly ShiftEvent[]): readonly string[] {
  return events.map(({ uid }) => uid);
}

describe('the window of a calendar', () => {
  it('is two weeks back and twelve months ahead, and moves at midnight UTC', () => {
    const window = windowAt(NOW);
    expect([window.from, window.to]).toEqual([utc('2026-05-26 00:00'), utc('2027-06-10 00:00')]);
    expect(windowAt(utc('2026-06-09 23:59'))).toEqual(window);
    expect(windowAt(utc('2026-06-10 00:00')).from).toBe(window.from + DAY);
    // Also when there is a 29 February in between.
    expect(windowAt(utc('2027-03-01 12:00')).to).toBeGreaterThanOrEqual(utc('2028-03-01 00:00'));
  });
});

describe('the events of a schedule', () => {
  it.each([
    ['weekly', weekly()],
    [
      'night hours',
      schedule('payments', {
        type: 'daily',
        handover: '02:30',
        start: '2026-01-05',
        participants: ['alice', 'bob', 'carol'],
        restrict: [{ from: '22:00', to: '06:00' }],
      }),
    ],
    [
      'New York, 12 hours each',
      schedule(
        'payments',
        {
          type: 'hourly',
          every: 12,
          handover: '02:30',
          start: '2026-01-05',
          participants: ['alice', 'bob', 'carol'],
        },
        'America/New_York',
      ),
    ],
  ])('say at every instant of a year, over both clock changes, who is on call: %s', (_name, of) => {
    const overrides = [
      override({}),
      // Over the clock change of Berlin, and over that of New York.
      override({ id: 'o-2', from: utc('2026-10-24 22:00'), to: utc('2026-10-25 03:00') }),
      override({ id: 'o-3', from: utc('2027-03-14 06:30'), to: utc('2027-03-14 07:30'), insteadOf: 'bob' }),
      override({ id: 'o-4', slot: 'secondary', from: utc('2026-08-01 00:00'), to: utc('2026-08-20 00:00') }),
    ];
    const prepared = prepare(of, overrides);
    const events = eventsAt(NOW, overrides, of);
    const window = windowAt(NOW);
    for (const slot of ['primary', 'secondary'] as const) {
      const own = events.filter((event) => event.slot === slot);
      let next = 0;
      let looks = 0;
      for (let at = window.from; at < window.to; at += 10 * MINUTE) {
        while ((own[next]?.to ?? Infinity) <= at) next += 1;
        const event = own[next];
        const meant = event !== undefined && event.from <= at ? event.userId : null;
        // One comparison for each: an expectation for 54,000 instants would take seconds.
        if (meant !== onCallAt(prepared, at)[slot])
          expect([at, meant]).toEqual([at, onCallAt(prepared, at)[slot]]);
        looks += 1;
      }
      expect(looks).toBeGreaterThan(54_000);
      // They begin and end where something changes, to the millisecond.
      const reason = (at: number): string => {
        const { [slot]: user, why } = onCallAt(prepared, at);
        return `${user} ${why[slot]?.kind === 'override' ? why[slot].id : ''}`;
      };
      for (const { from, to } of own) {
        expect(reason(from - 1)).not.toBe(reason(from));
        expect(reason(to)).not.toBe(reason(to - 1));
      }
      expect(own.length).toBeGreaterThan(50);
    }
  });

  it('keep their beginnings and their names though the window has cut into them', () => {
    const whole = eventsAt(NOW);
    for (const days of [1, 5, 13, 30, 100]) {
      const later = eventsAt(NOW + days * DAY);
      const known = new Map(whole.map((event) => [event.uid, event]));
      const shared = later.filter(({ to }) => to <= utc('2027-06-07 07:00'));
      expect(shared.length).toBeGreaterThan(70);
      for (const event of shared) expect(known.get(event.uid)).toEqual(event);
    }
  });

  it('of one person alone are one, with the same beginning all year long', () => {
    const alone = weekly('payments', ['alice']);
    const [event, ...others] = eventsAt(NOW, [], alone);
    expect(others).toEqual([]);
    expect(event).toMatchObject({ userId: 'alice', from: utc('2026-01-05 08:00') });
    const old = schedule('payments', {
      type: 'weekly',
      handover: '09:00',
      start: '2020-01-06',
      participants: ['alice'],
    });
    const first = eventsAt(utc('2026-02-01 00:00'), [], old);
    expect(first).toHaveLength(1);
    for (const at of ['2026-03-01 00:00', '2026-12-31 23:00'])
      expect(uids(eventsAt(utc(at), [], old))).toEqual(uids(first));
  });

  it('name no two alike, in two schedules of the same people either', () => {
    const all = [...eventsAt(NOW), ...eventsAt(NOW, [], weekly('database'))];
    expect(new Set(uids(all)).size).toBe(all.length);
    for (const { uid } of all) expect(uid).toMatch(/^[0-9a-f]{32}@tocsin$/);
  });

  it('are changed by an override only where it is', () => {
    const before = eventsAt(NOW);
    const after = eventsAt(NOW, [override({})]);
    const gone = before.filter(({ uid, to }) => !after.some((event) => event.uid === uid && event.to === to));
    const come = after.filter(({ uid, to }) => !before.some((event) => event.uid === uid && event.to === to));
    // Alice's week is split; Bob, who is secondary, is none the worse.
    expect(gone.map(({ slot, userId }) => [slot, userId])).toEqual([['primary', 'alice']]);
    const pieces = [
      ['alice', utc('2026-06-08 07:00'), utc('2026-06-10 10:00')],
      ['carol', utc('2026-06-10 10:00'), utc('2026-06-10 14:00')],
      ['alice', utc('2026-06-10 14:00'), utc('2026-06-15 07:00')],
    ];
    expect(primaries(come).map(({ userId, from, to }) => [userId, from, to])).toEqual(pieces);
    expect(come[0]?.uid).toBe(gone[0]?.uid);
    expect(come.map(({ override: by }) => by?.id ?? null)).toEqual([null, 'o-1', null]);
  });

  it('leave no trace of an override that was taken back before it began, and an hour of one after an hour', () => {
    const taken = override({ cancelledAt: utc('2026-06-09 00:00') });
    expect(eventsAt(NOW, [taken])).toEqual(eventsAt(NOW));
    const late = eventsAt(NOW, [override({ cancelledAt: utc('2026-06-10 11:00') })]);
    const [of] = late.filter(({ override: by }) => by !== null);
    expect(of).toMatchObject({ from: utc('2026-06-10 10:00'), to: utc('2026-06-10 11:00') });
  });

  it('stay the same when the rotations are written in another way that means the same', () => {
    const other = toLayersOfTwo();
    expect(uids(eventsAt(NOW, [], other))).toEqual(uids(eventsAt(NOW)));
  });

  it('of an override next to its own shift are told apart: one has a reason', () => {
    const own = override({ userId: 'bob', from: utc('2026-06-14 07:00'), to: utc('2026-06-15 07:00') });
    const bobs = primaries(eventsAt(NOW, [own])).filter(
      ({ userId, from }) => userId === 'bob' && from < utc('2026-06-20 00:00') && from > NOW,
    );
    expect(bobs.map(({ from, to, override: by }) => [(to - from) / HOUR, by?.reason ?? null])).toEqual([
      [24, 'dentist'],
      [7 * 24, null],
    ]);
  });
});

/** The same weeks counted from a later date, under another name, cut into two rotations in summer. */
function toLayersOfTwo(): PreparedSchedule {
  const early = schedule('payments', {
    name: 'until summer',
    type: 'weekly',
    handover: '09:00',
    start: '2026-01-05',
    until: '2026-06-15',
    participants: ['carol', 'alice', 'bob'],
  });
  const late = schedule('payments', {
    name: 'from summer on',
    type: 'weekly',
    handover: '09:00',
    // A week before it takes over: Alice's, as 8 June is.
    start: '2026-06-08',
    participants: ['alice', 'bob', 'carol'],
  });
  return prepare({ ...early, layers: [...early.layers, ...late.layers] }, []);
}
