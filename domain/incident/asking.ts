import { durationWords } from '../messages/duration-words.js';
import { listed } from '../messages/text.js';
import { utcTimes } from '../messages/times.js';
import type { Milliseconds } from '../time/instant.js';
import { tellWhoIsNotPaged } from './after-paging.js';
import { acknowledge, headline, same } from './answering.js';
import { beginResponse } from './escalate.js';
import type { Answer, PersonAction, ResponderLine } from './event.js';
import { endHandover, linesAwaiting, pagingLines, startLine } from './lines.js';
import { isUnanswered } from './open-pages.js';
import { stopPages } from './page.js';
import { progressMade } from './progress.js';
import { because } from './reason.js';
import { timingsOf } from './plan.js';
import { beginSnooze, endSnooze, untilWords } from './snooze.js';
import { MAINTENANCE_OVER } from './quiet.js';
import { BOUNDS } from './state.js';
import { clearDeadlines, pagedPeople, record, tell, type Turn } from './turn.js';

/** Names that one answer lists. */
const LISTED = 10;

/** Nothing is asked of anybody while it is watched: there is nothing to give away or to put off. */
function watched(turn: Turn): Answer {
  const at = turn.state.deadlines['stability']?.at ?? turn.now;
  return {
    outcome: 'unchanged',
    sentence: `Nothing was done: it is quiet and being watched, and resolved at ${utcTimes.time(at)} if it stays so. ${headline(turn)}.`,
  };
}

/** Whoever snoozes has it, and is left alone until the snooze ends; then they are paged again. */
export function snooze(turn: Turn, action: PersonAction, forMs: Milliseconds): Answer {
  const { state, now } = turn;
  const { snoozeShortestMs, snoozeLongestMs } = timingsOf(state.plan);
  if (!(forMs >= snoozeShortestMs && forMs <= snoozeLongestMs))
    return {
      outcome: 'snooze-out-of-bounds',
      sentence: `A snooze lasts from ${durationWords(snoozeShortestMs)} to ${durationWords(snoozeLongestMs)}; nothing was done.`,
    };
  if (state.phase === 'monitoring') return watched(turn);
  const isOwner = state.owner !== null && same(state.owner.actor, action.by);
  if (!isOwner || isUnanswered(turn.state)) {
    // Who is asked for help, or sees that somebody else has it, is answered as by an acknowledgement.
    const answer = acknowledge(turn, action);
    if (state.owner === null || !same(state.owner.actor, action.by)) return answer;
  }
  const until = now + forMs;
  beginSnooze(turn, action.by, until);
  record(turn, { type: 'snoozed', who: action.by.name, via: action.via, until });
  const then = action.by.kind === 'user' ? 'you are paged again' : 'the policy is paged';
  return {
    outcome: 'snoozed',
    sentence: `${action.by.kind === 'user' ? 'You have' : `${action.by.name} has`} it, and it is snoozed until ${untilWords(now, until)}; then ${then}. ${headline(turn)}.`,
    owner: action.by.name,
  };
}

/** The undo of an acknowledgement: nobody has it, and paging begins anew. */
export function unacknowledge(turn: Turn, action: PersonAction): Answer {
  const { state } = turn;
  if (state.phase === 'monitoring') return watched(turn);
  const from = state.owner?.actor;
  if (from === undefined)
    return { outcome: 'unchanged', sentence: `Nobody has it, so nothing was done: ${headline(turn)}.` };
  record(turn, { type: 'unacknowledged', who: action.by.name, via: action.via, from: from.name });
  endSnooze(turn);
  state.owner = null;
  state.phase = 'triggered';
  state.acknowledgedAt = null;
  state.mitigatedAt = null;
  state.joinNoticeAt = null;
  clearDeadlines(turn, (name) => ['no-progress', 'still-on-it', 'recheck', 'joined'].includes(name));
  stopPages(turn);
  beginResponse(turn, 'unacknowledged');
  const concerned = [...pagedPeople(state), ...(from.kind === 'user' ? [from.id] : [])];
  tellWhoIsNotPaged(
    turn,
    concerned.filter((userId) => action.by.kind !== 'user' || userId !== action.by.id),
    { type: 'open-again', by: action.by.name },
  );
  const next = state.deadlines['begin'] ?? state.deadlines[MAINTENANCE_OVER];
  const then = next === undefined ? 'paging begins anew' : `people are paged at ${utcTimes.moment(next.at)}`;
  return { outcome: 'unacknowledged', sentence: `Nobody has it now; ${then}. ${headline(turn)}.` };
}

