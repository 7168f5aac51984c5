import { assertNever } from '../../domain/assert-never.js';
import type { PersonAction, Via } from '../../domain/incident/event.js';
import type { Actor } from '../../domain/incident/plan.js';
import { parseReply } from '../../domain/messages/replies.js';
import type { Incidents, IncidentSummary } from '../incidents/incidents.js';
import { listOf, nameOf, NOTED, overSentence } from '../incidents/words.js';

/** What a person reads back, and the outcome's stable name for metrics. */
export interface Spoken {
  /** Empty: nothing is sent back. */
  readonly text: string;
  readonly outcome: string;
}

export interface Asker {
  readonly by: Actor;
  readonly via: Via;
  /** By this the action counts once. */
  readonly requestId: string;
}

const HELP =
  'Not understood, nothing was done. Reply ACK, RESOLVE, ESCALATE or TAKE (with the code when several are open), ALL, or UPDATE and your text.';

/** The parts of an action that say what is asked for. */
type Asked =
  | { readonly action: 'acknowledge' | 'take' | 'progress' | 'resolve' | 'escalate' }
  | { readonly action: 'update'; readonly text: string };

/** Carries out a text reply and says what became of it. Whatever is not exactly one incident takes nothing. */
export async function answerReply(incidents: Incidents, asker: Asker, text: string): Promise<Spoken> {
  const reply = parseReply(text);
  switch (reply.command) {
    case 'opt-out':
      // The carrier answers it, and would not let an answer of ours through.
      return { text: '', outcome: 'opt-out' };
    case 'opt-in':
      return answerOptIn(incidents, asker);
    case 'unknown':
      return { text: HELP, outcome: 'not-understood' };
    case 'all':
      return answerAll(incidents, asker);
    case 'update':
      return answerOne(incidents, asker, { action: 'update', text: reply.text }, reply.code);
    case 'acknowledge':
    case 'take':
    case 'progress':
    case 'resolve':
    case 'escalate':
      return answerOne(incidents, asker, { action: reply.command }, reply.code);
    default:
      return assertNever(reply, 'reply');
  }
}

async function answerOne(
  incidents: Incidents,
  asker: Asker,
  asked: Asked,
  code: string | undefined,
): Promise<Spoken> {
  if (code !== undefined) {
    const found = await incidents.byCode(code);
    const open = found.filter((incident) => incident.open);
    const [meant, another] = open;
    if (meant !== undefined && another === undefined) return act(incidents, asker, asked, meant);
    if (meant !== undefined)
      return {
        text: `${code} means ${open.length} incidents; nothing was done. Use the link in the message. ${listOf(open)}`,
        outcome: 'ambiguous-code',
      };
    const openNow = await meantBy(incidents, asker.by, 'all');
    if (found.length > 0) return { text: overSentence(openNow), outcome: 'over' };
    return { text: `No incident has the code ${code}. ${openSentence(openNow)}`, outcome: 'unknown-code' };
  }
  if (asked.action === 'acknowledge') return acknowledgeTheOne(incidents, asker);
  if (asked.action === 'progress') return progressOfTheOne(incidents, asker);
  const candidates = await meantBy(incidents, asker.by, asked.action);
  return actOnTheOne(incidents, asker, asked, candidates);
}

/** A bare ACK: the one open page; with none, "still on it" for the one incident that person has. */
async function acknowledgeTheOne(incidents: Incidents, asker: Asker): Promise<Spoken> {
  const pages = await incidents.openPagesOf(asker.by.id);
  if (pages.length > 0) return actOnTheOne(incidents, asker, { action: 'acknowledge' }, pages);
  const owned = await incidents.ownedBy(asker.by.id);
  return actOnTheOne(incidents, asker, { action: 'progress' }, owned);
}

/** A bare OK: "still on it" for the one incident that person has; with none, it answers the one open page like ACK. */
async function progressOfTheOne(incidents: Incidents, asker: Asker): Promise<Spoken> {
  const owned = await incidents.ownedBy(asker.by.id);
  if (owned.length > 0) return actOnTheOne(incidents, asker, { action: 'progress' }, owned);
  const pages = await incidents.openPagesOf(asker.by.id);
  return actOnTheOne(incidents, asker, { action: 'acknowledge' }, pages);
}

