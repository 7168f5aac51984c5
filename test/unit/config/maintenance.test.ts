import { describe, expect, test } from 'vitest';
import { withWindows } from '../../../config/in-maintenance.js';
import { problemOf, type PlannedWindow } from '../../../config/maintenance.js';
import { HOUR } from '../../../domain/time/instant.js';
import { configOf, load, said, utc, yamlWith } from './support.js';

const SERVICES = `
  payments: { policy: default }
  orders: { policy: default }
  other: { policy: default, catchAll: true }`;

function withMaintenance(text: string) {
  return configOf({ services: SERVICES, maintenance: text });
}

function problemsOf(text: string, now?: number) {
  const result = load(
    yamlWith({ services: SERVICES, maintenance: text }),
    {},
    now === undefined ? {} : { now },
  );
  return said(result)
    .filter(({ path }) => path.startsWith('maintenance'))
    .map(({ level, path, message, remedy }) => {
      expect(remedy).not.toBe('');
      return `${level} ${path} ${message}`;
    });
}

/** Ids of the windows that cover an alert then. */
function coverOf(config: ReturnType<typeof configOf>, at: string, service: string, labels = {}) {
  return config
    .coverAt(utc(at))(service, labels)
    .map(({ id }) => id);
}

describe('windows of the configuration', () => {
  const config = withMaintenance(`
  upgrade: { services: [payments], from: "2026-12-01 22:00", to: "2026-12-02 02:00", zone: Europe/Berlin, reason: upgrade }
  staging: { match: { cluster: "/staging-.*/" }, from: 2026-12-01T22:00Z, for: 1h, reason: new hardware }`);

  test('cover their services, on the clock of their zone, the end not included', () => {
    expect(coverOf(config, '2026-12-01 20:59', 'payments')).toEqual([]);
    expect(coverOf(config, '2026-12-01 21:00', 'payments')).toEqual(['upgrade']);
    expect(coverOf(config, '2026-12-02 00:59', 'payments')).toEqual(['upgrade']);
    expect(coverOf(config, '2026-12-02 01:00', 'payments')).toEqual([]);
    expect(coverOf(config, '2026-12-01 23:00', 'orders')).toEqual([]);
  });

  test('cover alerts by their labels, whatever the service: a regular expression matches the whole value', () => {
    const at = '2026-12-01 22:30';
    expect(coverOf(config, at, 'orders', { cluster: 'staging-eu' })).toEqual(['staging']);
    expect(coverOf(config, at, 'orders', { cluster: 'my-staging-eu' })).toEqual([]);
    expect(coverOf(config, at, 'orders', {})).toEqual([]);
    expect(coverOf(config, at, 'payments', { cluster: 'staging-eu' })).toEqual(['upgrade', 'staging']);
  });

  test('carry their reason and their span, and not whom they concern', () => {
    expect(config.coverAt(utc('2026-12-01 22:30'))('payments', {})).toEqual([
      {
        id: 'upgrade',
        from: utc('2026-12-01 21:00'),
        to: utc('2026-12-02 01:00'),
        reason: 'upgrade',
      },
    ]);
  });

  test('come back each week at the same time of day, also over a change of the clocks', () => {
    const weekly = withMaintenance(`
  deploys: { services: [payments], days: [sat, sun], at: "02:30", for: 2h, zone: Europe/Berlin, reason: deploys }`);
    const found = weekly.windowsIn(utc('2026-03-27 00:00'), utc('2026-04-05 00:00'));
    expect(found.map(({ id, from, to }) => [id, new Date(from).toISOString(), (to - from) / HOUR])).toEqual([
      ['deploys@2026-03-28', '2026-03-28T01:30:00.000Z', 2],
      // 02:30 does not exist on this day: it is 03:30.
      ['deploys@2026-03-29', '2026-03-29T01:30:00.000Z', 2],
      ['deploys@2026-04-04', '2026-04-04T00:30:00.000Z', 2],
    ]);
    expect(coverOf(weekly, '2026-04-04 01:00', 'payments')).toEqual(['deploys@2026-04-04']);
    expect(coverOf(weekly, '2026-04-03 01:00', 'payments')).toEqual([]);
  });

  test('that begin before midnight still count after it', () => {
    const nightly = withMaintenance(`
  night: { services: [payments], days: [fri], at: "23:00", for: 8h, reason: backup }`);
    expect(coverOf(nightly, '2026-01-10 06:59', 'payments')).toEqual(['night@2026-01-09']);
    expect(coverOf(nightly, '2026-01-10 07:00', 'payments')).toEqual([]);
  });

  test('that follow on without a break cover together, one that comes later does not', () => {
    const two = withMaintenance(`
  first: { services: [payments], from: "2026-12-01 10:00", for: 1h, reason: one }
  second: { services: [payments], from: "2026-12-01 11:00", for: 1h, reason: two }
  third: { services: [payments], from: "2026-12-01 13:00", for: 1h, reason: three }`);
    expect(coverOf(two, '2026-12-01 10:30', 'payments')).toEqual(['first', 'second']);
    expect(coverOf(two, '2026-12-01 09:59', 'payments')).toEqual([]);
  });
});

