import type { Answer, PersonAction } from './event.js';
import type { GivenAnswer, IncidentState } from './state.js';

/**
 * What an action asks for, as 16 hex digits: to tell a request that is repeated from another one under the same id. Null
 * where we chose the id ourselves: the same SMS that comes twice may be read anew in another light, and counts once.
 */
export function askedOf(action: PersonAction): string | null {
  if (action.via !== 'api' && action.via !== 'cli') return null;
  const {
    requestId: _id,
    openingId: _opening,
    via: _via,
    confirm: _confirm,
    revision: _,
    by,
    ...what
  } = action;
  const text = JSON.stringify([by.kind, by.id, sorted(what)]);
  return hash(text, 0x811c9dc5) + hash(text, 0x9747b28c);
}

/** The same keys in the same order, whatever order they came in. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, held]) => [key, sorted(held)]);
}

/** FNV-1a over UTF-16 units from this seed, 8 hex digits. */
function hash(text: string, seed: number): string {
  let value = seed;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return value.toString(16).padStart(8, '0');
}

/** Whether this answer was given to another request under the same id. */
export function isReuse(given: GivenAnswer, action: PersonAction): boolean {
  const asked = askedOf(action);
  return given.asked !== undefined && asked !== null && given.asked !== asked;
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
export function updateIdOf(action: PersonAction): string {
  const asked = askedOf(action);
  return asked === null ? action.requestId : `${action.requestId}:${asked}`;
}
