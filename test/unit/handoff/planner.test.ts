import { describe, expect, it } from 'vitest';
import { toSchedule } from '../../../config/on-call.js';
import { zoneRules } from '../../../config/zones.js';
import type { WrittenRotation, WrittenSchedule } from '../../../config/schema/root.js';
import {
  beginsAt,
  besideAfter,
  changesOf,
  digestAt,
  handsOver,
  isStillSo,
  planOf,
} from '../../../domain/handoff/planner.js';
import { prepare } from '../../../domain/oncall/on-call.js';
import { DAY, HOUR, MINUTE } from '../../../domain/time/instant.js';
import { NIGHT, overrideOf, planDeps } from './support.js';

const at = (text: string): number => Date.parse(text);
const words = (instant: number): string => new Date(instant).toISOString().slice(0, 16);

const weekly: WrittenRotation = {
  type: 'weekly',
  day: 'monday',
  handover: '09:00',
  start: '2026-01-05',
  participants: ['alice', 'bob', 'carol'],
};

function scheduleOf(changes: Partial<WrittenSchedule> = {}, zone = 'Europe/Berlin') {
  return toSchedule('payments', { zone, rotation: weekly, ...changes }, 'UTC');
}

const told = (changes: ReturnType<typeof changesOf>): string[] =>
  changes.map(
    ({ slot, at: when, leaving, coming }) =>
      `${words(when)} ${slot} ${leaving ?? 'nobody'}→${coming ?? 'nobody'}`,
  );

describe('changes of a schedule', () => {
  it('are one for each place that somebody else gets, at the hand-over on the wall clock', () => {
    // 5 January: alice; 12: bob. Berlin is an hour ahead.
    const found = changesOf(scheduleOf(), at('2026-01-12T00:00Z'), at('2026-01-13T00:00Z'));
    expect(told(found)).toEqual([
      '2026-01-12T08:00 primary alice→bob',
      '2026-01-12T08:00 secondary bob→carol',
    ]);
  });

  it('move with the clocks', () => {
    // Berlin's clocks go forward on 29 March 2026: the hand-over of the 30th is at 07:00 UTC, that of the 23rd was at 08:00.
    const primary = changesOf(
      scheduleOf({ secondary: 'none' }),
      at('2026-03-22T00:00Z'),
      at('2026-03-31T00:00Z'),
    );
    expect(primary.map(({ at: when }) => words(when))).toEqual(['2026-03-23T08:00', '2026-03-30T07:00']);
  });

  it('begin with the first instant that is asked for and end before the last', () => {
    const change = at('2026-01-12T08:00Z');
    const count = (from: number, to: number): number =>
      changesOf(scheduleOf({ secondary: 'none' }), from, to).length;
    expect([
      count(change, change + 1),
      count(change + 1, change + HOUR),
      count(change - HOUR, change),
    ]).toEqual([1, 0, 0]);
  });

  it('are none where the same person goes on', () => {
    const alone = scheduleOf({ rotation: { ...weekly, participants: ['alice'] } });
    expect(changesOf(alone, at('2026-01-12T00:00Z'), at('2026-03-12T00:00Z'))).toEqual([]);
  });

  it('come from overrides too, and from nobody to somebody', () => {
    const restricted = scheduleOf({
      secondary: 'none',
      rotation: { ...weekly, restrict: [{ days: ['mon-fri'], from: '09:00', to: '17:00' }] },
    });
    const gap = { from: at('2026-01-12T18:00Z'), to: at('2026-01-12T20:00Z') };
    const schedule = prepare(restricted, [overrideOf({ schedule: 'payments', userId: 'dan', ...gap })]);
    expect(told(changesOf(schedule, at('2026-01-12T12:00Z'), at('2026-01-13T00:00Z')))).toEqual([
      '2026-01-12T16:00 primary bob→nobody',
      '2026-01-12T18:00 primary nobody→dan',
      '2026-01-12T20:00 primary dan→nobody',
    ]);
  });

  it('are no longer so once an override says otherwise', () => {
    const change = at('2026-01-12T08:00Z');
    const schedule = scheduleOf();
    const [first] = changesOf(schedule, change, change + 1);
    if (first === undefined) throw new Error('no change');
    expect(isStillSo(schedule, first)).toBe(true);
    const covered = overrideOf({ schedule: 'payments', userId: 'dan', from: change, to: change + DAY });
    expect(isStillSo(prepare(schedule, [covered]), first)).toBe(false);
    // Who leaves counts as well: what dan has open is dan's to hand over.
    const before = overrideOf({ schedule: 'payments', userId: 'dan', from: change - HOUR, to: change });
    expect(isStillSo(prepare(schedule, [before]), first)).toBe(false);
  });
});

