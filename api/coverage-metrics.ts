import { Gauge, type Registry } from 'prom-client';
import { coverageSource, type DutySource } from '../config/duty.js';
import type { ConfigHolder } from '../config/holder.js';
import { coverageInSlices, DUTY_MARGIN } from '../domain/oncall/coverage.js';
import { lengthOf } from '../domain/oncall/spans.js';
import { DAY, HOUR, type Instant, type Milliseconds } from '../domain/time/instant.js';
import type { KnownOverrides } from '../store/known-overrides.js';
import type { Store } from '../store/store.js';
import { inSlices } from './schedules/in-slices.js';
import { overridesIn, toldOf } from './schedules/overrides-in.js';

/** How far ahead the metric looks. */
const AHEAD: Milliseconds = 14 * DAY;
/** How old a figure may be: gaps come nearer by that much. */
const LONGEST_KEPT: Milliseconds = HOUR;
/** A scrape does not wait long for a store that is away. */
const LIMIT_MS = 500;

export interface CoverageMetricsDeps {
  /** As paging goes by it: whoever is paged counts, confirmed or not. */
  readonly config: Pick<ConfigHolder, 'current'>;
  /** Absent: overrides are not counted. */
  readonly store?: { readonly overrides: Pick<Store['overrides'], 'version' | 'list'> };
  /** The overrides that paging goes by: those that are counted while the store is away. */
  readonly known?: Pick<KnownOverrides, 'current'>;
  readonly now: () => Instant;
}

interface Kept {
  readonly hash: string;
  /** Another one when people confirmed contact methods, too. */
  readonly duty: DutySource;
  readonly version: number | null;
  readonly at: Instant;
  /** Milliseconds in which nobody would be paged, by policy. */
  readonly gaps: ReadonlyMap<string, Milliseconds>;
}

/**
 * Registers for how long nobody would be paged. Worked out at a scrape when the configuration or an override has changed
 * since the last, or that is an hour old; never while an alert waits.
 */
export function registerCoverageMetrics(registry: Registry, deps: CoverageMetricsDeps): void {
  let kept: Kept | null = null;
  let looking: Promise<Kept> | null = null;

  // While the store is away what was counted last stays.
  const versionNow = async (): Promise<number | null> => {
    try {
      return (await deps.store?.overrides.version({ limitMs: LIMIT_MS })) ?? null;
    } catch {
      return kept?.version ?? null;
    }
  };

  async function look(): Promise<Kept> {
    const { hash, duty } = deps.config.current();
    const version = await versionNow();
    const now = deps.now();
    const isFresh = kept !== null && now >= kept.at && now - kept.at < LONGEST_KEPT;
    if (kept !== null && isFresh && kept.hash === hash && kept.duty === duty && kept.version === version)
      return kept;
    const span = { from: now, to: now + AHEAD };
    const wide = { from: span.from - DUTY_MARGIN, to: span.to + DUTY_MARGIN };
    const found = await overridesIn(deps, { ...wide, about: span, limitMs: LIMIT_MS });
    const { overrides: known, stale } = toldOf(found);
    // Without the overrides a gap that somebody fills would show: better an older figure of the same configuration.
    if (known === 'store-away' && kept !== null && kept.hash === hash) return kept;
    const { policies } = await inSlices(coverageInSlices(coverageSource(duty, found.overrides), span));
    kept = {
      hash,
      duty,
      // None while the store is away: once it answers it is worked out anew.
      version: known === 'store-away' || stale === true ? null : version,
      at: now,
      gaps: new Map(policies.map(({ policy, nobody }) => [policy, lengthOf(nobody)])),
    };
    return kept;
  }

  new Gauge({
    name: 'tocsin_coverage_gap_seconds',
    help: 'For how long, within the coming 14 days, no step of a policy would page anybody before its catch-all.',
    labelNames: ['policy'],
    registers: [registry],
    async collect() {
      looking ??= look().finally(() => {
        looking = null;
      });
      const { gaps } = await looking;
      this.reset();
      for (const [policy, ms] of gaps) this.set({ policy }, ms / 1_000);
    },
  });
}
