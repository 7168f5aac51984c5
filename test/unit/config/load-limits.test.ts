import { describe, expect, it } from 'vitest';
import { markOverLimit, nightOf, withLoad } from '../../../config/load-limits.js';
import { withOverrides } from '../../../config/overridden.js';
import type { NightPage } from '../../../domain/oncall/night.js';
import { HOUR } from '../../../domain/time/instant.js';
import { configOf, load, yamlWith } from './support.js';

const USERS = `
  alice: { name: Alice, phone: "+12025550101", zone: Europe/Berlin }
  bob: { name: Bob, phone: "+12025550102", zone: America/New_York }
  erin: { name: Erin, phone: "+12025550105" }`;
/** 03:00 in Berlin, 21:00 of the evening before in New York. */
const AT = Date.parse('2026-11-29T02:00Z');

function pages(userId: string, count: number, at = AT - HOUR): readonly NightPage[] {
  return Array.from({ length: count }, (_none, index) => ({ userId, openingId: `o-${index}`, at }));
}

describe('limits of the night', () => {
  it('are three incidents from 22:00 to 07:00 where nothing is written, and what is written else', () => {
    expect(configOf().load).toEqual({ pagesPerNight: 3, night: { from: 1_320, to: 420 } });
    expect(configOf({ limits: '{ pagesPerNight: 1, night: { from: "23:30", to: "06:15" } }' }).load).toEqual({
      pagesPerNight: 1,
      night: { from: 1_410, to: 375 },
    });
    expect(configOf({ limits: '{ pagesPerNight: off }' }).load.pagesPerNight).toBeNull();
  });

  it.each([
    [
      '{ pagesPerNight: 0 }',
      'limits.pagesPerNight',
      'neither a whole number in range nor off',
      'from 1 to 100, or off',
    ],
    ['{ pagesPerNight: 101 }', 'limits.pagesPerNight', 'neither a whole number', 'from 1 to 100'],
    ['{ pagesPerNight: 2.5 }', 'limits.pagesPerNight', 'neither a whole number', 'from 1 to 100'],
    ['{ pagesPerNight: never }', 'limits.pagesPerNight', 'neither a whole number', 'from 1 to 100'],
    ['{ pagesPerNight: of }', 'limits.pagesPerNight', 'neither a whole number', 'Did you mean off?'],
    [
      '{ night: { from: "22:00", to: "22:00" } }',
      'limits.night.to',
      'is when the night begins',
      'from: "22:00"',
    ],
    ['{ night: { from: "22:00" } }', 'limits.night.to', 'is missing', 'Write'],
    ['{ night: { from: 22, to: "07:00" } }', 'limits.night.from', 'is not a time of day', 'two digits'],
    ['{ pagesPerNigth: 3 }', 'limits.pagesPerNigth', 'is not a key', 'Did you mean "pagesPerNight"?'],
  ])('%s is refused', (limits, path, message, remedy) => {
    const result = load(yamlWith({ limits }));
    const errors = result.ok ? [] : result.problems.filter(({ level }) => level === 'error');
    expect(errors).toEqual([
      expect.objectContaining({
        path,
        message: expect.stringContaining(message) as string,
        remedy: expect.stringContaining(remedy) as string,
      }),
    ]);
  });
});

describe('who is past their limit', () => {
  const config = configOf({ users: USERS });
  const found = (at = AT, known = pages('alice', 3), urgency: 'high' | 'low' = 'high') =>
    withLoad(
      () => config,
      () => known,
    )().findPeople([{ kind: 'user', id: 'alice' }], urgency, at).people[0]?.overLimit;

  it('is told from the third incident of their own night on', () => {
    expect(found(AT, pages('alice', 2))).toBeUndefined();
    expect(found()).toEqual({ count: 3, limit: 3 });
    expect(found(AT, pages('alice', 7))).toEqual({ count: 7, limit: 3 });
    expect(found(AT, pages('bob', 7))).toBeUndefined();
  });

  it('is nobody by day, nobody for the pages of yesterday, and nobody where nothing rings', () => {
    // 07:00 in Berlin.
    expect(found(Date.parse('2026-11-29T06:00Z'))).toBeUndefined();
    expect(found(AT + 24 * HOUR)).toBeUndefined();
    expect(found(AT, pages('alice', 3, Date.parse('2026-11-28T20:59:59Z')))).toBeUndefined();
    expect(found(AT, pages('alice', 3, Date.parse('2026-11-28T21:00Z')))).toEqual({ count: 3, limit: 3 });
    expect(found(AT, pages('alice', 3), 'low')).toBeUndefined();
  });

  it('is found on each person’s own clock', () => {
    expect(nightOf(config, 'alice', AT)).not.toBeNull();
    expect(nightOf(config, 'bob', AT)).toBeNull();
    expect(nightOf(config, 'bob', AT + HOUR)).not.toBeNull();
    expect(nightOf(config, 'group:ops-room', AT)).toBeNull();
    expect(nightOf(config, 'nobody', AT)).toBeNull();
  });

  it('is nobody without a limit', () => {
    const free = configOf({ users: USERS, limits: '{ pagesPerNight: off }' });
    const people = free.findPeople([{ kind: 'user', id: 'alice' }], 'high', AT);
    expect(markOverLimit(free, people, AT, pages('alice', 50))).toBe(people);
  });

  it('is asked for anew each time, with overrides on top, and of a reloaded configuration', () => {
    let [current, known] = [config, pages('alice', 2)];
    const none = { overrides: [], asOf: AT, isStale: false };
    const wrapped = withOverrides(
      withLoad(
        () => current,
        () => known,
      ),
      () => none,
    );
    const first = wrapped();
    const over = () => wrapped().findPeople([{ kind: 'user', id: 'alice' }], 'high', AT).people[0]?.overLimit;
    expect(over()).toBeUndefined();
    known = pages('alice', 3);
    expect(over()).toEqual({ count: 3, limit: 3 });
    expect(wrapped()).toBe(first);
    current = configOf({ users: USERS, limits: '{ pagesPerNight: 4 }' });
    expect(over()).toBeUndefined();
  });
});
