import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { registerCoverageMetrics } from '../../api/coverage-metrics.js';
import type { Config } from '../../config/types.js';
import type { Override } from '../../domain/oncall/override.js';
import { DAY, HOUR, type Instant } from '../../domain/time/instant.js';
import { StoreAway } from '../../store/errors.js';
import type { Store } from '../../store/store.js';
import { utc } from '../unit/config/support.js';
import { plantedConfig } from '../unit/oncall/planted/config.js';
import type { KnownOverrides } from '../../store/known-overrides.js';
import { override } from '../unit/oncall/support.js';
import { createTestApp } from './support/test-app.js';
import { testConfig } from './support/test-config.js';

const planted = await plantedConfig();
const HOLIDAY = { from: utc('2026-05-25 07:00'), to: utc('2026-05-25 15:00') };
const FILLED = override({ id: 'f', schedule: 'shop', userId: 'alice', ...HOLIDAY });

/** Overrides in memory, asked as the store is. */
function overridesOf(kept: {
  all: readonly Override[];
  version: number;
  isAway: boolean;
  asked?: unknown[];
}) {
  const check = (): void => {
    if (kept.isAway) throw new StoreAway('unreachable', 'of the test');
  };
  return {
    version: () =>
      Promise.resolve()
        .then(check)
        .then(() => kept.version),
    list: (query: { readonly from?: Instant; readonly to?: Instant } = {}) =>
      Promise.resolve()
        .then(check)
        .then(() => {
          kept.asked?.push(query);
          const { from = -Infinity, to = Infinity } = query;
          return kept.all.filter((each) => each.from < to && each.to > from);
        }),
  };
}

/** An app with the planted configuration behind the keys of the tests. */
function appWith(
  kept?: Parameters<typeof overridesOf>[0],
  known?: Pick<KnownOverrides, 'current' | 'refresh'>,
) {
  const config: Config = { ...planted, apiKeys: testConfig().apiKeys };
  const store = kept === undefined ? {} : { store: { overrides: overridesOf(kept) } as unknown as Store };
  const knows = known === undefined ? {} : { known };
  return createTestApp({ config: () => config, now: () => utc('2026-03-02 00:00'), ...store, ...knows });
}

/** What a process knew when the store was last there, an hour before; with one that ended long before the tests' spans. */
function knownAsOf(asOf: Instant | null): Pick<KnownOverrides, 'current' | 'refresh'> {
  const gone = { from: utc('2026-01-01 00:00'), to: utc('2026-01-02 00:00') };
  const overrides = asOf === null ? [] : [FILLED, override({ id: 'g', userId: 'gone', ...gone })];
  return { current: () => ({ overrides, asOf, isStale: true }), refresh: () => Promise.resolve() };
}
const ASKED_LAST = utc('2026-03-01 23:00');

interface Covered {
  readonly overrides: string;
  readonly from: number;
  readonly to: number;
  readonly policies: { readonly policy: string; readonly nobody: object[]; readonly gaps: object[] }[];
  readonly summary: { readonly nobody: number; readonly policies: number };
}

