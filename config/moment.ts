import { DAY, type Instant } from '../domain/time/instant.js';
import { startOfDay } from '../domain/oncall/zone.js';
import { date } from './schema/leaves.js';
import { zoneRules } from './zones.js';

/** How a moment is written, for sentences about one that is none. */
export const MOMENT_FORMS =
  'a date like 2026-11-21, a time like 2026-11-21T13:00:00Z, or milliseconds since 1970';

/** Dates further away are slips of the pen, and zones are known from 1970 to 2100 only. */
const EARLIEST: Instant = Date.UTC(1970, 0, 2);
const LATEST: Instant = Date.UTC(2098, 0, 1);

function parse(text: string, zone: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  if (/^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text)) return Date.parse(text);
  if (!date.safeParse(text).success) return Number.NaN;
  return startOfDay(zoneRules(zone), Date.parse(`${text}T00:00:00Z`) / DAY);
}

/**
 * The instant that somebody wrote: {@link MOMENT_FORMS}; a date is its midnight in `zone`, an IANA name. Null when it is none of them, or
 * not from 1970 to 2097.
 */
export function momentOf(text: string, zone: string): Instant | null {
  const at = parse(text, zone);
  return at >= EARLIEST && at <= LATEST ? at : null;
}
