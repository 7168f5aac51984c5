import { DAY, type Instant, type Milliseconds } from '../time/instant.js';
import { weekdayOf, type CivilDay } from './civil.js';
import type { Span } from './cover.js';
import { shifts, type PreparedSchedule } from './on-call.js';
import type { Layers, Slot } from './schedule.js';
import { freeSpans, joinedSpans, lengthOf, sharedSpans } from './spans.js';
import { civilDayAt, instantOf, startOfDay, wallClock, type ZoneRules } from './zone.js';

/** Dates on which a person or the people of a schedule have a holiday. */
export type Holidays = ReadonlySet<CivilDay>;

/** Somebody of the config, as far as fairness looks at them. */
export interface PersonToCount {
  readonly name: string;
  readonly zone: ZoneRules;
  /** Their own; null: those of the schedule by which they are on call. */
  readonly holidays: Holidays | null;
}

/** A schedule whose duty is counted. */
export interface ScheduleToCount {
  /** With its overrides. */
  readonly schedule: PreparedSchedule;
  /** For people who have none of their own; null: none. */
  readonly holidays: Holidays | null;
}

/** What fairness is worked out from. */
export interface FairnessSource {
  readonly schedules: readonly ScheduleToCount[];
  /** Null: not in the config any more. */
  readonly person: (userId: string) => PersonToCount | null;
}

/**
 * What one person has within a span. Time on call by several schedules at once counts once. Nights, weekends and holidays are
 * those of the person's own zone, and may be one another: a Sunday night is a night and a weekend.
 */
export interface PersonLoad {
  readonly userId: string;
  readonly name: string;
  /** IANA time zone. */
  readonly zone: string;
  /** Uninterrupted times in one place of one schedule. */
  readonly shifts: number;
  /** On call in either place. */
  readonly ms: Milliseconds;
  readonly primaryMs: Milliseconds;
  /** As secondary only. */
  readonly secondaryMs: Milliseconds;
  /** Nights of which they have any part. A night is of the date on which it begins. */
  readonly nights: number;
  readonly nightMs: Milliseconds;
  /** Weekends (Saturday and Sunday) of which they have any part. */
  readonly weekends: number;
  readonly weekendMs: Milliseconds;
  /** Holidays of which they have any part. */
  readonly holidays: number;
  readonly holidayMs: Milliseconds;
}

/** Everybody's load over `[from, to)`. */
export interface Fairness extends Span {
  /** Most hours first. Everybody in a rotation stands here, also with nothing. */
  readonly people: readonly PersonLoad[];
}

/** A person's night, in minutes of the day. Source: specification, "Load limits": 22:00–07:00 in their zone. */
export const NIGHT = { from: 22 * 60, to: 7 * 60 } as const;

const UTC: ZoneRules = { id: 'UTC', offsetAt: () => 0, nextTransition: () => null };
const SATURDAY = 6;
const SLOTS: readonly Slot[] = ['primary', 'secondary'];

/** A span for each date from one before `from` to that of `to` that `make` has one for: in order and disjoint. */
function windows(zone: ZoneRules, { from, to }: Span, make: (day: CivilDay) => Span | null): readonly Span[] {
  const found: Span[] = [];
  const last = civilDayAt(zone, to);
  // A weekend that began on the Saturday before a Sunday.
  for (let day = civilDayAt(zone, from) - 2; day <= last; day += 1) {
    const window = make(day);
    if (window === null || window.from >= window.to) continue;
    found.push({ from: Math.max(from, window.from), to: Math.min(to, window.to) });
  }
  return found.filter((each) => each.from < each.to);
}

function nightsOf(zone: ZoneRules, span: Span): readonly Span[] {
  return windows(zone, span, (day) => ({
    from: instantOf(zone, wallClock(day, NIGHT.from)),
    to: instantOf(zone, wallClock(day + 1, NIGHT.to)),
  }));
}

function weekendsOf(zone: ZoneRules, span: Span): readonly Span[] {
  return windows(zone, span, (day) =>
    weekdayOf(day) === SATURDAY ? { from: startOfDay(zone, day), to: startOfDay(zone, day + 2) } : null,
  );
}

function holidaysOf(zone: ZoneRules, span: Span, holidays: Holidays): readonly Span[] {
  return windows(zone, span, (day) =>
    holidays.has(day) ? { from: startOfDay(zone, day), to: startOfDay(zone, day + 1) } : null,
  );
}

