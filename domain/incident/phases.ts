import { durationWords } from '../messages/duration-words.js';
import { severityOf, type Severity } from '../severity/severity.js';
import {
  beginResponse,
  callManagement,
  pageOwnerFirst,
  startEscalation,
  tellExecutives,
} from './escalate.js';
import { stopPages } from './page.js';
import { isBusinessBound, tiersOf } from './positions.js';
import {
  clearDeadline,
  clearDeadlines,
  firingCount,
  pagedPeople,
  record,
  setDeadline,
  severity,
  tell,
  urgency,
  type Turn,
} from './turn.js';

/** Starts (or restarts) the update cadence of the current severity. */
export function startCadence(turn: Turn): void {
  const { state, now } = turn;
  const every = severity(turn).updateEveryMs;
  state.updatesMissed = 0;
  clearDeadline(turn, 'update-overdue');
  if (every === undefined || state.phase === 'monitoring' || state.phase === 'resolved') {
    clearDeadline(turn, 'update');
    return;
  }
  setDeadline(
    turn,
    'update',
    now + every,
    `status update due (${state.severity} every ${durationWords(every)})`,
  );
}

/** Starts the wait for management, counted from when the incident was triggered. */
export function startManagement(turn: Turn): void {
  const { state, now } = turn;
  const after = severity(turn).managementAfterMs;
  clearDeadline(turn, 'management');
  if (after === undefined || state.managementTold || state.plan.management.length === 0) return;
  if (state.openedAt + after <= now) callManagement(turn);
  else
    setDeadline(
      turn,
      'management',
      state.openedAt + after,
      `management looped in (${state.severity} open for ${durationWords(after)})`,
    );
}

/** Progress was made, or somebody took it: the wait for no progress starts anew. Only an owned incident can lack progress. */
export function progressMade(turn: Turn): void {
  const { state, now } = turn;
  clearDeadlines(turn, (name) => name === 'no-progress' || name === 'still-on-it');
  if (state.owner === null || state.escalation !== null) return;
  if (!['acknowledged', 'investigating', 'mitigated'].includes(state.phase)) return;
  const { noProgressMs, stillOnItBeforeMs } = state.plan.timings;
  const who = state.owner.actor.name;
  setDeadline(
    turn,
    'no-progress',
    now + noProgressMs,
    `no progress for ${durationWords(noProgressMs)}: next tier`,
  );
  if (stillOnItBeforeMs < noProgressMs) {
    setDeadline(turn, 'still-on-it', now + noProgressMs - stillOnItBeforeMs, `ask ${who}: still on it?`);
  }
}

function stabilityLabel(ms: number): string {
  return `resolved, if all stays quiet for ${durationWords(ms)}`;
}

/** Nothing fires any more (or a person says so): watch for the stability time. */
export function enterMonitoring(
  turn: Turn,
  by?: { readonly who: string; readonly via: import('./event.js').Via },
): void {
  const { state, now } = turn;
  const { stabilityMs } = state.plan.timings;
  const stableAt = now + stabilityMs;
  const unanswered = state.owner === null;
  const open = state.pages.some((page) => page.status !== 'stopped');
  stopPages(turn);
  clearDeadlines(turn, () => true);
  state.phase = 'monitoring';
  state.mitigatedAt ??= now;
  setDeadline(turn, 'stability', stableAt, stabilityLabel(stabilityMs));
  record(turn, { type: 'monitoring', stableAt, ...by });
  if (unanswered && open) {
    tell(turn, pagedPeople(state), { type: 'gone-before-answer' });
  } else if (state.owner?.actor.kind === 'user') {
    tell(turn, [state.owner.actor.id], { type: 'monitoring', stableAt });
  }
}

