import type { ZoneRules } from '../domain/oncall/zone.js';
import { DAY, HOUR, MINUTE, SECOND, type Instant, type Milliseconds } from '../domain/time/instant.js';

/** What is read at once: two years. */
const BLOCK: Milliseconds = 2 * 365 * DAY;

/**
 * How far apart offsets are looked at in search of a change: two changes are never closer. The closest from 1970 to 2100
 * in tzdata 2025b are 6 days and 23 hours apart (Gaza and Hebron in 2040, Recife in 2000).
 */
const STRIDE: Milliseconds = 2 * DAY;

/** No change is looked for from here on: {@link ZoneRules.nextTransition} ends. */
export const LAST_TRANSITION: Instant = Date.UTC(2101, 0, 1);

/** A span `[from, to)` of one offset. */
interface Period {
  readonly from: Instant;
  readonly to: Instant;
  readonly offset: Milliseconds;
}

const cached = new Map<string, ZoneRules>();

/** The rules of an IANA zone as this JavaScript engine knows them. Throws a RangeError when it does not know the zone. */
export function zoneRules(id: string): ZoneRules {
  const known = cached.get(id);
  if (known !== undefined) return known;
  const rules = createZoneRules(id, offsetReader(id));
  cached.set(id, rules);
  return rules;
}

/** Reads offsets out of Intl. About a microsecond each: too slow for every question, so {@link createZoneRules} keeps tables. */
function offsetReader(id: string): (at: Instant) => Milliseconds {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: id, timeZoneName: 'longOffset' });
  return (at) => {
    const [, sign = '+', hours = '0', minutes = '0', seconds = '0'] =
      /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(format.format(at)) ?? [];
    const size = Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND;
    return sign === '-' && size > 0 ? -size : size;
  };
}

/** Rules over a function that knows offsets; what was read is kept, two years at a time. */
export function createZoneRules(id: string, readOffset: (at: Instant) => Milliseconds): ZoneRules {
  const blocks = new Map<number, readonly Period[]>();

  /** The first millisecond after `before` that no longer has its offset, up to `after`, which has another. */
  function changeBetween(before: Instant, after: Instant): Instant {
    const old = readOffset(before);
    let low = before;
    let high = after;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (readOffset(middle) === old) low = middle;
      else high = middle;
    }
    return high;
  }

  function readBlock(number: number): readonly Period[] {
    const end = (number + 1) * BLOCK;
    const periods: Period[] = [];
    let from = number * BLOCK;
    let offset = readOffset(from);
    for (let at = from; at < end;) {
      const next = Math.min(at + STRIDE, end);
      const there = readOffset(next);
      if (there !== offset) {
        const change = changeBetween(at, next);
        periods.push({ from, to: change, offset });
        from = change;
        offset = there;
      }
      at = next;
    }
    if (from < end) periods.push({ from, to: end, offset });
    return periods;
  }

  function blockOf(at: Instant): readonly Period[] {
    const number = Math.floor(at / BLOCK);
    const known = blocks.get(number);
    if (known !== undefined) return known;
    const read = readBlock(number);
    blocks.set(number, read);
    return read;
  }

  /** Most questions are about times near the one before. */
  let latest: Period = { from: 0, to: 0, offset: 0 };

  function offsetAt(at: Instant): Milliseconds {
    if (at >= latest.from && at < latest.to) return latest.offset;
    const period = blockOf(at).find(({ to }) => at < to);
    if (period === undefined) throw new RangeError(`${at} is not an instant.`);
    latest = period;
    return period.offset;
  }

  return {
    id,
    offsetAt,
    nextTransition: (at) => {
      const now = offsetAt(at);
      for (let from = at; from < LAST_TRANSITION; from = (Math.floor(from / BLOCK) + 1) * BLOCK) {
        const other = blockOf(from).find((period) => period.to > at && period.offset !== now);
        if (other !== undefined) return other.from;
      }
      return null;
    },
  };
}
