import type { Urgency } from '../severity/severity.js';
import { DAY, type Milliseconds } from '../time/instant.js';
import type { Span } from './cover.js';
import {
  examineDuties,
  type DutyLimits,
  type LongDuty,
  type PersonDuties,
  type ShortRest,
} from './coverage-duties.js';
import { coverPolicy, schedulesOf, type PolicyCoverage, type PolicyToCover } from './coverage-steps.js';
import { shifts, type OnCallSpan, type PreparedSchedule } from './on-call.js';
import { endOf, type Override } from './override.js';
import type { Slot } from './schedule.js';
import { lengthOf } from './spans.js';
import type { ZoneRules } from './zone.js';

/** Somebody of the config, as far as coverage looks at them. */
export interface PersonToCover {
  readonly name: string;
  readonly zone: ZoneRules;
  /** Whether there is a contact method that pages of an urgency may use. */
  readonly canBePaged: Readonly<Record<Urgency, boolean>>;
  /** Whether none of those methods is known to lead to them: they are paged, and the next step with them. Absent: no. */
  readonly isUnverified?: Readonly<Record<Urgency, boolean>>;
}

/** What coverage is worked out from. */
export interface CoverageSource {
  readonly policies: readonly PolicyToCover[];
  /** With their overrides, by id: at least those that the policies ask. */
  readonly schedules: ReadonlyMap<string, PreparedSchedule>;
  /** Null: not in the config. */
  readonly person: (userId: string) => PersonToCover | null;
  /** Overrides that do not count, since their person is not in the config any more: `schedules` is without them. */
  readonly ignored: readonly Override[];
  readonly limits: DutyLimits;
}

/** Somebody whom a policy means within the time looked at, and with whom something is wrong: by which list they are in. */
export interface FoundPerson {
  readonly userId: string;
  readonly name: string;
  /** For which pages it is so. */
  readonly urgencies: readonly Urgency[];
  /** Ids of the policies that mean them. */
  readonly policies: readonly string[];
  /** As what, for people: "primary of payments". */
  readonly via: readonly string[];
}

/** A person's longest duties, with what people need to read them. */
export interface NamedDuties extends PersonDuties {
  readonly name: string;
  /** IANA time zone of the person. */
  readonly zone: string;
}

/** An override that somebody meant to count, and that does not: its person is not in the config any more. */
export interface IgnoredOverride extends Span {
  readonly id: string;
  readonly schedule: string;
  readonly slot: Slot;
  readonly userId: string;
}

/** Sums, for the last line and for deciding whether all is well. */
export interface CoverageSummary {
  readonly policies: number;
  /** Spans in which no step of a policy pages anybody. */
  readonly nobody: number;
  readonly nobodyMs: Milliseconds;
  /** Spans in which one step pages nobody. */
  readonly gaps: number;
  readonly gapsMs: Milliseconds;
  readonly unreachable: number;
  readonly unverified: number;
  readonly repeats: number;
  readonly tooLong: number;
  readonly shortRests: number;
  readonly ignored: number;
}

/** Everything that is known about `[from, to)`. */
export interface Coverage extends Span {
  /** Of the pages whose gaps these are. */
  readonly urgency: Urgency;
  readonly limits: DutyLimits;
  readonly policies: readonly PolicyCoverage[];
  /** Who cannot be paged. */
  readonly unreachable: readonly FoundPerson[];
  /** Who is paged, and has confirmed no contact method: the next step is paged with them. No gap. */
  readonly unverified: readonly FoundPerson[];
  /** Everybody who is on call, the longest duty first. */
  readonly duties: readonly NamedDuties[];
  readonly tooLong: readonly LongDuty[];
  readonly shortRests: readonly ShortRest[];
  readonly ignored: readonly IgnoredOverride[];
  readonly summary: CoverageSummary;
}

/**
 * How far beyond both ends duties and rests are followed: longer than a shift of four weeks. Overrides should be known
 * for that time as well.
 */
