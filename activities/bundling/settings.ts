import type { Milliseconds } from '../../domain/time/instant.js';

/** The times of bundling. */
export interface BundlingTimes {
  /** How long after a message the next page is gathered with what else comes. */
  readonly withinMs: Milliseconds;
  /** How long a bundle gathers. */
  readonly gatherMs: Milliseconds;
  /** A sender who has not been heard of for so long is dead: another member takes over. As long as Temporal waits for a worker. */
  readonly leaseMs: Milliseconds;
  /** How often the others look whether it is sent. */
  readonly lookMs: Milliseconds;
  /** With the store gone for so long each member sends on its own. */
  readonly storeGoneMs: Milliseconds;
  /** However long the sender lives: after this a member sends on its own. Below what the activity may take, less one try. */
  readonly patienceMs: Milliseconds;
}

/** Gathering never takes longer, whatever the config says: a page is waiting. */
const LONGEST_GATHER_MS = 3_000;

/** `withinMs`: from the config. */
export function bundlingTimes(withinMs: Milliseconds, patienceMs: Milliseconds): BundlingTimes {
  return {
    withinMs,
    gatherMs: Math.min(LONGEST_GATHER_MS, Math.round(withinMs * 0.6)),
    leaseMs: 3_000,
    lookMs: 200,
    storeGoneMs: 2_000,
    patienceMs,
  };
}
