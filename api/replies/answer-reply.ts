import { assertNever } from '../../domain/assert-never.js';
import type { PersonAction, Via } from '../../domain/incident/event.js';
import type { Actor } from '../../domain/incident/plan.js';
import { parseReply } from '../../domain/messages/replies.js';
import { meantBy, meantByBundle, openTo, type Theirs } from '../../domain/replies/meant-by.js';
import {
  listOf,
  NO_PAGE,
  nameOf,
  overSentence,
  unreached,
  type Unreached,
} from '../../domain/replies/words.js';
import type { Incidents as AllIncidents, IncidentSummary } from '../incidents/incidents.js';
import { NOTED } from '../incidents/words.js';
import type { FindLastBundle } from './last-bundle.js';

/** What a person reads back, and the outcome's stable name for metrics. */
export interface Spoken {
  /** Empty: nothing is sent back. */
  readonly text: string;
  readonly outcome: string;
}

/** What an answer needs of the incidents. */
type Incidents = Pick<AllIncidents, 'openPagesOf' | 'ownedBy' | 'involving' | 'byCode' | 'act'>;

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
export async function answerReply(
  incidents: Incidents,
  asker: Asker,
  text: string,
  findLastBundle: FindLastBundle,
): Promise<Spoken> {
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
      if (reply.code === undefined && reply.word === undefined)
        return answerBareAcknowledgement(incidents, asker, findLastBundle);
      return answerOne(incidents, asker, { action: reply.command }, reply.code, reply.word);
    case 'take':
    case 'progress':
    case 'resolve':
    case 'escalate':
      return answerOne(incidents, asker, { action: reply.command }, reply.code, reply.word);
    default:
      return assertNever(reply, 'reply');
  }
}

async function answerOne(
  incidents: Incidents,
  asker: Asker,
  asked: Asked,
  code: string | undefined,
  word?: string,
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
    const openNow = openTo(await theirsOf(incidents, asker.by));
    if (found.length > 0) return { text: overSentence(openNow), outcome: 'over' };
    return { text: `${noSuchCode(code)} ${openSentence(openNow)}`, outcome: 'unknown-code' };
  }
  return answerMeant(incidents, asker, asked, await theirsOf(incidents, asker.by), word);
}

/** In answer to a message about several incidents it takes those, and nothing else. */
async function answerBareAcknowledgement(
  incidents: Incidents,
  asker: Asker,
  findLastBundle: FindLastBundle,
): Promise<Spoken> {
  const [theirs, last] = await Promise.all([theirsOf(incidents, asker.by), findLastBundle(asker.by.id)]);
  const bundled = meantByBundle(theirs, last);
  if (bundled === null) return answerMeant(incidents, asker, { action: 'acknowledge' }, theirs);
  const { text } = await acknowledgeEach(incidents, asker, bundled.incidents);
  const others = bundled.others.length === 0 ? '' : ` Not answered yet: ${listOf(bundled.others)}.`;
  return { text: `${text}${others}`, outcome: 'bundle' };
}

async function answerMeant(
  incidents: Incidents,
  asker: Asker,
  asked: Asked,
  theirs: Theirs<IncidentSummary>,
  word?: string,
): Promise<Spoken> {
  const meant = meantBy(asked.action, theirs);
  if (meant.kind !== 'one') {
    const spoken = spokenOf(unreached(meant));
    return word === undefined ? spoken : { ...spoken, text: `${noSuchCode(word)} ${spoken.text}` };
  }
  return act(
    incidents,
    asker,
    meant.action === asked.action ? asked : { action: 'acknowledge' },
    meant.incident,
  );
}

function noSuchCode(code: string): string {
  return `No incident has the code ${code}.`;
}

/** YES may be meant for the page: it takes nothing, since carriers read it as an opt-in, and the person is told so. */
async function answerOptIn(incidents: Incidents, asker: Asker): Promise<Spoken> {
  const openNow = openTo(await theirsOf(incidents, asker.by));
  const [only, another] = openNow;
  if (only === undefined) return { text: 'Nothing was done: nothing of yours is open.', outcome: 'opt-in' };
  const which = another === undefined ? ` ${only.code}`.trimEnd() : ' and the code';
  return {
    text: `Nothing was done. Reply ACK or OK${which}. ${openSentence(openNow)}`,
    outcome: 'opt-in',
  };
}

/** What is open and has to do with this person, by three searches at once. */
async function theirsOf(incidents: Incidents, { id }: Actor): Promise<Theirs<IncidentSummary>> {
  const [paged, owned, involved] = await Promise.all([
    incidents.openPagesOf(id),
    incidents.ownedBy(id),
    incidents.involving(id),
  ]);
  return { paged, owned, involved };
}

function openSentence(openNow: readonly IncidentSummary[]): string {
  return openNow.length === 0 ? 'Nothing of yours is open now.' : `Open now: ${listOf(openNow)}.`;
}

/** ALL: every open page, each answered on its own. */
async function answerAll(incidents: Incidents, asker: Asker): Promise<Spoken> {
  const pages = await incidents.openPagesOf(asker.by.id);
  return pages.length === 0 ? spokenOf(NO_PAGE) : acknowledgeEach(incidents, asker, pages);
}

async function acknowledgeEach(
  incidents: Incidents,
  asker: Asker,
  pages: readonly IncidentSummary[],
): Promise<Spoken> {
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

/** Outcomes after which the person has it. */
export const ACKNOWLEDGED: ReadonlySet<string> = new Set(['acknowledged', 'already-yours']);

async function act(
  incidents: Incidents,
  asker: Asker,
  asked: Asked,
  incident: IncidentSummary,
): Promise<Spoken> {
  const action: PersonAction = { ...asker, ...asked, openingId: incident.openingId };
  return spoken(await incidents.act(action), incident);
}

function spokenOf({ outcome, sentence }: Unreached): Spoken {
  return { text: sentence, outcome };
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
