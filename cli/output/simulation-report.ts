import { zoneTimes } from '../../config/zone-times.js';
import { channelWords, viaWords } from '../../domain/messages/labels.js';
import { timelineWords } from '../../domain/messages/timeline-words.js';
import type { Instant } from '../../domain/time/instant.js';
import type { Disappointment } from '../../simulation/judge.js';
import { offsetText } from '../../simulation/offsets.js';
import { outcomeWords, whyWords } from '../../simulation/picture-parts.js';
import { shownId, shownLabel, type Contact, type Simulation } from '../../simulation/result.js';
import type { Scenario } from '../../simulation/scenario.js';
import { isFailure } from '../../simulation/world.js';
import type { Colours } from './colours.js';
import { safe } from './safe.js';
import { table } from './table.js';
import { clockWords } from './times.js';

/** People that are named, where it is about several. */
const NAMED = 3;
/** Promises that are still open at the end are told, as many as these. */
const OPEN_SHOWN = 5;

/** Who is contacted when, how and why, and what people did, as a table. With `timeline`: everything else that happened, too. */
export function simulationReport(
  scenario: Scenario,
  simulation: Simulation,
  options: {
    readonly colours: Colours;
    readonly timeline: boolean;
    /** Ids of users, of takenAsConfirmed. */
    readonly confirmed: readonly string[];
  },
): string {
  const { bold, dim } = options.colours;
  const times = zoneTimes(scenario.zone);
  const incidents = simulation.incidents.map(
    ({ label, code, severity, service, phase, openedAt }) =>
      `  ${simulation.incidents.length > 1 ? `${label}  ` : ''}${severity} ${safe(service)} (${code}), opened ${offsetText(openedAt - simulation.startsAt)}: ${phase} at the end`,
  );
  const open = simulation.incidents.flatMap((incident) => incident.deadlines);
  const next = open
    .slice(0, OPEN_SHOWN)
    .map(({ at, label }) => `  ${offsetText(at - simulation.startsAt)}  ${safe(label)}`);
  return [
    `${bold(safe(scenario.title))}`,
    dim(`0:00 is ${times.moment(simulation.startsAt)}; it runs until ${offsetText(scenario.untilMs)}`),
    ...incidents,
    ...(options.confirmed.length === 0 ? [] : [dim(confirmedWords(options.confirmed))]),
    '',
    simulation.contacts.length === 0
      ? 'Nobody is contacted.'
      : table(rows(scenario, simulation, options.colours)),
    ...(options.timeline ? ['', bold('What happened'), timeline(scenario, simulation, options.colours)] : []),
    ...(next.length === 0 ? [] : ['', dim(`What would come next:\n${next.join('\n')}`)]),
  ].join('\n');
}

