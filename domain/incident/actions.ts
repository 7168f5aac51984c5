import { durationWords } from '../messages/duration-words.js';
import { utcTimes } from '../messages/times.js';
import type { Answer, PersonAction } from './event.js';
import { acknowledge, answerLines, headline, own, progress, same, settle, take } from './answering.js';
import { isReuse, REUSED } from './asked.js';
import { addResponders, linesToPassOn, reassign, snooze, unacknowledge } from './asking.js';
import { escalateAboveOwner, fire, startEscalation } from './escalate.js';
import { moveOn } from './lines.js';
import { quietNote, wake } from './maintenance.js';
import { isUnanswered } from './open-pages.js';
import { changeSeverity, enterMonitoring, startCadence, startManagement } from './phases.js';
import { progressMade } from './progress.js';
import { positionAfter, positionName, singles } from './positions.js';
import { endSnooze } from './snooze.js';
import { BOUNDS, type Escalation, type GivenAnswer, type Line } from './state.js';
import { clearDeadlines, notesKept, record, setDeadline, tell, type Turn } from './turn.js';

/** As many characters of a note or an update are kept: 400 of them stay below Temporal's 2 MB. The API takes no more either. */
const LONGEST_TEXT = 1_000;

/** Carries out what a person asks; the answer is kept by its request id and given again when the request comes twice. */
export function act(turn: Turn, action: PersonAction): Answer {
  const { state } = turn;
  const { requestId } = action;
  const known = state.answers.find((given) => given.requestId === requestId);
  if (known !== undefined && isReuse(known, action)) return refuseReuse(turn, action, known);
  const answer = known?.answer ?? perform(turn, action);
  if (known === undefined && !NOTHING_DONE.has(answer.outcome)) remember(turn, action);
  // An update that timed out may have counted all the same, before the signal that replaces it promised a confirmation.
  const confirms = action.confirm === true && known?.confirmed !== true;
  if (known === undefined || confirms) {
    keep(turn, {
      ...known,
      requestId,
      answer,
      ...(action.requestHash === undefined ? {} : { asked: action.requestHash }),
      ...(action.confirm === true ? { confirmed: true } : {}),
    });
  }
  if (confirms) confirm(turn, action, answer.sentence);
  return answer;
}

/** Answers after which all is as it was. */
const NOTHING_DONE: ReadonlySet<Answer['outcome']> = new Set([
  'over',
  'unchanged',
  'unknown-severity',
  'snooze-out-of-bounds',
  'reassign-refused',
  'too-many-responders',
  'key-reused',
]);

/** The incident is found again by whoever did something about it, also when they were never paged. */
function remember({ state }: Turn, { by }: PersonAction): void {
  if (by.kind !== 'user') return;
  state.acted = [...(state.acted ?? []).filter((userId) => userId !== by.id), by.id].slice(-BOUNDS.acted);
}

function keep(turn: Turn, given: GivenAnswer): void {
  const { state } = turn;
  const others = state.answers.filter(({ requestId }) => requestId !== given.requestId);
  state.answers = [...others, given].slice(-BOUNDS.answers);
}

/** The request's id was used for something else: nothing is done, and who heard "a confirmation follows" is told so, once. */
function refuseReuse(turn: Turn, action: PersonAction, known: GivenAnswer): Answer {
  if (action.confirm === true && known.reuseTold !== true) {
    keep(turn, { ...known, reuseTold: true });
    confirm(turn, action, REUSED.sentence);
  }
  return REUSED;
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
      return note(turn, action, action.text);
    case 'snooze':
      return snooze(turn, action, action.forMs);
    case 'unacknowledge':
      return unacknowledge(turn, action);
    case 'reassign':
      return reassign(turn, action);
    case 'add-responders':
      return addResponders(turn, action);
    default:
      return action satisfies never;
  }
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
  const takesOver = answerLines(turn, action).some(({ kind }) => kind === 'handover');
  if (owner === null || isUnanswered(turn.state) || takesOver) {
    if (owner === null || !same(owner.actor, action.by)) own(turn, action.by);
    record(turn, { type: 'acknowledged', ...by, afterMs: now - state.openedAt });
    settle(turn, action, owner?.actor);
  }
  endSnooze(turn);
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
      sentence: `Noted as mitigated; still firing, I will check again in ${durationWords(recheckMs)}${quietNote(turn)}. ${headline(turn)}.`,
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

