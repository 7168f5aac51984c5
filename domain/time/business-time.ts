import type { Instant, Milliseconds } from './instant.js';

/**
 * The business hours of a service as plain instants: ordered, disjoint `[opens, closes)` windows.
 * They are worked out where time zones are known (config) and handed to the machine by value, so that the rules
 * stay pure and a time-zone update can't change a running incident. Beyond the last window every instant counts
 * as business time: a page that is too early beats one that never comes.
 */
export type BusinessTime = readonly (readonly [opens: Instant, closes: Instant])[];

function horizon(time: BusinessTime): Instant {
  return time.at(-1)?.[1] ?? Number.NEGATIVE_INFINITY;
}

/** True inside a window, and beyond the horizon. */
export function isBusinessTime(time: BusinessTime, at: Instant): boolean {
  return at >= horizon(time) || time.some(([opens, closes]) => opens <= at && at < closes);
}

/** The next instant at or after `at` that is business time. */
export function nextOpening(time: BusinessTime, at: Instant): Instant {
  if (isBusinessTime(time, at)) return at;
  return time.find(([opens]) => opens >= at)?.[0] ?? at;
}

/**
 * `before` milliseconds ahead of the close of the next business day: the first window that opens after `at`.
 * Source: `page: next-business-day` pages two hours before the end of the next business day.
 */
export function beforeNextDaysClose(time: BusinessTime, at: Instant, before: Milliseconds): Instant {
  const next = time.find(([opens]) => opens > at);
  return next === undefined ? at : Math.max(next[0], next[1] - before);
}
