import { describe, expect, it } from 'vitest';
import { configOf, load, marked, said, utc, yamlWith } from './support.js';
import { onCallAt, prepare } from '../../../domain/oncall/on-call.js';
import { override } from '../oncall/support.js';

const WEEKLY = 'type: weekly, handover: "09:00", start: 2026-01-05, participants: [alice, bob]';
const DAILY = 'type: daily, handover: "09:00", start: 2026-01-05, participants: [alice, bob]';
const schedule = (rest: string): Record<string, string> => ({ schedules: `\n  payments: ${rest}` });
const DE = { holidays: '\n  de: [2026-12-25, 2026-12-26]\n  us: [2026-12-25]' };

interface Case {
  readonly of: string;
  readonly given: Readonly<Record<string, string>>;
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

const IN_RANGE = { message: 'is not a whole number in range', remedy: 'Write a whole number from 1 to 100.' };

const ERRORS: readonly Case[] = [
  {
    of: 'weeks of which there are none',
    given: schedule(`{ rotation: { ${WEEKLY}, every: ‸0 } }`),
    path: 'schedules.payments.rotation.every',
    ...IN_RANGE,
  },
  {
    of: 'shifts of no hours',
    given: schedule(
      '{ rotation: { type: hourly, every: ‸0, handover: "08:00", start: 2026-01-05, participants: [bob] } }',
    ),
    path: 'schedules.payments.rotation.every',
    ...IN_RANGE,
  },
  {
    of: 'half an hour',
    given: schedule(
      '{ rotation: { type: hourly, every: ‸0.5, handover: "08:00", start: 2026-01-05, participants: [bob] } }',
    ),
    path: 'schedules.payments.rotation.every',
    ...IN_RANGE,
  },
  {
    of: 'a type that does not exist',
    given: schedule(
      '{ rotation: { type: ‸week, handover: "08:00", start: 2026-01-05, participants: [bob] } }',
    ),
    path: 'schedules.payments.rotation.type',
    message: 'is not one of hourly, daily, weekly',
    remedy: 'Did you mean weekly?',
  },
  {
    of: 'a zone that does not exist',
    given: schedule(`{ rotation: { ${DAILY}, zone: ‸Europe/Berlyn } }`),
    path: 'schedules.payments.rotation.zone',
    message: 'is not a time zone',
    remedy: 'Write an IANA name such as Europe/Berlin, America/New_York or UTC.',
  },
  {
    of: 'a rotation with nobody',
    given: schedule(
      '{ rotation: { type: daily, handover: "09:00", start: 2026-01-05, participants: ‸[] }, secondary: none }',
    ),
    path: 'schedules.payments.rotation.participants',
    message: 'is empty',
    remedy: 'Name at least one.',
  },
  {
    of: 'a list of holidays that does not exist',
    given: { ...DE, ...schedule(`{ rotation: { ${DAILY}, except: ‸dee } }`) },
    path: 'schedules.payments.rotation.except',
    message: 'there is no holiday list "dee"',
    remedy: 'Did you mean "de"?',
  },
  {
    of: 'a list of holidays when there is none',
    given: schedule(`{ rotations: [{ ${WEEKLY}, only: ‸de }] }`),
    path: 'schedules.payments.rotations[0].only',
    message: 'there is no holiday list "de"',
    remedy: 'Add it under holidays.',
  },
  {
    of: 'an unknown list in the layers of a secondary',
    given: {
      ...DE,
      ...schedule(`{ rotation: { ${DAILY} }, secondary: { rotations: [{ ${DAILY}, only: ‸fr }] } }`),
    },
    path: 'schedules.payments.secondary.rotations[0].only',
    message: 'there is no holiday list "fr"',
    remedy: 'Use one of: de, us; or add it under holidays.',
  },
  {
    of: 'a holiday that is no date',
    given: { holidays: '{ de: [2026-12-25, ‸2026-02-29] }', ...schedule(`{ rotation: { ${DAILY} } }`) },
    path: 'holidays.de[1]',
    message: 'is not a date',
    remedy: 'Write year-month-day of a day that exists: 2026-01-05.',
  },
  {
    of: 'a list of holidays without a date',
    given: { holidays: '{ de: ‸[] }', ...schedule(`{ rotation: { ${DAILY} } }`) },
    path: 'holidays.de',
    message: 'is empty',
    remedy: 'Name at least one.',
  },
  {
    of: 'a rotation for and against the same dates',
    given: { ...DE, ...schedule(`{ rotation: { ${DAILY}, only: de, except: ‸de } }`) },
    path: 'schedules.payments.rotation.except',
    message: 'is the same list as only, so that the rotation never has anybody on call',
    remedy: 'Keep one of the two.',
  },
  {
    of: 'an end before the start',
    given: schedule(`{ rotation: { ${DAILY}, until: ‸2026-01-05 } }`),
    path: 'schedules.payments.rotation.until',
    message: 'is not after start, so that the rotation never has anybody on call',
    remedy: 'Write the date at whose hand-over time it ends, later than start; or leave until out.',
  },
  {
    of: 'a day of the week for shifts of hours',
    given: schedule(
      '{ rotation: { type: hourly, ‸day: monday, handover: "08:00", start: 2026-01-05, participants: [bob] }, secondary: none }',
    ),
    path: 'schedules.payments.rotation.day',
    message: 'has no meaning in an hourly rotation',
    remedy: 'Remove it, or write type: weekly.',
  },
  {
    of: 'a start on another day of the week, in the layers of a secondary',
    given: schedule(
      `{ rotation: { ${DAILY} }, secondary: { rotations: [{ type: weekly, day: tue, handover: "08:00", start: ‸2026-01-05, participants: [bob] }] } }`,
    ),
    path: 'schedules.payments.secondary.rotations[0].start',
    message: 'is a monday, but the hand-over is on tue',
    remedy: 'Write the date of a tuesday, or change day.',
  },
  {
    of: 'an unknown person in the layers of a secondary',
    given: schedule(
      `{ rotation: { ${DAILY} }, secondary: { rotations: [{ type: daily, handover: "08:00", start: 2026-01-05, participants: [‸bbo] }] } }`,
    ),
    path: 'schedules.payments.secondary.rotations[0].participants[0]',
    message: 'there is no user "bbo"',
    remedy: 'Did you mean "bob"?',
  },
  {
    of: 'what is missing in the layers of a secondary',
    given: schedule(
      `{ rotation: { ${DAILY} }, secondary: { rotations: [‸{ type: daily, start: 2026-01-05, participants: [bob] }] } }`,
    ),
    path: 'schedules.payments.secondary.rotations[0].handover',
    message: 'is missing',
    remedy: 'Write the wall-clock time of the hand-over: handover: "09:00".',
  },
];

/** Nothing but the schedule matters here. */
const POLICY = {
  policies:
    '\n  default: { steps: [{ targets: ["schedule:payments"] }], catchAll: { targets: ["group:ops-room"] } }',
};

describe('what is wrong with a schedule is told with its place and what to do', () => {
  it.each(ERRORS)('for $of', ({ given, path, message, remedy }) => {
    const { text, line, column } = marked(yamlWith({ ...POLICY, ...given }));
    const result = load(text);
    expect(result.ok).toBe(false);
    expect(said(result).filter(({ level }) => level === 'error')).toEqual([
      { level: 'error', file: 'tocsin.yaml', line, column, path, message, remedy },
    ]);
  });
});

describe('a warning', () => {
  const warnings = (given: Readonly<Record<string, string>>, now?: number): readonly string[] => {
    const result = load(yamlWith({ ...POLICY, ...given }), {}, now === undefined ? {} : { now });
    expect(result.ok).toBe(true);
    return said(result).map(({ path, message }) => `${path}: ${message}`);
  };

  it('is given for a rotation below one that always covers', () => {
    const night = `{ ${DAILY}, restrict: [{ from: "22:00", to: "06:00" }] }`;
    expect(warnings(schedule(`{ rotations: [{ ${WEEKLY} }, ${night}] }`))).toEqual([
      'schedules.payments.rotations[1]: nobody is ever on call by this rotation: number 1 of the list, which always covers, comes first',
    ]);
    expect(warnings(schedule(`{ rotations: [${night}, { ${WEEKLY} }] }`))).toEqual([]);
    expect(warnings(schedule(`{ rotations: [{ ${WEEKLY}, until: 2026-07-06 }, ${night}] }`))).toEqual([]);
  });

  it('is given for holidays that are all over', () => {
    const given = { ...DE, ...schedule(`{ rotation: { ${DAILY} } }`) };
    expect(warnings(given, utc('2026-12-26 12:00'))).toEqual(['holidays.us: holds only dates that are over']);
    expect(warnings(given, utc('2026-12-25 12:00'))).toEqual([]);
  });

  it('of a gap knows of holidays and ends', () => {
    const given = { ...DE, ...schedule(`{ rotation: { ${DAILY}, except: de, until: 2027-01-04 } }`) };
    expect(warnings(given, utc('2026-12-20 12:00'))).toEqual([
      'schedules.payments: nobody is primary from 2026-12-25 00:00 UTC to 2026-12-27 00:00 UTC, and in 1 more gap within 28 days',
    ]);
  });
});

describe('a config', () => {
  it('has its schedules ready to be asked with overrides', () => {
    const config = configOf();
    const payments = config.schedules.get('payments');
    if (payments === undefined) throw new Error('no schedule');
    const at = utc('2026-06-10 12:00');
    const taken = prepare(payments, [override({ schedule: 'payments', userId: 'erin' })]);
    expect(onCallAt(payments, at)).toMatchObject({ primary: 'alice', secondary: 'bob' });
    expect(onCallAt(taken, at)).toMatchObject({ primary: 'erin', secondary: 'bob' });
    // What it answers itself knows of none.
    expect(config.onCall(at)).toMatchObject([
      { schedule: 'payments', primary: 'alice', secondary: 'bob', until: utc('2026-06-15 07:00') },
    ]);
  });
});