/** Asks somebody to take it over. Until they answer the present owner keeps it. */
export function reassign(turn: Turn, action: Extract<PersonAction, { action: 'reassign' }>): Answer {
  const { state } = turn;
  const { by, to } = action;
  const toName = action.toName ?? state.people[to]?.name ?? to;
  const owner = state.owner?.actor;
  if (state.phase === 'monitoring') return watched(turn);
  if (owner?.kind === 'user' && owner.id === to)
    return { outcome: 'unchanged', sentence: `${toName} has it already: ${headline(turn)}.`, owner: toName };
  if (by.kind === 'user' && by.id === to)
    return {
      outcome: 'reassign-refused',
      sentence: `Nobody is paged to take it over from themselves: take it with TAKE ${state.code} (tocsin take ${state.code}).`,
    };
  const running = pagingLines(turn, 'handover');
  const keeps = owner === undefined ? 'nobody has it so far' : `${owner.name} keeps it until then`;
  const sentence = `${toName} is being paged to take it over; ${keeps}. ${headline(turn)}.`;
  const whose = owner === undefined ? {} : { owner: owner.name };
  if (running.some((line) => line.steps[0]?.targets.some((t) => t.kind === 'user' && t.id === to)))
    return { outcome: 'unchanged', sentence, ...whose };
  record(turn, {
    type: 'reassigning',
    who: by.name,
    via: action.via,
    to: toName,
    ...because(action.reason),
  });
  const before = endHandover(turn).flatMap(({ members }) => members.map(({ userId }) => userId));
  tell(
    turn,
    before.filter((userId) => userId !== to),
    { type: 'no-longer-asked' },
  );
  endSnooze(turn);
  progressMade(turn);
  startLine(turn, {
    kind: 'handover',
    name: toName,
    steps: [
      {
        name: 'the next owner',
        targets: [{ kind: 'user', id: to }],
        timeoutMs: state.plan.policy.steps[0]?.timeoutMs ?? 0,
      },
    ],
    by,
    ...because(action.reason),
  });
  if (owner?.kind === 'user' && !same(owner, by))
    tell(turn, [owner.id], { type: 'reassigning', by: by.name, to: toName });
  return { outcome: 'reassigning', sentence, ...whose };
}

/** Pages people beside the policy; who has it stays. */
export function addResponders(
  turn: Turn,
  action: Extract<PersonAction, { action: 'add-responders' }>,
): Answer {
  const { state } = turn;
  const { by } = action;
  if (state.phase === 'monitoring') return watched(turn);
  const owner = state.owner?.actor;
  const running = pagingLines(turn, 'responders');
  const meansOnlyOwner = ({ steps }: ResponderLine): boolean =>
    owner?.kind === 'user' &&
    steps.every(({ targets }) => targets.every((target) => target.kind === 'user' && target.id === owner.id));
  const known = (line: ResponderLine): boolean =>
    running.some(({ name }) => name === line.name) || meansOnlyOwner(line);
  const asked = action.responders.filter(
    (line, index) => !known(line) && action.responders.findIndex(({ name }) => name === line.name) === index,
  );
  if (asked.length === 0)
    return {
      outcome: 'unchanged',
      sentence: `Nobody new was asked for: they are being paged already, or have it. ${headline(turn)}.`,
    };
  if (running.length + asked.length > BOUNDS.lines)
    return {
      outcome: 'too-many-responders',
      sentence: `At most ${BOUNDS.lines} may be asked for help at once, and ${running.length} are being paged; nobody was added.`,
    };
  const names = asked.map(({ name }) => name);
  record(turn, { type: 'responders-asked', who: by.name, via: action.via, names, ...because(action.reason) });
  for (const { name, steps } of asked)
    startLine(turn, { kind: 'responders', name, steps, by, ...because(action.reason) });
  if (owner?.kind === 'user' && !same(owner, by))
    tell(turn, [owner.id], { type: 'responders-asked', by: by.name, names });
  return {
    outcome: 'responders-paged',
    sentence: `Being paged now: ${namesOf(names)}. ${headline(turn)}.`,
    ...(owner === undefined ? {} : { owner: owner.name }),
  };
}

function namesOf(names: readonly string[]): string {
  const more = names.length - LISTED;
  return more > 0 ? `${names.slice(0, LISTED).join(', ')} and ${more} more` : listed(names);
}

/** The lines that page this person and would go on to somebody else of theirs. */
export function linesToPassOn(turn: Turn, action: PersonAction) {
  const isOwner = turn.state.owner !== null && same(turn.state.owner.actor, action.by);
  if (turn.state.owner === null || isOwner || isUnanswered(turn.state)) return [];
  return linesAwaiting(turn, action.by).filter(({ status }) => status === 'paging');
}
