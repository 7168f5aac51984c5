import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { registerCoverageMetrics } from '../../api/coverage-metrics.js';
import { createTestApp } from '../api/support/test-app.js';
import { testConfig } from '../api/support/test-config.js';
import { utc } from '../unit/config/support.js';
import { plantedConfig } from '../unit/oncall/planted/config.js';
import { anything, by, override } from './support/overrides.js';
import { embeddedOfFile, opened } from './support/stores.js';

const embedded = embeddedOfFile();
const HOLIDAY = { from: utc('2026-05-25 07:00'), to: utc('2026-05-25 15:00') };
const FILLED = override('f', { schedule: 'shop', userId: 'alice', ...HOLIDAY });

describe('coverage with a real store', () => {
  it('counts overrides as they are made and taken back, in the API and in the metric', async () => {
    const store = await opened(await embedded());
    const config = { ...(await plantedConfig()), apiKeys: testConfig().apiKeys };
    const now = (): number => utc('2026-05-20 00:00');
    const tocsin = createTestApp({ config: () => config, store, now });
    const registry = new Registry();
    registerCoverageMetrics(registry, { config: { current: () => config }, store, now });
    const seen = async (): Promise<unknown> => {
      const answer = await tocsin.api('GET', '/v1/coverage?policy=shop&weeks=4');
      const { overrides, summary } = answer.json<{ overrides: string; summary: { nobodyMs: number } }>();
      const metric = /gap_seconds\{policy="shop"\} (\d+)/.exec(await registry.metrics())?.[1];
      return [overrides, summary.nobodyMs / 1_000, Number(metric)];
    };
    expect(await seen()).toEqual(['counted', 28_800, 28_800]);
    await store.overrides.add([FILLED], by('alice', now()), anything);
    expect(await seen()).toEqual(['counted', 0, 0]);
    const halfway = HOLIDAY.from + 3_600_000;
    await store.overrides.cancel('f', by('bob', halfway));
    expect(await seen()).toEqual(['counted', 7 * 3_600, 7 * 3_600]);

    await store.close();
    // What is lost with the store is told; the metric keeps what it knew.
    expect(await seen()).toEqual(['store-away', 28_800, 7 * 3_600]);
  });
});
