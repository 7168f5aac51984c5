import type { PersonAction } from '../domain/incident/event.js';
import type { Actor } from '../domain/incident/plan.js';
import type { Instant, Milliseconds } from '../domain/time/instant.js';
import type { Asked } from './asked.js';
import type { Opening } from './opening.js';
import type { Contact, GivenAnswer } from './result.js';
import type { Way } from './ways.js';

/** True when there is nothing yet that could be answered this way: no SMS to reply to, no call that lasts, no link to open. */
export function lacksMessage(asked: {
  readonly who: string;
  readonly via: Way;
  readonly at: Instant;
  /** Those that reached somebody. */
  readonly contacts: readonly Contact[];
  readonly callLastsMs: Milliseconds;
}): boolean {
  const { who, via, at, contacts, callLastsMs } = asked;
  const theirs = contacts.filter((contact) => contact.userId === who && contact.at <= at);
  switch (via) {
    case 'sms':
      return !theirs.some((contact) => contact.channel === 'sms');
    case 'voice':
      return !theirs.some((contact) => contact.channel === 'voice' && at - contact.at <= callLastsMs);
    case 'link':
      return !theirs.some((contact) => contact.channel !== 'voice');
    case 'api':
    case 'cli':
      // Whoever knows of it may act.
      return false;
    default:
      return via satisfies never;
  }
}

interface Asker {
  readonly by: Actor;
  readonly via: Way;
  readonly requestId: string;
}

type Told = Pick<GivenAnswer, 'outcome' | 'sentence'>;

/** Does what a person asks, and says what they hear. */
export function actOn(opening: Opening, asked: Asked, asker: Asker): Told {
  const action: PersonAction = { ...asker, ...asked, openingId: opening.openingId };
  opening.incident.feed({ type: 'action', action });
  const given = opening.incident.state().answers.find((answer) => answer.requestId === asker.requestId);
  if (given === undefined) throw new Error(`No answer to ${asker.requestId}.`);
  return { outcome: given.answer.outcome, sentence: given.answer.sentence };
}

/** Publishes a postmortem, and says what they hear; null when there is no review yet. */
export function publish(opening: Opening, url: string, { by, requestId }: Asker): Told | null {
  const review = opening.review();
  if (review === null) return null;
  review.feed({ type: 'action', action: { requestId, by, action: 'publish-postmortem', url } });
  return review.state().answers.find((given) => given.requestId === requestId)?.answer ?? null;
}
