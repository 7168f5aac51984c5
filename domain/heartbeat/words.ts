import type { TimeWords } from '../messages/times.js';
import { DAY, HOUR, MINUTE, SECOND, type Instant, type Milliseconds } from '../time/instant.js';
import type { HeartbeatSettings } from './heartbeat.js';

/** A span as a person would have written it in the configuration: "24 h", "1 h 30 min", "90 s". */
export function spanWords(span: Milliseconds): string {
  const units: readonly (readonly [Milliseconds, string])[] = [
    // Up to two days people say hours.
    ...(span > 2 * DAY ? ([[DAY, 'd']] as const) : []),
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's'],
  ];
  let rest = Math.round(span / SECOND) * SECOND;
  const parts: string[] = [];
  for (const [unit, word] of units) {
    const whole = Math.floor(rest / unit);
    if (whole > 0) parts.push(`${whole} ${word}`);
    rest -= whole * unit;
  }
  return parts.join(' ') || '0 s';
}

/** The alert about a missed heartbeat, in one line: the title of its incident. */
export function missedWords(
  settings: Pick<HeartbeatSettings, 'id' | 'everyMs' | 'graceMs'>,
  facts: {
    readonly beat: Instant | null;
    readonly clockFrom: Instant;
    readonly storeAwaySince: Instant | null;
  },
  times: TimeWords,
  now: Instant,
): string {
  const when = (at: Instant): string => (Math.abs(now - at) < DAY ? times.time(at) : times.moment(at));
  const last =
    facts.beat === null ? `no beat since ${when(facts.clockFrom)}` : `last beat ${when(facts.beat)}`;
  const grace = settings.graceMs === 0 ? '' : ` (+${spanWords(settings.graceMs)})`;
  const unsure =
    facts.storeAwaySince === null
      ? ''
      : `; the store could not be asked for later ones since ${when(facts.storeAwaySince)}`;
  return `heartbeat ${settings.id} missed: ${last}, expected every ${spanWords(settings.everyMs)}${grace}${unsure}`;
}

/** The same heartbeat, when it beats again. */
export function beatingWords(id: string): string {
  return `heartbeat ${id} beats again`;
}