/** What a simulation takes for granted that may not be so when it happens. */
function confirmedWords(ids: readonly string[]): string {
  const more = ids.length - NAMED;
  const who = `${ids.slice(0, NAMED).map(safe).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `Contact methods count as confirmed here. Where ${who} confirmed none, the next step is paged at once as well: tocsin contact list`;
}

interface Row {
  readonly at: Instant;
  readonly cells: readonly string[];
}

function rows(scenario: Scenario, simulation: Simulation, colours: Colours): readonly (readonly string[])[] {
  const { dim, red, green } = colours;
  const clock = (at: Instant): readonly string[] => [
    offsetText(at - simulation.startsAt),
    dim(clockWords(at, simulation.startsAt, scenario.zone)),
  ];
  const several = simulation.incidents.length > 1;
  const label = (incident: string): readonly string[] => (several ? [shownLabel(incident, simulation)] : []);
  const messages = together(simulation.contacts).map(({ contact, channels }): Row => {
    const how = channels.join(' + ');
    const why = safe(`${whyWords(contact)}${outcomeWords(contact)}`);
    const quiet = contact.kind === 'notice' ? dim : (text: string): string => text;
    return {
      at: contact.at,
      cells: [
        ...clock(contact.at),
        ...label(contact.incident),
        quiet(safe(shownId(contact.userId))),
        quiet(contact.kind === 'notice' ? `(${how})` : how),
        isFailure(contact.outcome) ? red(why) : quiet(why),
      ],
    };
  });
  const answers = simulation.answers.map((answer): Row => ({
    at: answer.at,
    cells: [
      ...clock(answer.at),
      ...label(answer.incident),
      green(safe(answer.userId)),
      green(`> ${answer.action} ${viaWords(answer.via)}`),
      safe(answer.sentence),
    ],
  }));
  const head = ['AFTER', 'AT', ...(several ? ['INCIDENT'] : []), 'WHO', 'HOW', 'WHY'].map((text) =>
    dim(text),
  );
  // Answers before messages of the same moment: they are what those are about.
  const all = [...answers, ...messages].sort((one, other) => one.at - other.at);
  return [head, ...all.map(({ cells }) => cells)];
}

/** Messages to one person at one moment for one reason are one line. */
function together(contacts: readonly Contact[]): readonly { contact: Contact; channels: string[] }[] {
  const lines = new Map<string, { contact: Contact; channels: string[] }>();
  for (const contact of contacts) {
    const { at, userId, kind, why, incident, outcome, attempt } = contact;
    const key = [at, userId, kind, why, incident, outcome, attempt].join('\n');
    const line = lines.get(key) ?? { contact, channels: [] };
    line.channels.push(channelWords(contact.channel));
    lines.set(key, line);
  }
  return [...lines.values()];
}

function timeline(scenario: Scenario, simulation: Simulation, { dim }: Colours): string {
  const times = zoneTimes(scenario.zone);
  const several = simulation.incidents.length > 1;
  const entries = simulation.incidents.flatMap(({ label, timeline: own, review }) =>
    [...own, ...(review?.timeline ?? [])].map((entry) => ({ label, entry })),
  );
  return table(
    entries
      .sort((one, other) => one.entry.at - other.entry.at)
      .map(({ label, entry }) => [
        offsetText(entry.at - simulation.startsAt),
        ...(several ? [dim(label)] : []),
        safe(timelineWords(entry, times)),
      ]),
  );
}

/** What was expected and is not so, two lines each. */
export function disappointments(all: readonly Disappointment[], { red }: Colours): string {
  return all
    .map(({ expected, instead }) => `${red('not so')} ${safe(expected)}\n   → ${safe(instead)}`)
    .join('\n');
}

/** A simulation for programs. */
export function simulationJson(
  scenario: Scenario,
  simulation: Simulation,
  failures: readonly Disappointment[],
  confirmed: readonly string[],
) {
  const moment = (at: Instant) => ({
    at: new Date(at).toISOString(),
    after: offsetText(at - simulation.startsAt),
  });
  return {
    scenario: scenario.title,
    start: new Date(simulation.startsAt).toISOString(),
    until: offsetText(scenario.untilMs),
    /** Who is taken to have confirmed their contact methods. */
    takenAsConfirmed: confirmed,
    contacts: simulation.contacts.map(({ at, ...rest }) => ({ ...moment(at), ...rest })),
    answers: simulation.answers.map(({ at, ...rest }) => ({ ...moment(at), ...rest })),
    incidents: simulation.incidents.map(({ timeline: entries, review, openedAt, deadlines, ...rest }) => ({
      ...rest,
      openedAt: new Date(openedAt).toISOString(),
      deadlines: deadlines.map(({ at, ...deadline }) => ({ ...moment(at), ...deadline })),
      timeline: [...entries, ...(review?.timeline ?? [])].map((entry) => ({
        ...entry,
        ...moment(entry.at),
        words: timelineWords(entry),
      })),
      ...(review === null ? {} : { review: review.phase }),
    })),
    expectations: scenario.expect.length + (scenario.contacts === null ? 0 : 1),
    failures,
  };
}
