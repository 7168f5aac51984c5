import { Counter, Gauge, type Registry } from 'prom-client';
import type { ConfigHolder } from '../config/holder.js';

/** Registers what the configuration does, read from the holder at each scrape. */
export function registerConfigMetrics(registry: Registry, config: Pick<ConfigHolder, 'status'>): void {
  const registers = [registry];
  new Gauge({
    name: 'tocsin_config_refused',
    help: '1 while the files hold a configuration that was refused and the last good one stays, else 0.',
    registers,
    collect() {
      this.set(config.status().refused === null ? 0 : 1);
    },
  });
  new Counter({
    name: 'tocsin_config_loads_total',
    help: 'Loads of the configuration, by result.',
    labelNames: ['result'],
    registers,
    collect() {
      const { loads, refusals } = config.status();
      this.reset();
      this.inc({ result: 'accepted' }, loads);
      this.inc({ result: 'refused' }, refusals);
    },
  });
}
