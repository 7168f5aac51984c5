import { durationWords } from '../messages/duration-words.js';
import { cut, oneLine } from '../messages/text.js';
import type { TimeWords } from '../messages/times.js';
import type { Slot } from '../oncall/schedule.js';
import type { Instant } from '../time/instant.js';

/** An incident as a digest tells it. */
export interface DigestIncident {
  readonly code: string;
  readonly title: string;
  readonly service: string;
  readonly severity: string;
  readonly phase: string;
  /** How people call who has it; null: nobody has. */
  readonly owner: string | null;
  readonly openedAt: Instant;
  /** Nothing is asked of its owner until then. */
  readonly snoozedUntil?: Instant;
}

/** What an incident that is over still owes. */
export interface DigestDuty {
  readonly code: string;
  readonly title: string;
  readonly dueAt: Instant;
}

export interface DigestNote {
  readonly by: string;
  readonly at: Instant;
  readonly text: string;
}

/** What whoever hands over, and whoever takes over, should know. */
export interface DigestFacts {
  /** Open incidents of the schedule's services, oldest first. */
  readonly open: readonly DigestIncident[];
  /** Those that were over since the shift began, newest first. */
  readonly recent: readonly DigestIncident[];
  readonly duties: readonly DigestDuty[];
  readonly notes: readonly DigestNote[];
  /** What could not be looked up, in words: "the incidents". */
  readonly unknown: readonly string[];
}

/** The change, in names. */
export interface NamedChange {
  /** How people call the schedule. */
  readonly schedule: string;
  readonly slot: Slot;
  readonly at: Instant;
  readonly leaving: string | null;
  readonly coming: string | null;
}

/** Items of one list of a digest; how many more there are is said. */
const LISTED = 15;

/** From so many incidents of one service on in one shift it is something to watch. */
const NOISY = 3;

const LONGEST_TITLE = 100;

/** The lists of a digest, as paragraphs of a letter. What is empty is not told, but that nothing is open is. */
export function digestParagraphs(facts: DigestFacts, times: TimeWords, now: Instant): readonly string[] {
  const { open, recent, duties, notes, unknown } = facts;
  const snoozed = open.filter(({ snoozedUntil }) => snoozedUntil !== undefined);
  const awake = open.filter(({ snoozedUntil }) => snoozedUntil === undefined);
  return [
    ...unknown.map((what) => `${what} could not be looked up: ask, or look with \`tocsin incidents\`.`),
    ...(open.length === 0 && unknown.length === 0 ? ['Nothing is open.'] : []),
    ...list('Open:', awake, (each) => openWords(each, now)),
    ...list('Snoozed:', snoozed, (each) => snoozedWords(each, times)),
    ...list('To watch:', watched(facts), (text) => text),
    ...list('Over since the shift began:', recent, incidentWords),
    ...list(
      'Postmortems that are due:',
      duties,
      ({ code, title, dueAt }) =>
        `${code} ${shortened(title)}, ${dueAt < now ? 'overdue since' : 'due'} ${times.moment(dueAt)}`,
    ),
    ...list('Notes:', notes, ({ by, at, text }) => `${oneLine(by)}, ${times.moment(at)}: ${oneLine(text)}`),
  ];
}

/** What is open, in half a sentence for an SMS: "2 open, e.g. SEV1 7KQ2 payments: checkout is down". */
export function openInShort({ open, unknown }: DigestFacts): string {
  const [first] = open;
  if (first === undefined) return unknown.length > 0 ? 'what is open is not known' : 'nothing is open';
  const what = `${first.severity} ${first.code} ${oneLine(first.service)}: ${cut(oneLine(first.title), 50)}`;
  return open.length === 1 ? `open: ${what}` : `${open.length} open, e.g. ${what}`;
}

/** What deserves a look though nobody is paged for it at this moment. */
function watched({ open, recent }: DigestFacts): readonly string[] {
  const calming = open
    .filter(({ phase }) => phase === 'mitigated' || phase === 'monitoring')
    .map((each) => `${incidentWords(each)}: ${each.phase}, it may come back`);
  const unowned = open
    .filter(({ owner }) => owner === null)
    .map((each) => `${incidentWords(each)}: nobody has it`);
  const counts = new Map<string, number>();
  for (const { service } of [...open, ...recent]) counts.set(service, (counts.get(service) ?? 0) + 1);
  const noisy = [...counts]
    .filter(([, count]) => count >= NOISY)
    .map(([service, count]) => `${oneLine(service)}: ${count} incidents in this shift`);
  return [...unowned, ...calming, ...noisy];
}

function openWords(incident: DigestIncident, now: Instant): string {
  const { owner, openedAt, phase } = incident;
  const has = owner === null ? 'nobody has it' : `${oneLine(owner)} has it`;
  return `${incidentWords(incident)}: ${phase}, ${has}, open for ${durationWords(now - openedAt)}`;
}

function snoozedWords(incident: DigestIncident, times: TimeWords): string {
  const until = incident.snoozedUntil === undefined ? '' : ` until ${times.moment(incident.snoozedUntil)}`;
  return `${incidentWords(incident)}:${until} by ${oneLine(incident.owner ?? 'somebody')}`;
}

function incidentWords({ code, title, service, severity }: DigestIncident): string {
  return `${severity} ${code} ${oneLine(service)}: ${shortened(title)}`;
}

function shortened(title: string): string {
  return cut(oneLine(title), LONGEST_TITLE);
}

function list<T>(title: string, items: readonly T[], words: (item: T) => string): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length - LISTED;
  return [
    title,
    ...items.slice(0, LISTED).map((item) => `- ${words(item)}`),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ];
}