describe('GET /v1/coverage', () => {
  it('finds the planted gaps, and says that it knows no overrides', async () => {
    const answer = await appWith().api('GET', '/v1/coverage');
    expect(answer.statusCode).toBe(200);
    const found: Covered = answer.json();
    expect(found).toMatchObject({
      overrides: 'no-store',
      zone: 'Europe/Berlin',
      from: utc('2026-03-02 00:00'),
      to: utc('2026-03-02 00:00') + 182 * DAY,
      summary: { nobody: 2, policies: 4 },
    });
    expect(found.policies.find(({ policy }) => policy === 'shop')?.nobody).toEqual([
      { ...HOLIDAY, isCaught: true },
    ]);
  });

  it('counts the overrides of the store, those around the span as well', async () => {
    const kept = { all: [FILLED], version: 1, isAway: false, asked: [] as unknown[] };
    const answer = await appWith(kept).api('GET', '/v1/coverage?policy=shop&weeks=13');
    expect(answer.json()).toMatchObject({ overrides: 'counted', summary: { nobody: 0, policies: 1 } });
    expect(kept.asked).toEqual([
      {
        from: utc('2026-03-02 00:00') - 35 * DAY,
        to: utc('2026-03-02 00:00') + (91 + 35) * DAY,
        includeCancelled: true,
      },
    ]);
  });

  it('answers without them while the store is away, and says so', async () => {
    const kept = { all: [FILLED], version: 1, isAway: true };
    const answer = await appWith(kept).api('GET', '/v1/coverage?policy=shop');
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ overrides: 'store-away', summary: { nobody: 1 } });
  });

  it('goes by the overrides that are known while the store is away where they reach, and says as of when', async () => {
    const kept = { all: [], version: 1, isAway: true };
    const tocsin = appWith(kept, knownAsOf(ASKED_LAST));
    const covered = await tocsin.api('GET', '/v1/coverage?policy=shop');
    const age = { overrides: 'counted', overridesAsOf: ASKED_LAST, stale: true };
    expect(covered.json()).toMatchObject({ ...age, ignored: [], summary: { nobody: 0 } });
    const counted = await tocsin.api('GET', '/v1/fairness?from=2026-05-25&to=2026-05-26&schedule=shop');
    expect(counted.json()).toMatchObject({
      ...age,
      people: expect.arrayContaining([
        expect.objectContaining({ userId: 'alice', primaryMs: 8 * HOUR }),
      ]) as unknown,
    });
    // What is known begins a day before it was asked for.
    const month: object = (await tocsin.api('GET', '/v1/fairness')).json();
    expect(month).toMatchObject({ overrides: 'store-away' });
    expect(month).not.toHaveProperty('stale');
    const never = await appWith(kept, knownAsOf(null)).api('GET', '/v1/coverage?policy=shop');
    expect(never.json()).toMatchObject({ overrides: 'store-away', summary: { nobody: 1 } });
  });

  it('says it as shifts do, which are refused where nothing is known', async () => {
    const tocsin = appWith({ all: [], version: 1, isAway: true }, knownAsOf(ASKED_LAST));
    const shifts = (day: string, end: string) =>
      tocsin.api('GET', `/v1/schedules/shop/shifts?from=${day}&to=${end}`);
    expect((await shifts('2026-05-25', '2026-05-26')).json()).toMatchObject({
      overrides: [{ id: 'f', user: 'alice' }],
      overridesAsOf: ASKED_LAST,
      stale: true,
    });
    // A day before the store answered last is the first of which they are known.
    expect((await shifts('2026-03-01', '2026-03-02')).statusCode).toBe(200);
    const past = await shifts('2026-02-28', '2026-03-01');
    expect([past.statusCode, past.json()]).toMatchObject([503, { error: { code: 'store-away' } }]);
  });

  it('reads dates in the zone of the configuration', async () => {
    const answer = await appWith().api('GET', '/v1/coverage?from=2026-05-25&weeks=1&policy=shop&urgency=low');
    expect(answer.json()).toMatchObject({
      from: utc('2026-05-24 22:00'),
      to: utc('2026-05-31 22:00'),
      urgency: 'low',
    });
  });

  it.each([
    ['weeks=0', 'weeks'],
    ['weeks=105', 'weeks'],
    ['weeks=x', 'weeks'],
    ['from=yesterday', 'from'],
    ['from=2026-02-30', 'from'],
    ['from=2026-11-21T13:00:00', 'from'],
    ['from=99999999999999', 'from'],
    ['policy=nope', 'policy'],
    ['urgency=medium', 'urgency'],
  ])('refuses ?%s', async (text, path) => {
    const answer = await appWith().api('GET', `/v1/coverage?${text}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'invalid-query', problems: [{ path }] } });
  });
});

describe('GET /v1/fairness', () => {
  it('counts over four weeks until now, or what is asked', async () => {
    const kept = { all: [FILLED], version: 1, isAway: false };
    const tocsin = appWith(kept);
    expect((await tocsin.api('GET', '/v1/fairness')).json()).toMatchObject({
      from: utc('2026-02-02 00:00'),
      to: utc('2026-03-02 00:00'),
      overrides: 'counted',
    });
    const answer = await tocsin.api('GET', '/v1/fairness?from=2026-05-25&to=2026-05-26&schedule=shop');
    const { people } = answer.json<{ people: { userId: string; holidayMs: number; primaryMs: number }[] }>();
    expect(people.find(({ userId }) => userId === 'alice')).toMatchObject({
      primaryMs: 8 * HOUR,
      holidayMs: 8 * HOUR,
    });
  });

  it.each([
    ['from=2026-05-25&to=2026-05-25', 'from'],
    ['from=2025-01-01&to=2026-05-25', 'from'],
    ['to=soon', 'to'],
    ['schedule=nope', 'schedule'],
  ])('refuses ?%s', async (text, path) => {
    const answer = await appWith().api('GET', `/v1/fairness?${text}`);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ error: { code: 'invalid-query', problems: [{ path }] } });
  });
});

describe('tocsin_coverage_gap_seconds', () => {
  function metric(
    kept: { all: readonly Override[]; version: number; isAway: boolean; asked: unknown[] },
    known?: Pick<KnownOverrides, 'current'>,
  ) {
    const registry = new Registry();
    const clock = { now: utc('2026-05-20 00:00') };
    const running = { config: planted };
    registerCoverageMetrics(registry, {
      config: { current: () => running.config },
      store: { overrides: overridesOf(kept) },
      ...(known === undefined ? {} : { known }),
      now: () => clock.now,
    });
    const read = async (): Promise<Record<string, number>> => {
      const [found] = await registry.getMetricsAsJSON();
      return Object.fromEntries(
        (found?.values ?? []).map(({ labels, value }) => [String(labels['policy']), Number(value)]),
      );
    };
    return { clock, running, read };
  }

  it('tells for how long nobody would be paged within 14 days, by policy', async () => {
    const { read, clock } = metric({ all: [], version: 1, isAway: false, asked: [] });
    expect(await read()).toEqual({ clocks: 0, shop: 8 * 3_600, twice: 0, voices: 0 });
    // Six hours of the holiday are over.
    clock.now = HOLIDAY.from + 6 * HOUR;
    expect(await read()).toMatchObject({ shop: 2 * 3_600 });
    clock.now = utc('2026-06-01 00:00');
    expect(await read()).toMatchObject({ shop: 0 });
  });

  it('is worked out once an hour, and after a change of the overrides or the configuration', async () => {
    const kept = { all: [] as readonly Override[], version: 1, isAway: false, asked: [] as unknown[] };
    const { read, clock, running } = metric(kept);
    await Promise.all([read(), read()]);
    clock.now += HOUR - 1;
    await read();
    expect(kept.asked).toHaveLength(1);
    clock.now += 1;
    await read();
    expect(kept.asked).toHaveLength(2);
    Object.assign(kept, { all: [FILLED], version: 2 });
    expect(await read()).toMatchObject({ shop: 0 });
    expect(kept.asked).toHaveLength(3);
    running.config = { ...planted, hash: 'another' };
    await read();
    expect(kept.asked).toHaveLength(4);
    await read();
    expect(kept.asked).toHaveLength(4);
  });

  it('keeps what it counted while the store is away', async () => {
    const kept = { all: [FILLED] as readonly Override[], version: 1, isAway: false, asked: [] as unknown[] };
    const { read, clock } = metric(kept);
    expect(await read()).toMatchObject({ shop: 0 });
    kept.isAway = true;
    clock.now += 3 * HOUR;
    expect(await read()).toMatchObject({ shop: 0 });
    const unknown = metric({ ...kept, isAway: true });
    expect(await unknown.read()).toMatchObject({ shop: 8 * 3_600 });
  });

  it('counts by what is known of before while the store is away, and anew once it is back', async () => {
    const kept = { all: [] as readonly Override[], version: 1, isAway: true, asked: [] as unknown[] };
    const { read } = metric(kept, knownAsOf(utc('2026-05-19 23:00')));
    expect(await read()).toMatchObject({ shop: 0 });
    // It was taken back meanwhile.
    kept.isAway = false;
    expect(await read()).toMatchObject({ shop: 8 * 3_600 });
  });
});
