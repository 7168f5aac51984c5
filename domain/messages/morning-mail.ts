import type { SparedPerson } from '../incident/command.js';
import { HOUR, type Instant, type Milliseconds } from '../time/instant.js';
import type { Letter } from './letter.js';
import { cut, listed, oneLine } from './text.js';
import type { TimeWords } from './times.js';

/** An incident for which others were asked first, since somebody had had their share of pages that night. */
export interface SparedIncident {
  readonly openingId: string;
  readonly code: string;
  readonly title: string;
  /** Its name, for people. */
  readonly service: string;
  readonly severity: string;
  /** When the others were asked. */
  readonly at: Instant;
  /** The step whose turn it was. */
  readonly tier: string;
  /** The step that was paged first. */
  readonly instead: string;
  readonly person: SparedPerson;
}

/** Read over coffee: a mail that could not be sent by the evening is of no use any more. */
export const MORNING_MAIL_VALID_MS: Milliseconds = 10 * HOUR;

/** More are counted. */
const LISTED_INCIDENTS = 20;
const LISTED_PEOPLE = 20;
/** Source: `Letter.short`. */
const LONGEST_SHORT = 300;

/**
 * The mail that a manager finds in the morning: who was past their limit, for how many incidents they were paged in that night,
 * and which were passed on. `id` is that of the letter; `times` are the manager's.
 */
export function morningMail(id: string, spared: readonly SparedIncident[], times: TimeWords): Letter {
  const people = [...byPerson(spared)];
  const names = people.map(([, [first]]) => first.person.name);
  const passedOn = new Set(spared.map(({ openingId }) => openingId)).size;
  const subject = `Past the night’s limit of pages: ${cut(listed(names), 120)}`;
  const short = `Past the limit of pages last night: ${cut(listed(names), 160)}. ${count(passedOn)} went to others first.`;
  return {
    kind: 'letter',
    topic: 'morning',
    id,
    subject,
    short: cut(short, LONGEST_SHORT),
    body: [
      'Last night Tocsin asked others first, since somebody had been woken as often as the limit allows.',
      ...people.slice(0, LISTED_PEOPLE).flatMap(([, theirs]) => aboutPerson(theirs, times)),
      ...(people.length > LISTED_PEOPLE ? [`And ${people.length - LISTED_PEOPLE} more people.`] : []),
      'Whoever was spared was paged all the same where the others did not answer in time; the timeline of each incident says so. The limit is limits.pagesPerNight in the configuration.',
    ],
    validForMs: MORNING_MAIL_VALID_MS,
  };
}

type Some = readonly [SparedIncident, ...SparedIncident[]];

function byPerson(spared: readonly SparedIncident[]): ReadonlyMap<string, Some> {
  const found = new Map<string, Some>();
  for (const one of [...spared].sort((a, b) => a.at - b.at)) {
    const before = found.get(one.person.userId);
    found.set(one.person.userId, before === undefined ? [one] : [...before, one]);
  }
  return found;
}

function aboutPerson(theirs: Some, times: TimeWords): readonly string[] {
  const { name, limit } = theirs[0].person;
  const most = Math.max(...theirs.map(({ person }) => person.count));
  const rest = theirs.length - LISTED_INCIDENTS;
  return [
    `${oneLine(name)} was paged for ${count(most)} that night (limit ${limit}). Others were asked first for:`,
    ...theirs.slice(0, LISTED_INCIDENTS).map((one) => `- ${incidentLine(one, times)}`),
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ];
}

function incidentLine(one: SparedIncident, times: TimeWords): string {
  const { at, severity, title, service, code, tier, instead } = one;
  return `${times.moment(at)}: ${severity} ${cut(oneLine(title), 120)} (${cut(oneLine(service), 60)}, ${code}): ${oneLine(instead)} was paged before ${oneLine(tier)}`;
}

function count(incidents: number): string {
  return `${incidents} incident${incidents === 1 ? '' : 's'}`;
}
