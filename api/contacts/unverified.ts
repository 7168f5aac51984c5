import { Gauge, type Registry } from 'prom-client';
import type { AppDeps, ReadinessCheck } from '../deps.js';
import { standingsNow } from './people.js';

type Deps = Pick<AppDeps, 'config' | 'verified' | 'tokens'>;

/** Contact methods that do not count yet, and of how many people. */
export interface Unverified {
  readonly methods: number;
  readonly people: number;
}

export function countUnverified(deps: Deps): Unverified {
  const { of } = standingsNow(deps);
  const counts = [...deps.config().users.values()]
    .map((user) => user.methods.filter((method) => of(user.id, method).kind === 'unverified').length)
    .filter((count) => count > 0);
  return { methods: counts.reduce((sum, count) => sum + count, 0), people: counts.length };
}

/** Registers how many contact methods do not count yet, counted at each scrape. */
export function registerContactMetrics(registry: Registry, deps: Deps): void {
  new Gauge({
    name: 'tocsin_contact_methods_unverified',
    help: 'Contact methods to which nobody has typed a code back, and that the configuration does not trust.',
    registers: [registry],
    collect() {
      this.set(countUnverified(deps).methods);
    },
  });
}

/** For readiness: told, and no reason to be unready, since they are used all the same. */
export function unverifiedCheck(deps: Deps): readonly ReadinessCheck[] {
  if (deps.verified === undefined) return [];
  const { methods, people } = countUnverified(deps);
  const name = 'contact-methods';
  if (methods === 0) return [{ name, ok: true }];
  const who = `${people} ${people === 1 ? 'person' : 'people'}`;
  const what = methods === 1 ? '1 contact method is' : `${methods} contact methods are`;
  return [{ name, ok: true, detail: `${what} not verified, of ${who}` }];
}
