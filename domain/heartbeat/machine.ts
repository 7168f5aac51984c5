import { MINUTE, SECOND, type Instant, type Milliseconds } from '../time/instant.js';
import type {
  HeartbeatPhase,
  HeartbeatSettings,
  HeartbeatView,
  LastBeat,
  SignalledBeat,
} from './heartbeat.js';

/** All that is known of a heartbeat. */
export interface HeartbeatState {
  readonly settings: HeartbeatSettings;
  readonly phase: HeartbeatPhase;
  /** From when on beats are expected: when it was first configured, or when `every` or `grace` last changed. */
  readonly clockFrom: Instant;
  /** The last beat, however it came to be known. Never later than the moment it was heard of. */
  readonly beat: Instant | null;
  /** A beat in the store that is stamped later than it can be: a clock was wrong. It counts as of when it was first seen. */
  readonly ahead: { readonly stamp: Instant; readonly seenAt: Instant } | null;
  /** Processes that may have taken beats without telling, and until when. */
  readonly covers: Readonly<Record<string, Instant>>;
  /** When the store is to be asked, or the beat to be missed. */
  readonly lookAt: Instant;
  readonly missed: { readonly at: Instant; readonly dueAt: Instant; readonly beat: Instant | null } | null;
  /** The store could not be asked when it had to be: the one interval more that this gives. Null once it answers or a beat comes. */
  readonly away: { readonly since: Instant; readonly until: Instant } | null;
}

/** What is to be told to the people of its service. */
export type HeartbeatCommand =
  | {
      readonly type: 'fire';
      /** It was due then. */
      readonly dueAt: Instant;
      readonly beat: Instant | null;
      readonly clockFrom: Instant;
      /** Since when the store could not be asked. */
      readonly storeAwaySince: Instant | null;
    }
  | { readonly type: 'resolve'; readonly dueAt: Instant; readonly beat: Instant | null };

export interface HeartbeatStep {
  readonly state: HeartbeatState;
  readonly command: HeartbeatCommand | null;
}

/** A missed heartbeat's store is asked so often whether it beats again: at first, and after the first hours. */
const FIRST_LOOK_MS = MINUTE;
const LATER_LOOK_MS = 5 * MINUTE;
/** Of the time that something has lasted, so much goes by between two looks. */
const LOOK_SHARE = 1 / 20;
/** A look costs a timer and a query: none sooner than this after the one before. */
const SHORTEST_LOOK_MS = 5 * SECOND;
/** Processes whose promise is kept. More than an installation has; those that died are dropped first. */
const MOST_COVERS = 50;

/** A heartbeat that was just configured: the clock starts now. */
export function openHeartbeat(settings: HeartbeatSettings, now: Instant): HeartbeatState {
  const state: HeartbeatState = {
    settings,
    phase: 'waiting',
    clockFrom: now,
    beat: null,
    ahead: null,
    covers: {},
    lookAt: now,
    missed: null,
    away: null,
  };
  return { ...state, lookAt: dueAt(state) };
}

/** From when on it is missed, as far as is known: a process that fell silent may have taken a beat until its promise ran out. */
export function dueAt(state: HeartbeatState): Instant {
  const { everyMs, graceMs } = state.settings;
  const last = Math.max(state.clockFrom, state.beat ?? state.clockFrom, ...Object.values(state.covers));
  return last + everyMs + graceMs;
}

/** An API tells of a beat. */
export function takeBeat(state: HeartbeatState, signal: SignalledBeat, now: Instant): HeartbeatStep {
  // Nothing beats in the future: a clock of an API that is ahead must not buy a dead heartbeat time.
  const at = Math.min(signal.at, now);
  const { [signal.from]: _before, ...others } = state.covers;
  const longest = now + state.settings.everyMs;
  const covers =
    signal.coveredUntil === undefined
      ? others
      : { ...others, [signal.from]: Math.min(signal.coveredUntil, longest) };
  return beaten({ ...state, covers: newest(covers) }, at, now);
}

/** Whether the store has to be asked now. */
export function needsLook(state: HeartbeatState, now: Instant): boolean {
  return now >= state.lookAt;
}

/** The store has answered, or could not. */
export function takeLook(state: HeartbeatState, answer: LastBeat, now: Instant): HeartbeatStep {
  switch (answer.kind) {
    case 'known': {
      const answered = { ...state, away: null };
      if (answer.at === null) return decided(answered, now);
      const { at, ahead } = trusted(answered, answer.at, now);
      return beaten({ ...answered, ahead }, at, now);
    }
    case 'no-store':
      return decided({ ...state, away: null }, now);
    case 'away':
      return withoutStore(state, now);
    default:
      return answer satisfies never;
  }
}

