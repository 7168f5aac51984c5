import { HOUR, MINUTE, SECOND, type Milliseconds } from '../domain/time/instant.js';
import { durationOf } from './duration.js';
import type { Written } from './schema/root.js';
import type { Heartbeat } from './types.js';

/** Beats that come more often are load without use: nobody is paged within half a minute. */
export const SHORTEST_EVERY: Milliseconds = 30 * SECOND;

/** What a key of a heartbeat may look like: it is a part of an address, and whoever guesses it can keep a dead job alive. */
export const HEARTBEAT_KEY = /^[A-Za-z0-9._~-]{16,200}$/;

/** How late a beat may be where nothing is written: a tenth of the interval, one minute to one hour. */
function defaultGrace(everyMs: Milliseconds): Milliseconds {
  return Math.min(Math.max(everyMs / 10, MINUTE), HOUR);
}

/** The heartbeats whose keys are known, in the order of the files. */
export function toHeartbeats(
  written: Pick<Written, 'heartbeats'>,
  keys: ReadonlyMap<string, string>,
  zone: string,
): readonly Heartbeat[] {
  return Object.entries(written.heartbeats ?? {}).flatMap(([id, { service, every, grace, severity }]) => {
    const key = keys.get(id);
    if (key === undefined) return [];
    const everyMs = durationOf(every);
    const graceMs = grace === undefined ? Math.round(defaultGrace(everyMs)) : durationOf(grace);
    return [{ settings: { id, service, severity: severity ?? null, everyMs, graceMs, zone }, key }];
  });
}
