import { SECOND, type Instant } from '../domain/time/instant.js';
import { instantOf, localDate, minuteOfDay } from './wall-clock.js';

/** How a point in time is written, for sentences that say so. */
export const MOMENT_WORDS =
  'a time such as 2026-12-24T18:00 or "2026-12-24 18:00" (in the zone of the schedule), one with Z or an offset such as +01:00, a date (its midnight), milliseconds since 1970, or now';

/** Zones are known so far. Source: config/zones.ts. */
const [EARLIEST, LATEST] = [0, Date.UTC(2101, 0, 1)];

/**
 * The instant that people mean by a time; null when it is none, or not from 1970 to 2100. What has no offset is on the wall
 * clock of `zone`: a time that the clocks jump over means as much later as they jump, one that comes twice the first. A date is
 * the midnight at its beginning.
 */
export function momentIn(zone: string, text: string, now: Instant): Instant | null {
  const at = text === 'now' ? now : /^\d{1,15}$/.test(text) ? Number(text) : written(zone, text);
  return at === null || !(at >= EARLIEST && at < LATEST) ? null : at;
}

function written(zone: string, text: string): Instant | null {
  const [, date = '', time = '00:00', seconds = '', offset] =
    /^(\d{4}-\d\d-\d\d)(?:[Tt ]((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d(?:\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?)?$/.exec(
      text,
    ) ?? [];
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // 30 February is read as 2 March.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return null;
  if (offset !== undefined) {
    const at = Date.parse(`${date}T${time}${seconds}${offset.toUpperCase()}`);
    return Number.isNaN(at) ? null : at;
  }
  return instantOf(zone, localDate(date), minuteOfDay(time)) + Math.round(Number(seconds.slice(1)) * SECOND);
}
