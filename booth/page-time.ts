import { html, type Html } from './html.js';

const FORM = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
  timeZoneName: 'short',
});

/** A time of day in this machine's zone, with its name: people in messages may live in others. */
export function renderTime(at: Date): Html {
  return html`<time datetime="${at.toISOString()}">${FORM.format(at)}</time>`;
}
