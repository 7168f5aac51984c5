import type { Milliseconds } from '../time/instant.js';

/**
 * When a severity calls people out.
 * - `immediately`: at any hour.
 * - `escalate-off-hours`: in business hours the first step; outside them the first two steps together.
 * - `wait-for-business-hours`: email now, the first step when business hours open.
 * - `next-business-day`: email now, the first step two hours before the next business day ends.
 * - `ticket`: email now, and a reminder while nobody has picked it up; pages nobody.
 */
export type PageMode =
  'immediately' | 'escalate-off-hours' | 'wait-for-business-hours' | 'next-business-day' | 'ticket';

/** One severity of a scheme, with what it asks of the response. Durations in milliseconds. */
export interface Severity {
  /** e.g. `SEV1`. */
  readonly id: string;
  /** 1 is the worst. */
  readonly rank: number;
  readonly name: string;
  readonly page: PageMode;
  /** Every step of the policy at once. */
  readonly allHands: boolean;
  /** Executives are told when the incident is triggered or raised to this severity. */
  readonly executives: boolean;
  /** The first step to page in the first round, counted from 1. */
  readonly startAtTier: number;
  readonly managementAfterMs?: Milliseconds;
  /** The update cadence. A severity with one is declared when it is triggered. */
  readonly updateEveryMs?: Milliseconds;
  readonly acknowledgeTargetMs?: Milliseconds;
  readonly resolveTargetMs?: Milliseconds;
  readonly postmortemWithinMs?: Milliseconds;
}

/** The severity with this id, else the first of the scheme: a page that is too loud beats one that is lost. */
export function severityOf(scheme: readonly Severity[], id: string): Severity {
  const found = scheme.find((severity) => severity.id === id) ?? scheme[0];
  if (found === undefined) throw new RangeError('A severity scheme has at least one severity.');
  return found;
}

/** High urgency rings people; low urgency writes to them. */
export type Urgency = 'high' | 'low';

/** The voice in which timers of a severity speak: what does not page does not ring anybody at night. */
export function urgencyOf(severity: Severity): Urgency {
  return severity.page === 'immediately' || severity.page === 'escalate-off-hours' ? 'high' : 'low';
}
