import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createPacer } from '../../../activities/pacing/pacer.js';
import { createDeliveryMetrics } from '../../../worker/delivery-metrics.js';
import { registerPacingMetrics } from '../../../worker/pacing-metrics.js';

test('pages and notices are counted and timed apart', async () => {
  const registry = new Registry();
  const metrics = createDeliveryMetrics(registry);
  const bySms = { channel: 'sms', provider: 'twilio-sms' } as const;
  metrics.delivery({ kind: 'page', ...bySms, outcome: 'sent' }, 0.2);
  metrics.delivery({ kind: 'page', ...bySms, outcome: 'timed-out' }, 8);
  metrics.delivery({ kind: 'notice', ...bySms, outcome: 'sent' }, 0.01);
  const lines = (await registry.metrics()).split('\n');
  expect(lines.filter((line) => line.startsWith('tocsin_deliveries_total{')).sort()).toEqual([
    'tocsin_deliveries_total{kind="notice",channel="sms",provider="twilio-sms",outcome="sent"} 1',
    'tocsin_deliveries_total{kind="page",channel="sms",provider="twilio-sms",outcome="sent"} 1',
    'tocsin_deliveries_total{kind="page",channel="sms",provider="twilio-sms",outcome="timed-out"} 1',
  ]);
  expect(lines.filter((line) => line.startsWith('tocsin_delivery_duration_seconds_sum{')).sort()).toEqual([
    'tocsin_delivery_duration_seconds_sum{kind="notice",channel="sms",provider="twilio-sms"} 0.01',
    'tocsin_delivery_duration_seconds_sum{kind="page",channel="sms",provider="twilio-sms"} 8.2',
  ]);
});

test('waits for a rate are timed by how they ended, and those that wait now are counted', async () => {
  const registry = new Registry();
  const pacer = createPacer();
  registerPacingMetrics(registry, pacer);
  const metrics = createDeliveryMetrics(registry);
  metrics.waited?.({ channel: 'sms', provider: 'twilio-sms', ended: 'go' }, 0);
  metrics.waited?.({ channel: 'sms', provider: 'twilio-sms', ended: 'go' }, 3);
  metrics.waited?.({ channel: 'sms', provider: 'twilio-sms', ended: 'too-long' }, 90);
  const stop = new AbortController();
  const ask = () =>
    pacer.turn({
      pace: { key: 'k', takesMs: 60_000 },
      ...{
        provider: 'twilio-sms',
        handicapMs: 0,
        longestMs: 60_000,
        hasOtherWay: false,
        signal: stop.signal,
      },
    });
  await ask();
  const waiting = [ask(), ask()];
  const lines = (await registry.metrics()).split('\n');
  const of = '{channel="sms",provider="twilio-sms",ended';
  expect(lines.filter((line) => line.startsWith('tocsin_delivery_wait_seconds_'))).toEqual(
    expect.arrayContaining([
      `tocsin_delivery_wait_seconds_sum${of}="go"} 3`,
      `tocsin_delivery_wait_seconds_count${of}="go"} 2`,
      `tocsin_delivery_wait_seconds_bucket{le="0",channel="sms",provider="twilio-sms",ended="go"} 1`,
      `tocsin_delivery_wait_seconds_count${of}="too-long"} 1`,
    ]),
  );
  expect(lines).toContain('tocsin_deliveries_waiting{provider="twilio-sms"} 2');
  stop.abort();
  await Promise.all(waiting);
  expect(await registry.metrics()).toContain('tocsin_deliveries_waiting{provider="twilio-sms"} 0');
});

test('messages that stood for several pages are counted, and those pages', async () => {
  const registry = new Registry();
  const metrics = createDeliveryMetrics(registry);
  metrics.bundle?.('sms', 3);
  metrics.bundle?.('sms', 2);
  metrics.bundle?.('voice', 4);
  const lines = (await registry.metrics()).split('\n');
  expect(lines.filter((line) => /^tocsin_bundle.*\{/.test(line))).toEqual([
    'tocsin_bundles_total{channel="sms"} 2',
    'tocsin_bundles_total{channel="voice"} 1',
    'tocsin_bundled_pages_total{channel="sms"} 5',
    'tocsin_bundled_pages_total{channel="voice"} 4',
  ]);
});
