import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countBy, registerIncidentMetrics } from '../../api/incident-metrics.js';
import { HOUR, MINUTE } from '../../domain/time/instant.js';
import { PHONES, startSystem, type RunningSystem } from '../support/running-system.js';

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem();
});
afterAll(() => system.stop());

/** What a scrape says so long from now. */
async function scraped(afterMs: number): Promise<string> {
  const registry = new Registry();
  registerIncidentMetrics(registry, countBy(system.client), () => Date.now() + afterMs);
  return registry.metrics();
}

test('what is open is counted by phase, what is unanswered by age, on a real server', async () => {
  expect(await system.alert('firing')).toBe(202);
  await system.booth.nextSms({ to: PHONES.alice, about: /ACK/ });
  await expect
    .poll(() => scraped(16 * MINUTE), { timeout: 10_000 })
    .toMatch(/tocsin_unanswered_incidents\{longer_than="15m"\} 1/);
  const text = await scraped(16 * MINUTE);
  expect(text).toContain('tocsin_open_incidents{phase="triggered"} 1');
  expect(text).toContain('tocsin_open_incidents{phase="monitoring"} 0');
  expect(text).toContain('tocsin_unanswered_incidents{longer_than="5m"} 1');
  expect(text).toContain('tocsin_unanswered_incidents{longer_than="1h"} 0');
  expect(await scraped(0)).toContain('tocsin_unanswered_incidents{longer_than="5m"} 0');

  expect(await system.booth.reply(PHONES.alice, 'ack')).toMatch(/you have it/i);
  await expect
    .poll(() => scraped(2 * HOUR), { timeout: 10_000 })
    .toMatch(/tocsin_open_incidents\{phase="acknowledged"\} 1/);
  expect(await scraped(2 * HOUR)).toContain('tocsin_unanswered_incidents{longer_than="1h"} 0');
});

test('while Temporal can not be asked there is no value, rather than an old one', async () => {
  const registry = new Registry();
  registerIncidentMetrics(registry, () => Promise.reject(new Error('away')));
  const text = await registry.metrics();
  expect(text).toContain('# TYPE tocsin_open_incidents gauge');
  expect(text).not.toMatch(/^tocsin_/m);
});
