import { DAY, MINUTE, type Instant, type Milliseconds } from '../time/instant.js';
import type { CivilDay, MinuteOfDay } from './civil.js';

/**
 * What has to be known of a time zone. Comes in from outside (config/zones.ts), since neither Intl nor a time-zone
 * library belongs into the workflow bundle.
 *
 * The functions below rely on what holds for every zone of the tz database from 1970 to 2100: two changes of offset
 * are more than two days apart, and none is of more than 24 hours.
 */
export interface ZoneRules {
  /** IANA name. */
  readonly id: string;
  /** What local clocks are ahead of UTC at this instant; negative west of Greenwich. */
  offsetAt(at: Instant): Milliseconds;
  /** The first instant after `at` from which another offset holds; null when none is known. */
  nextTransition(at: Instant): Instant | null;
}

/**
 * What a wall clock shows, as milliseconds that a clock in UTC would need to show the same. Only good for arithmetic on the
 * clock face: it is no {@link Instant}.
 */
export type WallClock = number;

/** What the clocks of the zone show at an instant. */
export function wallClockAt(zone: ZoneRules, at: Instant): WallClock {
  return at + zone.offsetAt(at);
}

/** The date in the zone at an instant. */
export function civilDayAt(zone: ZoneRules, at: Instant): CivilDay {
  return Math.floor(wallClockAt(zone, at) / DAY);
}

/** A time of day on a date. */
export function wallClock(day: CivilDay, minute: MinuteOfDay): WallClock {
  return day * DAY + minute * MINUTE;
}

/**
 * The instant at which the clocks of the zone show this. A time that they jump over means as much later as they jump (02:30
 * becomes 03:30, and a time of a day that a zone skipped becomes the same time a day later); one that comes twice
 * means the first. This is `compatible` of TC39 Temporal, and what iCalendar (RFC 5545, 3.3.5) says.
 */
export function instantOf(zone: ZoneRules, clock: WallClock): Instant {
  const before = zone.offsetAt(clock - DAY);
  const after = zone.offsetAt(clock + DAY);
  if (before === after) return clock - before;
  // Before the change, and, with clocks that go back, the first of the two.
  const first = clock - before;
  if (zone.offsetAt(first) === before) return first;
  const second = clock - after;
  // Clocks that go forward: what neither side knows is jumped over, and counts on the old side's clock.
  return zone.offsetAt(second) === after ? second : first;
}

/** The instant at which a date begins in the zone: its midnight, or what {@link instantOf} makes of it. */
export function startOfDay(zone: ZoneRules, day: CivilDay): Instant {
  return instantOf(zone, day * DAY);
}
