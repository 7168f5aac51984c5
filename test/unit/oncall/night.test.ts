import { describe, expect, it } from 'vitest';
import { zoneRules } from '../../../config/zones.js';
import { incidentsOf, nextTimeOfDay, nightAt, type NightHours } from '../../../domain/oncall/night.js';
import { HOUR, MINUTE } from '../../../domain/time/instant.js';

const NIGHT: NightHours = { from: 22 * 60, to: 7 * 60 };

const at = (text: string): number => Date.parse(text);

/** The night as people write it: its ends in UTC; null by day. */
function night(zone: string, text: string, hours = NIGHT): string | null {
  const found = nightAt(zoneRules(zone), hours, at(text));
  const words = (instant: number): string => new Date(instant).toISOString().slice(0, 16);
  return found === null ? null : `${words(found.from)} to ${words(found.to)}`;
}

describe('the night of a person', () => {
  it.each([
    ['UTC', '2026-11-28T21:59:59.999Z', null],
    ['UTC', '2026-11-28T22:00:00.000Z', '2026-11-28T22:00 to 2026-11-29T07:00'],
    ['UTC', '2026-11-29T06:59:59.999Z', '2026-11-28T22:00 to 2026-11-29T07:00'],
    ['UTC', '2026-11-29T07:00:00.000Z', null],
    // The same instant is night in one place and day in another.
    ['America/New_York', '2026-11-29T03:00:00Z', '2026-11-29T03:00 to 2026-11-29T12:00'],
    ['America/New_York', '2026-11-29T02:59:59Z', null],
    ['Asia/Kolkata', '2026-11-29T03:00:00Z', null],
    ['Asia/Kolkata', '2026-11-29T01:29:59Z', '2026-11-28T16:30 to 2026-11-29T01:30'],
    ['Pacific/Kiritimati', '2026-11-29T16:00:00Z', '2026-11-29T08:00 to 2026-11-29T17:00'],
  ])('%s at %s: %s', (zone, instant, expected) => {
    expect(night(zone, instant)).toBe(expected);
  });

  it('is an hour shorter when the clocks go forward in it, and an hour longer when they go back', () => {
    expect(night('Europe/Berlin', '2026-03-29T00:30Z')).toBe('2026-03-28T21:00 to 2026-03-29T05:00');
    expect(night('Europe/Berlin', '2026-10-25T00:30Z')).toBe('2026-10-24T20:00 to 2026-10-25T06:00');
    // Both times that show 02:30 are of one night.
    expect(night('Europe/Berlin', '2026-10-25T01:30Z')).toBe('2026-10-24T20:00 to 2026-10-25T06:00');
  });

  it('ends as much later as the clocks jump where its end does not exist', () => {
    const short = { from: 23 * 60, to: 2 * 60 + 30 };
    expect(night('Europe/Berlin', '2026-03-29T01:29Z', short)).toBe('2026-03-28T22:00 to 2026-03-29T01:30');
    expect(night('Europe/Berlin', '2026-03-29T01:30Z', short)).toBeNull();
  });

  it('may begin and end on the same date', () => {
    const early = { from: 0, to: 5 * 60 };
    expect(night('UTC', '2026-11-29T00:00Z', early)).toBe('2026-11-29T00:00 to 2026-11-29T05:00');
    expect(night('UTC', '2026-11-28T23:59Z', early)).toBeNull();
    expect(night('UTC', '2026-11-29T05:00Z', early)).toBeNull();
  });

  it('covers every instant of a year once or not at all, and by the clock on the wall', () => {
    for (const zone of ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Africa/Casablanca']) {
      const clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' });
      for (let instant = at('2026-01-01T00:00Z'); instant < at('2027-01-01T00:00Z'); instant += 97 * MINUTE) {
        const hour = Number(clock.format(instant));
        expect(
          nightAt(zoneRules(zone), NIGHT, instant) !== null,
          `${zone} ${new Date(instant).toISOString()}`,
        ).toBe(hour >= 22 || hour < 7);
      }
    }
  });
});

describe('the next time of day', () => {
  it.each([
    ['UTC', '2026-11-29T03:00Z', '2026-11-29T09:00:00.000Z'],
    ['UTC', '2026-11-29T08:59:59.999Z', '2026-11-29T09:00:00.000Z'],
    ['UTC', '2026-11-29T09:00Z', '2026-11-30T09:00:00.000Z'],
    ['Europe/Berlin', '2026-03-28T23:00Z', '2026-03-29T07:00:00.000Z'],
    ['Europe/Berlin', '2026-10-24T23:00Z', '2026-10-25T08:00:00.000Z'],
    ['America/Los_Angeles', '2026-11-29T03:00Z', '2026-11-29T17:00:00.000Z'],
    // Samoa had no 30 December 2011.
    ['Pacific/Apia', '2011-12-30T08:00Z', '2011-12-30T19:00:00.000Z'],
  ])('%s after %s: %s', (zone, after, expected) => {
    expect(new Date(nextTimeOfDay(zoneRules(zone), 9 * 60, at(after))).toISOString()).toBe(expected);
  });
});

it('an incident of a night counts once, for each person on their own', () => {
  const from = at('2026-11-28T22:00Z');
  const one = { from, to: from + 9 * HOUR };
  const pages = [
    { userId: 'alice', openingId: 'a', at: from - 1 },
    { userId: 'alice', openingId: 'b', at: from },
    { userId: 'alice', openingId: 'b', at: from + HOUR },
    { userId: 'alice', openingId: 'c', at: one.to - 1 },
    { userId: 'alice', openingId: 'd', at: one.to },
    { userId: 'bob', openingId: 'c', at: from + HOUR },
  ];
  expect(incidentsOf(pages, 'alice', one)).toBe(2);
  expect(incidentsOf(pages, 'bob', one)).toBe(1);
  expect(incidentsOf(pages, 'carol', one)).toBe(0);
});
