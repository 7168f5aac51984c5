import { Gauge, type Registry } from 'prom-client';
import type { CircuitState } from '../activities/circuit.js';
import type { ProviderHealth } from '../activities/provider-health.js';
import type { Provider } from '../activities/providers/provider.js';

const VALUES: Readonly<Record<CircuitState, number>> = { closed: 0, 'half-open': 1, open: 2 };

/** Registers what the worker thinks of each provider. Labels hold names of ours and of the config only. */
export function registerCircuitMetrics(
  registry: Registry,
  health: Pick<ProviderHealth, 'known' | 'states'>,
  providers: () => readonly Provider[],
): void {
  const gauge = new Gauge({
    name: 'tocsin_provider_circuit',
    help: 'Whether a provider works: 0 closed (it does), 1 half-open (the next message tries it; a standby only when those before it fail), 2 open (tried last).',
    labelNames: ['channel', 'provider'],
    registers: [registry],
    collect: () => {
      health.known(providers());
      gauge.reset();
      for (const { channel, provider, state } of health.states()) {
        gauge.set({ channel, provider }, VALUES[state]);
      }
    },
  });
}