/** A note, for those who read it later. There is room for so many; who writes more is told. */
function note(turn: Turn, action: PersonAction, text: string): Answer {
  const isFull = notesKept(turn.state) >= BOUNDS.notes;
  const { by, via } = action;
  record(turn, { type: 'note', who: by.name, via, text: text.slice(0, LONGEST_TEXT) });
  return {
    outcome: 'noted',
    sentence: isFull
      ? `Noted. The timeline has room for ${BOUNDS.notes} notes: its oldest one was dropped for it.`
      : 'Noted.',
  };
}

/** Somebody who is asked for help, or to take it over, passes that on: the incident itself stays where it is. */
function passOn(turn: Turn, lines: readonly Line[]): Answer {
  for (const line of lines) moveOn(turn, line);
  return { outcome: 'escalated', sentence: `Passed on; you are not asked any more. ${headline(turn)}.` };
}

function escalate(turn: Turn, action: PersonAction, reason?: string): Answer {
  const { state } = turn;
  const asked = linesToPassOn(turn, action);
  record(turn, {
    type: 'escalated',
    who: action.by.name,
    via: action.via,
    ...(reason === undefined ? {} : { reason }),
  });
  if (asked.length > 0) return passOn(turn, asked);
  wake(turn, 'by-hand');
  if (state.phase === 'monitoring') {
    // Somebody sees what the alerts do not: it is not over.
    clearDeadlines(turn, (name) => name === 'stability');
    state.phase = state.owner === null ? 'triggered' : 'investigating';
    state.mitigatedAt = null;
    startCadence(turn);
  }
  const detail = `${action.by.name} asked for it${reason === undefined ? '' : `: ${reason}`}`;
  clearDeadlines(turn, (name) => name === 'no-progress' || name === 'still-on-it');
  const asker = action.by.kind === 'user' ? action.by.id : undefined;
  // A person asked for it: business hours do not hold it back.
  if (state.escalation !== null) {
    const { by: _before, ...next } = positionAfter(state, state.escalation);
    const to: Escalation = { ...next, ...(asker === undefined ? {} : { by: asker }) };
    fire(turn, { ...to, reason: 'escalated-by-hand', detail }, 'escalated-by-hand');
  } else if (state.owner !== null) escalateAboveOwner(turn, 'escalated-by-hand', detail, asker);
  else startEscalation(turn, 'escalated-by-hand', singles(state.plan), 0, detail);
  startManagement(turn);
  const to = state.escalation === null ? 'the next tier' : positionName(state.plan, state.escalation);
  const owner = state.owner?.actor;
  if (owner?.kind === 'user' && owner.id !== action.by.id)
    tell(turn, [owner.id], { type: 'escalated', by: action.by.name, to });
  return {
    outcome: 'escalated',
    sentence: `${escalatedWords(turn, action, to)} ${headline(turn)}.`,
  };
}

/** Who is there is looked up after the answer: of a tier that may be the owner alone it does not say that it is paged. */
function escalatedWords({ state }: Turn, { by }: PersonAction, to: string): string {
  const owner = state.owner?.actor;
  if (owner?.kind !== 'user') return `Escalated to ${to}; they are being paged now.`;
  const but = same(owner, by) ? 'you' : owner.name;
  return `Escalated: whoever is next, but ${but}, is being paged now, beginning with ${to}.`;
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
  return {
    outcome: 'severity-changed',
    sentence: `Changed from ${from} to ${to}${quietNote(turn)}. ${headline(turn)}.`,
  };
}

function update(turn: Turn, action: PersonAction, text: string): Answer {
  const { state } = turn;
  record(turn, { type: 'update', who: action.by.name, via: action.via, text: text.slice(0, LONGEST_TEXT) });
  if (state.phase === 'acknowledged') state.phase = 'investigating';
  const isOwnersLack = ['no-progress', 'not-taken-over'].includes(state.escalation?.reason ?? '');
  if (state.owner !== null && isOwnersLack) settle(turn, action);
  startCadence(turn);
  progressMade(turn);
  const next = state.deadlines['update']?.at;
  return {
    outcome: 'updated',
    sentence:
      next === undefined ? 'Update posted.' : `Update posted; the next one is due at ${utcTimes.time(next)}.`,
  };
}
