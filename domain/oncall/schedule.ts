import type { Milliseconds } from '../time/instant.js';
import type { CivilDay, MinuteOfDay } from './civil.js';
import type { ZoneRules } from './zone.js';

/** Which of the two places of a schedule. */
export type Slot = 'primary' | 'secondary';

/** Hours of the week to which a rotation is restricted; they belong to the date on which they begin. */
export interface Hours {
  /** ISO numbers of the days of the week on which they begin; null: every day. */
  readonly days: ReadonlySet<number> | null;
  readonly from: MinuteOfDay;
  /** At or before `from`: on the next day. */
  readonly to: MinuteOfDay;
}

/** People who take turns: one layer of a schedule. */
export interface Rotation {
  /** What people read about why somebody is on call. */
  readonly name: string;
  readonly zone: ZoneRules;
  /** Ids of users in their order. */
  readonly participants: readonly string[];
  /** Date of the first hand-over; before it nobody is on call by this rotation. */
  readonly start: CivilDay;
  readonly handover: MinuteOfDay;
  /** Length of a shift on the wall clock: whole days, or whole hours. On the day of a clock change the shift itself is longer or shorter. */
  readonly shiftLength: Milliseconds;
  /** Date at whose hand-over time it ends; null: never. */
  readonly until: CivilDay | null;
  /** Null: always. */
  readonly restrict: readonly Hours[] | null;
  /** Covers only what begins on these dates; null: every date. */
  readonly only: ReadonlySet<CivilDay> | null;
  /** Covers nothing that begins on these dates; null: no exception. */
  readonly except: ReadonlySet<CivilDay> | null;
}

/** Rotations on top of one another: the first that covers an instant has it. */
export type Layers = readonly Rotation[];

/**
 * Where the secondary comes from: `next`: who follows the primary in the order of the primary's rotation; `none`; or
 * layers of its own, which also count in a gap of the primary.
 */
export type SecondaryRule =
  { readonly kind: 'next' } | { readonly kind: 'none' } | { readonly kind: 'own'; readonly layers: Layers };

/** A schedule as its config says, without overrides. */
export interface Schedule {
  readonly id: string;
  readonly layers: Layers;
  readonly secondary: SecondaryRule;
}