describe('windows that people made', () => {
  const plain = withMaintenance(`
  upgrade: { services: [payments], from: "2026-12-01 10:00", for: 1h, reason: upgrade }`);
  const made: PlannedWindow = {
    ...{ id: 'mw-1', services: ['orders'], match: { team: ['web', '/mobile-.*/'] } },
    ...{ from: utc('2026-12-01 10:00'), to: utc('2026-12-01 12:00'), reason: 'test' },
  };

  test('count beside those of the configuration', () => {
    let windows: readonly PlannedWindow[] = [];
    const config = withWindows(
      () => plain,
      () => windows,
    );
    expect(coverOf(config(), '2026-12-01 10:30', 'orders', { team: 'mobile-ios' })).toEqual([]);
    windows = [made];
    expect(coverOf(config(), '2026-12-01 10:30', 'orders', { team: 'mobile-ios' })).toEqual(['mw-1']);
    expect(coverOf(config(), '2026-12-01 10:30', 'orders', { team: 'other' })).toEqual([]);
    expect(coverOf(config(), '2026-12-01 10:30', 'payments')).toEqual(['upgrade']);
    expect(config()).toBe(config());
  });
});

test('a window whose labels can’t be compared covers nothing, and takes nothing from the others', () => {
  const broken: PlannedWindow = {
    ...{ id: 'mw-2', services: [], match: { team: ['web', '/mobile-(/'] } },
    ...{ from: utc('2026-12-01 10:00'), to: utc('2026-12-01 12:00'), reason: 'from a backup' },
  };
  const sound = { ...broken, id: 'mw-3', match: { team: 'web' } };
  const config = withWindows(
    () => withMaintenance(''),
    () => [broken, sound],
  );
  expect(coverOf(config(), '2026-12-01 10:30', 'orders', { team: 'web' })).toEqual(['mw-3']);
  expect(coverOf(config(), '2026-12-01 10:30', 'orders', { team: 'mobile-ios' })).toEqual([]);
  expect(problemOf(broken)).toContain('Invalid regular expression');
  expect(problemOf(sound)).toBeNull();
});

describe('what is wrong with a window is said with how to mend it', () => {
  test.each([
    [
      '{ reason: x, from: "2026-12-01 10:00", for: 1h }',
      'error maintenance.w names neither services nor labels, so that nothing at all would page',
    ],
    ['{ services: [payments], reason: x, from: "2026-12-01 10:00" }', 'error maintenance.w has no end'],
    [
      '{ services: [payments], reason: x, from: "2026-12-01 10:00", for: 1h, to: 2026-12-02 }',
      'error maintenance.w has both to and for',
    ],
    [
      '{ services: [payments], reason: x, from: "2026-12-01 10:00", to: "2026-12-01 09:00" }',
      'error maintenance.w.to is not after from',
    ],
    [
      '{ services: [payments], reason: x, from: "2026-12-01 10:00", for: 31d }',
      'error maintenance.w.for lasts longer than 30 days',
    ],
    [
      '{ services: [payments], reason: x, from: "noon", for: 1h }',
      'error maintenance.w.from is not a date and time',
    ],
    [
      '{ services: [payments], reason: x, from: "2026-02-30 10:00", for: 1h }',
      'error maintenance.w.from is not a date and time',
    ],
    [
      '{ services: [payments], reason: x, days: [sun], for: 1h }',
      'error maintenance.w has no at, and no from',
    ],
    [
      '{ services: [payments], reason: x, days: [mon-sun], at: "00:00", for: 24h }',
      'error maintenance.w.for is so long that one window begins before the one before it ends, so that nobody is ever paged',
    ],
    [
      '{ services: [payments], reason: x, from: "2026-12-01 10:00", for: 1h, days: [sun] }',
      'error maintenance.w.days stands beside from, which is for a window that comes once',
    ],
    [
      '{ services: [paymnts], reason: x, from: "2026-12-01 10:00", for: 1h }',
      'error maintenance.w.services[0] there is no service "paymnts"',
    ],
    [
      '{ match: { a: "/(a+)+b/" }, reason: x, from: "2026-12-01 10:00", for: 1h }',
      'error maintenance.w.match.a repeats something that repeats or chooses itself, which can block Tocsin on a long label',
    ],
    [
      '{ match: { a: "/(/" }, reason: x, from: "2026-12-01 10:00", for: 1h }',
      'error maintenance.w.match.a is not a regular expression',
    ],
    ['{ services: [payments], from: "2026-12-01 10:00", for: 1h }', 'error maintenance.w.reason is missing'],
  ])('%s', (entry, expected) => {
    expect(problemsOf(`\n  w: ${entry}`)).toEqual([expected]);
  });

  test('one that is over is a warning, where the present is known', () => {
    const entry = '\n  w: { services: [payments], reason: x, from: "2026-12-01 10:00", for: 1h }';
    expect(problemsOf(entry, utc('2026-12-03 10:00'))).toEqual(['warning maintenance.w is over']);
    expect(problemsOf(entry, utc('2026-12-01 10:30'))).toEqual([]);
    expect(problemsOf(entry)).toEqual([]);
  });
});
