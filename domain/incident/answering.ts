import { durationWords } from '../messages/duration-words.js';
import { utcTimes } from '../messages/times.js';
import type { Answer, PersonAction } from './event.js';
import { endHandover, lineAnswered, linesAwaiting } from './lines.js';
import { isOpenCall, isUnanswered } from './open-pages.js';
import { stopPages } from './page.js';
import { progressMade } from './progress.js';
import type { Actor } from './plan.js';
import { endSnooze } from './snooze.js';
import type { Line, Owner } from './state.js';
import { firingCount, isApart, pagedPeople, record, tell, type Turn } from './turn.js';

/** "SEV1 payments: checkout is down (7KQ2)" */
export function headline(turn: Turn): string {
  const { state } = turn;
  return `${state.severity} ${state.plan.service.name}: ${state.title} (${state.code})`;
}

export function same(one: Actor, other: Actor): boolean {
  return one.kind === other.kind && one.id === other.id;
}

/**
 * Hands the incident to this person. The step is the last one on which they were paged; who was on none takes over where
 * the owner before them stood, or is not part of the policy's line at all (-1: the next tier is the first). A snooze was
 * the former owner's, and nobody else is asked to take it over any more.
 */
export function own(turn: Turn, by: Actor): void {
  const { state, now } = turn;
  const last = state.pages.findLast((page) => by.kind === 'user' && page.userId === by.id && page.step >= 0);
  state.owner = { actor: by, since: now, step: last?.step ?? state.owner?.step ?? -1 };
  endSnooze(turn);
  endHandover(turn);
}

/** Somebody has it: paging stops, and whoever was paged hears who. */
export function settle(turn: Turn, action: PersonAction, formerOwner?: Actor): void {
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
  // Who is asked for help is still asked: "alice has it" would sound as if they were not.
  const asked = state.pages.filter((page) => page.status === 'active' && isApart(state, page));
  const silent = [...knowing, ...asked.map((page) => page.userId)];
  tell(
    turn,
    concerned.filter((userId) => !silent.includes(userId)),
    { type: 'acknowledged-by', who: has.name, at: now },
  );
  progressMade(turn);
}

/** This person answers: the lines that wait for them are answered with it. Those are the result. */
export function answerLines(turn: Turn, action: PersonAction): readonly Line[] {
  const awaiting = linesAwaiting(turn, action.by);
  for (const line of awaiting) lineAnswered(turn, line, action);
  return awaiting;
}

/** Whether the policy pages this person, so that their answer is one to the policy. */
function isPagedByPolicy(turn: Turn, by: Actor): boolean {
  return turn.state.pages.some(
    (page) => by.kind === 'user' && page.userId === by.id && page.line === undefined && isOpenCall(page),
  );
}

