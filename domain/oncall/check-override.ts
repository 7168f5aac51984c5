import { DAY, type Instant } from '../time/instant.js';
import type { Span } from './cover.js';
import { prepare, shifts, type OnCallSpan } from './on-call.js';
import { endOf, type Override } from './override.js';
import type { Schedule, Slot } from './schedule.js';

/** Longest override: a year, leap day included. What lasts longer belongs into the config. */
export const LONGEST_OVERRIDE_DAYS = 366;

/** Why a span cannot be given to somebody. */
export type SpanProblem =
  | { readonly kind: 'ends-before-start' }
  /** It ends before now. One that began already and goes on is fine. */
  | { readonly kind: 'in-the-past' }
  | { readonly kind: 'too-long'; readonly longestDays: number };

/** Why an override cannot be made. */
export type OverrideProblem =
  | SpanProblem
  /** Others would no longer count, at least for a time. Can be forced: then the new one wins. */
  | { readonly kind: 'overlaps'; readonly overrides: readonly Override[] };

/** What somebody who makes an override should know. */
export type OverrideWarning =
  /** The same people are on call with it as without. */
  | { readonly kind: 'changes-nothing' }
  /** It counts only in a part of its span: see `inEffect`. */
  | { readonly kind: 'counts-in-part' };

/** What comes of a new override. It may be made when there is no problem. */
export interface OverrideVerdict {
  readonly problems: readonly OverrideProblem[];
  readonly warnings: readonly OverrideWarning[];
  /** When the person would have the place by it. Empty when there is no sound span. */
  readonly inEffect: readonly Span[];
}

/** What is wrong with a span of the future; null when nothing is. Not a number counts as no span. */
export function checkSpan({ from, to }: Span, now: Instant): SpanProblem | null {
  if (!(from < to)) return { kind: 'ends-before-start' };
  if (to <= now) return { kind: 'in-the-past' };
  if (to - from > LONGEST_OVERRIDE_DAYS * DAY)
    return { kind: 'too-long', longestDays: LONGEST_OVERRIDE_DAYS };
  return null;
}

/** The spans of both lists cut at the edges of either: what was and what would be, side by side. */
function* sideBySide(
  before: readonly OnCallSpan[],
  after: readonly OnCallSpan[],
): Generator<{ readonly span: Span; readonly was: OnCallSpan; readonly is: OnCallSpan }> {
  let [left, right] = [0, 0];
  for (;;) {
    const was = before[left];
    const is = after[right];
    if (was === undefined || is === undefined) return;
    const to = Math.min(was.to, is.to);
    yield { span: { from: Math.max(was.from, is.from), to }, was, is };
    if (was.to === to) left += 1;
    if (is.to === to) right += 1;
  }
}

const SLOTS: readonly Slot[] = ['primary', 'secondary'];

function idsIn({ why }: OnCallSpan): ReadonlySet<string> {
  return new Set(
    SLOTS.map((slot) => why[slot]).flatMap((each) => (each?.kind === 'override' ? [each.id] : [])),
  );
}

/**
 * Looks at a new override beside those that there are, before it is made. Whether the person and the schedule exist is the
 * caller's to know. An override overlaps another when the other would cease to count at some instant: of the same place, or
 * of the other place because its person would be both.
 */
export function checkOverride(
  schedule: Schedule,
  existing: readonly Override[],
  wanted: Override,
  now: Instant,
  options: { readonly force?: boolean } = {},
): OverrideVerdict {
  const wrong = checkSpan(wanted, now);
  if (wrong !== null) return { problems: [wrong], warnings: [], inEffect: [] };
  const { from } = wanted;
  const to = endOf(wanted);
  const before = shifts(prepare(schedule, existing), from, to);
  const after = shifts(prepare(schedule, [...existing, wanted]), from, to);
  const displaced = new Set<string>();
  const inEffect: { from: Instant; to: Instant }[] = [];
  let changes = false;
  for (const { span, was, is } of sideBySide(before, after)) {
    changes ||= was.primary !== is.primary || was.secondary !== is.secondary;
    const counting = idsIn(is);
    for (const id of idsIn(was)) if (!counting.has(id)) displaced.add(id);
    const why = is.why[wanted.slot];
    if (why?.kind !== 'override' || why.id !== wanted.id) continue;
    const last = inEffect.at(-1);
    if (last?.to === span.from) last.to = span.to;
    else inEffect.push({ ...span });
  }
  const [only] = inEffect;
  const isWhole = inEffect.length === 1 && only?.from === from && only.to === to;
  const overrides = existing.filter(({ id }) => displaced.has(id));
  return {
    problems: overrides.length > 0 && options.force !== true ? [{ kind: 'overlaps', overrides }] : [],
    warnings: [
      ...(changes ? [] : [{ kind: 'changes-nothing' } as const]),
      ...(changes && !isWhole ? [{ kind: 'counts-in-part' } as const] : []),
    ],
    inEffect,
  };
}