/** YES may be meant for the page: it takes nothing, since carriers read it as an opt-in, and the person is told so. */
async function answerOptIn(incidents: Incidents, asker: Asker): Promise<Spoken> {
  const openNow = await meantBy(incidents, asker.by, 'all');
  const [only, another] = openNow;
  if (only === undefined) return { text: 'Nothing was done: nothing of yours is open.', outcome: 'opt-in' };
  const which = another === undefined ? ` ${only.code}`.trimEnd() : ' and the code';
  return {
    text: `Nothing was done. Reply ACK or OK${which}. ${openSentence(openNow)}`,
    outcome: 'opt-in',
  };
}

async function actOnTheOne(
  incidents: Incidents,
  asker: Asker,
  asked: Asked,
  candidates: readonly IncidentSummary[],
): Promise<Spoken> {
  const [meant, another] = candidates;
  if (meant === undefined)
    return { text: 'Nothing of yours is open; nothing was done.', outcome: 'nothing-open' };
  if (another === undefined) return act(incidents, asker, asked, meant);
  const word = WORDS[asked.action];
  return {
    text: `${candidates.length} are open, nothing was done yet: ${listOf(candidates)}. Reply ${word} and the code${asked.action === 'acknowledge' ? ', or ALL' : ''}.`,
    outcome: 'several-open',
  };
}

const WORDS: Readonly<Record<Asked['action'], string>> = {
  acknowledge: 'ACK',
  take: 'TAKE',
  progress: 'OK',
  resolve: 'RESOLVE',
  escalate: 'ESCALATE',
  update: 'UPDATE',
};

/** The incidents that a reply without a code can mean. */
async function meantBy(
  incidents: Incidents,
  by: Actor,
  action: Exclude<Asked['action'], 'acknowledge' | 'progress'> | 'all',
): Promise<readonly IncidentSummary[]> {
  switch (action) {
    case 'take': {
      const owned = new Set((await incidents.ownedBy(by.id)).map(({ openingId }) => openingId));
      return (await incidents.involving(by.id)).filter(({ openingId }) => !owned.has(openingId));
    }
    case 'resolve':
    case 'escalate':
    case 'update':
    case 'all': {
      const lists = await Promise.all([incidents.openPagesOf(by.id), incidents.ownedBy(by.id)]);
      return [...new Map(lists.flat().map((incident) => [incident.openingId, incident])).values()];
    }
    default:
      return assertNever(action, 'action without a code');
  }
}

function openSentence(openNow: readonly IncidentSummary[]): string {
  return openNow.length === 0 ? 'Nothing of yours is open now.' : `Open now: ${listOf(openNow)}.`;
}

/** ALL: every open page, each answered on its own. */
async function answerAll(incidents: Incidents, asker: Asker): Promise<Spoken> {
  const pages = await incidents.openPagesOf(asker.by.id);
  if (pages.length === 0) return { text: 'No page of yours is open.', outcome: 'nothing-open' };
  const answers = await Promise.all(
    pages.map((page) => act(incidents, asker, { action: 'acknowledge' }, page)),
  );
  const [only] = answers;
  if (only !== undefined && answers.length === 1) return only;
  const taken = pages.filter((_page, index) => ACKNOWLEDGED.has(answers[index]?.outcome ?? ''));
  const others = pages.flatMap((page, index) => {
    const answer = answers[index];
    return answer === undefined || ACKNOWLEDGED.has(answer.outcome) ? [] : [`${page.code}: ${answer.text}`];
  });
  const sentences = [...(taken.length > 0 ? [`You have ${taken.length}: ${listOf(taken)}.`] : []), ...others];
  return { text: sentences.join(' '), outcome: 'all' };
}

const ACKNOWLEDGED = new Set(['acknowledged', 'already-yours']);

async function act(
  incidents: Incidents,
  asker: Asker,
  asked: Asked,
  incident: IncidentSummary,
): Promise<Spoken> {
  const action: PersonAction = { ...asker, ...asked, openingId: incident.openingId };
  return spoken(await incidents.act(action), incident);
}

function spoken(result: Awaited<ReturnType<Incidents['act']>>, incident: IncidentSummary): Spoken {
  switch (result.kind) {
    case 'answered':
      return { text: result.answer.sentence, outcome: result.answer.outcome };
    case 'noted':
      return { text: `${NOTED} (${nameOf(incident)})`, outcome: 'pending' };
    case 'over':
      return { text: overSentence(result.openNow), outcome: 'over' };
    default:
      return assertNever(result, 'result of an action');
  }
}
