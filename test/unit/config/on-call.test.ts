import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toSchedule } from '../../../config/on-call.js';
import { nextChange, onCallAt, shifts as shiftsBetween } from '../../../domain/oncall/on-call.js';
import type { WrittenRotation, WrittenSchedule } from '../../../config/schema/root.js';
import { DAY, HOUR } from '../../../domain/time/instant.js';
import { utc } from './support.js';

const weekly: WrittenRotation = {
  type: 'weekly',
  handover: '09:00',
  start: '2026-01-05',
  participants: ['alice', 'bob'],
};

/** Primary at each of these instants (UTC). */
function primaries(written: WrittenSchedule, ...instants: readonly string[]): readonly (string | null)[] {
  const schedule = toSchedule('s', written, 'UTC');
  return instants.map((instant) => onCallAt(schedule, utc(instant)).primary);
}

describe('a weekly rotation', () => {
  it('hands over at the wall-clock time of its zone, also in the weeks in which Berlin changes its clocks', () => {
    const written = { zone: 'Europe/Berlin', rotation: weekly };
    // Winter: 09:00 is 08:00 UTC.
    expect(primaries(written, '2026-01-12 07:59', '2026-01-12 08:00')).toEqual(['alice', 'bob']);
    // Forward on Sunday 29 March; on Monday 09:00 is 07:00 UTC: that week has 167 hours.
    expect(primaries(written, '2026-03-23 08:00', '2026-03-30 06:59', '2026-03-30 07:00')).toEqual([
      'bob',
      'bob',
      'alice',
    ]);
    // Back on Sunday 25 October; on Monday 09:00 is 08:00 UTC: that week has 169 hours.
    expect(primaries(written, '2026-10-19 07:00', '2026-10-26 07:59', '2026-10-26 08:00')).toEqual([
      'bob',
      'bob',
      'alice',
    ]);
  });

  it('hands over on another date in New York, whose clocks change on other days', () => {
    const written = { zone: 'America/New_York', rotation: weekly };
    // Forward on Sunday 8 March: 09:00 is 14:00 UTC before and 13:00 UTC after.
    expect(primaries(written, '2026-03-02 13:59', '2026-03-02 14:00')).toEqual(['bob', 'alice']);
    expect(primaries(written, '2026-03-09 12:59', '2026-03-09 13:00')).toEqual(['alice', 'bob']);
    // Back on Sunday 1 November.
    expect(primaries(written, '2026-11-02 13:59', '2026-11-02 14:00')).toEqual(['alice', 'bob']);
  });

  it('of two weeks hands over every second week', () => {
    const written = { rotation: { ...weekly, every: 2 } };
    expect(primaries(written, '2026-01-18 12:00', '2026-01-19 08:59', '2026-01-19 09:00')).toEqual([
      'alice',
      'alice',
      'bob',
    ]);
  });

  it('has nobody before its first shift', () => {
    expect(primaries({ rotation: weekly }, '2026-01-05 08:59', '2026-01-05 09:00')).toEqual([null, 'alice']);
  });
});

describe('a daily rotation', () => {
  const night = (zone: string, handover: string): WrittenSchedule => ({
    zone,
    rotation: { type: 'daily', handover, start: '2026-01-01', participants: ['a', 'b', 'c', 'd'] },
  });

  it('hands over an hour later when its time does not exist that day', () => {
    // Berlin, 29 March: 02:30 is jumped over and means 03:30 = 01:30 UTC. Days since 1 January: 86, 87, 88.
    const berlin = night('Europe/Berlin', '02:30');
    expect(primaries(berlin, '2026-03-28 01:30', '2026-03-29 01:29', '2026-03-29 01:30')).toEqual([
      'c',
      'c',
      'd',
    ]);
    expect(primaries(berlin, '2026-03-30 00:29', '2026-03-30 00:30')).toEqual(['d', 'a']);
    // New York, 8 March: 02:30 means 03:30 = 07:30 UTC. Days since 1 January: 65, 66.
    const york = night('America/New_York', '02:30');
    expect(primaries(york, '2026-03-08 07:29', '2026-03-08 07:30')).toEqual(['b', 'c']);
  });

  it('hands over the first time when its time comes twice, and not back again', () => {
    // Berlin, 25 October: 02:30 is 00:30 UTC and again 01:30 UTC. Days since 1 January: 297.
    const berlin = night('Europe/Berlin', '02:30');
    expect(
      primaries(berlin, '2026-10-25 00:29', '2026-10-25 00:30', '2026-10-25 01:15', '2026-10-25 01:30'),
    ).toEqual(['a', 'b', 'b', 'b']);
    // New York, 1 November: 01:30 is 05:30 UTC and again 06:30 UTC. Days since 1 January: 304.
    const york = night('America/New_York', '01:30');
    expect(primaries(york, '2026-11-01 05:29', '2026-11-01 05:30', '2026-11-01 06:15')).toEqual([
      'd',
      'a',
      'a',
    ]);
  });
});

