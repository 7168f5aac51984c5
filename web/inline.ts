import type { TimeWords } from '../domain/messages/times.js';
import { HOUR, type Instant } from '../domain/time/instant.js';
import { html, type Html } from './html.js';

/** Within this time the day goes without saying. */
const NEAR = 12 * HOUR;

/** A point in time in running text: with its day where the time alone could be another day's. */
export function when(at: Instant, times: TimeWords, now: Instant): string {
  return Math.abs(at - now) < NEAR ? times.time(at) : times.moment(at);
}

/** A point in time in front of a line. */
export function stamp(at: Instant, times: TimeWords, now: Instant): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${when(at, times, now)}</time>`;
}

/** "Alice, Bob": each reads in its own direction. */
export function names(list: readonly string[]): readonly Html[] {
  return list.map((name, index) => html`${index === 0 ? '' : ', '}<bdi>${name}</bdi>`);
}
