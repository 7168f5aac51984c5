import { DAY, type Instant } from '../time/instant.js';
import type { MinuteOfDay } from './civil.js';
import { civilDayAt, instantOf, wallClock, type ZoneRules } from './zone.js';

/** From when to when it is night on a person's own wall clock; over midnight where `to` is not after `from`. */
export interface NightHours {
  readonly from: MinuteOfDay;
  readonly to: MinuteOfDay;
}

/** One night, from its beginning to its end, which is not part of it. */
export interface Night {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * The night in which an instant lies; null by day. A night in which the clocks change is an hour shorter or longer; an end or a
 * beginning that they jump over is as much later as they jump.
 */
export function nightAt(zone: ZoneRules, { from, to }: NightHours, at: Instant): Night | null {
  const today = civilDayAt(zone, at);
  const overMidnight = to <= from ? 1 : 0;
  for (const day of [today - 1, today]) {
    const night = {
      from: instantOf(zone, wallClock(day, from)),
      to: instantOf(zone, wallClock(day + overMidnight, to)),
    };
    if (night.from <= at && at < night.to) return night;
  }
  return null;
}

/** The first time after an instant at which the clocks of the zone show this time of day. */
export function nextTimeOfDay(zone: ZoneRules, minute: MinuteOfDay, after: Instant): Instant {
  // A zone may skip a day, as Samoa did: two days on it comes in any case.
  const today = civilDayAt(zone, after);
  for (const day of [today - 1, today, today + 1]) {
    const at = instantOf(zone, wallClock(day, minute));
    if (at > after) return at;
  }
  return instantOf(zone, wallClock(today + 2, minute));
}

/** Somebody was paged for an incident: once for each incident and night, however many messages it took. */
export interface NightPage {
  readonly userId: string;
  /** The opening of the incident. */
  readonly openingId: string;
  /** When the first message of that night left. */
  readonly at: Instant;
}

/** How many incidents this person was paged for in a night. */
export function incidentsOf(pages: Iterable<NightPage>, userId: string, night: Night): number {
  const openings = new Set<string>();
  for (const page of pages)
    if (page.userId === userId && night.from <= page.at && page.at < night.to) openings.add(page.openingId);
  return openings.size;
}

/** A page that is older is of no night that could still count, in any zone. */
export const NIGHT_PAGES_KEPT_MS = 3 * DAY;
