import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairnessSource } from '../../../config/duty.js';
import { fairnessOf, type Fairness, type PersonLoad } from '../../../domain/oncall/fairness.js';
import { onCallAt } from '../../../domain/oncall/on-call.js';
import type { Config } from '../../../config/types.js';
import type { Override } from '../../../domain/oncall/override.js';
import { HOUR } from '../../../domain/time/instant.js';
import { configOf, utc } from '../config/support.js';
import { override } from './support.js';

const PEOPLE = ['alice', 'bob', 'carol'] as const;

function config(schedules: string, own: Partial<Record<(typeof PEOPLE)[number], string>> = {}): Config {
  return configOf({
    users: `
${PEOPLE.map((id, index) => `  ${id}: { name: ${id}, phone: "+1202555010${index}", zone: Europe/Berlin${own[id] ?? ''} }`).join('\n')}
  erin: { name: Erin, phone: "+12025550105" }`,
    holidays: `
  de: [2026-10-03, 2026-12-25, 2026-12-26]
  us: [2026-11-26, 2026-12-25]`,
    schedules,
    policies: `
  default: { steps: [{ targets: ["user:alice"] }], catchAll: { targets: ["user:erin"] } }`,
    groups: null,
  });
}

const WEEKLY = `
  payments:
    zone: Europe/Berlin
    holidays: de
    rotation: { type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice, bob] }`;

function load(
  of: Config,
  from: string,
  to: string,
  overrides: readonly Override[] = [],
): ReadonlyMap<string, PersonLoad> {
  const found: Fairness = fairnessOf(fairnessSource(of.duty, overrides), { from: utc(from), to: utc(to) });
  return new Map(found.people.map((each) => [each.userId, each]));
}

