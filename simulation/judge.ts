import { channelWords } from '../domain/messages/labels.js';
import { timelineWords } from '../domain/messages/timeline-words.js';
import type { Instant } from '../domain/time/instant.js';
import { entriesOf, type Expectation, type Moments } from './expect-sentence.js';
import { offsetText } from './offsets.js';
import { contactLines, shownId, type Contact, type Simulation } from './result.js';
import type { Scenario } from './scenario.js';

/** An expectation that was not met: what was expected, and what happened instead. */
export interface Disappointment {
  readonly expected: string;
  readonly instead: string;
}

/** As many things that happened instead are told; more is noise. */
const TOLD = 6;

/** Everything that a scenario expects and that is not so. */
export function judge(scenario: Scenario, simulation: Simulation): readonly Disappointment[] {
  const single = scenario.expect.flatMap((expectation): readonly Disappointment[] => {
    const instead = disappointment(expectation, simulation);
    return instead === null ? [] : [{ expected: expectation.source, instead }];
  });
  return scenario.contacts === null
    ? single
    : [...single, ...differences(scenario.contacts, contactLines(simulation))];
}

function disappointment(expectation: Expectation, simulation: Simulation): string | null {
  const clock = (at: Instant): string => offsetText(at - simulation.startsAt);
  switch (expectation.kind) {
    case 'contact':
      return contactProblem(expectation, simulation);
    case 'turn': {
      const types = entriesOf(expectation.turn);
      const entries = timelineOf(simulation).filter((entry) => types.includes(entry.type));
      return momentProblem(
        expectation,
        entries,
        simulation,
        `never ${expectation.turn}`,
        (at) => `${expectation.turn} at ${clock(at)}`,
      );
    }
    case 'timeline': {
      const entries = timelineOf(simulation).filter((entry) =>
        timelineWords(entry).includes(expectation.text),
      );
      return momentProblem(
        expectation,
        entries,
        simulation,
        'no entry of the timeline says so',
        (at) => `it says so at ${clock(at)}`,
      );
    }
    case 'hears': {
      const theirs = simulation.answers.filter(({ userId }) => userId === expectation.who);
      const said = theirs.filter(({ sentence }) => sentence.includes(expectation.text));
      const heard = theirs.map(({ at, sentence }) => `${clock(at)} "${sentence}"`).slice(0, TOLD);
      const nothing =
        heard.length === 0
          ? `${expectation.who} did nothing that is answered`
          : `${expectation.who} heard ${heard.join('; ')}`;
      return momentProblem(expectation, said, simulation, nothing, () => nothing);
    }
    case 'owner':
      return ownerProblem(expectation, simulation);
    default:
      return expectation satisfies never;
  }
}

function timelineOf({ incidents }: Simulation) {
  return incidents.flatMap(({ timeline, review }) => [...timeline, ...(review?.timeline ?? [])]);
}

/** Whether something that happened then is meant, to the second. */
function isMeant(at: Instant, when: Moments, { startsAt }: Simulation): boolean {
  const second = Math.floor((at - startsAt) / 1_000) * 1_000;
  return when.kind === 'at' ? when.offsetsMs.includes(second) : when.fromMs <= second && second <= when.toMs;
}

function momentProblem(
  { when, not }: Pick<Expectation, 'when' | 'not'>,
  happened: readonly { readonly at: Instant }[],
  simulation: Simulation,
  never: string,
  words: (at: Instant) => string,
): string | null {
  const meant = happened.filter(({ at }) => isMeant(at, when, simulation));
  const told = (some: readonly { readonly at: Instant }[]): string =>
    [...new Set(some.slice(0, TOLD).map(({ at }) => words(at)))].join(', ');
  if (not) return meant.length === 0 ? null : told(meant);
  const missed =
    when.kind === 'at' &&
    !when.offsetsMs.every((offset) =>
      meant.some(({ at }) => isMeant(at, { kind: 'at', offsetsMs: [offset] }, simulation)),
    );
  if (meant.length > 0 && !missed) return null;
  return happened.length === 0 ? never : told(happened);
}