describe('a hand-over at midnight', () => {
  it('stands although the clocks then go back into the evening before', () => {
    // Newfoundland, 7 November 2010: at 00:01 (02:31 UTC) the clocks went back to 23:01 of the 6th.
    const written: WrittenSchedule = {
      zone: 'America/St_Johns',
      rotation: { type: 'daily', handover: '00:00', start: '2010-11-01', participants: ['a', 'b', 'c', 'd'] },
    };
    expect(primaries(written, '2010-11-07 02:29', '2010-11-07 02:30', '2010-11-07 02:45')).toEqual([
      'b',
      'c',
      'c',
    ]);
  });
});

describe('restricted hours', () => {
  it('leave a gap in which a secondary of its own is still there', () => {
    const schedule = toSchedule(
      's',
      {
        zone: 'Europe/Berlin',
        rotation: { ...weekly, participants: ['alice'], restrict: [{ from: '12:00', to: '09:00' }] },
        secondary: { ...weekly, participants: ['bob'] },
      },
      'UTC',
    );
    // In summer Berlin is two hours ahead of UTC: 09:00 to 12:00 is 07:00 to 10:00 UTC.
    expect(onCallAt(schedule, utc('2026-06-03 06:59'))).toMatchObject({ primary: 'alice', secondary: 'bob' });
    expect(onCallAt(schedule, utc('2026-06-03 07:00'))).toMatchObject({ primary: null, secondary: 'bob' });
    expect(onCallAt(schedule, utc('2026-06-03 10:00'))).toMatchObject({ primary: 'alice', secondary: 'bob' });
    expect(nextChange(schedule, utc('2026-06-03 07:30'))).toBe(utc('2026-06-03 10:00'));
  });

  it('over midnight belong to the day on which they begin', () => {
    const friday = { rotation: { ...weekly, restrict: [{ days: ['fri'], from: '22:00', to: '06:00' }] } };
    expect(
      primaries(
        friday,
        '2026-06-05 05:00',
        '2026-06-05 22:00',
        '2026-06-06 05:59',
        '2026-06-06 06:00',
        '2026-06-06 22:00',
      ),
    ).toEqual([null, 'bob', 'bob', null, null]);
  });

  it('to 24:00 end at midnight', () => {
    const late = { rotation: { ...weekly, restrict: [{ days: ['mon'], from: '20:00', to: '24:00' }] } };
    expect(primaries(late, '2026-06-01 23:59', '2026-06-02 00:00')).toEqual(['bob', null]);
  });

  it('follow the sun: of several rotations the first that covers an instant has it', () => {
    const office = (zone: string, who: string): WrittenRotation => ({
      ...weekly,
      zone,
      participants: [who],
      restrict: [{ days: ['mon-fri'], from: '09:00', to: '17:00' }],
    });
    const written = {
      rotations: [
        office('Europe/Berlin', 'berlin'),
        office('America/New_York', 'york'),
        { ...weekly, participants: ['rest'] },
      ],
    };
    // 9 March: New York has changed its clocks, Berlin has not; it opens at 13:00 UTC and Berlin closes at 16:00 UTC.
    expect(
      primaries(
        written,
        '2026-03-09 07:59',
        '2026-03-09 08:00',
        '2026-03-09 14:00',
        '2026-03-09 16:00',
        '2026-03-09 20:59',
        '2026-03-09 21:00',
        '2026-03-14 12:00',
      ),
    ).toEqual(['rest', 'berlin', 'berlin', 'york', 'york', 'rest', 'rest']);
  });
});

