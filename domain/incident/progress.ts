import { durationWords } from '../messages/duration-words.js';
import { rests } from './quiet.js';
import { clearDeadlines, setDeadline, type Turn } from './turn.js';
import type { Phase } from './view.js';

/** Somebody has it and works on it. */
export const OWNED: readonly Phase[] = ['acknowledged', 'investigating', 'mitigated'];

/** Progress was made, or somebody took it: the wait for no progress starts anew. Only an owned incident can lack progress. */
export function progressMade(turn: Turn): void {
  const { state, now } = turn;
  clearDeadlines(turn, (name) => name === 'no-progress' || name === 'still-on-it');
  if (state.owner === null || state.escalation !== null || state.snooze !== undefined || rests(state)) return;
  if (!OWNED.includes(state.phase)) return;
  const { noProgressMs, stillOnItBeforeMs } = state.plan.timings;
  const who = state.owner.actor.name;
  setDeadline(
    turn,
    'no-progress',
    now + noProgressMs,
    `no progress for ${durationWords(noProgressMs)}: next tier`,
  );
  // A key can't be asked: it escalates in its time.
  if (stillOnItBeforeMs < noProgressMs && state.owner.actor.kind === 'user') {
    setDeadline(turn, 'still-on-it', now + noProgressMs - stillOnItBeforeMs, `ask ${who}: still on it?`);
  }
}
