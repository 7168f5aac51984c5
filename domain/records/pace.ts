import { HOUR, MINUTE, type Milliseconds } from '../time/instant.js';
import type { KeepAnswer } from './batch.js';

/** What happened is kept so long after it: what happens within a minute is one write. */
const FIRST_MS = MINUTE;
const LONGEST_MS = 30 * MINUTE;
/** A worker without a store: another one may have it, or this one after its next start. */
const NO_STORE_MS = 6 * HOUR;

/**
 * How long until the timeline is kept (again), after so many tries in vain of which the last ended so. Up to a quarter more
 * for some: a storm's incidents, and those of an outage, don't all come at one moment.
 */
export function waitFor(openingId: string, tries: number, last: KeepAnswer['kind']): Milliseconds {
  const wait =
    last === 'no-store'
      ? NO_STORE_MS
      : Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(30, Math.max(0, tries - 1)));
  return Math.round(wait * (1 + spreadOf(openingId) / 4));
}

/** From 0 to 1, another one for each incident: its id ends with random hex digits. */
function spreadOf(openingId: string): number {
  const digits = Number.parseInt(openingId.slice(-4), 16);
  return Number.isNaN(digits) ? 0 : digits / 0x1_0000;
}
