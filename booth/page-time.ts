import { html, type Html } from './html.js';

/** A time of day in this machine's zone, which is the reader's. */
export function renderTime(at: Date): Html {
  const text = at.toLocaleTimeString('en-GB', { hour12: false });
  return html`<time datetime="${at.toISOString()}">${text}</time>`;
}
