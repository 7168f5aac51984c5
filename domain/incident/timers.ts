import type { Instant } from '../time/instant.js';
import {
  advance,
  callManagement,
  endWaiting,
  fire,
  goAboveOwner,
  pageOwnerFirst,
  pauseForTheNight,
} from './escalate.js';
import { retryDelivery } from './deliveries.js';
import { fireRule } from './page.js';
import { lineTimedOut } from './lines.js';
import { maintenanceOver } from './maintenance.js';
import { recheck, resolve, snoozeOver } from './phases.js';
import { MAINTENANCE_OVER } from './quiet.js';
import { positionAfter, positionName, timeoutOf } from './positions.js';
import type { Deadline, Escalation } from './state.js';
import { clearDeadline, record, search, setDeadline, severity, tell, urgency, type Turn } from './turn.js';
import { tellJoined } from './alerts.js';

/** Everything due at one instant is done in this order; what is not named comes last. Source: spec, "Timers by phase". */
const ORDER = [
  'stability',
  'ack',
  'maintenance-over',
  'begin',
  'repage',
  'snooze',
  'no-progress',
  'line',
  'update-overdue',
  'update',
  'management',
];

/** Timers that only tell: they may come early to make one message with another of the same minute. */
const TELLING = ['still-on-it', 'update'];

/** Missed steps that are listed one by one after an outage; what is more is counted. */
const LISTED_AFTER_OUTAGE = 50;

type Due = readonly [name: string, deadline: Deadline];

/** In order of time; what an outage of ours swallowed is due at one instant, the present one. */
function byDue(outageBefore: Instant): (one: Due, other: Due) => number {
  const rank = (name: string): number => {
    const place = ORDER.indexOf(name.split(':')[0] ?? '');
    return place < 0 ? ORDER.length : place;
  };
  const due = (deadline: Deadline): Instant => Math.max(deadline.at, outageBefore);
  // Equal ones stay in the order in which they were promised.
  return ([oneName, one], [otherName, other]) =>
    due(one) - due(other) || rank(oneName) - rank(otherName) || one.at - other.at;
}

/** Does whatever is due by now. After an outage of ours it does what is owed now, not what was owed then. */
export function timePassed(turn: Turn): void {
  const outageBefore = turn.now - turn.state.plan.timings.outageAfterMs;
  const due = Object.entries(turn.state.deadlines)
    .filter(([, deadline]) => deadline.at <= turn.now)
    .sort(byDue(outageBefore));
  const late = due
    .filter(([, deadline]) => deadline.at < outageBefore)
    .sort(([, one], [, other]) => one.at - other.at);
  for (const [, deadline] of late) missed(turn, deadline);
  for (const [name, deadline] of due) {
    // An earlier one may have taken it away or moved it.
    if (turn.state.deadlines[name] === deadline) meet(turn, name, deadline);
  }
  if (due.some(([name]) => TELLING.includes(name))) {
    const soon = turn.now + turn.state.plan.timings.mergeMs;
    for (const name of TELLING) {
      const deadline = turn.state.deadlines[name];
      if (deadline !== undefined && deadline.at <= soon && turn.notices.size > 0) meet(turn, name, deadline);
    }
  }
}

function missed(turn: Turn, deadline: Deadline): void {
  record(turn, {
    type: 'missed-deadline',
    label: deadline.label,
    dueAt: deadline.at,
    lateMs: turn.now - deadline.at,
  });
}

function meet(turn: Turn, name: string, deadline: Deadline): void {
  clearDeadline(turn, name);
  const [kind = '', id = '', index = ''] = name.split(':');
  const rest = name.slice(kind.length + 1);
  switch (kind) {
    case 'stability':
      return resolve(turn);
    case 'ack':
      return ackTimedOut(turn, deadline.at);
    case 'begin':
      return endWaiting(turn);
    case 'rule':
      return ruleDue(turn, id, Number(index), deadline);
    case 'retry':
      return retryDelivery(turn, rest);
    case 'repage':
      return pageOwnerFirst(turn, 'fires-again');
    case MAINTENANCE_OVER:
      return maintenanceOver(turn);
    case 'recheck':
      return recheck(turn);
    case 'snooze':
      return snoozeOver(turn);
    case 'line':
      return lineTimedOut(turn, id, deadline.at);
    case 'joined':
      return tellJoined(turn);
    case 'no-progress':
      return noProgress(turn);
    case 'still-on-it':
      return askStillOnIt(turn);
    case 'update':
      return updateDue(turn, deadline.at);
    case 'update-overdue':
      return updateOverdue(turn, deadline.at);
    case 'management':
      return callManagement(turn);
    default:
      throw new RangeError(`Nobody knows the deadline "${name}".`);
  }
}

/** A notification rule of which nothing goes out is not passed over in silence. */
function ruleDue(turn: Turn, pageId: string, index: number, deadline: Deadline): void {
  const isLate = deadline.at < turn.now - turn.state.plan.timings.outageAfterMs;
  const outcome = fireRule(turn, pageId, index, isLate);
  // What is late by more than a minute is listed already.
  if (isLate || outcome === 'done') return;
  if (outcome === 'left-to-later' && deadline.at < turn.now) missed(turn, deadline);
  else if (outcome === 'just-done')
    record(turn, {
      type: 'remark',
      text: `not repeated, since it went out late just now: ${deadline.label}`,
    });
}

