import { SECOND, type Instant, type Milliseconds } from '../time/instant.js';
import type { Override } from './override.js';

/** The overrides that paging goes by: what the store said last, whether or not it answers now. */
export interface OverridesAsOf {
  /** The same array as long as nothing changed: what is worked out from it is kept by it. */
  readonly overrides: readonly Override[];
  /** When the store was asked last and answered; null: never, and nothing is known. */
  readonly asOf: Instant | null;
  /** There may be newer ones: the store has not answered for {@link OVERRIDES_STALE_MS}. */
  readonly isStale: boolean;
}

/** After so long without an answer of the store what is known of overrides counts as old. Source: docs/schedules.md. */
export const OVERRIDES_STALE_MS: Milliseconds = 30 * SECOND;

/** Where there is no store: nothing is known, and nothing is missed. */
export const NO_OVERRIDES: OverridesAsOf = { overrides: [], asOf: null, isStale: false };
