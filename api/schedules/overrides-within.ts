import type { Override } from '../../domain/oncall/override.js';
import type { Span } from '../../domain/oncall/cover.js';
import { StoreAway, StoreTooNew } from '../../store/errors.js';
import type { Store } from '../../store/store.js';

/** Whether the overrides of a time are known. */
export type OverridesKnown = 'counted' | 'no-store' | 'store-away';

/** The overrides that count within a span, and those that were taken back up to when they were; none while they are not known. */
export async function overridesWithin(
  store: { readonly overrides: Pick<Store['overrides'], 'list'> } | undefined,
  { from, to }: Span,
): Promise<{ readonly known: OverridesKnown; readonly overrides: readonly Override[] }> {
  if (store === undefined) return { known: 'no-store', overrides: [] };
  try {
    const overrides = await store.overrides.list({ from, to, includeCancelled: true });
    return { known: 'counted', overrides };
  } catch (error) {
    if (!(error instanceof StoreAway || error instanceof StoreTooNew)) throw error;
    return { known: 'store-away', overrides: [] };
  }
}
