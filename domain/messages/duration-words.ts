import { DAY, HOUR, MINUTE, SECOND, type Milliseconds } from '../time/instant.js';

/** Up to here whole hours stay hours: people say "48 hours", not "2 days". Source: the spec's own words. */
const HOURS_UP_TO = 3 * DAY;

/**
 * A span of time as people say it: "5 minutes", "48 hours", "1 h 5 min", "3 days". Rounded to seconds below an hour, to
 * minutes below three days, to hours above; negative spans lose their sign.
 */
export function durationWords(span: Milliseconds): string {
  const seconds = Math.round(Math.abs(span) / SECOND);
  if (seconds < 120 && seconds % 60 !== 0) return counted(seconds, 'second');
  if (seconds === 0) return '0 seconds';
  if (seconds < HOUR / SECOND) return pair(seconds, MINUTE / SECOND, 'minute', 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes * MINUTE < HOURS_UP_TO) return pair(minutes, HOUR / MINUTE, 'hour', 'h', 'min');
  return pair(Math.round(minutes / 60), DAY / HOUR, 'day', 'd', 'h');
}

function pair(amount: number, per: number, word: string, big: string, small: string): string {
  const whole = Math.floor(amount / per);
  const rest = amount % per;
  return rest === 0 ? counted(whole, word) : `${whole} ${big} ${rest} ${small}`;
}

function counted(amount: number, word: string): string {
  return `${amount} ${word}${amount === 1 ? '' : 's'}`;
}
