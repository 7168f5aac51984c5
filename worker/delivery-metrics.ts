import { Counter, Histogram, type Registry } from 'prom-client';
import type { DeliveryMetrics } from '../activities/create-activities.js';

/** Registers what a worker counts. Labels hold names of ours only. The registry may be shared with the API's. */
export function createDeliveryMetrics(registry: Registry): DeliveryMetrics {
  const registers = [registry];
  const attempts = new Counter({
    name: 'tocsin_deliveries_total',
    help: 'Attempts to hand a message to a provider, by kind (page or notice), channel, provider and outcome.',
    labelNames: ['kind', 'channel', 'provider', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'tocsin_delivery_duration_seconds',
    help: 'Time that a provider took to take or refuse a message, by kind (page or notice), channel and provider.',
    labelNames: ['kind', 'channel', 'provider'],
    // A provider has 8 s: activities/create-activities.ts.
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 8],
    registers,
  });
  return {
    delivery: ({ kind, channel, provider, outcome }, seconds) => {
      attempts.inc({ kind, channel, provider, outcome });
      durations.observe({ kind, channel, provider }, seconds);
    },
  };
}
