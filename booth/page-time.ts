import { html, type Html } from './html.js';

/** A time of day in this machine's zone, with its name: people in messages may live in others. */
export function renderTime(at: Date): Html {
  const text = at.toLocaleTimeString('en-GB', { hour12: false, timeZoneName: 'short' });
  return html`<time datetime="${at.toISOString()}">${text}</time>`;
}
