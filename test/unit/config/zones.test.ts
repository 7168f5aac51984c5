import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createZoneRules, LAST_TRANSITION, zoneRules } from '../../../config/zones.js';
import { civilDayAt, instantOf, startOfDay, wallClockAt } from '../../../domain/oncall/zone.js';
import { DAY, HOUR, MINUTE } from '../../../domain/time/instant.js';

const ZONES = Intl.supportedValuesOf('timeZone');
const seed = Date.now() % 1_000_000;

/** The offset by the fields of a date, which is not how the product reads it. */
function offsetByFields(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (at) => {
    const of = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const field = (name: Intl.DateTimeFormatPartTypes): number => of.get(name) ?? Number.NaN;
    const shown = Date.UTC(
      field('year'),
      field('month') - 1,
      field('day'),
      field('hour'),
      field('minute'),
      field('second'),
    );
    return shown - Math.floor(at / 1_000) * 1_000;
  };
}

const utc = (text: string): number => Date.parse(`${text}Z`);

describe(`every zone of this engine (seed ${seed})`, () => {
  it('has the offsets of Intl at random instants and around its changes, from 1970 to 2100', () => {
    expect(ZONES.length).toBeGreaterThan(400);
    const years = fc.sample(fc.integer({ min: 1970, max: 2100 }), { seed, numRuns: ZONES.length });
    for (const [index, zone] of ZONES.entries()) {
      const rules = zoneRules(zone);
      const truth = offsetByFields(zone);
      const begin = Date.UTC(years[index] ?? 2026, 0, 1);
      const instants = fc.sample(fc.integer({ min: begin, max: begin + 366 * DAY }), { seed, numRuns: 20 });
      // Zones that no longer change are looked through to the end: an eighth of all in each run is enough.
      const change = index % 8 === seed % 8 ? rules.nextTransition(begin) : null;
      if (change !== null) {
        instants.push(change - 1, change, change + DAY);
        expect(rules.offsetAt(change - 1)).not.toBe(rules.offsetAt(change));
      }
      const wrong = instants.filter((at) => rules.offsetAt(at) !== truth(at));
      expect({ zone, wrong: wrong.map((at) => new Date(at).toISOString()) }).toEqual({ zone, wrong: [] });
    }
  });

  it('knows the instant of whatever its clocks show, and begins each date once', () => {
    const clocks = fc.sample(fc.integer({ min: utc('2022-01-01'), max: utc('2031-12-31') }), {
      seed,
      numRuns: ZONES.length * 4,
    });
    for (const [index, zone] of ZONES.entries()) {
      const rules = zoneRules(zone);
      for (const at of clocks.slice(index * 4, index * 4 + 4)) {
        const shown = wallClockAt(rules, at);
        const found = instantOf(rules, shown);
        // Of two the first: then the same time comes again at `at`.
        expect(wallClockAt(rules, found)).toBe(shown);
        expect(found).toBeLessThanOrEqual(at);
        const day = civilDayAt(rules, at);
        expect(startOfDay(rules, day)).toBeLessThan(startOfDay(rules, day + 1));
      }
    }
  });
});

describe('a zone', () => {
  it.each([
    ['Europe/Berlin', '2100-07-01T00:00', 2 * HOUR],
    ['Europe/Berlin', '2100-12-31T00:00', HOUR],
    ['Europe/Dublin', '2026-01-15T12:00', 0],
    ['Europe/Dublin', '2026-07-15T12:00', HOUR],
    ['Australia/Lord_Howe', '2026-01-15T12:00', 11 * HOUR],
    ['Australia/Lord_Howe', '2026-07-15T12:00', 10.5 * HOUR],
    ['Africa/Casablanca', '2025-03-01T12:00', 0],
    ['Africa/Casablanca', '2025-05-01T12:00', HOUR],
    ['Antarctica/Troll', '2025-07-01T12:00', 2 * HOUR],
    // 44 minutes and 30 seconds behind, until 7 January 1972.
    ['Africa/Monrovia', '1971-06-01T12:00', -44.5 * MINUTE],
    ['Pacific/Apia', '2011-12-30T09:59', -10 * HOUR],
    ['Pacific/Apia', '2011-12-30T10:00', 14 * HOUR],
    ['Pacific/Kwajalein', '1993-08-20T12:00', -12 * HOUR],
    ['Pacific/Kwajalein', '1993-08-22T12:00', 12 * HOUR],
  ])('%s has at %s the offset that its law says', (zone, at, offset) => {
    expect(zoneRules(zone).offsetAt(utc(at))).toBe(offset);
  });

  it('names its changes one after the other', () => {
    const changes = (zone: string, from: string, count: number): readonly string[] => {
      const found: string[] = [];
      let at: number | null = utc(from);
      while (found.length < count && at !== null) {
        at = zoneRules(zone).nextTransition(at);
        if (at !== null) found.push(new Date(at).toISOString().slice(0, 16));
      }
      return found;
    };
    // Morocco goes back for Ramadan.
    expect(changes('Africa/Casablanca', '2025-01-01T00:00', 2)).toEqual([
      '2025-02-23T02:00',
      '2025-04-06T02:00',
    ]);
    expect(changes('Pacific/Apia', '2011-10-01T00:00', 2)).toEqual(['2011-12-30T10:00', '2012-03-31T14:00']);
    expect(changes('Europe/Berlin', '2026-03-29T01:00', 1)).toEqual(['2026-10-25T01:00']);
    expect(changes('Asia/Kathmandu', '1986-06-01T00:00', 1)).toEqual([]);
    expect(zoneRules('UTC').nextTransition(0)).toBeNull();
    expect(zoneRules('Europe/Berlin').nextTransition(LAST_TRANSITION)).toBeNull();
  });

  it('that changes every third day is read right, too', () => {
    const offset = (at: number): number => (Math.floor(at / (3 * DAY)) % 2 === 0 ? HOUR : 0);
    const rules = createZoneRules('Test/Restless', offset);
    for (let at = -10 * DAY; at < 1_000 * DAY; at += 7 * HOUR) expect(rules.offsetAt(at)).toBe(offset(at));
    expect(rules.nextTransition(4 * DAY)).toBe(6 * DAY);
    // Two years are read at once.
    expect(rules.nextTransition(729 * DAY)).toBe(732 * DAY);
  });

  it('that does not exist is refused', () => {
    expect(() => zoneRules('Europe/Berlyn')).toThrow(RangeError);
  });
});
