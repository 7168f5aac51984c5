import { Counter, Gauge, type Registry } from 'prom-client';
import type { Store } from '../store/store.js';

/** Registers how the store is, read from it at each scrape. */
export function registerStoreMetrics(registry: Registry, store: Pick<Store, 'state' | 'calls'>): void {
  const registers = [registry];
  new Gauge({
    name: 'tocsin_store_ready',
    help: '1 while the store answers, else 0: paging goes on without it.',
    registers,
    collect() {
      this.set(store.state().status === 'ready' ? 1 : 0);
    },
  });
  new Counter({
    name: 'tocsin_store_calls_total',
    help: 'Calls of the store, by how they ended: done, failed, or why it was away.',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset();
      for (const [outcome, count] of store.calls()) this.inc({ outcome }, count);
    },
  });
}
