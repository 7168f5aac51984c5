import type { Span } from '../../domain/oncall/cover.js';
import type { OnCallSpan, PreparedSchedule } from '../../domain/oncall/on-call.js';
import type { Why } from '../../domain/oncall/places.js';
import { DAY, MINUTE, type Instant } from '../../domain/time/instant.js';
import { now } from '../clock.js';
import { startChild } from '../ipc.js';
import { createOnCallSubject, OVERRIDES, type OnCallEngine } from '../on-call-subject.js';
import { summaryOf, type Summary } from '../statistics.js';

/** How fast it is known who is on call, on one core. */
export interface OnCallResult {
  readonly layers: number;
  readonly overrides: number;
  readonly onCallAtPerSecond: number;
  /** A year of shifts, milliseconds. */
  readonly shifts: Summary;
  /** The same year found by asking `onCallAt` for each of its minutes, milliseconds: the fastest of some. */
  readonly minuteByMinuteMs: number;
  readonly policies: number;
  readonly weeks: number;
  /** Coverage of all policies with as many overrides, milliseconds. */
  readonly coverage: Summary;
}

export interface OnCallSizes {
  /** Before anything counts, of each. */
  readonly warmUpMs: number;
  /** Of each; what began is seen through. */
  readonly forMs: number;
  /** Of the year: all of them, but in tests. */
  readonly days: number;
  /** How often they are gone through minute by minute. */
  readonly references: number;
  readonly policies: number;
  readonly weeks: number;
}

/** Source: the issue has 100 policies over 26 weeks. */
const COVERAGE = { policies: 100, weeks: 26 } as const;
const WARM_UP_MS = 1_000;

/** Each for so many seconds with what ships, in a fresh process of its own. */
export async function measureOnCall(seconds: number, references: number): Promise<OnCallResult> {
  const sizes: OnCallSizes = {
    warmUpMs: WARM_UP_MS,
    forMs: seconds * 1_000,
    days: 365,
    references,
    ...COVERAGE,
  };
  const child = await startChild<OnCallResult, never>('./on-call-process.ts', [JSON.stringify(sizes)]);
  await child.stop();
  return child.ready;
}

/** Instants asked in one go, between two looks at the clock. */
const INSTANTS = 8_192;

/** The fractional parts of its multiples never come close to each other. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** All of it in this process. @throws Error when `shifts` and `onCallAt` do not say the same: then neither is worth measuring */
export function timeOnCall(engine: OnCallEngine, sizes: OnCallSizes, clock = now): OnCallResult {
  const { onCallAt, shifts, coverageSource, coverageOf } = engine;
  const subject = createOnCallSubject(engine, sizes.policies, sizes.weeks);
  const { schedule, ahead, duty, overrides } = subject;
  const year = { from: subject.year.from, to: subject.year.from + sizes.days * DAY };
  const timed = (act: () => void): readonly number[] => repeated(act, sizes, clock);

  const instants = spread(year);
  const asked = timed(() => {
    for (const at of instants)
      if (onCallAt(schedule, at).primary === null) throw new Error(`Nobody is on call at ${at}.`);
  });
  let found: readonly OnCallSpan[] = [];
  const years = timed(() => {
    found = shifts(schedule, year.from, year.to);
  });
  const references = Array.from({ length: sizes.references }, () => {
    const began = clock();
    const reference = minuteByMinute(onCallAt, schedule, year);
    const took = clock() - began;
    sayTheSame(found, reference);
    return took;
  });
  // As the command does it: the overrides are put on top of the schedules each time.
  const proofs = timed(() => {
    const { summary } = coverageOf(coverageSource(duty, overrides), ahead);
    if (summary.policies !== sizes.policies)
      throw new Error(`Only ${summary.policies} policies were looked at.`);
  });
  return {
    layers: schedule.layers.length,
    overrides: OVERRIDES,
    onCallAtPerSecond: (1_000 * INSTANTS * asked.length) / asked.reduce((sum, took) => sum + took, 0),
    shifts: summaryOf(years),
    minuteByMinuteMs: Math.min(...references),
    policies: sizes.policies,
    weeks: sizes.weeks,
    coverage: summaryOf(proofs),
  };
}

/** How long each took, once it is warm: at least one. */
function repeated(
  act: () => void,
  { warmUpMs, forMs }: Pick<OnCallSizes, 'warmUpMs' | 'forMs'>,
  clock: () => number,
): readonly number[] {
  const until = (end: number): readonly number[] => {
    const took: number[] = [];
    do {
      const began = clock();
      act();
      took.push(clock() - began);
    } while (clock() < end);
    return took;
  };
  until(clock() + warmUpMs);
  return until(clock() + forMs);
}

/** Instants all over the span, none near the one before: what was kept of that helps little. */
function spread({ from, to }: Span): readonly Instant[] {
  return Array.from({ length: INSTANTS }, (_, index) =>
    Math.floor(from + ((index * GOLDEN_RATIO) % 1) * (to - from)),
  );
}

function isSameWhy(one: Why | null, other: Why | null): boolean {
  if (one === null || other === null) return one === other;
  return one.kind === 'override'
    ? other.kind === 'override' && one.id === other.id
    : other.kind === 'rotation' && one.name === other.name;
}

/** What {@link OnCallEngine.shifts} finds, found by asking of each minute. */
export function minuteByMinute(
  onCallAt: OnCallEngine['onCallAt'],
  schedule: PreparedSchedule,
  { from, to }: Span,
): readonly OnCallSpan[] {
  const spans: { -readonly [key in keyof OnCallSpan]: OnCallSpan[key] }[] = [];
  let last: (typeof spans)[number] | undefined;
  for (let at = from; at < to; at += MINUTE) {
    const found = onCallAt(schedule, at);
    if (
      last !== undefined &&
      last.primary === found.primary &&
      last.secondary === found.secondary &&
      isSameWhy(last.why.primary, found.why.primary) &&
      isSameWhy(last.why.secondary, found.why.secondary)
    )
      last.to = at + MINUTE;
    else spans.push((last = { from: at, to: at + MINUTE, ...found }));
  }
  return spans;
}

function sayTheSame(found: readonly OnCallSpan[], reference: readonly OnCallSpan[]): void {
  const wordsOf = (span: OnCallSpan | undefined): string => {
    if (span === undefined) return 'nothing';
    const { from, to, primary, secondary, why } = span;
    return JSON.stringify({ from, to, primary, secondary, why });
  };
  for (let index = 0; index < Math.max(found.length, reference.length); index += 1) {
    const [one, other] = [wordsOf(found[index]), wordsOf(reference[index])];
    if (one !== other) throw new Error(`shifts says ${one}, and minute by minute it is ${other}.`);
  }
}