function ownerProblem(
  { who, when }: Extract<Expectation, { kind: 'owner' }>,
  { owners, startsAt, endsAt }: Simulation,
): string | null {
  const history = owners.map(({ at, owner }) => `${owner ?? 'nobody'} from ${offsetText(at - startsAt)}`);
  const instead = history.length === 0 ? 'nobody ever has it' : history.join(', ');
  const ownersAt = (at: Instant): readonly (string | null)[] => {
    const latest = new Map<string, string | null>();
    for (const entry of owners) if (entry.at <= at) latest.set(entry.incident, entry.owner);
    return [...latest.values()];
  };
  const isOurs = (at: Instant): boolean =>
    who === null ? ownersAt(at).every((owner) => owner === null) : ownersAt(at).includes(who);
  if (when.kind === 'at')
    return when.offsetsMs.every((offset) => isOurs(startsAt + offset + 999)) ? null : instead;
  // At some moment of the range: whoever had it when it began, or got it within.
  const from = startsAt + when.fromMs;
  // To the second, as everything here: "before 0:40" ends with 0:39.
  const to = Math.min(endsAt, startsAt + Math.floor(when.toMs / 1_000) * 1_000 + 999);
  const changes = owners.filter(({ at }) => from <= at && at <= to);
  const isMet =
    who === null
      ? isOurs(from) && changes.every(({ owner }) => owner === null)
      : isOurs(from) || changes.some(({ owner }) => owner === who);
  return isMet ? null : instead;
}

function contactProblem(
  expectation: Extract<Expectation, { kind: 'contact' }>,
  simulation: Simulation,
): string | null {
  const { who, but, reach, not, when, times, why } = expectation;
  const { contacts, startsAt } = simulation;
  const theirs = contacts.filter(({ userId }) => (who?.includes(userId) ?? true) && !but.includes(userId));
  const suits = (contact: Contact): boolean =>
    (reach.kind === 'any' || reach.kind === contact.kind) &&
    (reach.channel === null || reach.channel === contact.channel) &&
    (why === null || contact.why.split(' + ').includes(why));
  const meant = theirs.filter((contact) => suits(contact) && isMeant(contact.at, when, simulation));
  if (not) return meant.length === 0 ? null : told(meant, startsAt);
  /** Each person at each moment, or somebody. */
  const lacking = (who ?? [null]).filter((id) => {
    const mine = meant.filter(({ userId }) => id === null || userId === id);
    if (times !== null) return new Set(mine.map(({ at }) => at)).size !== times;
    if (when.kind === 'range') return mine.length === 0;
    return !when.offsetsMs.every((offset) =>
      mine.some(({ at }) => isMeant(at, { kind: 'at', offsetsMs: [offset] }, simulation)),
    );
  });
  if (lacking.length === 0) return null;
  const [id] = lacking;
  const mine = theirs.filter(({ userId }) => id === null || id === undefined || userId === id);
  const suitable = mine.filter(suits);
  const name = id === null || id === undefined ? 'nobody' : shownId(id);
  if (mine.length === 0) return `${name} is never contacted`.replace('nobody is never', 'nobody is ever');
  // What comes closest first: the same in another moment, else whatever else they got.
  return suitable.length > 0 ? told(suitable, startsAt) : `not so; but ${told(mine, startsAt)}`;
}

/** "5:00 bob by SMS + email (not-acknowledged), 6:00 bob by phone call (not-acknowledged) and 3 more" */
function told(contacts: readonly Contact[], startsAt: Instant): string {
  const lines = new Map<string, string[]>();
  for (const { at, userId, why, channel } of contacts) {
    const key = `${offsetText(at - startsAt)} ${shownId(userId)}\n(${why})`;
    lines.set(key, [...(lines.get(key) ?? []), channelWords(channel)]);
  }
  const words = [...lines].map(([key, channels]) => {
    const [when = '', why = ''] = key.split('\n');
    return `${when} by ${channels.join(' + ')} ${why}`;
  });
  const rest = words.length - TOLD;
  return `${words.slice(0, TOLD).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** Lines that are missing and lines too many, in the order in which they stand. */
function differences(expected: readonly string[], happened: readonly string[]): readonly Disappointment[] {
  const tidy = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.trim().replaceAll(/\s+/g, ' '));
  const missing = without(tidy(expected), tidy(happened));
  const surplus = without(tidy(happened), tidy(expected));
  if (missing.length === 0 && surplus.length === 0) return [];
  const told = (lines: readonly string[]): string =>
    lines.length === 0
      ? 'nothing'
      : `${lines.slice(0, TOLD).join(' | ')}${lines.length > TOLD ? ` and ${lines.length - TOLD} more` : ''}`;
  return [{ expected: `contacts: ${told(missing)}`, instead: told(surplus) }];
}

/** What is left of lines when these are taken away, each once. */
function without(lines: readonly string[], away: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of away) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