describe('fairness', () => {
  it('counts hours, nights and weekends of one week', () => {
    // Alice's week: Monday 5 January 09:00 to Monday 12 January 09:00 in Berlin.
    const people = load(config(WEEKLY), '2026-01-05 08:00', '2026-01-12 08:00');
    expect(people.get('alice')).toEqual({
      userId: 'alice',
      name: 'alice',
      zone: 'Europe/Berlin',
      shifts: 1,
      ms: 168 * HOUR,
      primaryMs: 168 * HOUR,
      secondaryMs: 0,
      nights: 7,
      nightMs: 7 * 9 * HOUR,
      weekends: 1,
      weekendMs: 48 * HOUR,
      holidays: 0,
      holidayMs: 0,
    });
    expect(people.get('bob')).toMatchObject({ primaryMs: 0, secondaryMs: 168 * HOUR, nights: 7 });
    // Not in this schedule.
    expect(people.has('carol')).toBe(false);
  });

  it('counts the hour that a night loses or gains when the clocks change', () => {
    const spring = load(config(WEEKLY), '2026-03-28 12:00', '2026-03-29 12:00');
    expect(spring.get('alice')).toMatchObject({
      nights: 1,
      nightMs: 8 * HOUR,
      weekends: 1,
      weekendMs: 24 * HOUR,
    });
    const autumn = load(config(WEEKLY), '2026-10-24 12:00', '2026-10-25 12:00');
    expect(autumn.get('alice')).toMatchObject({ nights: 1, nightMs: 10 * HOUR });
    // The whole weekend: 47 hours, and 49.
    expect(load(config(WEEKLY), '2026-03-27 12:00', '2026-03-30 05:00').get('bob')?.weekendMs).toBe(
      47 * HOUR,
    );
    expect(load(config(WEEKLY), '2026-10-23 12:00', '2026-10-26 06:00').get('bob')?.weekendMs).toBe(
      49 * HOUR,
    );
  });

  it('counts a person’s own holidays, else those of the schedule', () => {
    const people = load(config(WEEKLY, { bob: ', holidays: us' }), '2026-11-23 08:00', '2027-01-04 08:00');
    expect(people.get('alice')).toMatchObject({ holidays: 2, holidayMs: 48 * HOUR });
    expect(people.get('bob')).toMatchObject({ holidays: 2, holidayMs: 48 * HOUR });
    const us = load(config(WEEKLY, { bob: ', holidays: us' }), '2026-11-23 08:00', '2026-11-30 08:00');
    expect(us.get('alice')).toMatchObject({ holidays: 0 });
    expect(us.get('bob')).toMatchObject({ holidays: 1, holidayMs: 24 * HOUR });
    const nobodys = WEEKLY.replace('    holidays: de\n', '');
    expect(load(config(nobodys), '2026-12-21 08:00', '2027-01-04 08:00').get('alice')).toMatchObject({
      holidays: 0,
      holidayMs: 0,
    });
  });

  it('counts an override where it lies, and time by two schedules once', () => {
    const from = utc('2026-01-06 20:00');
    const night = override({ schedule: 'payments', userId: 'carol', from, to: from + 4 * HOUR });
    const people = load(config(WEEKLY), '2026-01-05 08:00', '2026-01-12 08:00', [night]);
    // 21:00 to 01:00 in Berlin: three hours of them are night.
    expect(people.get('carol')).toMatchObject({
      shifts: 1,
      primaryMs: 4 * HOUR,
      nights: 1,
      nightMs: 3 * HOUR,
    });
    expect(people.get('alice')).toMatchObject({
      shifts: 2,
      primaryMs: 164 * HOUR,
      nights: 7,
      nightMs: 60 * HOUR,
    });
    const twice = `${WEEKLY}
  other:
    zone: Europe/Berlin
    secondary: none
    rotation: { type: daily, handover: "09:00", start: 2026-01-05, participants: [bob, carol] }`;
    const both = load(config(twice), '2026-01-05 08:00', '2026-01-07 08:00');
    // Bob is secondary of one all the time, and primary of the other for the first day.
    expect(both.get('bob')).toMatchObject({
      shifts: 2,
      ms: 48 * HOUR,
      primaryMs: 24 * HOUR,
      secondaryMs: 24 * HOUR,
    });
    const only = fairnessOf(fairnessSource(config(twice).duty, [], 'other'), {
      from: utc('2026-01-05 08:00'),
      to: utc('2026-01-07 08:00'),
    });
    expect(only.people.map(({ userId, ms }) => [userId, ms])).toEqual([
      ['bob', 24 * HOUR],
      ['carol', 24 * HOUR],
    ]);
  });

  it('agrees with a count of half hours, over any span', () => {
    const of = config(`${WEEKLY}
  nights:
    zone: America/New_York
    rotation:
      type: daily
      handover: "20:00"
      start: 2026-01-05
      participants: [carol, alice, bob]
      restrict: [{ from: "20:00", to: "08:00" }]`);
    const berlin = (
      at: number,
    ): { readonly hour: number; readonly weekday: string; readonly date: string } => {
      const parts = new Intl.DateTimeFormat('en-GB', {
        timeZone: 'Europe/Berlin',
        dateStyle: 'short',
        timeStyle: 'short',
      }).formatToParts(at);
      const part = (type: string): string => parts.find((each) => each.type === type)?.value ?? '';
      const weekday = new Intl.DateTimeFormat('en-GB', {
        timeZone: 'Europe/Berlin',
        weekday: 'short',
      }).format(at);
      return { hour: Number(part('hour')), weekday, date: `${part('year')}-${part('month')}-${part('day')}` };
    };
    const half = HOUR / 2;
    fc.assert(
      fc.property(
        fc.constantFrom('2026-03-20 00:00', '2026-10-15 00:00', '2026-12-20 00:00'),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 1, max: 500 }),
        (begin, after, length) => {
          const from = utc(begin) + after * half;
          const to = from + length * half;
          const counted = { ms: 0, primaryMs: 0, nightMs: 0, weekendMs: 0, holidayMs: 0 };
          for (let at = from; at < to; at += half) {
            const on = [...of.schedules.values()].map((each) => onCallAt(each, at));
            const isPrimary = on.some(({ primary }) => primary === 'alice');
            if (!isPrimary && !on.some(({ secondary }) => secondary === 'alice')) continue;
            const { hour, weekday, date } = berlin(at);
            counted.ms += half;
            if (isPrimary) counted.primaryMs += half;
            if (hour >= 22 || hour < 7) counted.nightMs += half;
            if (weekday === 'Sat' || weekday === 'Sun') counted.weekendMs += half;
            // Alice has none of her own: those of `payments` count while she is on call by it, as she always is.
            if (['2026-10-03', '2026-12-25', '2026-12-26'].includes(date)) counted.holidayMs += half;
          }
          const found = fairnessOf(fairnessSource(of.duty, []), { from, to });
          expect(found.people.find(({ userId }) => userId === 'alice')).toMatchObject(counted);
        },
      ),
      { numRuns: 40 },
    );
  });
});