describe('a digest', () => {
  const berlin = zoneRules('Europe/Berlin');
  it.each([
    ['09:00 by day', '2026-06-02T09:00', '2026-06-02T08:30'],
    ['22:00, when the night begins', '2026-06-02T22:00', '2026-06-02T20:00'],
    ['22:15, though half an hour before is no night', '2026-06-02T22:15', '2026-06-02T20:00'],
    ['03:00', '2026-06-03T03:00', '2026-06-02T20:00'],
    ['07:00, since half an hour before is night', '2026-06-03T07:00', '2026-06-02T20:00'],
    ['07:30', '2026-06-03T07:30', '2026-06-03T07:00'],
    [
      '03:00 in the night in which the clocks go forward',
      '2026-03-29T03:00',
      '2026-03-28T20:00',
      '+02:00',
      '+01:00',
    ],
    [
      '06:00 after the night in which they go back',
      '2026-10-25T06:00',
      '2026-10-24T20:00',
      '+01:00',
      '+02:00',
    ],
  ])('for a change at %s', (_name, change, digest, offset = '+02:00', before = offset) => {
    expect(words(digestAt(berlin, NIGHT, at(`${change}${offset}`)))).toBe(words(at(`${digest}${before}`)));
  });

  it('comes to each at the time of their own zone', () => {
    // 09:00 in Berlin is 03:00 in New York.
    const schedule = scheduleOf();
    const [change] = changesOf(schedule, at('2026-06-08T00:00Z'), at('2026-06-09T00:00Z'));
    if (change === undefined) throw new Error('no change');
    const deps = planDeps('Europe/Berlin', { [change.leaving ?? '']: 'America/New_York' });
    const plan = planOf(schedule, change, deps);
    expect([words(plan.at), words(plan.digestAt.leaving ?? 0), words(plan.digestAt.coming ?? 0)]).toEqual([
      '2026-06-08T07:00',
      '2026-06-08T00:00',
      '2026-06-08T06:30',
    ]);
    expect(beginsAt(plan)).toBe(plan.digestAt.leaving);
  });
});

describe('a plan', () => {
  const schedule = scheduleOf();
  const changes = changesOf(schedule, at('2026-01-12T00:00Z'), at('2026-01-13T00:00Z'));
  const [primary, secondary] = changes.map((change) => planOf(schedule, change, planDeps('Europe/Berlin')));
  if (primary === undefined || secondary === undefined) throw new Error('no changes');

  it('is named by schedule, place, instant and people, and by nothing else', () => {
    const [again] = changes.map((change) => planOf(schedule, change, planDeps('Asia/Tokyo')));
    expect(again?.id).toBe(primary.id);
    expect(primary.id).toMatch(/^[0-9a-f]{20}$/);
    expect(new Set([primary, secondary].map(({ id }) => id)).size).toBe(2);
    const other = planOf(schedule, { ...primary, coming: 'dan' }, planDeps('Europe/Berlin'));
    expect(other.id).not.toBe(primary.id);
  });

  it('writes once to whoever moves up from secondary to primary', () => {
    // bob: secondary until then, primary from then on.
    expect(primary.digestAt.coming).not.toBeNull();
    expect([secondary.leaving, secondary.digestAt.leaving]).toEqual(['bob', null]);
  });

  it('lets a primary hand over, and of secondaries those who leave', () => {
    expect([handsOver(schedule, primary), handsOver(schedule, secondary)]).toEqual([true, false]);
    const rotation = { ...weekly, participants: ['dan', 'erin'] };
    const own = scheduleOf({ secondary: rotation });
    const [, leaves] = changesOf(own, at('2026-01-12T00:00Z'), at('2026-01-13T00:00Z'));
    expect(leaves).toMatchObject({ slot: 'secondary', leaving: 'dan', coming: 'erin' });
    expect(leaves !== undefined && handsOver(own, leaves)).toBe(true);
  });

  it('names who is beside whoever comes, for when they do not confirm', () => {
    expect([besideAfter(schedule, primary), besideAfter(schedule, secondary)]).toEqual(['carol', 'bob']);
  });

  it('can be confirmed until the place changes hands again, at most for half a day', () => {
    expect(primary.until - primary.at).toBe(12 * HOUR);
    const hourly = scheduleOf({
      rotation: { ...weekly, type: 'hourly', day: undefined, every: 8, handover: '00:00' },
    });
    const [change] = changesOf(hourly, at('2026-01-12T00:00Z'), at('2026-01-13T00:00Z'));
    if (change === undefined) throw new Error('no change');
    const short = planOf(hourly, change, planDeps('Europe/Berlin'));
    expect(short.until - short.at).toBe(8 * HOUR);
    expect(short.at % MINUTE).toBe(0);
  });
});