/** An alert fires again while the incident is watched. */
export function reopen(turn: Turn): void {
  const { state, now } = turn;
  clearDeadline(turn, 'stability');
  state.phase = 'triggered';
  state.mitigatedAt = null;
  const owner = state.owner?.actor;
  const lastPaged = owner?.kind === 'user' ? (state.people[owner.id]?.lastPagedAt ?? null) : null;
  const pageAt = lastPaged === null ? now : Math.max(now, lastPaged + state.plan.timings.repageMs);
  record(turn, { type: 'reopened', pageAt });
  startCadence(turn);
  startManagement(turn);
  if (owner === undefined) beginResponse(turn, 'fires-again');
  else if (isBusinessBound(severity(turn))) beginResponse(turn, 'fires-again');
  else if (pageAt > now)
    setDeadline(
      turn,
      'repage',
      pageAt,
      `page ${owner.name} again: it fires again (at most once in ${durationWords(state.plan.timings.repageMs)})`,
    );
  else pageOwnerFirst(turn, 'fires-again');
}

/** Five minutes after somebody called it fixed: does it still fire? */
export function recheck(turn: Turn): void {
  clearDeadline(turn, 'recheck');
  if (turn.state.phase !== 'mitigated' || firingCount(turn.state) === 0) return;
  turn.state.phase = 'triggered';
  turn.state.mitigatedAt = null;
  if (isBusinessBound(severity(turn))) beginResponse(turn, 'still-firing');
  else pageOwnerFirst(turn, 'still-firing');
}

/** Quiet for long enough: it is over. Everything else is the review's. */
export function resolve(turn: Turn): void {
  const { state, now } = turn;
  const told = state.acknowledgedAt === null ? [] : pagedPeople(state);
  stopPages(turn);
  clearDeadlines(turn, () => true);
  state.phase = 'resolved';
  state.resolvedAt = now;
  record(turn, { type: 'resolved' });
  tell(turn, told, { type: 'resolved' });
  turn.commands.push({ type: 'start-review' });
}

function owes(level: Severity): string[] {
  return [
    ...(level.updateEveryMs === undefined ? [] : [`an update every ${durationWords(level.updateEveryMs)}`]),
    ...(level.managementAfterMs === undefined
      ? []
      : [`management after ${durationWords(level.managementAfterMs)}`]),
    ...(level.allHands ? ['all hands'] : []),
    ...(level.executives ? ['executives told'] : []),
    ...(level.postmortemWithinMs === undefined
      ? []
      : [`a postmortem within ${durationWords(level.postmortemWithinMs)}`]),
  ];
}

/** Moves the incident to another severity and plans the response anew: what is owed now, and what no longer. */
export function changeSeverity(turn: Turn, to: string, who: string, reason?: string): void {
  const { state, now } = turn;
  const { plan } = state;
  const before = severity(turn);
  const after = severityOf(plan.severities, to);
  if (before.id === after.id) return;
  const raised = after.rank < before.rank;
  record(turn, {
    type: 'severity',
    from: before.id,
    to: after.id,
    who,
    ...(reason === undefined ? {} : { reason }),
  });
  const [had, has] = [owes(before), owes(after)];
  record(turn, {
    type: 'plan-changed',
    owed: has.filter((item) => !had.includes(item)),
    dropped: had.filter((item) => !has.includes(item)),
  });
  state.severity = after.id;
  if (state.phase === 'monitoring' || state.phase === 'resolved') return;
  startCadence(turn);
  startManagement(turn);
  if (raised && after.executives && !before.executives) tellExecutives(turn);
  const paging = state.escalation !== null;
  const unanswered = paging || state.phase === 'triggered';
  const newlyAllHands = after.allHands && !before.allHands;
  if (raised && !isBusinessBound(after)) {
    const detail = `raised from ${before.id} by ${who}`;
    if (newlyAllHands || (unanswered && !paging))
      startEscalation(turn, 'severity-raised', tiersOf(plan, after, now), 0, detail);
    else if (!unanswered) pageOwnerFirst(turn, 'severity-raised');
  } else if (unanswered && isBusinessBound(after)) {
    stopPages(turn);
    beginResponse(turn, 'severity-raised');
  }
  const owner = state.owner?.actor;
  if (owner?.kind === 'user' && state.escalation === null) {
    tell(turn, [owner.id], { type: 'severity-changed', from: before.id, to: after.id, by: who });
  }
  progressMade(turn);
}

/** What no progress means in this severity's voice: it pages the next tier, or writes to it. */
export function pagesForNoProgress(turn: Turn): boolean {
  return urgency(turn) === 'high';
}
