import { durationWords } from '../../domain/messages/duration-words.js';
import type { Instant } from '../../domain/time/instant.js';

/** "5 minutes ago", "in 25 minutes", "now". */
export function relativeWords(at: Instant, now: Instant): string {
  const span = at - now;
  if (Math.abs(span) < 1_000) return 'now';
  return span < 0 ? `${durationWords(span)} ago` : `in ${durationWords(span)}`;
}

/** "12:03:09" on the clock of this zone; with the day in front when it is another day than `now`. */
export function clockWords(at: Instant, now: Instant, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(at);
  const day = parts.format(at);
  return day === parts.format(now) ? clock : `${day} ${clock}`;
}

/** The zone of this machine, as the reader's terminal has it. */
export function terminalZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