export const DUTY_MARGIN: Milliseconds = 35 * DAY;

/** How far ahead people look when they do not say, and at most: weeks. */
export const COVERAGE_WEEKS = { default: 26, longest: 104 } as const;

function withMargin({ from, to }: Span): Span {
  return { from: from - DUTY_MARGIN, to: to + DUTY_MARGIN };
}

const URGENCIES: readonly Urgency[] = ['high', 'low'];

interface Looked {
  readonly source: CoverageSource;
  readonly span: Span;
  /** With the margin. */
  readonly spans: ReadonlyMap<string, readonly OnCallSpan[]>;
}

function isWithin(each: Span, span: Span): boolean {
  return each.from < span.to && each.to > span.from;
}

/** Whether it is so for pages of an urgency. `can`: by what they are meant as; null: not in the config. */
type IsSo = (userId: string, urgency: Urgency, can: Readonly<Record<Urgency, boolean>> | null) => boolean;

/** Everybody whom the policies mean, and of whom it is so for one urgency or both. */
function peopleOf({ source, span, spans }: Looked, isSo: IsSo): readonly FoundPerson[] {
  interface Found {
    readonly urgencies: Set<Urgency>;
    readonly policies: Set<string>;
    readonly via: Set<string>;
  }
  const found = new Map<string, Found>();
  for (const { id, steps, catchAll } of source.policies) {
    const note = (userId: string, via: string, can: Readonly<Record<Urgency, boolean>> | null): void => {
      const urgencies = URGENCIES.filter((urgency) => isSo(userId, urgency, can));
      if (urgencies.length === 0) return;
      const known = found.get(userId) ?? { urgencies: new Set(), policies: new Set(), via: new Set() };
      found.set(userId, known);
      for (const urgency of urgencies) known.urgencies.add(urgency);
      known.policies.add(id);
      known.via.add(via);
    };
    for (const each of [...steps, catchAll].flatMap(({ meant }) => meant)) {
      if (each.kind === 'person') note(each.userId, each.via, each.canBePaged);
      if (each.kind !== 'schedule') continue;
      const { schedule, slot } = each;
      const within = (spans.get(schedule) ?? []).filter((one) => isWithin(one, span));
      for (const userId of new Set(within.map((one) => one[slot])))
        if (userId !== null)
          note(userId, `${slot} of ${schedule}`, source.person(userId)?.canBePaged ?? null);
    }
  }
  return [...found].map(([userId, { urgencies, policies, via }]) => {
    const person = source.person(userId);
    return {
      userId,
      name: person?.name ?? userId,
      urgencies: URGENCIES.filter((urgency) => urgencies.has(urgency)),
      policies: [...policies],
      via: [...via],
    };
  });
}

function ignoredOf({ source, span, spans }: Looked): readonly IgnoredOverride[] {
  return source.ignored
    .map((each) => ({ ...each, to: endOf(each) }))
    .filter((each) => spans.has(each.schedule) && each.from < each.to && isWithin(each, span))
    .map(({ id, schedule, slot, userId, from, to }) => ({ id, schedule, slot, userId, from, to }));
}

/** The zones by whose clocks a schedule hands over. */
function zonesOf({ layers, secondary }: PreparedSchedule): readonly ZoneRules[] {
  return [...layers, ...(secondary.kind === 'own' ? secondary.layers : [])].map(({ zone }) => zone);
}

/** A person's time on duty by all schedules, while it is gathered. */
interface Gathered {
  readonly primary: Span[];
  readonly secondary: Span[];
  readonly clocks: Set<ZoneRules>;
}