function ackTimedOut(turn: Turn, at: Instant): void {
  const { escalation } = turn.state;
  if (escalation === null) return;
  const names = turn.state.pages
    .filter((page) => page.position === escalation.position)
    .map((page) => page.name);
  if (escalation.tier < escalation.tiers.length) {
    record(turn, { type: 'ack-timeout', tier: positionName(turn.state.plan, escalation), names });
  }
  if (turn.now - at <= turn.state.plan.timings.outageAfterMs) return advance(turn, 'not-acknowledged');
  if (pauseForTheNight(turn)) return;
  catchUp(turn, escalation, at);
}

/** Nobody is paged for steps that an outage swallowed: the step that would be current now is, with the person primary now. */
function catchUp(turn: Turn, from: Escalation, at: Instant): void {
  const { state, now } = turn;
  let current = positionAfter(state, from);
  let until = at + timeoutOf(state.plan, current);
  let passed = 0;
  while (until <= now) {
    passed += 1;
    const label = positionName(state.plan, current);
    if (passed <= LISTED_AFTER_OUTAGE) missed(turn, { at: until, label: `ack timeout: ${label}` });
    current = positionAfter(state, current);
    until += timeoutOf(state.plan, current);
  }
  if (passed > LISTED_AFTER_OUTAGE)
    record(turn, { type: 'remark', text: `${passed - LISTED_AFTER_OUTAGE} more steps were missed` });
  // The catch-all that nobody heard of is the first one that they hear of.
  const isFirstCatchAll = current.catchAlls > 1 && from.catchAlls === 0;
  fire(turn, isFirstCatchAll ? { ...current, catchAlls: 1 } : current, 'after-outage');
  const primary = state.plan.policy.steps[0];
  const isPrimaryNow =
    current.tier < current.tiers.length
      ? (current.tiers[Math.max(0, current.tier)] ?? []).includes(0)
      : current.catchAlls > 1 && !isFirstCatchAll;
  if (primary !== undefined && !isPrimaryNow) {
    search(
      turn,
      primary.targets,
      { type: 'beside', reason: 'after-outage', tier: `${primary.name}, after an outage`, step: 0 },
      'high',
      'find who is primary now',
    );
  }
}

function noProgress(turn: Turn): void {
  const { state } = turn;
  const owner = state.owner?.actor;
  clearDeadline(turn, 'still-on-it');
  if (owner === undefined || state.escalation !== null) return;
  record(turn, { type: 'no-progress', afterMs: state.plan.timings.noProgressMs });
  const detail = `no progress for ${Math.round(state.plan.timings.noProgressMs / 60_000)} minutes`;
  const paged = goAboveOwner(turn, 'no-progress', detail, (above) => ({ type: 'no-progress', paged: above }));
  if (urgency(turn) === 'low') {
    // Nobody was paged: it is asked again later.
    const again = severity(turn).updateEveryMs ?? state.plan.timings.noProgressMs * 8;
    setDeadline(turn, 'no-progress', turn.now + again, 'no progress: write to the next tier again');
  } else if (owner.kind === 'user') tell(turn, [owner.id], { type: 'no-progress', paged });
}

function askStillOnIt(turn: Turn): void {
  const owner = turn.state.owner?.actor;
  const escalatesAt = turn.state.deadlines['no-progress']?.at;
  if (owner?.kind !== 'user' || escalatesAt === undefined || urgency(turn) === 'low') return;
  record(turn, { type: 'still-on-it-asked', who: owner.name });
  tell(turn, [owner.id], { type: 'still-on-it', escalatesAt });
}

function updateDue(turn: Turn, dueAt: Instant): void {
  const { state } = turn;
  const every = severity(turn).updateEveryMs;
  if (every === undefined) return;
  const noProgressAt = state.deadlines['no-progress']?.at;
  const { mergeMs } = state.plan.timings;
  if (noProgressAt !== undefined && noProgressAt > turn.now && noProgressAt <= dueAt + mergeMs) {
    // The same person hears of both within this minute: one message then.
    setDeadline(turn, 'update', noProgressAt, `status update due (${state.severity}), with "no progress"`);
    return;
  }
  const overdueAt = Math.max(turn.now, dueAt) + state.plan.timings.updateOverdueMs;
  record(turn, { type: 'update-due', overdue: false });
  setDeadline(turn, 'update-overdue', overdueAt, 'status update overdue: the next up the line hears of it');
  // Until roles exist the owner stands in for the communications lead. Nobody has it yet: they are being paged.
  if (state.owner?.actor.kind === 'user')
    tell(turn, [state.owner.actor.id], { type: 'update-due', every, overdueAt });
}

function updateOverdue(turn: Turn, at: Instant): void {
  const { state, now } = turn;
  const every = severity(turn).updateEveryMs;
  if (every === undefined) return;
  state.updatesMissed += 1;
  record(turn, { type: 'update-due', overdue: true });
  const dueAt = at - state.plan.timings.updateOverdueMs;
  if (state.owner !== null) {
    const steps = state.plan.policy.steps;
    const up = steps[Math.min(steps.length - 1, state.owner.step + state.updatesMissed)];
    search(
      turn,
      up?.targets ?? [],
      { type: 'notice', parts: [{ type: 'update-overdue', owner: state.owner.actor.name, since: dueAt }] },
      urgency(turn),
      'find the next up the line',
    );
  }
  const next = Math.max(dueAt + every, now + every - state.plan.timings.updateOverdueMs);
  setDeadline(
    turn,
    'update',
    Math.max(now, next),
    `status update due (${state.severity}), ${state.updatesMissed} missed`,
  );
}
