import type { Instant } from '../time/instant.js';

/** How points in time are written for one reader. */
export interface TimeWords {
  /** Today or in the night to come, e.g. "10:06 UTC". */
  time(at: Instant): string;
  /** Days ahead or back, e.g. "Sun 24 Nov, 18:00 UTC". */
  moment(at: Instant): string;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** UTC: what everybody gets where no reader's time zone is known (Temporal UI, timeline, simulations). */
export const utcTimes: TimeWords = {
  time: (at) => `${utcClock(at).slice(0, 5)} UTC`,
  moment: (at) => {
    const date = new Date(at);
    const day = DAYS[date.getUTCDay()] ?? '';
    const month = MONTHS[date.getUTCMonth()] ?? '';
    return `${day} ${date.getUTCDate()} ${month}, ${utcClock(at).slice(0, 5)} UTC`;
  },
};

/** "10:06:09", UTC. */
export function utcClock(at: Instant): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** "2026-11-24", UTC. */
export function utcDate(at: Instant): string {
  return new Date(at).toISOString().slice(0, 10);
}
