import { durationWords } from '../messages/duration-words.js';
import { utcTimes } from '../messages/times.js';
import type { Answer, PersonAction } from './event.js';
import { escalateAboveOwner, fire, startEscalation } from './escalate.js';
import { stopPages } from './page.js';
import { changeSeverity, enterMonitoring, progressMade, startCadence, startManagement } from './phases.js';
import type { Actor } from './plan.js';
import { positionAfter, positionName, singles } from './positions.js';
import { BOUNDS, type Escalation } from './state.js';
import { clearDeadlines, firingCount, pagedPeople, record, setDeadline, tell, type Turn } from './turn.js';

/** As many characters of a note or an update are kept: 400 of them stay below Temporal's 2 MB. The API takes no more either. */
const LONGEST_TEXT = 1_000;

/** Carries out what a person asks; the answer is kept by its request id and given again when the request comes twice. */
export function act(turn: Turn, action: PersonAction): Answer {
  const { state } = turn;
  const { requestId } = action;
  const known = state.answers.find((given) => given.requestId === requestId);
  const answer = known?.answer ?? perform(turn, action);
  // An update that timed out may have counted all the same, before the signal that replaces it promised a confirmation.
  const confirms = action.confirm === true && known?.confirmed !== true;
  if (known === undefined || confirms) {
    const given = { requestId, answer, ...(action.confirm === true ? { confirmed: true } : {}) };
    state.answers = [...state.answers.filter((other) => other !== known), given].slice(-BOUNDS.answers);
  }
  if (confirms) confirm(turn, action, answer.sentence);
  return answer;
}

/** A person heard "noted, a confirmation follows", and the request means an earlier incident of this alert. */
export function refuse(turn: Turn, action: PersonAction): void {
  confirm(turn, action, `That incident is over, nothing was done. Open now: ${headline(turn)}.`);
}

function confirm(turn: Turn, action: PersonAction, sentence: string): void {
  if (action.by.kind === 'user') tell(turn, [action.by.id], { type: 'confirmation', sentence });
}

function perform(turn: Turn, action: PersonAction): Answer {
  if (turn.state.phase === 'resolved')
    return { outcome: 'over', sentence: `${headline(turn)} is over: it was resolved.` };
  switch (action.action) {
    case 'acknowledge':
      return acknowledge(turn, action);
    case 'take':
      return take(turn, action);
    case 'progress':
      return progress(turn, action);
    case 'resolve':
      return resolveByPerson(turn, action);
    case 'escalate':
      return escalate(turn, action, action.reason);
    case 'severity':
      return regrade(turn, action, action.severity, action.reason);
    case 'update':
      return update(turn, action, action.text);
    case 'note':
      record(turn, {
        type: 'note',
        who: action.by.name,
        via: action.via,
        text: action.text.slice(0, LONGEST_TEXT),
      });
      return { outcome: 'noted', sentence: 'Noted.' };
    default:
      return action satisfies never;
  }
}

/** "SEV1 payments: checkout is down (7KQ2)" */
function headline(turn: Turn): string {
  const { state } = turn;
  return `${state.severity} ${state.plan.service.name}: ${state.title} (${state.code})`;
}

function same(one: Actor, other: Actor): boolean {
  return one.kind === other.kind && one.id === other.id;
}

/**
 * Hands the incident to this person. The step is the last one on which they were paged; who was on none takes over where
 * the owner before them stood, or is not part of the policy's line at all (-1: the next tier is the first).
 */
function own(turn: Turn, by: Actor): void {
  const { state, now } = turn;
  const last = state.pages.findLast((page) => by.kind === 'user' && page.userId === by.id && page.step >= 0);
  state.owner = { actor: by, since: now, step: last?.step ?? state.owner?.step ?? -1 };
}

