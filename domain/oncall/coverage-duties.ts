import { DAY, HOUR, type Milliseconds } from '../time/instant.js';
import type { Span } from './cover.js';
import { joinedSpans } from './spans.js';
import { wallClockAt, type ZoneRules } from './zone.js';

/** How much duty a person is given at most. Null: no limit. */
export interface DutyLimits {
  /** Longest time as primary without a break, by the clocks on the wall: a week stays a week when they change. */
  readonly maxDutyMs: Milliseconds | null;
  /** Shortest rest between two duties as primary. */
  readonly minRestMs: Milliseconds | null;
}

/**
 * A week: the usual longest shift of on-call rotations, a convention. Eleven hours: the daily rest in each period of 24
 * hours of the European Union (Directive 2003/88/EC, article 3).
 */
export const DEFAULT_LIMITS = { maxDutyMs: 7 * DAY, minRestMs: 11 * HOUR } as const satisfies DutyLimits;

/** An uninterrupted time on duty. */
export interface DutySpan extends Span {
  /** It may be longer: it reaches beyond what was looked at. */
  readonly isCut: boolean;
}

/** What one person has within the time looked at. */
export interface PersonDuties {
  readonly userId: string;
  /** The longest time as primary, of whichever schedule; null: never primary. */
  readonly primary: DutySpan | null;
  /** The longest time as primary or secondary; null: never either. */
  readonly either: DutySpan | null;
}

/** A duty that is longer than `maxDutyMs`. */
export interface LongDuty extends DutySpan {
  readonly userId: string;
}

/** A rest that is too short: from the end of one duty to the beginning of the next. */
export interface ShortRest extends Span {
  readonly userId: string;
  readonly before: Span;
  readonly after: Span;
}

/** A person's duties, each list in any order, overlaps allowed. */
export interface DutiesOf {
  readonly userId: string;
  /** By whose clocks a duty is as long as it looks: the person's, and those of the rotations. At least one. */
  readonly clocks: readonly ZoneRules[];
  readonly primary: readonly Span[];
  readonly secondary: readonly Span[];
}

/** What the limits say of a person. */
export interface DutyFindings extends PersonDuties {
  readonly tooLong: readonly LongDuty[];
  readonly shortRests: readonly ShortRest[];
}

function longest(duties: readonly DutySpan[]): DutySpan | null {
  return duties.reduce<DutySpan | null>(
    (best, each) => (best === null || each.to - each.from > best.to - best.from ? each : best),
    null,
  );
}

/**
 * Looks at a person's duties that touch `span`. `known` is the longer time for which they are given: a duty that reaches its edge
 * is cut. Duties of several schedules count together; those that touch are one.
 *
 * A break that is shorter than `minRestMs` is no rest. It is told unless both duties and the break lie within what a day leaves
 * beside the rest (13 hours with 11 hours of rest): so a lunch hour between two spans of office hours is none.
 */
export function examineDuties(
  { userId, clocks, primary, secondary }: DutiesOf,
  span: Span,
  known: Span,
  { maxDutyMs, minRestMs }: DutyLimits,
): DutyFindings {
  const touching = (spans: readonly Span[]): readonly DutySpan[] =>
    spans
      .filter(({ from, to }) => from < span.to && to > span.from)
      .map(({ from, to }) => ({ from, to, isCut: from <= known.from || to >= known.to }));
  const duties = joinedSpans(primary);
  const shown = touching(duties);
  // A week in which the clocks of those who made the schedule go back is no longer than others.
  const lengthOn = ({ from, to }: Span): Milliseconds =>
    Math.min(to - from, ...clocks.map((zone) => wallClockAt(zone, to) - wallClockAt(zone, from)));
  const shortRests: ShortRest[] = [];
  for (const [index, before] of duties.entries()) {
    const after = duties[index + 1];
    if (after === undefined || minRestMs === null) break;
    const isInside = before.to < span.to && after.from > span.from;
    const isShort = after.from - before.to < minRestMs && after.to - before.from > DAY - minRestMs;
    if (isInside && isShort) shortRests.push({ userId, from: before.to, to: after.from, before, after });
  }
  return {
    userId,
    primary: longest(shown),
    either: longest(touching(joinedSpans([...primary, ...secondary]))),
    tooLong: shown
      .filter((each) => maxDutyMs !== null && lengthOn(each) > maxDutyMs)
      .map((each) => ({ userId, ...each })),
    shortRests,
  };
}
