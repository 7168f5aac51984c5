import type { Instant } from '../domain/time/instant.js';

/** Things to come, by their time; those of one instant in the order in which they were added. */
export interface Agenda<T> {
  add(at: Instant, what: T): void;
  /** Infinity when nothing is to come. */
  nextAt(): Instant;
  /** Takes out and runs whatever is due, also what that adds. */
  runUntil(now: Instant, run: (at: Instant, what: T) => void): void;
}

export function createAgenda<T>(): Agenda<T> {
  const entries: { readonly at: Instant; readonly what: T }[] = [];
  return {
    add(at, what) {
      const index = entries.findLastIndex((entry) => entry.at <= at);
      entries.splice(index + 1, 0, { at, what });
    },
    nextAt: () => entries[0]?.at ?? Number.POSITIVE_INFINITY,
    runUntil(now, run) {
      while (entries[0] !== undefined && entries[0].at <= now) {
        const [entry] = entries.splice(0, 1);
        if (entry !== undefined) run(entry.at, entry.what);
      }
    },
  };
}
