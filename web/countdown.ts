import { html, type Html } from './html.js';
import { MINUTE, SECOND, type Instant, type Milliseconds } from '../domain/time/instant.js';

/** Seconds are worth saying up to here. */
const SECONDS_UP_TO = 90;

/**
 * How far something is, at a glance: "45 s", "4 min", "1 h 5 min", "2 d 3 h". The script of the page says the same words
 * (web/live-script.ts).
 */
export function glance(span: Milliseconds): string {
  const seconds = Math.round(Math.abs(span) / SECOND);
  if (seconds < SECONDS_UP_TO) return `${seconds} s`;
  const minutes = Math.round(Math.abs(span) / MINUTE);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return joined(hours, 'h', minutes % 60, 'min');
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/** "in 4 min" or "4 min ago": right when the page is made, and kept right by its script. */
export function relative(at: Instant, now: Instant): Html {
  const words = at > now ? `in ${glance(at - now)}` : `${glance(now - at)} ago`;
  return html`<span class="far" data-at="${at}">${words}</span>`;
}

/** "in 4 min", then "due now": for promises. */
export function dueIn(at: Instant, now: Instant): Html {
  const words = at > now ? `in ${glance(at - now)}` : 'due now';
  return html`<span class="far" data-at="${at}" data-past="due now">${words}</span>`;
}