export function acknowledge(turn: Turn, action: PersonAction): Answer {
  const { state, now } = turn;
  const { owner } = state;
  const who = action.by.name;
  if (owner !== null && action.action === 'acknowledge' && action.bySender === true) {
    const noted = notedOfSender(turn, action, owner);
    if (noted !== null) return noted;
  }
  const answered = answerLines(turn, action);
  if (owner !== null && !same(owner.actor, action.by)) {
    if (answered.some(({ kind }) => kind === 'handover')) return takeHandedOver(turn, action, owner);
    if (answered.length > 0 && !isPagedByPolicy(turn, action.by)) return joined(turn, owner);
  }
  if (owner !== null && !isUnanswered(turn.state)) {
    if (same(owner.actor, action.by)) {
      progressMade(turn);
      record(turn, { type: 'progress', who, via: action.via });
      return {
        outcome: 'already-yours',
        sentence: `${haveWords(action.by, 'already ')}: ${headline(turn)}.`,
        owner: who,
      };
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
    sentence: `${haveWords(action.by)}: ${headline(turn)}. ${action.by.kind === 'key' ? nobodyWords(turn, action) : countWords(turn)}`,
    owner: who,
  };
}

/**
 * What a machine says is no answer of a person: it stops nobody's pages while a person has the incident, and said again it
 * changes nothing. Null where it counts.
 */
function notedOfSender(turn: Turn, action: PersonAction, owner: Owner): Answer | null {
  const { by, via } = action;
  const has = owner.actor.name;
  if (owner.actor.kind === 'user') {
    const isKnown = turn.state.timeline.some(
      (entry) => entry.type === 'also-acknowledged' && entry.who === by.name && entry.at >= owner.since,
    );
    if (!isKnown) record(turn, { type: 'also-acknowledged', who: by.name, via, owner: has });
    return {
      outcome: 'already-owned',
      sentence: `${has} has had it since ${utcTimes.time(owner.since)}, and keeps it: ${headline(turn)}.`,
      owner: has,
    };
  }
  if (!same(owner.actor, by) || isUnanswered(turn.state)) return null;
  return {
    outcome: 'already-yours',
    sentence: `${haveWords(by, 'already ')}: ${headline(turn)}.`,
    owner: has,
  };
}

/** Who has it, said to whoever asked for that: a key is no "you" that could be called. */
function haveWords(by: Actor, already = ''): string {
  return by.kind === 'key' ? `${by.name} ${already}has it` : `You ${already}have it`;
}

/** Paging stopped and no person has it: whoever did that is told so, and how to name somebody. */
function nobodyWords({ state }: Turn, { via }: PersonAction): string {
  const after = durationWords(state.plan.timings.noProgressMs);
  const how = via === 'cli' ? '--by' : '"by"';
  return `No person is named, so nobody is asked about it; without progress it escalates after ${after}. Add ${how} to say who has it.`;
}

function countWords(turn: Turn): string {
  const firing = firingCount(turn.state);
  if (firing === 0)
    return turn.state.resolves ? 'Nothing fires now.' : `Reply RESOLVE ${turn.state.code} when it is fixed.`;
  return `${firing} alert${firing === 1 ? '' : 's'} firing.`;
}

/** A helper answers: they are on it, and it stays with its owner. */
function joined(turn: Turn, owner: Owner): Answer {
  return {
    outcome: 'joined',
    sentence: `You joined: ${headline(turn)}. ${owner.actor.name} has it.`,
    owner: owner.actor.name,
  };
}

/** The one who was asked to take it over answers: it is theirs, and the former owner is told. */
function takeHandedOver(turn: Turn, action: PersonAction, from: Owner): Answer {
  record(turn, { type: 'reassigned', who: action.by.name, via: action.via, from: from.actor.name });
  return passTo(turn, action, from.actor);
}

export function take(turn: Turn, action: PersonAction): Answer {
  const { owner } = turn.state;
  if (action.action === 'take' && action.handover !== undefined)
    return takeByHandOver(turn, action, action.handover);
  if (owner === null || same(owner.actor, action.by)) return acknowledge(turn, action);
  answerLines(turn, action);
  record(turn, { type: 'taken-over', who: action.by.name, from: owner.actor.name, via: action.via });
  return passTo(turn, action, owner.actor);
}

/** A shift was handed over, and the next person has what the other left open. Whoever has it by now keeps it. */
function takeByHandOver(
  turn: Turn,
  action: PersonAction,
  { schedule, from }: { readonly schedule: string; readonly from: string },
): Answer {
  const { state } = turn;
  const { owner } = state;
  if (owner?.actor.kind !== 'user' || owner.actor.id !== from || same(owner.actor, action.by))
    return { outcome: 'unchanged', sentence: `It is not with who hands over any more: ${headline(turn)}.` };
  answerLines(turn, action);
  const { name: who } = action.by;
  record(turn, {
    type: 'taken-over',
    who,
    from: owner.actor.name,
    via: action.via,
    handover: schedule,
  });
  const answer = passTo(turn, action, owner.actor);
  // They know by the letters of the hand-over; the others need not, perhaps in the night.
  for (const userId of [from, ...pagedPeople(state)]) turn.notices.delete(userId);
  return answer;
}

function passTo(turn: Turn, action: PersonAction, from: Actor): Answer {
  own(turn, action.by);
  settle(turn, action);
  turn.notices.delete(from.id);
  if (from.kind === 'user')
    tell(turn, [from.id], { type: 'taken-over', who: action.by.name, from: from.name });
  const took = `took over from ${from.name}: ${headline(turn)}.`;
  return {
    outcome: 'taken',
    sentence:
      action.by.kind === 'key' ? `${action.by.name} ${took} ${nobodyWords(turn, action)}` : `You ${took}`,
    owner: action.by.name,
  };
}

export function progress(turn: Turn, action: PersonAction): Answer {
  const { state } = turn;
  const { owner } = state;
  if (owner === null || state.phase === 'triggered') return acknowledge(turn, action);
  // Another than the owner who answers a page has it now, or joins.
  const isOwner = same(owner.actor, action.by);
  if (!isOwner && (state.escalation !== null || linesAwaiting(turn, action.by).length > 0))
    return acknowledge(turn, action);
  record(turn, { type: 'progress', who: action.by.name, via: action.via });
  if (state.escalation !== null) settle(turn, action);
  else progressMade(turn);
  return {
    outcome: 'progress-noted',
    sentence: `Noted: ${action.by.name} is still on it. ${headline(turn)}.`,
    owner: owner.actor.name,
  };
}