/**
 * The configuration was read again. A changed `every` or `grace` starts the clock anew: nobody can have kept an agreement that
 * did not stand yet. What is missed stays missed until it beats.
 */
export function takeSettings(
  state: HeartbeatState,
  settings: HeartbeatSettings,
  now: Instant,
): HeartbeatState {
  const { everyMs, graceMs } = state.settings;
  if (settings.everyMs === everyMs && settings.graceMs === graceMs) return { ...state, settings };
  const changed: HeartbeatState = { ...state, settings, clockFrom: now, covers: {}, away: null };
  return { ...changed, lookAt: changed.missed === null ? dueAt(changed) : state.lookAt };
}

/** It is no longer configured: what it opened will not be resolved by a beat. */
export function endHeartbeat(state: HeartbeatState): HeartbeatCommand | null {
  return state.missed === null ? null : { type: 'resolve', dueAt: state.missed.dueAt, beat: state.beat };
}

export function heartbeatViewOf(state: HeartbeatState): HeartbeatView {
  return {
    settings: state.settings,
    phase: state.phase,
    beat: state.beat,
    dueAt: dueAt(state),
    missedAt: state.missed?.at ?? null,
    storeAwaySince: state.away?.since ?? null,
  };
}

/** A beat is known: if it is news, whatever was missed is over. */
function beaten(state: HeartbeatState, at: Instant, now: Instant): HeartbeatStep {
  if (state.beat !== null && at <= state.beat) return decided(state, now);
  // What was waited for longer has come: the next time is another time.
  const beating: HeartbeatState = { ...state, beat: at, away: null };
  const { missed } = state;
  if (missed === null) return decided({ ...beating, phase: 'beating' }, now);
  // An old beat that is only heard of now is no sign of life.
  if (now >= dueAt(beating)) return decided(beating, now);
  const again: HeartbeatState = { ...beating, phase: 'beating', missed: null };
  return {
    state: { ...again, lookAt: dueAt(again) },
    command: { type: 'resolve', dueAt: missed.dueAt, beat: at },
  };
}

function decided(state: HeartbeatState, now: Instant): HeartbeatStep {
  const { missed } = state;
  if (missed !== null) {
    const wait = Math.min(Math.max((now - missed.at) * LOOK_SHARE, FIRST_LOOK_MS), LATER_LOOK_MS);
    return { state: { ...state, lookAt: now + Math.min(wait, shortOf(state)) }, command: null };
  }
  const due = dueAt(state);
  if (now < due) return { state: { ...state, lookAt: due }, command: null };
  return missing(state, due, now);
}

/** One interval more, once: a beat may be where nobody can look, and a missed one is never silent. */
function withoutStore(state: HeartbeatState, now: Instant): HeartbeatStep {
  const due = dueAt(state);
  if (state.missed !== null || now < due) return decided(state, now);
  const { everyMs, graceMs } = state.settings;
  const away = state.away ?? { since: now, until: now + everyMs + graceMs };
  if (now >= away.until) return missing({ ...state, away }, due, now);
  const wait = Math.min(Math.max((now - due) * LOOK_SHARE, FIRST_LOOK_MS), LATER_LOOK_MS, shortOf(state));
  return { state: { ...state, away, lookAt: Math.min(now + wait, away.until) }, command: null };
}

function missing(state: HeartbeatState, due: Instant, now: Instant): HeartbeatStep {
  const { beat, clockFrom, away } = state;
  const missed: HeartbeatState = {
    ...state,
    phase: 'missed',
    missed: { at: now, dueAt: due, beat },
    covers: {},
  };
  const { state: next } = decided(missed, now);
  return {
    state: next,
    command: { type: 'fire', dueAt: due, beat, clockFrom, storeAwaySince: away?.since ?? null },
  };
}

/** For heartbeats of seconds the looks are closer. */
function shortOf({ settings }: HeartbeatState): Milliseconds {
  return Math.max(settings.everyMs / 4, SHORTEST_LOOK_MS);
}

function trusted(
  state: HeartbeatState,
  stamp: Instant,
  now: Instant,
): { readonly at: Instant; readonly ahead: HeartbeatState['ahead'] } {
  if (state.ahead?.stamp === stamp) return { at: state.ahead.seenAt, ahead: state.ahead };
  if (stamp <= now) return { at: stamp, ahead: null };
  return { at: now, ahead: { stamp, seenAt: now } };
}

function newest(covers: HeartbeatState['covers']): HeartbeatState['covers'] {
  const entries = Object.entries(covers);
  if (entries.length <= MOST_COVERS) return covers;
  return Object.fromEntries(entries.sort(([, a], [, b]) => b - a).slice(0, MOST_COVERS));
}