/** Somebody has it: paging stops, and whoever was paged hears who. */
function settle(turn: Turn, action: PersonAction, formerOwner?: Actor): void {
  const { state, now } = turn;
  const has = state.owner?.actor ?? action.by;
  stopPages(turn, {
    userId: action.by.kind === 'user' ? action.by.id : '',
    inCall: action.via === 'voice',
  });
  if (state.phase === 'triggered') state.phase = 'acknowledged';
  state.acknowledgedAt ??= now;
  const concerned = [...pagedPeople(state), ...(formerOwner?.kind === 'user' ? [formerOwner.id] : [])];
  const knowing = [action.by, has].filter((actor) => actor.kind === 'user').map((actor) => actor.id);
  tell(
    turn,
    concerned.filter((userId) => !knowing.includes(userId)),
    { type: 'acknowledged-by', who: has.name, at: now },
  );
  progressMade(turn);
}

/** Whether people are being paged, or are about to be: whoever answers now has it. */
function isUnanswered(turn: Turn): boolean {
  return turn.state.escalation !== null || turn.state.phase === 'triggered';
}

function acknowledge(turn: Turn, action: PersonAction): Answer {
  const { state, now } = turn;
  const { owner } = state;
  const who = action.by.name;
  if (owner !== null && !isUnanswered(turn)) {
    if (same(owner.actor, action.by)) {
      progressMade(turn);
      record(turn, { type: 'progress', who, via: action.via });
      return { outcome: 'already-yours', sentence: `You already have it: ${headline(turn)}.`, owner: who };
    }
    record(turn, { type: 'also-acknowledged', who, via: action.via, owner: owner.actor.name });
    return {
      outcome: 'already-owned',
      sentence: `${owner.actor.name} has had it since ${utcTimes.time(owner.since)}; reply TAKE ${state.code} to take over.`,
      owner: owner.actor.name,
    };
  }
  if (owner === null || !same(owner.actor, action.by)) own(turn, action.by);
  record(turn, { type: 'acknowledged', who, via: action.via, afterMs: now - state.openedAt });
  settle(turn, action, owner?.actor);
  return {
    outcome: 'acknowledged',
    sentence: `You have it: ${headline(turn)}. ${countWords(turn)}`,
    owner: who,
  };
}

function countWords(turn: Turn): string {
  const firing = firingCount(turn.state);
  if (firing === 0)
    return turn.state.resolves ? 'Nothing fires now.' : `Reply RESOLVE ${turn.state.code} when it is fixed.`;
  return `${firing} alert${firing === 1 ? '' : 's'} firing.`;
}

function take(turn: Turn, action: PersonAction): Answer {
  const { owner } = turn.state;
  if (owner === null || same(owner.actor, action.by)) return acknowledge(turn, action);
  const from = owner.actor;
  own(turn, action.by);
  record(turn, { type: 'taken-over', who: action.by.name, from: from.name, via: action.via });
  settle(turn, action);
  turn.notices.delete(from.id);
  if (from.kind === 'user')
    tell(turn, [from.id], { type: 'taken-over', who: action.by.name, from: from.name });
  return {
    outcome: 'taken',
    sentence: `You took over from ${from.name}: ${headline(turn)}.`,
    owner: action.by.name,
  };
}

function progress(turn: Turn, action: PersonAction): Answer {
  const { state } = turn;
  const { owner } = state;
  if (owner === null || state.phase === 'triggered') return acknowledge(turn, action);
  // Another than the owner who answers a page has it now.
  if (state.escalation !== null && !same(owner.actor, action.by)) return acknowledge(turn, action);
  record(turn, { type: 'progress', who: action.by.name, via: action.via });
  if (state.escalation !== null) settle(turn, action);
  else progressMade(turn);
  return {
    outcome: 'progress-noted',
    sentence: `Noted: ${action.by.name} is still on it. ${headline(turn)}.`,
    owner: owner.actor.name,
  };
}

