import { utcTimes } from '../messages/times.js';
import { HOUR, type Instant } from '../time/instant.js';
import type { Actor } from './plan.js';
import { clearDeadline, clearDeadlines, setDeadline, type Turn } from './turn.js';

/** Nothing is asked of whoever has it until then: no "still on it?", no escalation for lack of progress, no second look. */
export function beginSnooze(turn: Turn, by: Actor, until: Instant): void {
  turn.state.snooze = { by, until };
  clearDeadlines(turn, (name) => ['no-progress', 'still-on-it', 'recheck'].includes(name));
  const then =
    by.kind === 'user' ? `${by.name} is paged again` : 'the policy is paged, since an API key has no phone';
  setDeadline(
    turn,
    'snooze',
    until,
    `snoozed by ${by.name} until ${untilWords(turn.now, until)}, then ${then}`,
  );
}

/** Ends a snooze, if there is one. What is owed instead is for the caller to say. */
export function endSnooze(turn: Turn): void {
  delete turn.state.snooze;
  clearDeadline(turn, 'snooze');
}

/** The end of a snooze for people: with its day where a time of day alone could be today's or tomorrow's. */
export function untilWords(now: Instant, until: Instant): string {
  return until - now > 12 * HOUR ? utcTimes.moment(until) : utcTimes.time(until);
}
