import { DAY, type Instant } from '../../domain/time/instant.js';
import type { StoredOverride } from '../../store/override-rows.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { asked } from '../store-errors.js';

/** Overrides with how sure they are. */
export interface OverridesFound {
  readonly overrides: readonly StoredOverride[];
  /** Null: the store has never answered, and none are known. Absent: there is no store. */
  readonly asOf?: Instant | null;
  readonly isStale?: boolean;
}

/** What is known without the store reaches back so far. Source: store/known-overrides.ts. */
const KNOWN_FOR = DAY;

/**
 * The overrides that count in `[from, to)`, also those taken back meanwhile: as the store has them now, or, while it is away, as
 * they are known. Without a store there are none.
 * @throws ApiError `store-away` when it is away and the past that is asked for is not known
 */
export async function overridesIn(
  deps: AppDeps,
  { schedule, from, to }: { readonly schedule?: string; readonly from: Instant; readonly to: Instant },
): Promise<OverridesFound> {
  if (deps.store === undefined) return { overrides: [] };
  const now = deps.now();
  const query = { ...(schedule === undefined ? {} : { schedule }), from, to, includeCancelled: true };
  try {
    return { overrides: await asked(deps.store.overrides.list(query), 'read'), asOf: now, isStale: false };
  } catch (error) {
    const known = deps.known?.current();
    const isKnown = error instanceof ApiError && known !== undefined && from >= now - KNOWN_FOR;
    if (!isKnown) throw error;
    return { overrides: known.overrides, asOf: known.asOf, isStale: true };
  }
}
