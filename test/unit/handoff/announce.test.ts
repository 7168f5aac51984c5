import { describe, expect, it } from 'vitest';
import { toSchedule } from '../../../config/on-call.js';
import {
  announcementOf,
  cancellationsOf,
  isStillAnnounced,
  wasOnCall,
  type PlannedAnnouncement,
} from '../../../domain/handoff/announce.js';
import { changesOf } from '../../../domain/handoff/planner.js';
import { prepare } from '../../../domain/oncall/on-call.js';
import type { Override } from '../../../domain/oncall/override.js';
import { DAY, HOUR } from '../../../domain/time/instant.js';
import { hash, overrideOf } from './support.js';

const deps = { hash, awakeAt: (_userId: string, at: number): number => at };

/** Weekly from Monday 09:00 UTC: alice from 5 January, bob from the 12th. */
const bare = toSchedule(
  'payments',
  {
    secondary: 'none',
    rotation: {
      type: 'weekly',
      handover: '09:00',
      start: '2026-01-05',
      participants: ['alice', 'bob', 'carol'],
    },
  },
  'UTC',
);
const CHANGE = Date.parse('2026-01-12T09:00Z');

/** What is announced of the changes in a span, with these overrides. */
function announced(
  overrides: readonly Override[],
  from = CHANGE - DAY,
  to = CHANGE + 2 * DAY,
): readonly PlannedAnnouncement[] {
  const schedule = prepare(bare, overrides);
  return changesOf(schedule, from, to).flatMap(
    (change) => announcementOf(schedule, bare, overrides, change, deps) ?? [],
  );
}

const told = (all: readonly PlannedAnnouncement[]): string[] =>
  all.map(
    ({ at, sendAt, why, to }) =>
      `${(at - CHANGE) / HOUR} at ${(sendAt - at) / HOUR}: ${why} ${to.map(({ userId, role }) => `${userId} ${role}`).join(', ')}`,
  );

describe('an announcement', () => {
  it('tells who comes on duty, a day ahead, and nobody else', () => {
    expect(told(announced([]))).toEqual(['0 at -24: rotation bob coming']);
  });

  it('of an override that was known before is like any other', () => {
    const cover = overrideOf({ schedule: 'payments', userId: 'dan', from: CHANGE, to: CHANGE + DAY });
    expect(told(announced([cover]))).toEqual([
      '0 at -24: rotation dan coming',
      // bob was not on call in the day before his own begins.
      '24 at -24: rotation bob coming',
    ]);
  });

  it('of an override that came within the day says so to who comes and who need not', () => {
    const cover = overrideOf({
      schedule: 'payments',
      userId: 'dan',
      from: CHANGE,
      to: CHANGE + 2 * HOUR,
      createdAt: CHANGE - 3 * HOUR,
    });
    expect(told(announced([cover], CHANGE - HOUR, CHANGE + HOUR))).toEqual([
      '0 at -24: override dan coming, bob relieved',
    ]);
  });

  it('is none for who had the place within the day before', () => {
    const pause = overrideOf({
      schedule: 'payments',
      userId: 'dan',
      from: CHANGE + 12 * HOUR,
      to: CHANGE + 14 * HOUR,
    });
    // bob goes on at 14:00 as he did before 12:00.
    expect(told(announced([pause], CHANGE + HOUR, CHANGE + DAY))).toEqual(['12 at -24: rotation dan coming']);
  });

  it('of a late override goes to who had the place that day as well', () => {
    // alice has gone off duty at the change, and is to come back four hours later.
    const [from, createdAt] = [CHANGE + 4 * HOUR, CHANGE + HOUR];
    const back = overrideOf({ schedule: 'payments', userId: 'alice', from, to: from + HOUR, createdAt });
    expect(told(announced([back], CHANGE + HOUR, from + 1))).toEqual([
      '4 at -24: override alice coming, bob relieved',
    ]);
  });

  it('goes out once, and anew when another override says it', () => {
    const cover = (id: string) =>
      overrideOf({ id, schedule: 'payments', userId: 'dan', from: CHANGE, to: CHANGE + DAY });
    const [one] = announced([cover('a')]);
    expect(announced([cover('a')])[0]?.id).toBe(one?.id);
    expect(announced([cover('b')])[0]?.id).not.toBe(one?.id);
  });

  it('of an override that was taken back within the day tells both that it is as before', () => {
    const gone = (cancelledAt: number) =>
      overrideOf({
        schedule: 'payments',
        userId: 'dan',
        from: CHANGE + 30 * HOUR,
        to: CHANGE + 40 * HOUR,
        cancelledAt,
      });
    const at = (cancelledAt: number, now: number): string[] =>
      told(cancellationsOf(prepare(bare, [gone(cancelledAt)]), [gone(cancelledAt)], now, deps));
    expect(at(CHANGE + 20 * HOUR, CHANGE + 21 * HOUR)).toEqual([
      '30 at -10: cancelled bob coming, dan relieved',
    ]);
    // Two days ahead nobody was told of it yet; and afterwards it is too late.
    expect(at(CHANGE - 20 * HOUR, CHANGE - 19 * HOUR)).toEqual([]);
    expect(at(CHANGE + 20 * HOUR, CHANGE + 31 * HOUR)).toEqual([]);
  });

  it('rouses nobody: by night it comes in the evening before, and what changes after that is late', () => {
    const evening = { hash, awakeAt: (_userId: string, at: number): number => at - 5 * HOUR };
    const sent = (createdAt: number): string[] => {
      const cover = overrideOf({
        schedule: 'payments',
        userId: 'dan',
        from: CHANGE,
        to: CHANGE + DAY,
        createdAt,
      });
      const schedule = prepare(bare, [cover]);
      const [change] = changesOf(schedule, CHANGE, CHANGE + 1);
      if (change === undefined) throw new Error('no change');
      return told([announcementOf(schedule, bare, [cover], change, evening) ?? []].flat());
    };
    expect(sent(CHANGE - 30 * HOUR)).toEqual(['0 at -29: rotation dan coming']);
    expect(sent(CHANGE - 26 * HOUR)).toEqual(['0 at -29: override dan coming, bob relieved']);
  });

  it('is void once somebody else comes', () => {
    const [plan] = announced([]);
    if (plan === undefined) throw new Error('nothing is announced');
    expect(isStillAnnounced(bare, plan)).toBe(true);
    const cover = overrideOf({ schedule: 'payments', userId: 'dan', from: CHANGE, to: CHANGE + DAY });
    expect(isStillAnnounced(prepare(bare, [cover]), plan)).toBe(false);
  });
});

describe('an earlier shift', () => {
  it('is looked for in both places', () => {
    const schedule = toSchedule(
      'payments',
      {
        rotation: {
          type: 'weekly',
          handover: '09:00',
          start: '2026-01-05',
          participants: ['alice', 'bob', 'carol'],
        },
      },
      'UTC',
    );
    const before = (userId: string): boolean => wasOnCall(schedule, userId, CHANGE - 366 * DAY, CHANGE);
    // alice was primary, bob secondary; carol comes after them.
    expect(['alice', 'bob', 'carol'].map(before)).toEqual([true, true, false]);
  });
});