describe('the next change', () => {
  it('is the next hand-over to other people', () => {
    const schedule = toSchedule('s', { zone: 'Europe/Berlin', rotation: weekly }, 'UTC');
    expect(nextChange(schedule, utc('2026-03-24 12:00'))).toBe(utc('2026-03-30 07:00'));
  });

  it('is unknown when the same person has every shift', () => {
    const schedule = toSchedule('s', { rotation: { ...weekly, participants: ['alice'] } }, 'UTC');
    expect(nextChange(schedule, utc('2026-03-24 12:00'))).toBeNull();
  });
});

const clock = fc
  .record({ hour: fc.integer({ min: 0, max: 23 }), minute: fc.constantFrom(0, 15, 30, 45) })
  .map(({ hour, minute }) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
const zone = fc.constantFrom(
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/St_Johns',
);
const hours = fc
  .record({
    from: clock,
    to: clock,
    days: fc.option(fc.constantFrom<string[]>(['mon-fri'], ['sat', 'sun'], ['fri-mon'])),
  })
  .filter(({ from, to }) => from !== to)
  .map(({ from, to, days }) => ({ from, to, ...(days === null ? {} : { days }) }));
const rotation: fc.Arbitrary<WrittenRotation> = fc
  .record({
    type: fc.constantFrom('daily' as const, 'weekly' as const),
    every: fc.integer({ min: 1, max: 3 }),
    handover: clock,
    start: fc.integer({ min: -20, max: 20 }),
    participants: fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }),
    zone,
    restrict: fc.option(fc.array(hours, { minLength: 1, maxLength: 2 })),
  })
  .map(({ start, restrict, ...rest }) => ({
    ...rest,
    start: new Date(utc('2026-03-08 00:00') + start * DAY).toISOString().slice(0, 10),
    ...(restrict === null ? {} : { restrict }),
  }));
const schedule = fc
  .record({
    rotations: fc.array(rotation, { minLength: 1, maxLength: 2 }),
    secondary: fc.oneof(fc.constantFrom('next' as const, 'none' as const), rotation),
  })
  .map((written) => toSchedule('s', written, 'UTC'));

describe('any schedule', () => {
  it('has at every instant those on call whom the list of shifts names', () => {
    const from = utc('2026-03-05 00:00');
    const to = from + 28 * DAY;
    fc.assert(
      fc.property(
        schedule,
        fc.array(fc.integer({ min: from, max: to - 1 }), { minLength: 5, maxLength: 20 }),
        (each, instants) => {
          const shifts = shiftsBetween(each, from, to);
          expect(shifts[0]?.from).toBe(from);
          expect(shifts.at(-1)?.to).toBe(to);
          shifts.slice(1).forEach((shift, index) => expect(shift.from).toBe(shifts[index]?.to));
          const edges = shifts.flatMap((shift) => [shift.from, shift.to - 1]);
          for (const at of [...instants, ...edges]) {
            const listed = shifts.find((shift) => shift.from <= at && at < shift.to);
            const { primary, secondary } = onCallAt(each, at);
            expect({ primary, secondary }).toEqual({
              primary: listed?.primary,
              secondary: listed?.secondary,
            });
            if (primary !== null) expect(secondary).not.toBe(primary);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('keeps its people until the next change, and changes them then', () => {
    fc.assert(
      fc.property(schedule, fc.integer({ min: 0, max: 40 * 24 }), (each, hour) => {
        const at = utc('2026-03-01 00:00') + hour * HOUR;
        const change = nextChange(each, at);
        if (change === null) return;
        expect(change).toBeGreaterThan(at);
        const pairAt = (instant: number) => {
          const { primary, secondary } = onCallAt(each, instant);
          return { primary, secondary };
        };
        expect(pairAt(change - 1)).toEqual(pairAt(at));
        expect(pairAt(change)).not.toEqual(pairAt(at));
      }),
      { numRuns: 100 },
    );
  });
});
