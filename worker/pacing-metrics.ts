import { Gauge, type Registry } from 'prom-client';
import type { Pacer } from '../activities/pacing/pacer.js';

/** Registers what waits in this process. Labels hold names of ours and of the config only. */
export function registerPacingMetrics(registry: Registry, pacer: Pick<Pacer, 'waiting'>): void {
  const gauge = new Gauge({
    name: 'tocsin_deliveries_waiting',
    help: 'Messages that wait now for the rate of their provider to allow them, by provider.',
    labelNames: ['provider'],
    registers: [registry],
    collect: () => {
      gauge.reset();
      for (const [provider, count] of pacer.waiting()) gauge.set({ provider }, count);
    },
  });
}