function resolveByPerson(turn: Turn, action: PersonAction): Answer {
  const { state, now } = turn;
  const by = { who: action.by.name, via: action.via };
  if (state.phase === 'monitoring') {
    const at = state.deadlines['stability']?.at ?? now;
    return {
      outcome: 'monitoring',
      sentence: `It is being watched already; resolved at ${utcTimes.time(at)} if all stays quiet.`,
    };
  }
  const { owner } = state;
  if (owner === null || isUnanswered(turn)) {
    if (owner === null || !same(owner.actor, action.by)) own(turn, action.by);
    record(turn, { type: 'acknowledged', ...by, afterMs: now - state.openedAt });
    settle(turn, action, owner?.actor);
  }
  const { recheckMs, stabilityMs } = state.plan.timings;
  // Of what did not fit the bound no alert can tell that it is over: a person can.
  if (state.resolves && state.alerts.known > 0) {
    state.phase = 'mitigated';
    state.mitigatedAt ??= now;
    progressMade(turn);
    const recheckAt = now + recheckMs;
    record(turn, { type: 'mitigated', ...by, recheckAt });
    setDeadline(
      turn,
      'recheck',
      recheckAt,
      `still firing? then ${state.owner?.actor.name ?? 'the owner'} is paged again`,
    );
    return {
      outcome: 'mitigated',
      sentence: `Noted as mitigated; still firing, I will check again in ${durationWords(recheckMs)}. ${headline(turn)}.`,
    };
  }
  enterMonitoring(turn, by);
  // They know: they said so.
  if (action.by.kind === 'user') turn.notices.delete(action.by.id);
  return {
    outcome: 'monitoring',
    sentence: `Noted; resolved in ${durationWords(stabilityMs)} if all stays quiet. ${headline(turn)}.`,
  };
}

function escalate(turn: Turn, action: PersonAction, reason?: string): Answer {
  const { state } = turn;
  record(turn, {
    type: 'escalated',
    who: action.by.name,
    via: action.via,
    ...(reason === undefined ? {} : { reason }),
  });
  if (state.phase === 'monitoring') {
    // Somebody sees what the alerts do not: it is not over.
    clearDeadlines(turn, (name) => name === 'stability');
    state.phase = state.owner === null ? 'triggered' : 'investigating';
    state.mitigatedAt = null;
    startCadence(turn);
  }
  const detail = `${action.by.name} asked for it${reason === undefined ? '' : `: ${reason}`}`;
  clearDeadlines(turn, (name) => name === 'no-progress' || name === 'still-on-it');
  // A person asked for it: business hours do not hold it back.
  if (state.escalation !== null) {
    const next: Escalation = {
      ...positionAfter(state, state.escalation),
      reason: 'escalated-by-hand',
      detail,
    };
    fire(turn, next, 'escalated-by-hand');
  } else if (state.owner !== null) escalateAboveOwner(turn, 'escalated-by-hand', detail);
  else startEscalation(turn, 'escalated-by-hand', singles(state.plan), 0, detail);
  startManagement(turn);
  const to = state.escalation === null ? 'the next tier' : positionName(state.plan, state.escalation);
  const owner = state.owner?.actor;
  if (owner?.kind === 'user' && owner.id !== action.by.id)
    tell(turn, [owner.id], { type: 'escalated', by: action.by.name, to });
  return {
    outcome: 'escalated',
    sentence: `Escalated to ${to}; they are being paged now. ${headline(turn)}.`,
  };
}

function regrade(turn: Turn, action: PersonAction, to: string, reason?: string): Answer {
  const { state } = turn;
  const ids = state.plan.severities.map((level) => level.id);
  if (!ids.includes(to))
    return {
      outcome: 'unknown-severity',
      sentence: `There is no severity ${to.slice(0, 20)}; it can be ${ids.join(', ')}.`,
    };
  if (to === state.severity) return { outcome: 'unchanged', sentence: `It is ${to} already.` };
  const from = state.severity;
  changeSeverity(turn, to, action.by.name, reason);
  if (action.by.kind === 'user') turn.notices.delete(action.by.id);
  return { outcome: 'severity-changed', sentence: `Changed from ${from} to ${to}. ${headline(turn)}.` };
}

function update(turn: Turn, action: PersonAction, text: string): Answer {
  const { state } = turn;
  record(turn, { type: 'update', who: action.by.name, via: action.via, text: text.slice(0, LONGEST_TEXT) });
  if (state.phase === 'acknowledged') state.phase = 'investigating';
  if (state.owner !== null && state.escalation !== null && state.escalation.reason === 'no-progress')
    settle(turn, action);
  startCadence(turn);
  progressMade(turn);
  const next = state.deadlines['update']?.at;
  return {
    outcome: 'updated',
    sentence:
      next === undefined ? 'Update posted.' : `Update posted; the next one is due at ${utcTimes.time(next)}.`,
  };
}