function dutiesOf({ source, span, spans }: Looked): Pick<Coverage, 'duties' | 'tooLong' | 'shortRests'> {
  const people = new Map<string, Gathered>();
  for (const [id, each] of spans) {
    const schedule = source.schedules.get(id);
    const zones = schedule === undefined ? [] : zonesOf(schedule);
    const note = (slot: Slot, userId: string | null, one: Span): void => {
      if (userId === null) return;
      const known = people.get(userId) ?? { primary: [], secondary: [], clocks: new Set(zones) };
      people.set(userId, known);
      known[slot].push(one);
      for (const zone of zones) known.clocks.add(zone);
    };
    for (const one of each) {
      note('primary', one.primary, one);
      note('secondary', one.secondary, one);
    }
  }
  const findings = [...people].map(([userId, { primary, secondary, clocks }]) => {
    const person = source.person(userId);
    const all = [...clocks, ...(person === null ? [] : [person.zone])];
    const duties = { userId, clocks: all, primary, secondary };
    const found = examineDuties(duties, span, withMargin(span), source.limits);
    return { ...found, name: person?.name ?? userId, zone: (person?.zone ?? all[0])?.id ?? 'UTC' };
  });
  const lengthOfLongest = ({ primary }: PersonDuties): Milliseconds =>
    primary === null ? 0 : primary.to - primary.from;
  return {
    duties: findings
      .filter(({ either }) => either !== null)
      .map(({ userId, name, zone, primary, either }) => ({ userId, name, zone, primary, either }))
      .sort((one, other) => lengthOfLongest(other) - lengthOfLongest(one)),
    tooLong: findings.flatMap(({ tooLong }) => tooLong),
    shortRests: findings.flatMap(({ shortRests }) => shortRests),
  };
}

/**
 * Proves the coverage of policies over `[from, to)`: from the intervals of the schedules, never by samples, so that a gap of a
 * minute in the night of a clock change is found. `urgency` says by whose contact methods somebody counts as reached.
 */
export function coverageOf(source: CoverageSource, span: Span, urgency: Urgency = 'high'): Coverage {
  const slices = coverageInSlices(source, span, urgency);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
  }
}

/** {@link coverageOf} that stops after each schedule and each policy, for a process that has other things to do. */
export function* coverageInSlices(
  source: CoverageSource,
  span: Span,
  urgency: Urgency = 'high',
): Generator<undefined, Coverage, undefined> {
  const wide = withMargin(span);
  const spans = new Map<string, readonly OnCallSpan[]>();
  for (const id of new Set(source.policies.flatMap(schedulesOf))) {
    const schedule = source.schedules.get(id);
    if (schedule !== undefined) spans.set(id, shifts(schedule, wide.from, wide.to));
    yield;
  }
  const canBePaged = (userId: string): boolean => source.person(userId)?.canBePaged[urgency] === true;
  const policies: PolicyCoverage[] = [];
  for (const each of source.policies) {
    policies.push(coverPolicy(each, { spans, canBePaged, urgency }, span));
    yield;
  }
  const looked: Looked = { source, span, spans };
  const unreachable = peopleOf(looked, (_userId, urgency, can) => can?.[urgency] !== true);
  const unverified = peopleOf(
    looked,
    (userId, urgency, can) =>
      can?.[urgency] === true && source.person(userId)?.isUnverified?.[urgency] === true,
  );
  yield;
  const duties = dutiesOf(looked);
  const ignored = ignoredOf(looked);
  const nobody = policies.flatMap((each) => each.nobody);
  const gaps = policies.flatMap((each) => each.gaps);
  return {
    from: span.from,
    to: span.to,
    urgency,
    limits: source.limits,
    policies,
    unreachable,
    unverified,
    ...duties,
    ignored,
    summary: {
      policies: policies.length,
      nobody: nobody.length,
      nobodyMs: lengthOf(nobody),
      gaps: gaps.length,
      gapsMs: lengthOf(gaps),
      unreachable: unreachable.length,
      unverified: unverified.length,
      repeats: policies.reduce((sum, { repeats }) => sum + repeats.length, 0),
      tooLong: duties.tooLong.length,
      shortRests: duties.shortRests.length,
      ignored: ignored.length,
    },
  };
}
