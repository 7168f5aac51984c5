import type { PersonAction, Via } from '../domain/incident/event.js';
import { awaitedPeople } from '../domain/incident/open-pages.js';
import type { Actor } from '../domain/incident/plan.js';
import type { Instant, Milliseconds } from '../domain/time/instant.js';
import type { ScriptedAnswer } from './answer-sentence.js';
import type { Asked } from './asked.js';
import type { Opening } from './opening.js';
import type { Contact, GivenAnswer } from './result.js';

/**
 * The incidents that an answer means. Without a name it is what a reply without a code means (api/replies): the person's open
 * pages, or with none what they have; where no message told them of any, the only incident that is open.
 */
export function meantBy(
  { who, ask, meant }: ScriptedAnswer,
  openings: readonly Opening[],
): readonly Opening[] {
  const latest = [...new Map(openings.map((opening) => [opening.group, opening])).values()];
  if (meant !== null && meant !== 'all') return latest.filter((opening) => opening.group === meant);
  if (ask.action === 'publish-postmortem')
    return openings.filter((opening) => opening.review() !== null).slice(-1);
  const open = latest.filter((opening) => opening.incident.state().phase !== 'resolved');
  const paged = open.filter((opening) => awaitedPeople(opening.incident.state()).has(who));
  if (meant === 'all') return paged;
  const owned = open.filter((opening) => opening.incident.state().owner?.actor.id === who);
  if (ask.action === 'acknowledge' && paged.length > 0) return paged;
  if (ask.action === 'progress' && owned.length > 0) return owned;
  const theirs = [...new Set([...paged, ...owned])];
  if (theirs.length > 0) return theirs;
  // Over already: they hear that it is.
  return open.length > 0 ? open : latest.slice(-1);
}

/** True when there is nothing yet that could be answered this way: no SMS to reply to, no call that lasts, no link to open. */
export function lacksMessage(asked: {
  readonly who: string;
  readonly via: Via;
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
    case 'chat':
    case 'api':
    case 'cli':
    case 'web':
      // Whoever knows of it may act.
      return false;
    default:
      return via satisfies never;
  }
}

interface Asker {
  readonly by: Actor;
  readonly via: Via;
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
