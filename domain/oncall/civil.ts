/**
 * Calendar dates without a time zone, as whole days since 1970-01-01: adding days is adding numbers, and no date
 * library has to reach the workflow bundle. Proleptic Gregorian, like every tz database.
 */
export type CivilDay = number;

/** A time of day in minutes since midnight; 1,440 is the midnight at the end of the day. */
export type MinuteOfDay = number;

/** ISO number of the day of the week: 1 is Monday, 7 is Sunday. 1970-01-01 was a Thursday. */
export function weekdayOf(day: CivilDay): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}
