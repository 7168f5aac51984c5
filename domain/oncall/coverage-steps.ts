import type { Urgency } from '../severity/severity.js';
import type { Instant } from '../time/instant.js';
import type { Span } from './cover.js';
import type { OnCallSpan } from './on-call.js';
import type { Slot } from './schedule.js';

/** Somebody whom a step means. Only schedules mean other people at other times. */
export type Meant =
  | { readonly kind: 'schedule'; readonly schedule: string; readonly slot: Slot }
  | {
      readonly kind: 'person';
      readonly userId: string;
      /** As what, for people: "user dan", "group ops-room". */
      readonly via: string;
      readonly canBePaged: Readonly<Record<Urgency, boolean>>;
    }
  /** A target that means nobody, in words: "bob has no manager in the config". */
  | { readonly kind: 'nobody'; readonly words: string };

/** A step, or the catch-all, as far as coverage looks at it. */
export interface StepToCover {
  readonly name: string;
  readonly meant: readonly Meant[];
}

/** A policy, as far as coverage looks at it. */
export interface PolicyToCover {
  readonly id: string;
  /** IANA time zone in which people read its times. */
  readonly zone: string;
  readonly steps: readonly StepToCover[];
  readonly catchAll: StepToCover;
}

/** Why one target of a step pages nobody. */
export type GapReason =
  | { readonly kind: 'nobody-on-call'; readonly schedule: string; readonly slot: Slot }
  /** Somebody is meant who has no contact method that the urgency may use. */
  | { readonly kind: 'unreachable'; readonly userId: string; readonly via: string }
  | { readonly kind: 'nobody-meant'; readonly words: string };

/** A span in which a step pages nobody; maximal for its reasons. */
export interface StepGap extends Span {
  /** From 1; null: the catch-all. */
  readonly step: number | null;
  readonly name: string;
  /** One for each target of the step. */
  readonly reasons: readonly GapReason[];
}

/** A span in which no step of a policy pages anybody. */
export interface PolicyGap extends Span {
  /** Whether the catch-all pages somebody then: if not, nobody at all hears of an alert. */
  readonly isCaught: boolean;
}

/** A span in which a step pages only people whom the step before it, passing over gaps, has paged already. */
export interface RepeatedStep extends Span {
  /** From 2. */
  readonly step: number;
  readonly name: string;
  readonly people: readonly string[];
}

/** What is known of one policy; each list is in order of time, and of steps within. */
export interface PolicyCoverage {
  readonly policy: string;
  readonly zone: string;
  readonly nobody: readonly PolicyGap[];
  readonly gaps: readonly StepGap[];
  readonly repeats: readonly RepeatedStep[];
}

/** What finding them needs. */
export interface StepSources {
  /** Spans without holes that reach over the whole time looked at, by the id of the schedule. */
  readonly spans: ReadonlyMap<string, readonly OnCallSpan[]>;
  readonly canBePaged: (userId: string) => boolean;
  readonly urgency: Urgency;
}

/** The ids of the schedules that a policy asks, each once. */
export function schedulesOf({ steps, catchAll }: PolicyToCover): readonly string[] {
  const ids = [...steps, catchAll].flatMap(({ meant }) =>
    meant.flatMap((each) => (each.kind === 'schedule' ? [each.schedule] : [])),
  );
  return [...new Set(ids)];
}

/** Who is on call by each of several schedules, in the longest spans in which that is the same. */
function* segments(
  sources: StepSources,
  ids: readonly string[],
  { from, to }: Span,
): Generator<Span & { readonly onCall: ReadonlyMap<string, OnCallSpan> }> {
  const lanes = ids.map((id) => ({ id, spans: sources.spans.get(id) ?? [], position: 0 }));
  for (let at = from; at < to;) {
    let end = to;
    const onCall = new Map<string, OnCallSpan>();
    for (const lane of lanes) {
      let span = lane.spans[lane.position];
      while (span !== undefined && span.to <= at) span = lane.spans[(lane.position += 1)];
      if (span === undefined) continue;
      onCall.set(lane.id, span);
      end = Math.min(end, span.to);
    }
    yield { from: at, to: end, onCall };
    at = end;
  }
}

interface Paged {
  readonly people: readonly string[];
  readonly reasons: readonly GapReason[];
}

/** Whom a step pages, each once, and why a target pages nobody. */
function pagedBy(
  { meant }: StepToCover,
  onCall: ReadonlyMap<string, OnCallSpan>,
  { canBePaged, urgency }: StepSources,
): Paged {
  const people = new Set<string>();
  const reasons: GapReason[] = [];
  for (const each of meant) {
    switch (each.kind) {
      case 'schedule': {
        const { schedule, slot } = each;
        const userId = onCall.get(schedule)?.[slot] ?? null;
        if (userId === null) reasons.push({ kind: 'nobody-on-call', schedule, slot });
        else if (canBePaged(userId)) people.add(userId);
        else reasons.push({ kind: 'unreachable', userId, via: `${slot} of ${schedule}` });
        break;
      }
      case 'person': {
        const { userId, via } = each;
        if (each.canBePaged[urgency]) people.add(userId);
        else reasons.push({ kind: 'unreachable', userId, via });
        break;
      }
      case 'nobody':
        reasons.push({ kind: 'nobody-meant', words: each.words });
        break;
      default:
        each satisfies never;
    }
  }
  return { people: [...people], reasons };
}

/** A list of spans in which neighbours that say the same become one. */
function growing<T extends Span>(): { readonly list: T[]; add(key: string, span: T): void } {
  const list: (T & { to: Instant })[] = [];
  const latest = new Map<string, T & { to: Instant }>();
  return {
    list,
    add: (key, span) => {
      const before = latest.get(key);
      if (before?.to === span.from) {
        before.to = span.to;
        return;
      }
      const own = { ...span };
      latest.set(key, own);
      list.push(own);
    },
  };
}

/** Every gap and every repetition of a policy within `[from, to)`, exact to the millisecond. */
export function coverPolicy(policy: PolicyToCover, sources: StepSources, span: Span): PolicyCoverage {
  const nobody = growing<PolicyGap>();
  const gaps = growing<StepGap>();
  const repeats = growing<RepeatedStep>();
  for (const { from, to, onCall } of segments(sources, schedulesOf(policy), span)) {
    const addGap = (step: number | null, name: string, reasons: readonly GapReason[]): void =>
      gaps.add(JSON.stringify([step, reasons]), { step, name, from, to, reasons });
    let before: readonly string[] | null = null;
    for (const [index, step] of policy.steps.entries()) {
      const { people, reasons } = pagedBy(step, onCall, sources);
      const { name } = step;
      if (people.length === 0) {
        addGap(index + 1, name, reasons);
        continue;
      }
      if (before !== null && people.every((each) => before?.includes(each)))
        repeats.add(JSON.stringify([index, people]), { step: index + 1, name, from, to, people });
      before = people;
    }
    const last = pagedBy(policy.catchAll, onCall, sources);
    const isCaught = last.people.length > 0;
    if (!isCaught) addGap(null, policy.catchAll.name, last.reasons);
    if (before === null) nobody.add(String(isCaught), { from, to, isCaught });
  }
  return {
    policy: policy.id,
    zone: policy.zone,
    nobody: nobody.list,
    gaps: gaps.list,
    repeats: repeats.list,
  };
}
