import { zoneRules } from '../../config/zones.js';
import { civilDayAt, wallClockAt } from '../../domain/oncall/zone.js';
import { weekdayOf } from '../../domain/oncall/civil.js';
import { DAY, HOUR, MINUTE, type Instant, type Milliseconds } from '../../domain/time/instant.js';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function two(amount: number): string {
  return String(amount).padStart(2, '0');
}

/** "Sun 2026-03-29 03:00 +02:00" on the clocks of a zone: the offset tells apart what a change of clocks makes alike. */
export function localWords(at: Instant, zone: string): string {
  const rules = zoneRules(zone);
  const day = civilDayAt(rules, at);
  const minute = Math.floor((wallClockAt(rules, at) - day * DAY) / MINUTE);
  const offset = Math.round(rules.offsetAt(at) / MINUTE);
  const size = Math.abs(offset);
  const date = new Date(day * DAY).toISOString().slice(0, 10);
  const clock = `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
  const ahead = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return `${WEEKDAYS[weekdayOf(day) - 1] ?? ''} ${date} ${clock} ${ahead}`;
}

/** Hours with at most two decimals: "168", "167.5". */
export function hoursText(span: Milliseconds): string {
  return String(Math.round((span / HOUR) * 100) / 100);
}
