import type { Answer, Channel, Via } from '../domain/incident/event.js';
import type { TimelineEntry } from '../domain/incident/timeline.js';
import type { Deadline } from '../domain/incident/state.js';
import type { Phase } from '../domain/incident/view.js';
import type { Unreached } from '../domain/replies/words.js';
import type { Instant } from '../domain/time/instant.js';
import type { ReviewAnswer } from '../domain/review/review-types.js';
import { offsetText } from './offsets.js';
import type { Outcome } from './world.js';

/** One message that left, or was refused. */
export interface Contact {
  readonly at: Instant;
  /** The incident it is about: its group of alerts, and which opening of it where there are several. */
  readonly incident: string;
  readonly userId: string;
  readonly name: string;
  readonly channel: Channel;
  readonly kind: 'page' | 'notice';
  /** The tier of a page; absent for notices. */
  readonly tier?: string;
  /** The reason of a page, the parts of a notice: stable names. */
  readonly why: string;
  /** What there is to say about that reason. */
  readonly detail?: string;
  readonly provider: string;
  readonly attempt: number;
  readonly outcome: Outcome;
  /** How many alerts the message says are firing. */
  readonly firing: number;
}

/** What a person did, and what they heard. */
export interface GivenAnswer {
  readonly at: Instant;
  readonly incident: string;
  readonly userId: string;
  readonly action: string;
  readonly via: Via;
  readonly outcome: Answer['outcome'] | ReviewAnswer['outcome'] | Unreached['outcome'];
  readonly sentence: string;
}

/** One incident of a simulation, as it stood at the end. */
export interface SimulatedIncident {
  readonly label: string;
  readonly group: string;
  readonly openingId: string;
  readonly code: string;
  readonly severity: string;
  readonly service: string;
  readonly openedAt: Instant;
  readonly phase: Phase;
  readonly timeline: readonly TimelineEntry[];
  readonly timelineDropped: number;
  readonly deadlines: readonly ({ readonly name: string } & Deadline)[];
  readonly review: {
    readonly phase: 'post-incident' | 'closed';
    readonly postmortemDueAt: Instant | null;
    readonly timeline: readonly TimelineEntry[];
  } | null;
}

/** An answer of the scenario that could not be given. */
export interface Impossible {
  /** Index in `answers`. */
  readonly answer: number;
  readonly message: string;
  readonly remedy: string;
}

/** What came of a scenario. */
export interface Simulation {
  readonly startsAt: Instant;
  readonly endsAt: Instant;
  readonly contacts: readonly Contact[];
  readonly answers: readonly GivenAnswer[];
  readonly incidents: readonly SimulatedIncident[];
  /** Who has which incident, from when on; null: nobody any more. */
  readonly owners: readonly {
    readonly at: Instant;
    readonly incident: string;
    readonly owner: string | null;
  }[];
  readonly impossible: readonly Impossible[];
}

/** What the label of the only incident is: nothing is said where there is nothing to tell apart. */
export function shownLabel(incident: string, { incidents }: Pick<Simulation, 'incidents'>): string {
  return incidents.length > 1 ? incident : '';
}

/** An id as people write it: a group's own contacts are `group:ops-room` within. */
export function shownId(userId: string): string {
  return userId.replace(/^group:/, '');
}

/**
 * Everybody who is contacted, one line for each person and moment: `0:00 alice sms + email: alert`; a notice in brackets:
 * `25:40 alice (sms): still-on-it`. With several incidents the line ends with the one that is meant.
 */
export function contactLines(simulation: Simulation): readonly string[] {
  const lines = new Map<string, { readonly contact: Contact; readonly channels: string[] }>();
  for (const contact of simulation.contacts) {
    const { at, userId, kind, why, incident } = contact;
    const key = [at, userId, kind, why, incident].join(' ');
    const line = lines.get(key) ?? { contact, channels: [] };
    line.channels.push(contact.channel);
    lines.set(key, line);
  }
  return [...lines.values()].map(({ contact, channels }) => {
    const how = channels.join(' + ');
    const label = shownLabel(contact.incident, simulation);
    const when = offsetText(contact.at - simulation.startsAt);
    return `${when} ${shownId(contact.userId)} ${contact.kind === 'notice' ? `(${how})` : how}: ${contact.why}${label === '' ? '' : ` [${label}]`}`;
  });
}
