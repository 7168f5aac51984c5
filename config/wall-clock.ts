import { Temporal as Tz } from 'temporal-polyfill';
import type { CivilDay, MinuteOfDay } from '../domain/oncall/civil.js';
import { civilDayAt, instantOf as instantOfClock, wallClock } from '../domain/oncall/zone.js';
import { DAY, type Instant } from '../domain/time/instant.js';
import { zoneRules } from './zones.js';

/** A date in some time zone. */
export type LocalDate = Tz.PlainDate;

const EPOCH = Tz.PlainDate.from('1970-01-01');
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

/** The day of a date that the schema has checked: `2026-01-05`. */
export function civilDayOf(text: string): CivilDay {
  return Date.parse(`${text}T00:00:00Z`) / DAY;
}

/** The date that people in this zone have at this instant. */
export function dateIn(zone: string, at: Instant): LocalDate {
  return EPOCH.add({ days: civilDayAt(zoneRules(zone), at) });
}

/**
 * The instant of a wall-clock time. A time that the clocks jump over means as much later as they jump (02:30 becomes
 * 03:30); one that comes twice means the first. This is `compatible` of TC39 Temporal and of iCalendar.
 */
export function instantOf(zone: string, date: LocalDate, minute: MinuteOfDay): Instant {
  return instantOfClock(zoneRules(zone), wallClock(civilDayOf(date.toString()), minute));
}
