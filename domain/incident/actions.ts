import { durationWords } from '../messages/duration-words.js';
import { utcTimes } from '../messages/times.js';
import type { Answer, PersonAction } from './event.js';
import { escalateAboveOwner, fire, startEscalation } from './escalate.js';
import { stopPages } from './page.js';
import { changeSeverity, enterMonitoring, progressMade, startCadence } from './phases.js';
import type { Actor } from './plan.js';
import { positionAfter, positionName, singles } from './positions.js';
import { BOUNDS } from './state.js';
import { clearDeadlines, firingCount, pagedPeople, record, setDeadline, tell, type Turn } from './turn.js';

/** Carries out what a person asks; the answer is kept by its request id and given again when the request comes twice. */
export function act(turn: Turn, action: PersonAction): Answer {
  const { state } = turn;
  const known = state.answers.find((given) => given.requestId === action.requestId);
  if (known !== undefined) return known.answer;
  const answer = perform(turn, action);
  state.answers = [...state.answers, { requestId: action.requestId, answer }].slice(-BOUNDS.answers);
  if (action.confirm === true && action.by.kind === 'user')
    tell(turn, [action.by.id], { type: 'confirmation', sentence: answer.sentence });
  return answer;
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
      record(turn, { type: 'note', who: action.by.name, via: action.via, text: action.text });
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

/** Hands the incident to this person. The step counts from the highest tier on which they were paged. */
function own(turn: Turn, by: Actor): void {
  const { state, now } = turn;
  const steps = state.pages
    .filter((page) => page.userId === by.id && page.step >= 0)
    .map((page) => page.step);
  const step = steps.at(-1) ?? state.owner?.step ?? 0;
  state.owner = { actor: by, since: now, step };
}

/** Somebody has it: paging stops, and whoever was paged hears so. */
function settle(turn: Turn, action: PersonAction): void {
  const { state, now } = turn;
  stopPages(turn, { userId: action.by.id, inCall: action.via === 'voice' });
  clearDeadlines(turn, (name) => name === 'recheck');
  if (state.phase === 'triggered') state.phase = 'acknowledged';
  state.acknowledgedAt ??= now;
  tell(turn, others(turn, action.by), { type: 'acknowledged-by', who: action.by.name, at: now });
  progressMade(turn);
}

function others(turn: Turn, by: Actor): string[] {
  const owner = turn.state.owner?.actor;
  const concerned = [...pagedPeople(turn.state), ...(owner?.kind === 'user' ? [owner.id] : [])];
  return concerned.filter((userId) => userId !== by.id);
}

function acknowledge(turn: Turn, action: PersonAction): Answer {
  const { state, now } = turn;
  const { owner } = state;
  const unanswered = state.escalation !== null || state.phase === 'triggered';
  const who = action.by.name;
  if (owner !== null && !unanswered) {
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
  const keeps = owner !== null && same(owner.actor, action.by);
  const concerned = others(turn, action.by);
  if (!keeps) own(turn, action.by);
  record(turn, { type: 'acknowledged', who, via: action.via, afterMs: now - state.openedAt });
  settle(turn, action);
  tell(
    turn,
    concerned.filter((userId) => !turn.notices.has(userId)),
    { type: 'acknowledged-by', who, at: now },
  );
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
  if (state.phase === 'triggered' || state.owner === null) return acknowledge(turn, action);
  record(turn, { type: 'progress', who: action.by.name, via: action.via });
  if (state.escalation !== null) settle(turn, action);
  else progressMade(turn);
  return {
    outcome: 'progress-noted',
    sentence: `Noted: ${action.by.name} is still on it. ${headline(turn)}.`,
    owner: state.owner.actor.name,
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
  const unowned = state.owner === null;
  if (unowned) own(turn, action.by);
  if (unowned || state.escalation !== null || state.phase === 'triggered') {
    if (state.acknowledgedAt === null)
      record(turn, { type: 'acknowledged', ...by, afterMs: now - state.openedAt });
    settle(turn, action);
  }
  const { recheckMs, stabilityMs } = state.plan.timings;
  if (state.resolves && firingCount(state) > 0) {
    state.phase = 'mitigated';
    state.mitigatedAt = now;
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
  if (state.escalation !== null)
    fire(turn, positionAfter(state, state.escalation), 'escalated-by-hand', detail);
  else if (state.owner !== null) escalateAboveOwner(turn, 'escalated-by-hand', detail);
  else startEscalation(turn, 'escalated-by-hand', singles(state.plan), 0, detail);
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
  record(turn, { type: 'update', who: action.by.name, via: action.via, text });
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
