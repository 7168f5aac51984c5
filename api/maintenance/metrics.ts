import { Gauge, type Registry } from 'prom-client';
import type { Config } from '../../config/types.js';
import type { Instant } from '../../domain/time/instant.js';
import type { StoredWindow } from '../../store/maintenance.js';

/** Registers how many maintenance windows are in force, as alerts that come in now are covered by them. */
export function registerMaintenanceMetrics(
  registry: Registry,
  deps: {
    /** Without those of the store. */
    readonly config: () => Config;
    readonly stored: () => readonly StoredWindow[];
    readonly now: () => Instant;
  },
): void {
  new Gauge({
    name: 'tocsin_maintenance_windows',
    help: 'Maintenance windows in force now, by where they come from: config, or api.',
    labelNames: ['origin'],
    registers: [registry],
    collect() {
      const now = deps.now();
      const made = deps
        .stored()
        .filter(({ from, to, endedAt }) => from <= now && now < Math.min(to, endedAt ?? to)).length;
      const planned = deps
        .config()
        .windowsIn(now, now + 1)
        .filter(({ from }) => from <= now).length;
      this.set({ origin: 'config' }, planned);
      this.set({ origin: 'api' }, made);
    },
  });
}
