import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createDeliveryMetrics } from '../../../worker/delivery-metrics.js';

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
