import type { Actor } from '../../domain/incident/plan.js';

/** What a person hears when no worker took their answer in time. */
export const NOTED = 'Noted. Tocsin is busy right now; a confirmation follows.';

/** The same for whoever asks: a key has no phone to which a confirmation could go. */
export function notedSentence(by: Actor): string {
  return by.kind === 'user'
    ? NOTED
    : 'Noted; it counts as soon as a worker is back. See the incident for the outcome.';
}
