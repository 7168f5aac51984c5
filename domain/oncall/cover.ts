import type { Instant } from '../time/instant.js';
import { weekdayOf, type CivilDay } from './civil.js';
import { lifeOf, shiftAt, shiftStart } from './rotation.js';
import type { Hours, Rotation } from './schedule.js';
import { civilDayAt, instantOf, startOfDay, wallClock } from './zone.js';

/** A span `[from, to)`. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

/** A span in which a rotation covers, and the number of the shift. */
export interface Turn extends Span {
  readonly rotation: Rotation;
  readonly shift: number;
}

/**
 * What covers an instant begins at most two dates before it (night hours before a day that the zone skipped) or one
 * after it (clocks that go back over midnight).
 */
const DAYS_BEFORE = 2;
const DAYS_AFTER = 1;

function allows(rotation: Rotation, day: CivilDay): boolean {
  const { only, except } = rotation;
  return (only === null || only.has(day)) && except?.has(day) !== true;
}

function windowOf(rotation: Rotation, { from, to }: Hours, day: CivilDay): Span {
  const { zone } = rotation;
  return {
    from: instantOf(zone, wallClock(day, from)),
    to: instantOf(zone, wallClock(to <= from ? day + 1 : day, to)),
  };
}

/** The hours that belong to a date: the whole date for a rotation without hours. May overlap, and may be empty. */
function windowsOn(rotation: Rotation, day: CivilDay): readonly Span[] {
  if (!allows(rotation, day)) return [];
  const { zone, restrict } = rotation;
  if (restrict === null) return [{ from: startOfDay(zone, day), to: startOfDay(zone, day + 1) }];
  const weekday = weekdayOf(day);
  return restrict
    .filter(({ days }) => days === null || days.has(weekday))
    .map((hours) => windowOf(rotation, hours, day));
}

/** True when the rotation is in force around the clock, from its start to its end. */
function isUnbroken(rotation: Rotation): boolean {
  return rotation.restrict === null && rotation.only === null && rotation.except === null;
}

/** The number of the rotation's shift when it covers this instant, else null. */
export function shiftCovering(rotation: Rotation, at: Instant): number | null {
  const life = lifeOf(rotation);
  if (at < life.from || at >= life.to) return null;
  if (!isUnbroken(rotation)) {
    const today = civilDayAt(rotation.zone, at);
    let isCovered = false;
    for (let day = today - DAYS_BEFORE; day <= today + DAYS_AFTER && !isCovered; day += 1) {
      isCovered = windowsOn(rotation, day).some(({ from, to }) => from <= at && at < to);
    }
    if (!isCovered) return null;
  }
  return shiftAt(rotation, at);
}

/** Spans in order of their beginning, with those that overlap or touch as one. */
function joined(spans: Span[]): readonly Span[] {
  spans.sort((one, other) => one.from - other.from);
  const all: Span[] = [];
  for (const span of spans) {
    const last = all.at(-1);
    if (last !== undefined && span.from <= last.to) {
      if (span.to > last.to) all[all.length - 1] = { from: last.from, to: span.to };
    } else {
      all.push(span);
    }
  }
  return all;
}

/** When the rotation covers, within `[from, to)`: ordered, disjoint spans. */
function covered(rotation: Rotation, from: Instant, to: Instant): readonly Span[] {
  const life = lifeOf(rotation);
  const begin = Math.max(from, life.from);
  const end = Math.min(to, life.to);
  if (begin >= end) return [];
  if (isUnbroken(rotation)) return [{ from: begin, to: end }];
  const windows: Span[] = [];
  const last = civilDayAt(rotation.zone, end) + DAYS_AFTER;
  for (let day = civilDayAt(rotation.zone, begin) - DAYS_BEFORE; day <= last; day += 1) {
    for (const window of windowsOn(rotation, day)) {
      const clipped = { from: Math.max(begin, window.from), to: Math.min(end, window.to) };
      if (clipped.from < clipped.to) windows.push(clipped);
    }
  }
  return joined(windows);
}

/** The turns of a rotation within `[from, to)`, in order; what it does not cover is left out. */
export function turnsOf(rotation: Rotation, from: Instant, to: Instant): readonly Turn[] {
  const turns: Turn[] = [];
  let shift = 0;
  let next = Number.NEGATIVE_INFINITY;
  for (const span of covered(rotation, from, to)) {
    let at = span.from;
    while (at < span.to) {
      if (at >= next) {
        shift = shiftAt(rotation, at);
        next = shiftStart(rotation, shift + 1);
      }
      const end = Math.min(span.to, next);
      turns.push({ from: at, to: end, rotation, shift });
      at = end;
    }
  }
  return turns;
}
