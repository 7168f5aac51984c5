import type { Answer, PersonAction } from './event.js';
import type { GivenAnswer, IncidentState } from './state.js';

/** Whether this answer was given to another request under the same id. */
export function isReuse(given: GivenAnswer, { requestHash }: PersonAction): boolean {
  return given.asked !== undefined && requestHash !== undefined && given.asked !== requestHash;
}

/** The answer to a request whose id was used before for something else. */
export const REUSED: Answer = {
  outcome: 'key-reused',
  sentence: 'This request id was used before, for something else; nothing was done.',
};

/** What this request is answered with; null when it was not heard. */
export function answerTo(state: IncidentState, action: PersonAction): Answer | null {
  const given = state.answers.find(({ requestId }) => requestId === action.requestId);
  if (given === undefined) return null;
  return isReuse(given, action) ? REUSED : given.answer;
}

/** By this Temporal knows an update again: the request's id, and where its sender chose that, what it asks for. */
export function updateIdOf({ requestId, requestHash }: PersonAction): string {
  return requestHash === undefined ? requestId : `${requestId}:${requestHash}`;
}
