import { Counter, Histogram, type Registry } from 'prom-client';
import type { DeliveryMetrics } from '../activities/create-activities.js';

/** Registers what a worker counts. Labels hold names of ours only. The registry may be shared with the API's. */
export function createDeliveryMetrics(registry: Registry): DeliveryMetrics {
  const registers = [registry];
  const attempts = new Counter({
    name: 'tocsin_deliveries_total',
    help: 'Attempts to hand a message to a provider, by kind (page, notice or letter), channel, provider and outcome.',
    labelNames: ['kind', 'channel', 'provider', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'tocsin_delivery_duration_seconds',
    help: 'Time that a provider took to take or refuse a message, by kind (page, notice or letter), channel and provider.',
    labelNames: ['kind', 'channel', 'provider'],
    // A provider has 8 s: activities/create-activities.ts.
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8],
    registers,
  });
  const waits = new Histogram({
    name: 'tocsin_delivery_wait_seconds',
    help: 'How long messages waited for the rate of their provider to allow them, by channel, provider and end (go, too-long, called-off); 0 for those that went at once.',
    labelNames: ['channel', 'provider', 'ended'],
    // A page waits 90 s at most: activities/pacing/await-turn.ts.
    buckets: [0, 0.5, 1, 2, 5, 10, 20, 30, 45, 60, 90],
    registers,
  });
  const bundles = new Counter({
    name: 'tocsin_bundles_total',
    help: 'Messages that each stood for several pages to one person, by channel.',
    labelNames: ['channel'],
    registers,
  });
  const bundledPages = new Counter({
    name: 'tocsin_bundled_pages_total',
    help: 'Pages that went out in such messages, by channel.',
    labelNames: ['channel'],
    registers,
  });
  return {
    bundle: (channel, pages) => {
      bundles.inc({ channel });
      bundledPages.inc({ channel }, pages);
    },
    waited: ({ channel, provider, ended }, seconds) => waits.observe({ channel, provider, ended }, seconds),
    delivery: ({ kind, channel, provider, outcome }, seconds) => {
      attempts.inc({ kind, channel, provider, outcome });
      durations.observe({ kind, channel, provider }, seconds);
    },
  };
}
