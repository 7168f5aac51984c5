import type { Instant, Milliseconds } from '../time/instant.js';
import type { Span } from './cover.js';

/** Spans in order of their beginning, with those that overlap or touch as one, and without empty ones. */
export function joinedSpans(spans: readonly Span[]): readonly Span[] {
  const joined: { from: Instant; to: Instant }[] = [];
  for (const { from, to } of [...spans].sort((one, other) => one.from - other.from)) {
    if (from >= to) continue;
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** What two lists of ordered, disjoint spans have in common. */
export function sharedSpans(ones: readonly Span[], others: readonly Span[]): readonly Span[] {
  const shared: Span[] = [];
  let [left, right] = [0, 0];
  for (;;) {
    const one = ones[left];
    const other = others[right];
    if (one === undefined || other === undefined) return shared;
    const from = Math.max(one.from, other.from);
    const to = Math.min(one.to, other.to);
    if (from < to) shared.push({ from, to });
    if (one.to < other.to) left += 1;
    else right += 1;
  }
}

/** What of a span these ordered, disjoint spans leave free. */
export function freeSpans({ from, to }: Span, taken: readonly Span[]): readonly Span[] {
  const free: Span[] = [];
  let at = from;
  for (const each of taken) {
    if (each.to <= at) continue;
    if (each.from >= to) break;
    if (each.from > at) free.push({ from: at, to: each.from });
    at = each.to;
  }
  if (at < to) free.push({ from: at, to });
  return free;
}

/** How long disjoint spans are together. */
export function lengthOf(spans: readonly Span[]): Milliseconds {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
