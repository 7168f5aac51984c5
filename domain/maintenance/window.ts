import { DAY, MINUTE, type Instant, type Milliseconds } from '../time/instant.js';

/** A time in which alerts are recorded and page nobody, as it travels with alerts: by value, without whom it concerns. */
export interface QuietWindow {
  /** Of the window; of one that comes back each week with its beginning, so that each time is another. */
  readonly id: string;
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  /** Why, for people; at most {@link LONGEST_REASON} characters. */
  readonly reason: string;
}

/** Longer ones are slips of the pen: what is never to page is better not sent. Chosen; no source has a number. */
export const LONGEST_WINDOW: Milliseconds = 30 * DAY;

export const LONGEST_REASON = 200;

/** Windows that lie no further apart count as one, so that nobody is paged for the minute in between; clocks differ by less. */
export const TOUCHING: Milliseconds = MINUTE;

/** Something became of a window that incidents under way have to hear. */
export type MaintenanceChange =
  | {
      readonly type: 'began';
      readonly window: QuietWindow;
      /** True: what is being paged rests too. False: only what is quiet already stays so for longer. */
      readonly stopPages: boolean;
    }
  /** It is over before its time. */
  | { readonly type: 'ended'; readonly windowId: string };

/** Of these windows the ones that keep it quiet from `at` on without a break: those in force, and those that follow on. */
export function quietChain<W extends QuietWindow>(windows: readonly W[], at: Instant): readonly W[] {
  const until = quietUntil(windows, at);
  return windows.filter(({ from, to }) => to > at && from < until);
}

/** Until when these windows keep it quiet from `at` on, without a break: the last end counts. `at` itself: none is in force. */
export function quietUntil(windows: readonly QuietWindow[], at: Instant): Instant {
  let until = at;
  for (;;) {
    const reached = windows
      .filter(({ from, to }) => from <= until + TOUCHING && to > until)
      .reduce((last, { to }) => Math.max(last, to), until);
    if (reached === until) return until;
    until = reached;
  }
}