/** How many of the windows the spans have a part of. */
function touched(spans: readonly Span[], ofWindows: readonly Span[]): number {
  let position = 0;
  return ofWindows.filter((window) => {
    while ((spans[position]?.to ?? Number.POSITIVE_INFINITY) <= window.from) position += 1;
    return (spans[position]?.from ?? Number.POSITIVE_INFINITY) < window.to;
  }).length;
}

/** A person's uninterrupted time in one place. */
interface Turn extends Span {
  readonly slot: Slot;
  /** Of the schedule. */
  readonly holidays: Holidays | null;
}

function participantsOf(layers: Layers): readonly string[] {
  return layers.flatMap(({ participants }) => participants);
}

/** Everybody of the rotations, and everybody who is on call, with their turns. */
function* turnsOf(
  source: FairnessSource,
  span: Span,
): Generator<undefined, ReadonlyMap<string, readonly Turn[]>, undefined> {
  const turns = new Map<string, (Turn & { to: Instant })[]>();
  const of = (userId: string) => {
    const known = turns.get(userId) ?? [];
    turns.set(userId, known);
    return known;
  };
  for (const { schedule, holidays } of source.schedules) {
    const { layers, secondary } = schedule;
    for (const each of participantsOf(layers)) of(each);
    if (secondary.kind === 'own') for (const each of participantsOf(secondary.layers)) of(each);
    const spans = shifts(schedule, span.from, span.to);
    for (const slot of SLOTS) {
      let last: (Turn & { to: Instant; readonly userId: string }) | undefined;
      for (const { from, to, [slot]: userId } of spans) {
        if (userId === null) continue;
        if (last?.to === from && last.userId === userId) {
          last.to = to;
          continue;
        }
        last = { userId, slot, holidays, from, to };
        of(userId).push(last);
      }
    }
    yield;
  }
  return turns;
}

/** How much of a person's time falls on holidays: theirs, else those of the schedule by which they are on call. */
function onHolidays(
  zone: ZoneRules,
  own: Holidays | null,
  turns: readonly Turn[],
  span: Span,
): { readonly count: number; readonly ms: Milliseconds } {
  const lists = new Set(turns.flatMap(({ holidays }) => own ?? holidays ?? []));
  const dates: Span[] = [];
  const times: Span[] = [];
  for (const list of lists) {
    const days = holidaysOf(zone, span, list);
    const spans = joinedSpans(turns.filter(({ holidays }) => (own ?? holidays) === list));
    times.push(...sharedSpans(spans, days));
    dates.push(...days.filter((day) => touched(spans, [day]) > 0));
  }
  return { count: new Set(dates.map(({ from }) => from)).size, ms: lengthOf(joinedSpans(times)) };
}

/** Who is on call how much within `[from, to)`, past or future, and how much of that when others sleep or are off. */
export function fairnessOf(source: FairnessSource, span: Span): Fairness {
  const slices = fairnessInSlices(source, span);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

/** {@link fairnessOf} that stops after each schedule and each person, for a process that has other things to do. */
export function* fairnessInSlices(
  source: FairnessSource,
  span: Span,
): Generator<undefined, Fairness, undefined> {
  const people: PersonLoad[] = [];
  for (const [userId, turns] of yield* turnsOf(source, span)) {
    people.push(loadOf(userId, source.person(userId), turns, span));
    yield;
  }
  return { from: span.from, to: span.to, people: people.sort((one, other) => other.ms - one.ms) };
}

function loadOf(
  userId: string,
  person: PersonToCount | null,
  turns: readonly Turn[],
  span: Span,
): PersonLoad {
  const zone = person?.zone ?? UTC;
  const all = joinedSpans(turns);
  const primary = joinedSpans(turns.filter(({ slot }) => slot === 'primary'));
  const nights = nightsOf(zone, span);
  const weekends = weekendsOf(zone, span);
  const holidays = onHolidays(zone, person?.holidays ?? null, turns, span);
  return {
    userId,
    name: person?.name ?? userId,
    zone: zone.id,
    shifts: turns.length,
    ms: lengthOf(all),
    primaryMs: lengthOf(primary),
    secondaryMs: lengthOf(all.flatMap((each) => freeSpans(each, primary))),
    nights: touched(all, nights),
    nightMs: lengthOf(sharedSpans(all, nights)),
    weekends: touched(all, weekends),
    weekendMs: lengthOf(sharedSpans(all, weekends)),
    holidays: holidays.count,
    holidayMs: holidays.ms,
  };
}

/** How far people look back when they do not say. */
export const FAIRNESS_SPAN: Milliseconds = 28 * DAY;

/** Longest span that fairness is asked for: a year and a month. */
export const LONGEST_FAIRNESS: Milliseconds = 400 * DAY;
