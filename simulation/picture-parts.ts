import type { Channel } from '../domain/incident/event.js';
import { channelWords, failureWords, viaWords } from '../domain/messages/labels.js';
import type { TimelineEntry } from '../domain/incident/timeline.js';
import type { Phase } from '../domain/incident/view.js';
import type { Instant } from '../domain/time/instant.js';
import { offsetText } from './offsets.js';
import { shownId, shownLabel, type Contact, type Simulation } from './result.js';
import { isFailure } from './world.js';

/** One mark of a picture. */
export interface Mark {
  readonly at: Instant;
  /** The lane. */
  readonly who: string;
  readonly what: Channel | 'answer';
  readonly look: 'page' | 'notice' | 'failed';
  /** What a pointer that rests on it reads. */
  readonly title: string;
}

/** Messages and answers, as they came. */
export function marksOf(simulation: Simulation): readonly Mark[] {
  const clock = (at: Instant): string => offsetText(at - simulation.startsAt);
  const about = (incident: string): string => {
    const label = shownLabel(incident, simulation);
    return label === '' ? '' : ` [${label}]`;
  };
  const messages = simulation.contacts.map((contact): Mark => ({
    at: contact.at,
    who: shownId(contact.userId),
    what: contact.channel,
    look: isFailure(contact.outcome) ? 'failed' : contact.kind,
    title: `${clock(contact.at)} ${shownId(contact.userId)}, ${channelWords(contact.channel)}: ${whyWords(contact)}${outcomeWords(contact)}${about(contact.incident)}`,
  }));
  const answers = simulation.answers.map((answer): Mark => ({
    at: answer.at,
    who: answer.userId,
    what: 'answer',
    look: 'page',
    title: `${clock(answer.at)} ${answer.userId} ${viaWords(answer.via)}: ${answer.action}. ${answer.sentence}${about(answer.incident)}`,
  }));
  return [...messages, ...answers];
}

/** Why somebody hears of it, in words: `not acknowledged (secondary)`. */
export function whyWords({ why, tier, detail }: Pick<Contact, 'why' | 'tier' | 'detail'>): string {
  const words = why.replaceAll('-', ' ');
  return `${words}${tier === undefined ? '' : ` (${tier})`}${detail === undefined ? '' : `: ${detail}`}`;
}

/** What became of it, where that is more than that it was sent: `; taken by voicemail`. */
export function outcomeWords({ outcome, attempt }: Pick<Contact, 'outcome' | 'attempt'>): string {
  const again = attempt > 1 ? `; try ${attempt}` : '';
  if (isFailure(outcome)) return `${again}; ${failureWords(outcome)}`;
  return outcome === 'sent' ? again : `${again}; ${outcome}`;
}

/** The people of a simulation in the order in which they were first heard of. */
export function laneNames(simulation: Simulation): readonly string[] {
  const first = new Map<string, Instant>();
  for (const { who, at } of marksOf(simulation)) first.set(who, Math.min(at, first.get(who) ?? at));
  return [...first].sort(([, one], [, other]) => one - other).map(([who]) => who);
}

interface PhaseSpan {
  readonly from: Instant;
  readonly to: Instant;
  readonly name: string;
  readonly isOwned: boolean;
}

/** Which phase an entry of the timeline begins. */
function phaseOf(entry: TimelineEntry): Phase | null {
  switch (entry.type) {
    case 'opened':
    case 'reopened':
    case 'unacknowledged':
    case 'snooze-over':
      return 'triggered';
    case 'acknowledged':
    case 'taken-over':
    case 'reassigned':
      return 'acknowledged';
    case 'mitigated':
      return 'mitigated';
    case 'monitoring':
      return 'monitoring';
    case 'resolved':
      return 'resolved';
    default:
      return null;
  }
}

/** What the first incident was when. */
export function phasesOf(simulation: Simulation): readonly PhaseSpan[] {
  const [first] = simulation.incidents;
  const turns = (first?.timeline ?? []).flatMap((entry) => {
    const phase = phaseOf(entry);
    return phase === null ? [] : [{ from: entry.at, phase }];
  });
  return turns.map(({ from, phase }, index) => ({
    from,
    to: turns[index + 1]?.from ?? simulation.endsAt,
    // By its id: there is little room, and what it means is told elsewhere.
    name: phase,
    isOwned: phase !== 'triggered',
  }));
}
