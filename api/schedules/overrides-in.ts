import type { Span } from '../../domain/oncall/cover.js';
import { endOf } from '../../domain/oncall/override.js';
import { DAY, HOUR, type Instant } from '../../domain/time/instant.js';
import type { KnownOverrides } from '../../store/known-overrides.js';
import type { StoredOverride } from '../../store/override-rows.js';
import type { Store } from '../../store/store.js';
import type { ApiError } from '../errors.js';
import { storeError } from '../store-errors.js';

/** What looking for overrides needs. */
export interface OverridesFrom {
  /** Absent: this process has none. */
  readonly store?: { readonly overrides: Pick<Store['overrides'], 'list'> };
  /** What paging goes by; absent: while the store is away nothing is known. */
  readonly known?: Pick<KnownOverrides, 'current'>;
  readonly now: () => Instant;
}

/** Which overrides are asked for. */
export interface OverridesAsked extends Span {
  /** Only those of this one. */
  readonly schedule?: string;
  /** What the answer is about, where overrides around it count as well: only of this time they have to be known. Default: all. */
  readonly about?: Span;
  /** How long the store is waited for, in milliseconds. Default: as long as the store's calls are. */
  readonly limitMs?: number;
}

/** The overrides of a time, and how sure they are. */
export type OverridesFound =
  /** There is no store, so there are none. */
  | { readonly kind: 'no-store'; readonly overrides: readonly StoredOverride[] }
  | {
      readonly kind: 'counted';
      readonly overrides: readonly StoredOverride[];
      /** When the store said so; null: it has never answered, and none are known. */
      readonly asOf: Instant | null;
      /** The store is away: there may be newer ones. */
      readonly isStale: boolean;
    }
  /** The store is away, and what was known last does not reach there. */
  | { readonly kind: 'store-away'; readonly overrides: readonly StoredOverride[]; readonly error: ApiError };

/** What is known without the store reaches back so far from when it was asked. Source: store/known-overrides.ts. */
const KNOWN_FOR = DAY;

/**
 * The overrides that count in `[from, to)`, also those taken back meanwhile: as the store has them now, or, while it is away, as
 * they are known where that reaches. Rejects only for mistakes of ours.
 */
export async function overridesIn(from: OverridesFrom, asked: OverridesAsked): Promise<OverridesFound> {
  if (from.store === undefined) return { kind: 'no-store', overrides: [] };
  const { schedule, limitMs, about = asked } = asked;
  const query = { ...(schedule === undefined ? {} : { schedule }), from: asked.from, to: asked.to };
  const asOf = from.now();
  try {
    const overrides = await from.store.overrides.list(
      { ...query, includeCancelled: true },
      limitMs === undefined ? undefined : { limitMs },
    );
    return { kind: 'counted', overrides, asOf, isStale: false };
  } catch (thrown) {
    const error = storeError(thrown, 'read');
    if (error === null) throw thrown;
    const known = from.known?.current();
    if (known === undefined || about.from < (known.asOf ?? asOf) - KNOWN_FOR)
      return { kind: 'store-away', overrides: [], error };
    const overrides = known.overrides.filter(
      (each) =>
        (schedule === undefined || each.schedule === schedule) &&
        each.from < asked.to &&
        endOf(each) > asked.from,
    );
    return { kind: 'counted', overrides, asOf: known.asOf, isStale: true };
  }
}

/** The overrides of an instant: those that paging goes by now; what lies further back is in the store. */
export function overridesAt(from: OverridesFrom, at: Instant): OverridesFound | Promise<OverridesFound> {
  const { known } = from;
  if (known === undefined || at < from.now() - HOUR) return overridesIn(from, { from: at, to: at + 1 });
  return { kind: 'counted', ...known.current() };
}

/**
 * For answers that are nothing without the overrides.
 * @throws ApiError `store-away` or `store-too-new` when they are not known
 */
export function requireOverrides(found: OverridesFound): Exclude<OverridesFound, { kind: 'store-away' }> {
  if (found.kind === 'store-away') throw found.error;
  return found;
}

/** As of when an answer's overrides are, in the same fields everywhere; nothing where none are counted. */
export function ageOf(found: OverridesFound): { overridesAsOf?: Instant | null; stale?: boolean } {
  return found.kind === 'counted' ? { overridesAsOf: found.asOf, stale: found.isStale } : {};
}

/** Whether overrides are in an answer. */
export type OverridesKnown = OverridesFound['kind'];

/** What an answer that is worth something without overrides says of them: beside their age, whether they are in it. */
export function toldOf(found: OverridesFound): ReturnType<typeof ageOf> & { overrides: OverridesKnown } {
  // While the store has never answered nothing is counted, though that is what paging goes by.
  const isNothing = found.kind === 'counted' && found.asOf === null;
  return isNothing ? { overrides: 'store-away' } : { overrides: found.kind, ...ageOf(found) };
}
