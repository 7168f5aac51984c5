import type { TimelineEntry } from './timeline.js';

/** The timeline of an incident as its state carries it. */
export interface KeptTimeline {
  timeline: readonly TimelineEntry[];
  timelineDropped: number;
  /** The number of each entry, from 0, since some before it were dropped. Absent: none was. */
  timelineNumbers?: readonly number[];
}

/** The number of each entry: how many had happened before it. They stay when others are dropped. */
export function numbersOf({ timeline, timelineDropped, timelineNumbers }: KeptTimeline): readonly number[] {
  // Entries that were dropped before numbers were carried: the opening stayed, the oldest after it went.
  return timelineNumbers ?? timeline.map((_, index) => (index === 0 ? 0 : index + timelineDropped));
}

/** Adds what happened, with the next number. */
export function addEntry(state: KeptTimeline, entry: TimelineEntry): void {
  const next = state.timeline.length + state.timelineDropped;
  if (state.timelineNumbers !== undefined) state.timelineNumbers = [...state.timelineNumbers, next];
  state.timeline = [...state.timeline, entry];
}

/**
 * Drops the entries from one index up to another, which is not included. Whoever makes room drops the oldest of a kind: those
 * are the first to be in the store.
 */
export function dropEntries(state: KeptTimeline, from: number, to: number): void {
  if (from < 0 || to <= from) return;
  const numbers = numbersOf(state);
  const keep = (_: unknown, index: number): boolean => index < from || index >= to;
  state.timelineNumbers = numbers.filter(keep);
  state.timeline = state.timeline.filter(keep);
  state.timelineDropped += to - from;
}
