import { DAY, MINUTE, type Instant } from '../time/instant.js';
import { NIGHT } from './fairness.js';
import { wallClockAt, type ZoneRules } from './zone.js';

/** One time that somebody was called on for an incident. */
export interface CountedPage {
  readonly userId: string;
  readonly openingId: string;
  readonly at: Instant;
}

/** For how many incidents somebody was paged. */
export interface PagesOfPerson {
  /** However often for each. */
  readonly pages: number;
  /** Those of which a page came in a night of theirs. */
  readonly nightPages: number;
}

function isNight(zone: ZoneRules, at: Instant): boolean {
  const minute = Math.floor((((wallClockAt(zone, at) % DAY) + DAY) % DAY) / MINUTE);
  return minute >= NIGHT.from || minute < NIGHT.to;
}

/** For how many incidents each person was paged, and for how many at night by the clocks of their zone. */
export function pagesPerPerson(
  pages: readonly CountedPage[],
  zoneOf: (userId: string) => ZoneRules,
): ReadonlyMap<string, PagesOfPerson> {
  const found = new Map<string, { readonly all: Set<string>; readonly atNight: Set<string> }>();
  for (const { userId, openingId, at } of pages) {
    const known = found.get(userId) ?? { all: new Set(), atNight: new Set() };
    found.set(userId, known);
    known.all.add(openingId);
    if (isNight(zoneOf(userId), at)) known.atNight.add(openingId);
  }
  return new Map(
    [...found].map(([userId, { all, atNight }]) => [userId, { pages: all.size, nightPages: atNight.size }]),
  );
}
