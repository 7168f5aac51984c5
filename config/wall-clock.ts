import { Temporal as Tz } from 'temporal-polyfill';
import type { Instant } from '../domain/time/instant.js';

/** A date in some time zone. */
export type LocalDate = Tz.PlainDate;

/** A time of day in minutes since midnight; 1,440 is the midnight at the end of the day. */
export type MinuteOfDay = number;

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** Minutes since midnight of `09:00`; 1,440 for `24:00`. The schema has checked the form. */
export function minuteOfDay(text: string): MinuteOfDay {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
}

/** ISO number of a day of the week, 1 is Monday. The schema has checked the name. */
export function dayNumber(name: string): number {
  return DAYS.indexOf(name.slice(0, 3)) + 1;
}

/** ISO day numbers of `[mon-fri]`, `[saturday, sunday]`; a range may go over the weekend: `fri-mon`. */
export function dayNumbers(names: readonly string[]): ReadonlySet<number> {
  const numbers = new Set<number>();
  for (const name of names) {
    const [first = name, last = first] = name.split('-');
    const end = dayNumber(last);
    for (let day = dayNumber(first); ; day = (day % 7) + 1) {
      numbers.add(day);
      if (day === end) break;
    }
  }
  return numbers;
}

/** The date `2026-01-05`. The schema has checked that it exists. */
export function localDate(text: string): LocalDate {
  return Tz.PlainDate.from(text);
}

/** The date that people in this zone have at this instant. */
export function dateIn(zone: string, at: Instant): LocalDate {
  return Tz.Instant.fromEpochMilliseconds(Math.floor(at)).toZonedDateTimeISO(zone).toPlainDate();
}

/**
 * The instant of a wall-clock time. A time that the clocks jump over means as much later as they jump (02:30 becomes
 * 03:30); one that comes twice means the first. This is `compatible` of TC39 Temporal and of iCalendar.
 */
export function instantOf(zone: string, date: LocalDate, minute: MinuteOfDay): Instant {
  const day = minute >= 1_440 ? date.add({ days: 1 }) : date;
  const time = Tz.PlainTime.from({ hour: Math.floor((minute % 1_440) / 60), minute: minute % 60 });
  return day.toPlainDateTime(time).toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds;
}

/** Whole days from one date to another; negative when the other is earlier. */
export function daysBetween(from: LocalDate, to: LocalDate): number {
  return from.until(to, { largestUnit: 'day' }).days;
}
