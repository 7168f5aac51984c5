import { describe, expect, it } from 'vitest';
import { toSchedule } from '../../../config/on-call.js';
import type { WrittenRotation, WrittenSchedule } from '../../../config/schema/root.js';
import { nextChange, onCallAt, shifts } from '../../../domain/oncall/on-call.js';
import { HOUR } from '../../../domain/time/instant.js';

const utc = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`);

function rotation(own: Partial<WrittenRotation>): WrittenRotation {
  return { type: 'daily', handover: '09:00', start: '2026-01-01', participants: ['a', 'b', 'c'], ...own };
}

/** `<when in UTC> <primary>` of each change between two instants. */
function changes(
  written: WrittenSchedule,
  from: string,
  to: string,
  holidays: Readonly<Record<string, readonly string[]>> = {},
): readonly string[] {
  return shifts(toSchedule('s', written, 'UTC', holidays), utc(from), utc(to)).map(
    (span) => `${new Date(span.from).toISOString().slice(5, 16).replace('T', ' ')} ${span.primary ?? '–'}`,
  );
}

/** When a daily rotation of three hands over, without who. */
function handOvers(
  zone: string,
  handover: string,
  start: string,
  from: string,
  to: string,
): readonly string[] {
  return changes({ zone, rotation: rotation({ handover, start }) }, from, to)
    .slice(1)
    .map((text) => text.slice(0, 11));
}

describe('a daily hand-over at 02:30 in a night in which the clocks', () => {
  it.each([
    // 02:00 CET becomes 03:00 CEST at 01:00 UTC: 02:30 means 03:30.
    [
      'go forward in Berlin',
      'Europe/Berlin',
      '2026-03-28 00:00',
      ['03-28 01:30', '03-29 01:30', '03-30 00:30'],
    ],
    // 03:00 CEST becomes 02:00 CET at 01:00 UTC: the first 02:30 is at 00:30 UTC.
    ['go back in Berlin', 'Europe/Berlin', '2026-10-24 00:00', ['10-24 00:30', '10-25 00:30', '10-26 01:30']],
    // 02:00 EST becomes 03:00 EDT at 07:00 UTC.
    [
      'go forward in New York',
      'America/New_York',
      '2026-03-07 00:00',
      ['03-07 07:30', '03-08 07:30', '03-09 06:30'],
    ],
    // 02:00 EDT becomes 01:00 EST at 06:00 UTC: 02:30 comes once, after it.
    [
      'go back in New York',
      'America/New_York',
      '2026-10-31 00:00',
      ['10-31 06:30', '11-01 07:30', '11-02 07:30'],
    ],
    // 02:00 AEST becomes 03:00 AEDT on 4 October at 16:00 UTC of the 3rd.
    [
      'go forward in Sydney',
      'Australia/Sydney',
      '2026-10-02 12:00',
      ['10-02 16:30', '10-03 16:30', '10-04 15:30'],
    ],
    // 03:00 AEDT becomes 02:00 AEST on 5 April at 16:00 UTC of the 4th.
    [
      'go back in Sydney',
      'Australia/Sydney',
      '2026-04-03 12:00',
      ['04-03 15:30', '04-04 15:30', '04-05 16:30'],
    ],
    // 02:00 (+10:30) becomes 02:30 (+11) on 4 October at 15:30 UTC of the 3rd: 02:30 exists.
    [
      'go forward by half an hour on Lord Howe',
      'Australia/Lord_Howe',
      '2026-10-02 12:00',
      ['10-02 16:00', '10-03 15:30', '10-04 15:30'],
    ],
    // 02:00 (+11) becomes 01:30 (+10:30) on 5 April at 15:00 UTC of the 4th.
    [
      'go back by half an hour on Lord Howe',
      'Australia/Lord_Howe',
      '2026-04-03 12:00',
      ['04-03 15:30', '04-04 16:00', '04-05 16:00'],
    ],
  ])('%s', (_, zone, from, expected) => {
    const start = new Date(utc(from) - 240 * HOUR).toISOString().slice(0, 10);
    const to = new Date(utc(from) + 72 * HOUR).toISOString().slice(0, 19);
    expect(handOvers(zone, '02:30', start, from, to)).toEqual(expected);
  });

  it('jump over 02:15 on Lord Howe: half an hour later', () => {
    expect(
      handOvers('Australia/Lord_Howe', '02:15', '2026-09-01', '2026-10-03 00:00', '2026-10-04 12:00'),
    ).toEqual(['10-03 15:45']);
  });
});

describe('hours on the wall clock', () => {
  const twelve = {
    zone: 'Europe/Berlin',
    rotation: rotation({ type: 'hourly', every: 12, handover: '08:00', participants: ['day', 'night'] }),
  };

  it('keep 08:00 and 20:00 when the clocks change: that night is an hour shorter or longer', () => {
    expect(changes(twelve, '2026-03-28 12:00', '2026-03-29 20:00')).toEqual([
      '03-28 12:00 day',
      '03-28 19:00 night',
      '03-29 06:00 day',
      '03-29 18:00 night',
    ]);
    expect(changes(twelve, '2026-10-24 12:00', '2026-10-25 20:00')).toEqual([
      '10-24 12:00 day',
      '10-24 18:00 night',
      '10-25 07:00 day',
      '10-25 19:00 night',
    ]);
  });

  it('of one hour pass over the person whose hour does not exist, and double the hour that comes twice', () => {
    const hourly = {
      zone: 'Europe/Berlin',
      rotation: rotation({
        type: 'hourly',
        handover: '00:00',
        start: '2026-03-29',
        participants: ['0', '1', '2', '3', '4'],
      }),
    };
    expect(changes(hourly, '2026-03-28 23:00', '2026-03-29 03:00')).toEqual([
      '03-28 23:00 0',
      '03-29 00:00 1',
      '03-29 01:00 3',
      '03-29 02:00 4',
    ]);
    const autumn = { zone: 'Europe/Berlin', rotation: { ...hourly.rotation, start: '2026-10-25' } };
    expect(changes(autumn, '2026-10-24 22:00', '2026-10-25 03:00')).toEqual([
      '10-24 22:00 0',
      '10-24 23:00 1',
      '10-25 00:00 2',
      '10-25 02:00 3',
    ]);
  });
});

describe('the calendar', () => {
  it('has a 29 February in 2028', () => {
    expect(
      changes(
        { rotation: rotation({ handover: '00:00', start: '2028-02-27' }) },
        '2028-02-27 00:00',
        '2028-03-03 00:00',
      ),
    ).toEqual(['02-27 00:00 a', '02-28 00:00 b', '02-29 00:00 c', '03-01 00:00 a', '03-02 00:00 b']);
  });

  it('goes on over the end of the year', () => {
    const weekly = { zone: 'America/New_York', rotation: rotation({ type: 'weekly', start: '2026-12-21' }) };
    expect(changes(weekly, '2026-12-21 14:00', '2027-01-12 00:00')).toEqual([
      '12-21 14:00 a',
      '12-28 14:00 b',
      '01-04 14:00 c',
      '01-11 14:00 a',
    ]);
  });

  it('lacks 30 December 2011 in Apia: its person is passed over', () => {
    // Midnight at the end of the 29th is 10:00 UTC of the 30th, and the 31st begins there.
    const apia = { zone: 'Pacific/Apia', rotation: rotation({ start: '2011-12-28' }) };
    expect(changes(apia, '2011-12-28 19:00', '2012-01-01 00:00')).toEqual([
      '12-28 19:00 a', // the 28th, 09:00
      '12-29 19:00 b', // the 29th
      '12-30 19:00 a', // the 31st; c would have had the 30th
      '12-31 19:00 b',
    ]);
    // By half days both of the 30th are.
    const halves = {
      zone: 'Pacific/Apia',
      rotation: rotation({
        type: 'hourly',
        every: 12,
        handover: '08:00',
        start: '2011-12-29',
        participants: ['1', '2', '3', '4', '5', '6'],
      }),
    };
    expect(changes(halves, '2011-12-29 18:00', '2011-12-31 18:00')).toEqual([
      '12-29 18:00 1',
      '12-30 06:00 2',
      '12-30 18:00 5',
      '12-31 06:00 6',
    ]);
    // By 23 hours: the fourth would begin on the 30th at 22:00, and does not although the 31st has that time, too.
    const odd = {
      zone: 'Pacific/Apia',
      rotation: rotation({
        type: 'hourly',
        every: 23,
        handover: '01:00',
        start: '2011-12-28',
        participants: ['1', '2', '3', '4', '5', '6'],
      }),
    };
    expect(changes(odd, '2011-12-30 09:00', '2012-01-01 06:00')).toEqual([
      '12-30 09:00 3', // the 29th, 23:00
      '12-31 07:00 5', // the 31st, 21:00
    ]);
    // And nobody has a holiday that did not take place.
    const only = {
      zone: 'Pacific/Apia',
      rotation: rotation({ start: '2011-12-01', participants: ['a'], only: 'h' }),
    };
    expect(changes(only, '2011-12-28 00:00', '2012-01-03 00:00', { h: ['2011-12-30'] })).toEqual([
      '12-28 00:00 –',
    ]);
  });

  it('has a midnight hand-over where midnight does not exist', () => {
    // Santiago, 6 September 2026: 00:00 (04:00 UTC) becomes 01:00.
    expect(
      handOvers('America/Santiago', '00:00', '2026-09-01', '2026-09-05 12:00', '2026-09-07 12:00'),
    ).toEqual(['09-06 04:00', '09-07 03:00']);
  });
});

describe('follow the sun', () => {
  it('is exact in the three weeks in which New York has changed its clocks and Berlin has not', () => {
    const office = (zone: string, who: string): WrittenRotation =>
      rotation({
        type: 'weekly',
        start: '2026-01-05',
        zone,
        participants: [who],
        restrict: [{ from: '09:00', to: '17:00' }],
      });
    const written = {
      rotations: [
        office('Europe/Berlin', 'berlin'),
        office('America/New_York', 'york'),
        rotation({ participants: ['rest'], handover: '00:00' }),
      ],
    };
    const on = (date: string): readonly string[] =>
      changes(written, `${date} 01:00`, `${date} 23:00`)
        .slice(1)
        .map((text) => text.slice(6));
    const winter = ['08:00 berlin', '16:00 york', '22:00 rest'];
    // New York opens at 13:00 UTC and closes at 21:00.
    const march = ['08:00 berlin', '16:00 york', '21:00 rest'];
    const summer = ['07:00 berlin', '15:00 york', '21:00 rest'];
    expect(on('2026-03-07')).toEqual(winter);
    for (const date of ['2026-03-08', '2026-03-15', '2026-03-28']) expect(on(date)).toEqual(march);
    expect(on('2026-03-29')).toEqual(summer);
    expect(on('2026-10-24')).toEqual(summer);
    // A week in autumn: Berlin has gone back on the 25th, New York does on 1 November.
    for (const date of ['2026-10-25', '2026-10-31']) expect(on(date)).toEqual(march);
    expect(on('2026-11-01')).toEqual(winter);
  });
});

describe('a layer', () => {
  const weekly = rotation({ type: 'weekly', start: '2026-01-05', participants: ['a', 'b'] });

  it('with an end stops at its hand-over time, and the one below has it again', () => {
    const written = {
      zone: 'Europe/Berlin',
      rotations: [rotation({ start: '2026-06-01', until: '2026-06-03', participants: ['guest'] }), weekly],
    };
    expect(changes(written, '2026-05-31 12:00', '2026-06-05 00:00')).toEqual([
      '05-31 12:00 a',
      '06-01 07:00 guest',
      '06-03 07:00 b',
    ]);
  });

  it('for holidays has those dates from midnight to midnight', () => {
    const written = {
      zone: 'Europe/Berlin',
      rotations: [
        rotation({ start: '2026-01-01', handover: '00:00', participants: ['h1', 'h2'], only: 'de' }),
        weekly,
      ],
    };
    const holidays = { de: ['2026-12-25', '2026-12-26'] };
    expect(changes(written, '2026-12-24 12:00', '2026-12-28 00:00', holidays)).toEqual([
      '12-24 12:00 a',
      '12-24 23:00 h1',
      '12-25 23:00 h2',
      '12-26 23:00 a',
    ]);
  });

  it('with hours leaves out those that begin on a holiday, and keeps those that only end on one', () => {
    const written = {
      rotation: rotation({ participants: ['n'], restrict: [{ from: '22:00', to: '06:00' }], except: 'de' }),
    };
    expect(changes(written, '2026-12-24 12:00', '2026-12-27 12:00', { de: ['2026-12-25'] })).toEqual([
      '12-24 12:00 –',
      '12-24 22:00 n',
      '12-25 06:00 –',
      '12-26 22:00 n',
      '12-27 06:00 –',
    ]);
  });

  it('of the secondary is one of several', () => {
    const schedule = toSchedule(
      's',
      {
        rotation: weekly,
        secondary: {
          rotations: [
            rotation({ participants: ['c'], restrict: [{ from: '00:00', to: '12:00' }], name: 'mornings' }),
            rotation({ participants: ['d'] }),
          ],
        },
      },
      'UTC',
    );
    expect(onCallAt(schedule, utc('2026-06-02 11:59'))).toMatchObject({
      secondary: 'c',
      why: { secondary: { kind: 'rotation', name: 'mornings' } },
    });
    expect(onCallAt(schedule, utc('2026-06-02 12:00'))).toMatchObject({
      secondary: 'd',
      why: { secondary: { kind: 'rotation', name: 'secondary rotation 2' } },
    });
    expect(nextChange(schedule, utc('2026-06-02 11:00'))).toBe(utc('2026-06-02 12:00'));
  });
});
