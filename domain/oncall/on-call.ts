import { DAY, type Instant } from '../time/instant.js';
import { shiftCovering, turnsOf, type Span, type Turn } from './cover.js';
import { indexOverrides, type ActiveOverrides, type Override, type OverrideIndex } from './override.js';
import { placesOf, type CurrentTurn, type OnCall, type Why } from './places.js';
import type { Layers, Schedule, Slot } from './schedule.js';

/** A schedule with its overrides, ready to be asked. Immutable: prepare it anew when the overrides change. */
export interface PreparedSchedule extends Schedule {
  readonly overrides: OverrideIndex;
}

/** Sorts the overrides once. Those of other schedules may be among them. Cheap without overrides. */
export function prepare(schedule: Schedule, overrides: readonly Override[]): PreparedSchedule {
  const { id, layers, secondary } = schedule;
  return { id, layers, secondary, overrides: indexOverrides(id, overrides) };
}

/** A span in which the same people are on call for the same reasons. */
export interface OnCallSpan extends OnCall, Span {}

/** How far ahead {@link nextChange} and {@link dutyAt} look: longer than the longest shift that a config may have. */
export const LOOK_AHEAD_DAYS = 731;

/** Lengths of the steps in which they look, so that what comes soon is found soon. */
const LOOKS_DAYS = [8, 32, 128, LOOK_AHEAD_DAYS - 168];

function turnAt(layers: Layers, at: Instant): CurrentTurn | null {
  for (const rotation of layers) {
    const shift = shiftCovering(rotation, at);
    if (shift !== null) return { rotation, shift };
  }
  return null;
}

/** Primary and secondary of a schedule at an instant, and why. */
export function onCallAt(schedule: PreparedSchedule, at: Instant): OnCall {
  const { layers, secondary, overrides } = schedule;
  const own = secondary.kind === 'own' ? turnAt(secondary.layers, at) : null;
  return placesOf(secondary.kind, turnAt(layers, at), own, overrides.at(at));
}

/** Walks through the turns of layers from the earliest on: answers which turn covers `at`, which never goes back. */
function walk(lanes: readonly (readonly Turn[])[]): (at: Instant) => Turn | null {
  const positions = lanes.map(() => 0);
  return (at) => {
    for (const [lane, turns] of lanes.entries()) {
      let position = positions[lane] ?? 0;
      let turn = turns[position];
      while (turn !== undefined && turn.to <= at) turn = turns[(position += 1)];
      positions[lane] = position;
      if (turn !== undefined && turn.from <= at) return turn;
    }
    return null;
  };
}

/** All instants at which something may change, ascending; `to` is the last that matters. */
function edgesOf(lanes: readonly (readonly Turn[])[], overrides: OverrideIndex, to: Instant): Float64Array {
  const edges = [to, ...overrides.edges];
  for (const turns of lanes) for (const turn of turns) edges.push(turn.from, turn.to);
  return new Float64Array(edges).sort();
}

function isSameWhy(one: Why | null, other: Why | null): boolean {
  if (one === null || other === null) return one === other;
  return one.kind === 'override'
    ? other.kind === 'override' && one.id === other.id
    : other.kind === 'rotation' && one.name === other.name;
}

function isSamePair(one: OnCall, other: OnCall): boolean {
  return one.primary === other.primary && one.secondary === other.secondary;
}

function isSame(one: OnCall, other: OnCall): boolean {
  return (
    isSamePair(one, other) &&
    isSameWhy(one.why.primary, other.why.primary) &&
    isSameWhy(one.why.secondary, other.why.secondary)
  );
}

/**
 * Who is on call in `[from, to)`, in order and without holes: a gap is a span with nobody. Neighbours differ in their people
 * or in why. Says at every instant what {@link onCallAt} says. Empty when `from` is not before `to`.
 */
export function shifts(schedule: PreparedSchedule, from: Instant, to: Instant): readonly OnCallSpan[] {
  if (!(from < to)) return [];
  const { layers, secondary, overrides } = schedule;
  const lanes = layers.map((rotation) => turnsOf(rotation, from, to));
  const ownLanes =
    secondary.kind === 'own' ? secondary.layers.map((rotation) => turnsOf(rotation, from, to)) : [];
  const primaryAt = walk(lanes);
  const ownAt = walk(ownLanes);
  const spans: { -readonly [key in keyof OnCallSpan]: OnCallSpan[key] }[] = [];
  let last: (typeof spans)[number] | undefined;
  let [turn, own, active]: [Turn | null, Turn | null, ActiveOverrides | null] = [null, null, null];
  let at = from;
  for (const edge of edgesOf([...lanes, ...ownLanes], overrides, to)) {
    const end = Math.min(edge, to);
    if (end <= at) continue;
    const before = { turn, own, active };
    [turn, own, active] = [primaryAt(at), ownAt(at), overrides.at(at)];
    // Most edges are those of layers that lie below another: nothing changes there.
    const isUnchanged = turn === before.turn && own === before.own && active === before.active;
    const now = isUnchanged && last !== undefined ? last : placesOf(secondary.kind, turn, own, active);
    if (last !== undefined && (now === last || isSame(last, now))) last.to = end;
    else spans.push((last = { from: at, to: end, ...now }));
    at = end;
  }
  return spans;
}

/** When other people are on call than at `at`; null when that is beyond {@link LOOK_AHEAD_DAYS}, e.g. with one participant. */
export function nextChange(schedule: PreparedSchedule, at: Instant): Instant | null {
  const now = onCallAt(schedule, at);
  let from = at;
  for (const days of LOOKS_DAYS) {
    const to = from + days * DAY;
    const change = shifts(schedule, from, to).find((span) => !isSamePair(span, now));
    if (change !== undefined) return change.from;
    from = to;
  }
  return null;
}

/** A person's uninterrupted time in one place. */
export interface Duty extends Span {
  readonly slot: Slot;
  readonly userId: string;
}

/**
 * The uninterrupted time around `at` in which one person has the place, whatever for; null when nobody has it then. Cut
 * where it reaches further than {@link LOOK_AHEAD_DAYS} to either side.
 */
export function dutyAt(schedule: PreparedSchedule, slot: Slot, at: Instant): Duty | null {
  const userId = onCallAt(schedule, at)[slot];
  if (userId === null) return null;
  let to = at;
  let from = at;
  for (const days of LOOKS_DAYS) {
    const end = to + days * DAY;
    const change = shifts(schedule, to, end).find((span) => span[slot] !== userId);
    to = change?.from ?? end;
    if (change !== undefined) break;
  }
  for (const days of LOOKS_DAYS) {
    const begin = from - days * DAY;
    const change = shifts(schedule, begin, from).findLast((span) => span[slot] !== userId);
    from = change?.to ?? begin;
    if (change !== undefined) break;
  }
  return { slot, userId, from, to };
}
