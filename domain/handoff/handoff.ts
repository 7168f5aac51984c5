import type { Slot } from '../oncall/schedule.js';
import { MINUTE, type Instant, type Milliseconds } from '../time/instant.js';

/** From `at` on another person has a place of a schedule. */
export interface Change {
  /** Id of the schedule. */
  readonly schedule: string;
  readonly slot: Slot;
  readonly at: Instant;
  /** Who had it until then; null: nobody. */
  readonly leaving: string | null;
  /** Who has it from then on; null: nobody. Never the same as `leaving`. */
  readonly coming: string | null;
}

/** The two whom a change concerns. */
export type Side = 'leaving' | 'coming';

/** What a hand-over workflow is started with: ids and instants, nothing personal. */
export interface PlannedHandoff extends Change {
  /** 20 hex digits that follow from the change: the same change is the same hand-over. */
  readonly id: string;
  /** By this people mean it in a text message. */
  readonly code: string;
  /** When each reads what is open; null: not at all. */
  readonly digestAt: Readonly<Record<Side, Instant | null>>;
  /** It can be confirmed until then (not at it). */
  readonly until: Instant;
}

/**
 * Where a hand-over stands. `waiting`: nothing was sent yet; `asked`: who comes has read of it and has not confirmed;
 * `unconfirmed`: others were told; `confirmed`: it takes effect at the change; `done`: who came has what was open; `void`: the
 * schedule says otherwise by now; `over`: it ended without a confirmation.
 */
export type HandoffStatus = 'waiting' | 'asked' | 'unconfirmed' | 'confirmed' | 'done' | 'void' | 'over';

/** Who confirmed, and how. */
export interface Confirmation {
  /** Id of the user. */
  readonly by: string;
  readonly via: 'sms' | 'link' | 'api' | 'cli';
}

/** What lists show of a hand-over: kept in its memo. */
export interface HandoffMemo {
  readonly plan: PlannedHandoff;
  readonly status: HandoffStatus;
  readonly confirmedAt: Instant | null;
}

/** What the query `handoff` answers. */
export interface HandoffView extends HandoffMemo {
  /** How many incidents changed hands. */
  readonly taken: number;
  /** What happened, for people who look at the workflow. */
  readonly notes: readonly string[];
}

/** The digest comes so long before a change. Source: spec/product.md, "Schedules". */
export const DIGEST_BEFORE_MS: Milliseconds = 30 * MINUTE;

/** So long after the digest who has not confirmed is reminded, and after as long again others are told. Source: the same. */
export const REMIND_AFTER_MS: Milliseconds = 10 * MINUTE;
