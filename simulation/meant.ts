import { concerned } from '../domain/incident/concerned.js';
import { viewOf } from '../domain/incident/machine.js';
import { meantBy, openTo, type Meanable, type ReplyAction, type Theirs } from '../domain/replies/meant-by.js';
import { NO_PAGE, overSentence, unreached, type Named } from '../domain/replies/words.js';
import type { Words } from '../config/schema/words.js';
import type { ScriptedAnswer } from './answer-sentence.js';
import type { Ask } from './ask-sentence.js';
import type { Opening } from './opening.js';
import type { Contact, GivenAnswer } from './result.js';

/** What an answer comes to, before an incident hears of it. */
export type Chosen =
  | {
      readonly kind: 'openings';
      readonly openings: readonly Opening[];
      /** OK, to an incident that the person does not have. */
      readonly acknowledges: boolean;
    }
  /** It reaches no incident, and this is what they hear. */
  | ({ readonly kind: 'said'; readonly openings: readonly Opening[] } & Pick<
      GivenAnswer,
      'outcome' | 'sentence'
    >)
  /** A scenario has to say more. */
  | ({ readonly kind: 'unclear' } & Words);

interface Candidate extends Meanable, Named {
  readonly opening: Opening;
}

/**
 * The incidents that an answer means. A text message means what production finds for it (domain/replies); a key press or a
 * button the incident of the latest call or message with a link; the API and the CLI name one: where a scenario does not, it is
 * what waits for the person or is theirs, else whatever is open, and it has to be one.
 * @param reached messages that reached somebody by now
 */
export function chosenBy(
  scripted: ScriptedAnswer,
  openings: readonly Opening[],
  reached: readonly Contact[],
): Chosen {
  const { who, ask, via, meant } = scripted;
  const latest = [...new Map(openings.map((opening) => [opening.group, opening])).values()];
  const open = latest.filter(isOpen);
  const theirs = theirsOf(who, open);

  function ofOpening(opening: Opening): Chosen {
    if (isOpen(opening)) return taken([opening]);
    const near = openTo(theirs);
    // Behind a token or an id stands the group of alerts, too; behind a code does not.
    const again = open.filter(({ group }) => via !== 'sms' && group === opening.group).map(candidate);
    const known = new Set(near.map(({ openingId }) => openingId));
    const openNow = [...near, ...again.filter(({ openingId }) => !known.has(openingId))];
    return { kind: 'said', openings: [opening], outcome: 'over', sentence: overSentence(openNow) };
  }

  if (meant === 'all')
    return theirs.paged.length > 0
      ? taken(theirs.paged.map(({ opening }) => opening))
      : { kind: 'said', openings: [], ...NO_PAGE };
  const named = meant === null ? null : latest.find(({ group }) => group === meant);
  if (named === undefined || openings.length === 0) return nothingThere(meant);
  if (ask.action === 'publish-postmortem') {
    const reviewed = openings.filter(
      (opening) => opening.review() !== null && (named === null || opening.group === named.group),
    );
    return taken(reviewed.length > 0 ? reviewed.slice(-1) : [named ?? openings[0]].filter(isThere));
  }
  if (named !== null) return ofOpening(named);
  if (via === 'sms' && isReply(ask)) return byText(ask.action, theirs);
  if (via === 'voice' || via === 'link') {
    const last = reached.findLast(
      ({ userId, channel }) => userId === who && (channel === 'voice') === (via === 'voice'),
    );
    const opening = openings.find(({ label }) => label === last?.incident);
    return opening === undefined ? nothingThere(null) : ofOpening(opening);
  }
  const near = openTo(theirs).map(({ opening }) => opening);
  const [only, another] = near.length > 0 ? near : open.length > 0 ? open : latest.slice(-1);
  if (only === undefined) return nothingThere(null);
  if (another === undefined) return ofOpening(only);
  return {
    kind: 'unclear',
    message: `does not say which incident: ${(near.length > 0 ? near : open).map(({ label }) => label).join(' and ')} are open`,
    remedy: `Name one, as the ${via === 'cli' ? 'CLI' : 'API'} asks for one: in ${only.group}.`,
  };
}

function byText(action: ReplyAction, theirs: Theirs<Candidate>): Chosen {
  const meant = meantBy(action, theirs);
  switch (meant.kind) {
    case 'one':
      return { ...taken([meant.incident.opening]), acknowledges: meant.action !== action };
    case 'several':
    case 'others':
      return { kind: 'said', openings: meant.incidents.map(({ opening }) => opening), ...unreached(meant) };
    case 'none':
      return { kind: 'said', openings: [], ...unreached(meant) };
    default:
      return meant satisfies never;
  }
}

/** What the search attributes of the open incidents would find. */
function theirsOf(who: string, open: readonly Opening[]): Theirs<Candidate> {
  const candidates = open.map((opening) => {
    const state = opening.incident.state();
    const view = viewOf(state, '');
    return { ...candidate(opening), owner: view.owner?.id, ...concerned(view, state) };
  });
  return {
    paged: candidates.filter(({ paged }) => paged.includes(who)),
    owned: candidates.filter(({ owner }) => owner === who),
    involved: candidates.filter(({ involved }) => involved.includes(who)),
  };
}

function candidate(opening: Opening): Candidate {
  const { openingId, openedAt, code, title, plan, owner } = opening.incident.state();
  return {
    opening,
    openingId,
    startedAt: openedAt,
    code,
    title,
    service: plan.service.name,
    ...(owner === null ? {} : { ownerName: owner.actor.name }),
  };
}

function taken(openings: readonly Opening[]): Extract<Chosen, { readonly kind: 'openings' }> {
  return { kind: 'openings', openings, acknowledges: false };
}

function nothingThere(group: string | null): Chosen {
  return {
    kind: 'unclear',
    message: `comes when no incident${group === null ? '' : ` ${group}`} is there to be answered`,
    remedy: 'Answer once an alert has fired.',
  };
}

function isReply(ask: Ask): ask is Ask & { readonly action: ReplyAction } {
  const replies: readonly Ask['action'][] = [
    'acknowledge',
    'take',
    'progress',
    'resolve',
    'escalate',
    'update',
  ] satisfies readonly ReplyAction[];
  return replies.includes(ask.action);
}

function isOpen(opening: Opening): boolean {
  return opening.incident.state().phase !== 'resolved';
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
