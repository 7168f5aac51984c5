import { pairOf, shiftNumber, type CurrentShift, type OnCallPair } from '../domain/oncall/rotation.js';
import { mergeShifts, type Shift } from '../domain/oncall/shifts.js';
import type { Instant } from '../domain/time/instant.js';
import type { WrittenRotation, WrittenSchedule } from './schema/root.js';
import {
  dateIn,
  dayNumbers,
  daysBetween,
  instantOf,
  localDate,
  minuteOfDay,
  type LocalDate,
  type MinuteOfDay,
} from './wall-clock.js';

/** Hours to which a rotation is restricted; they belong to the day on which they begin. */
interface Hours {
  readonly days: ReadonlySet<number> | null;
  readonly from: MinuteOfDay;
  readonly to: MinuteOfDay;
}

interface Rotation {
  readonly zone: string;
  readonly participants: readonly string[];
  readonly start: LocalDate;
  readonly handover: MinuteOfDay;
  readonly daysPerShift: number;
  /** Null: always. */
  readonly restrict: readonly Hours[] | null;
}

/** A schedule that can be asked. */
export interface Schedule {
  readonly id: string;
  /** The first that covers an instant has it. */
  readonly rotations: readonly Rotation[];
  readonly secondary: 'next' | 'none' | Rotation;
}

/** How many changes of shift are looked at in search of the next change of people. */
const LOOK_AHEAD = 70;

function toRotation(written: WrittenRotation, zone: string): Rotation {
  return {
    zone: written.zone ?? zone,
    participants: written.participants,
    start: localDate(written.start),
    handover: minuteOfDay(written.handover),
    daysPerShift: (written.type === 'weekly' ? 7 : 1) * (written.every ?? 1),
    restrict:
      written.restrict?.map((hours) => ({
        days: hours.days === undefined ? null : dayNumbers(hours.days),
        from: minuteOfDay(hours.from),
        to: minuteOfDay(hours.to),
      })) ?? null,
  };
}

/** Makes a schedule of what the files say; `defaultZone` is for schedules without one. */
export function toSchedule(id: string, written: WrittenSchedule, defaultZone: string): Schedule {
  const zone = written.zone ?? defaultZone;
  const rotations = [
    ...(written.rotation === undefined ? [] : [written.rotation]),
    ...(written.rotations ?? []),
  ];
  const secondary = written.secondary ?? 'next';
  return {
    id,
    rotations: rotations.map((rotation) => toRotation(rotation, zone)),
    secondary: typeof secondary === 'string' ? secondary : toRotation(secondary, zone),
  };
}

/** When shift `number` begins: a wall-clock time, so that a week with a clock change is an hour shorter or longer. */
function shiftStart(rotation: Rotation, number: number): Instant {
  return instantOf(
    rotation.zone,
    rotation.start.add({ days: number * rotation.daysPerShift }),
    rotation.handover,
  );
}

/** The shift at this instant, whether or not the rotation is restricted to other hours. Negative before the first. */
function shiftAt(rotation: Rotation, at: Instant): number {
  let number = shiftNumber(daysBetween(rotation.start, dateIn(rotation.zone, at)), rotation.daysPerShift);
  while (at < shiftStart(rotation, number)) number -= 1;
  while (at >= shiftStart(rotation, number + 1)) number += 1;
  return number;
}

/** The windows of restricted hours that begin on this date, as `[opens, closes)`. */
function windowsOn(
  rotation: Rotation,
  restrict: readonly Hours[],
  date: LocalDate,
): readonly (readonly [Instant, Instant])[] {
  return restrict
    .filter(({ days }) => days === null || days.has(date.dayOfWeek))
    .map(({ from, to }) => {
      const closingDay = to <= from ? date.add({ days: 1 }) : date;
      return [instantOf(rotation.zone, date, from), instantOf(rotation.zone, closingDay, to)];
    });
}

/** The next instant after `at` at which restricted hours may begin or end to cover. Hours repeat weekly. */
function nextEdge(rotation: Rotation, restrict: readonly Hours[], at: Instant): Instant {
  const today = dateIn(rotation.zone, at);
  for (let offset = -1; offset <= 8; offset += 1) {
    const edges = windowsOn(rotation, restrict, today.add({ days: offset })).flat();
    const coming = edges.filter((edge) => edge > at);
    // Yesterday's hours that still run: what begins before they end changes nothing.
    if (coming.length > 0) return Math.min(...coming);
  }
  return Number.POSITIVE_INFINITY;
}

/** The rotation's shift when it covers this instant, else null. */
function covering(rotation: Rotation, at: Instant): CurrentShift | null {
  const { restrict } = rotation;
  if (restrict !== null) {
    const today = dateIn(rotation.zone, at);
    const windows = [today.subtract({ days: 1 }), today].flatMap((date) =>
      windowsOn(rotation, restrict, date),
    );
    if (!windows.some(([opens, closes]) => opens <= at && at < closes)) return null;
  }
  const shift = shiftAt(rotation, at);
  return shift < 0 ? null : { participants: rotation.participants, shift };
}

/** Primary and secondary of a schedule at an instant. */
export function onCallAt(schedule: Schedule, at: Instant): OnCallPair {
  let primary: CurrentShift | null = null;
  for (const rotation of schedule.rotations) {
    primary = covering(rotation, at);
    if (primary !== null) break;
  }
  const { secondary } = schedule;
  return pairOf(
    primary,
    typeof secondary === 'string' ? { kind: secondary } : { kind: 'own', own: covering(secondary, at) },
  );
}

/** The next instant after `at` at which anything about the rotation may change. */
function nextBoundary(rotation: Rotation, at: Instant): Instant {
  const { restrict } = rotation;
  const handover = shiftStart(rotation, Math.max(0, shiftAt(rotation, at) + 1));
  return restrict === null ? handover : Math.min(handover, nextEdge(rotation, restrict, at));
}

function nextBoundaryOf(schedule: Schedule, at: Instant): Instant {
  const { rotations, secondary } = schedule;
  const all = typeof secondary === 'string' ? rotations : [...rotations, secondary];
  return Math.min(...all.map((rotation) => nextBoundary(rotation, at)));
}

/** The shifts of `[from, to)`, in order, without holes: a gap is a shift with nobody. */
export function shiftsBetween(schedule: Schedule, from: Instant, to: Instant): readonly Shift[] {
  const shifts: Shift[] = [];
  for (let at = from; at < to;) {
    const end = Math.min(to, nextBoundaryOf(schedule, at));
    shifts.push({ from: at, to: end, ...onCallAt(schedule, at) });
    at = end;
  }
  return mergeShifts(shifts);
}

/** When other people are on call than at `at`; null when that is beyond {@link LOOK_AHEAD} hand-overs, e.g. with one participant. */
export function nextChange(schedule: Schedule, at: Instant): Instant | null {
  const now = onCallAt(schedule, at);
  let boundary = at;
  for (let looked = 0; looked < LOOK_AHEAD; looked += 1) {
    boundary = nextBoundaryOf(schedule, boundary);
    const then = onCallAt(schedule, boundary);
    if (then.primary !== now.primary || then.secondary !== now.secondary) return boundary;
  }
  return null;
}
