import type { Target } from '../escalation/policy.js';
import type { IncidentCommand } from '../incident/command.js';
import type { TimelineEntry } from '../incident/timeline.js';
import type { MessagePart } from '../messages/message.js';
import type { Instant } from '../time/instant.js';
import type { OrElse, ReviewState } from './state.js';

const KEPT_TIMELINE = 400;

/** What a review asks of the world. */
export type ReviewCommand = Extract<IncidentCommand, { type: 'find-people' | 'deliver' }>;

/** One step of the machine under way: a private copy of the state, and what it has decided so far. */
export interface Turn {
  readonly state: ReviewState;
  readonly now: Instant;
  readonly commands: ReviewCommand[];
}

type Untimed<T> = T extends unknown ? Omit<T, 'at'> : never;

export function record(turn: Turn, entry: Untimed<TimelineEntry>): void {
  const { state } = turn;
  const timeline = [...state.timeline, { at: turn.now, ...entry } as TimelineEntry];
  const excess = timeline.length - KEPT_TIMELINE;
  state.timeline = excess > 0 ? timeline.slice(excess) : timeline;
  if (excess > 0) state.timelineDropped = (state.timelineDropped ?? 0) + excess;
}

export function setDeadline(turn: Turn, name: string, at: Instant, label: string): void {
  turn.state.deadlines = { ...turn.state.deadlines, [name]: { at, label } };
}

export function clearDeadline(turn: Turn, name: string): void {
  turn.state.deadlines = Object.fromEntries(
    Object.entries(turn.state.deadlines).filter(([other]) => other !== name),
  );
}

/** Asks who is meant right now; the answer comes back as an event. */
export function search(
  turn: Turn,
  targets: readonly Target[],
  part: MessagePart,
  orElse: OrElse,
  label: string,
): void {
  turn.state.counter += 1;
  const requestId = `s${turn.state.counter}`;
  turn.state.searches = { ...turn.state.searches, [requestId]: { part, orElse } };
  turn.commands.push({ type: 'find-people', requestId, targets, urgency: turn.state.input.urgency, label });
}
