import type { Instant } from '../time/instant.js';
import { checkSpan, type SpanProblem } from './check-override.js';
import type { Span } from './cover.js';
import { shifts, type Duty, type PreparedSchedule } from './on-call.js';
import type { Override } from './override.js';

/** Which half of a swap is meant: what the first gives away, or what the second does. */
export type SwapSide = 'first' | 'second';

/** Why two people cannot swap. */
export type SwapProblem =
  | (SpanProblem & { readonly side: SwapSide })
  | { readonly kind: 'same-person' }
  /** Both are of one place and overlap, so that one instant would belong to both. */
  | { readonly kind: 'spans-overlap' }
  /** The person does not have the place in these parts of the span. */
  | { readonly kind: 'not-on-duty'; readonly side: SwapSide; readonly spans: readonly Span[] };

/** What the two overrides of a swap have in common, and their ids. */
export interface SwapDetails {
  readonly swapId: string;
  readonly ids: Readonly<Record<SwapSide, string>>;
  readonly reason: string;
  readonly by: string;
  readonly createdAt: Instant;
}

/** The overrides of a swap, or everything that stands against it. */
export type Swap =
  | { readonly ok: true; readonly overrides: readonly [Override, Override] }
  | { readonly ok: false; readonly problems: readonly SwapProblem[] };

/** The parts of a duty in which somebody else, or nobody, has the place; neighbours as one. */
function missing(schedule: PreparedSchedule, { slot, userId, from, to }: Duty): readonly Span[] {
  const spans: { from: Instant; to: Instant }[] = [];
  for (const span of shifts(schedule, from, to)) {
    if (span[slot] === userId) continue;
    const last = spans.at(-1);
    if (last?.to === span.from) last.to = span.to;
    else spans.push({ from: span.from, to: span.to });
  }
  return spans;
}

/**
 * Two people take over each other's time: two overrides with one `swapId`, each `insteadOf` the other, so that neither counts
 * where its giver would not have been on call. The spans may be of both places, of any length, parts of shifts or whole
 * ones (`dutyAt`). `schedule` is prepared with the overrides that there are.
 */
export function swap(
  schedule: PreparedSchedule,
  first: Duty,
  second: Duty,
  details: SwapDetails,
  now: Instant,
): Swap {
  const sides = [
    ['first', first, second],
    ['second', second, first],
  ] as const;
  const problems: SwapProblem[] = [];
  if (first.userId === second.userId) problems.push({ kind: 'same-person' });
  if (first.slot === second.slot && first.from < second.to && second.from < first.to)
    problems.push({ kind: 'spans-overlap' });
  for (const [side, duty] of sides) {
    const wrong = checkSpan(duty, now);
    if (wrong !== null) {
      problems.push({ ...wrong, side });
      continue;
    }
    const spans = missing(schedule, duty);
    if (spans.length > 0) problems.push({ kind: 'not-on-duty', side, spans });
  }
  if (problems.length > 0) return { ok: false, problems };
  const { swapId, ids, reason, by, createdAt } = details;
  const half = (side: SwapSide, { slot, userId, from, to }: Duty, taker: string): Override => ({
    id: ids[side],
    schedule: schedule.id,
    slot,
    userId: taker,
    insteadOf: userId,
    from,
    to,
    reason,
    by,
    createdAt,
    swapId,
  });
  return {
    ok: true,
    overrides: [half('first', first, second.userId), half('second', second, first.userId)],
  };
}
