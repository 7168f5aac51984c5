import { parseDuration } from '../config/duration.js';
import { dateIn, dayNumber, instantOf, localDate, minuteOfDay } from '../config/wall-clock.js';
import { HOUR, MINUTE, SECOND, type Instant, type Milliseconds } from '../domain/time/instant.js';

/** How a time from the beginning is written, for sentences that say so. */
export const OFFSET_WORDS =
  'minutes and seconds from the beginning such as 25:40, hours such as 63:00:00, or a duration such as 90s or 48h';

/** From this time on hours are written too. */
const HOURS_FROM: Milliseconds = 3 * HOUR;

/** Milliseconds of `25:40` (minutes, seconds), `63:00:00` (hours, minutes, seconds) or `90m`; null when it is none of them. */
export function parseOffset(text: string): Milliseconds | null {
  const clock = /^(?:(\d{1,5}):)?(\d{1,6}):([0-5]\d)$/.exec(text);
  if (clock === null) return parseDuration(text);
  const [, hours, minutes = '0', seconds = '0'] = clock;
  if (hours !== undefined && !/^[0-5]\d$/.test(minutes)) return null;
  return Number(hours ?? 0) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND;
}

/** `25:40`; `63:00:00` from three hours on. Milliseconds below a second are dropped. */
export function offsetText(offset: Milliseconds): string {
  const seconds = Math.floor(Math.abs(offset) / SECOND);
  const two = (count: number): string => String(count).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const clock =
    Math.abs(offset) >= HOURS_FROM
      ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
      : `${minutes}:${two(seconds % 60)}`;
  return offset < 0 ? `-${clock}` : clock;
}

/** How a beginning is written, for sentences that say so. */
export const START_WORDS =
  'a date and time such as 2026-11-24T10:00 (in `zone`), the same with Z or an offset such as +01:00, or a day of the coming week such as "sunday 03:00"';

const DAY = 'mon(?:day)?|tue(?:sday)?|wed(?:nesday)?|thu(?:rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?';

/**
 * The instant of a written beginning; null when it is none. A day of the week means the first such moment that is not before
 * `now`; a wall-clock time that the clocks jump over means as much later as they jump.
 */
export function parseStart(text: string, zone: string, now: Instant): Instant | null {
  const weekday = new RegExp(`^(${DAY})\\s+((?:[01]\\d|2[0-3]):[0-5]\\d)$`, 'i').exec(text);
  if (weekday !== null) {
    const [, day = '', time = ''] = weekday;
    const today = dateIn(zone, now);
    const ahead = (dayNumber(day.toLowerCase()) - today.dayOfWeek + 7) % 7;
    const at = (days: number): Instant => instantOf(zone, today.add({ days }), minuteOfDay(time));
    return at(ahead) >= now ? at(ahead) : at(ahead + 7);
  }
  const [, date = '', time = '', seconds = '', offset] =
    /^(\d{4}-\d\d-\d\d)[T ]((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d)?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return null;
  if (offset !== undefined) {
    const at = Date.parse(`${date}T${time}${seconds}${offset}`);
    return Number.isNaN(at) ? null : at;
  }
  return instantOf(zone, localDate(date), minuteOfDay(time)) + Number(seconds.slice(1)) * SECOND;
}
