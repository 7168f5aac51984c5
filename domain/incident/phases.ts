import { durationWords } from '../messages/duration-words.js';
import { severityOf, type Severity } from '../severity/severity.js';
import {
  beginResponse,
  callManagement,
  pageFromTheTop,
  pageOwnerFirst,
  startEscalation,
  tellExecutives,
} from './escalate.js';
import type { Via } from './event.js';
import { edit, fingerprintsOf } from './fingerprints.js';
import { stopLines } from './lines.js';
import { openlyPaged } from './open-pages.js';
import { stopPages } from './page.js';
import { firstTier, isBusinessBound, ringsNow, tiersOf } from './positions.js';
import { OWNED, progressMade } from './progress.js';
import { rests } from './quiet.js';
import { endSnooze } from './snooze.js';
import { BOUNDS } from './state.js';
import {
  clearDeadline,
  clearDeadlines,
  firingCount,
  pagedPeople,
  record,
  setDeadline,
  severity,
  tell,
  type Turn,
} from './turn.js';

/** Starts (or restarts) the update cadence of the current severity. */
export function startCadence(turn: Turn): void {
  const { state, now } = turn;
  const every = severity(turn).updateEveryMs;
  state.updatesMissed = 0;
  clearDeadline(turn, 'update-overdue');
  if (every === undefined || state.phase === 'monitoring' || state.phase === 'resolved' || rests(state)) {
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
  if (after === undefined || state.managementTold || state.plan.management.length === 0 || rests(state))
    return;
  const since = state.askedSince ?? state.openedAt;
  if (since + after <= now) callManagement(turn);
  else
    setDeadline(
      turn,
      'management',
      since + after,
      `management looped in (${state.severity} open for ${durationWords(after)})`,
    );
}

function stabilityLabel(ms: number): string {
  return `resolved, if all stays quiet for ${durationWords(ms)}`;
}

/** Nothing fires any more (or a person says so): watch for the stability time. */
export function enterMonitoring(turn: Turn, by?: { readonly who: string; readonly via: Via }): void {
  const { state, now } = turn;
  const { stabilityMs } = state.plan.timings;
  const stableAt = now + stabilityMs;
  const open = openlyPaged(state);
  // One who was not paged since it fires again has nothing to hear of its end: a flapping alert sends no message each time.
  const somebodyKnows = state.phase !== 'triggered';
  stopPages(turn);
  stopLines(turn);
  endSnooze(turn);
  // What is still to be told is tried again; whether it is still true is seen then.
  clearDeadlines(turn, (name) => !name.startsWith('retry:'));
  state.phase = 'monitoring';
  state.mitigatedAt ??= now;
  setDeadline(turn, 'stability', stableAt, stabilityLabel(stabilityMs));
  record(turn, { type: 'monitoring', stableAt, ...by });
  if (by !== undefined) forgetFiring(turn);
  // Nobody is told of what came and went in maintenance.
  if (rests(state) && by === undefined) return;
  const owner = state.owner?.actor;
  if (owner === undefined) {
    if (open.length > 0) tell(turn, pagedPeople(state), { type: 'gone-before-answer' });
    return;
  }
  const knowing = somebodyKnows && owner.kind === 'user' ? [owner.id] : [];
  tell(turn, [...open, ...knowing], { type: 'monitoring', stableAt });
}

/**
 * A person says that it is over, and their word counts for what no sender will ever call resolved, and for what did not
 * fit the bound. Kept as resolved, so that the same event sent twice does not open it again, and a new one does.
 */
function forgetFiring(turn: Turn): void {
  const { alerts } = turn.state;
  const resolved = edit(alerts.resolved);
  for (const [fingerprint, startsAt] of fingerprintsOf(alerts.firing)) {
    resolved.put(fingerprint, startsAt, BOUNDS.resolved);
  }
  turn.state.alerts = {
    ...alerts,
    firing: {},
    arrived: {},
    known: 0,
    resolved: resolved.done(),
    overflow: 0,
  };
}

/** An alert fires again while the incident is watched. */
export function reopen(turn: Turn): void {
  const { state, now } = turn;
  clearDeadline(turn, 'stability');
  state.phase = 'triggered';
  state.mitigatedAt = null;
  const owner = state.owner?.actor;
  const lastPaged = owner?.kind === 'user' ? (state.people[owner.id]?.lastPagedAt ?? null) : null;
  const rings = ringsNow(state.plan, severity(turn), now);
  const pageAt = lastPaged === null || !rings ? now : Math.max(now, lastPaged + state.plan.timings.repageMs);
  record(turn, { type: 'reopened', pageAt });
  startCadence(turn);
  if (owner !== undefined && pageAt > now)
    setDeadline(
      turn,
      'repage',
      pageAt,
      `page ${owner.name} again: it fires again (at most once in ${durationWords(state.plan.timings.repageMs)})`,
    );
  else beginResponse(turn, 'fires-again');
  startManagement(turn);
}

/** Five minutes after somebody called it fixed: does it still fire? */
export function recheck(turn: Turn): void {
  const { state } = turn;
  clearDeadline(turn, 'recheck');
  if (state.phase !== 'mitigated' || firingCount(state) === 0) return;
  state.phase = 'triggered';
  state.mitigatedAt = null;
  progressMade(turn);
  // Somebody is being paged already, for another reason: that goes on.
  if (state.escalation === null) beginResponse(turn, 'still-firing');
}

/** The snooze ends and nobody has closed it: whoever snoozed is paged as an owner is whose incident fires again. */
export function snoozeOver(turn: Turn): void {
  const { state } = turn;
  const who = state.snooze?.by.name ?? state.owner?.actor.name;
  endSnooze(turn);
  if (who === undefined || state.escalation !== null || !OWNED.includes(state.phase)) return;
  record(turn, { type: 'snooze-over', who });
  state.phase = 'triggered';
  state.mitigatedAt = null;
  beginResponse(turn, 'snooze-over');
}

/** Quiet for long enough: it is over. Everything else is the review's. */
export function resolve(turn: Turn): void {
  const { state, now } = turn;
  const owner = state.owner?.actor;
  const told =
    state.acknowledgedAt === null
      ? []
      : [...pagedPeople(state), ...(owner?.kind === 'user' ? [owner.id] : [])];
  stopPages(turn);
  clearDeadlines(turn, (name) => !name.startsWith('retry:'));
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
  const { state } = turn;
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
  if (raised) endSnooze(turn);
  const told = openlyPaged(state);
  const wasPaging = state.escalation !== null;
  planAnew(turn, before, after, raised ? `raised from ${before.id} by ${who}` : null);
  startManagement(turn);
  if (raised && after.executives && !before.executives) tellExecutives(turn);
  const owner = state.owner?.actor;
  if (state.escalation === null) {
    const concerned = [...(wasPaging ? told : []), ...(owner?.kind === 'user' ? [owner.id] : [])];
    tell(turn, concerned, { type: 'severity-changed', from: before.id, to: after.id, by: who });
  }
  progressMade(turn);
}

/** Who is paged now that the severity is another one. `raised`: the words for the raise, null when it is not one. */
function planAnew(turn: Turn, before: Severity, after: Severity, raised: string | null): void {
  const { state, now } = turn;
  const { plan } = state;
  const paging = state.escalation !== null;
  const unanswered = state.phase === 'triggered';
  const reason = raised === null ? 'alert' : 'severity-raised';
  const detail = raised ?? undefined;
  if (isBusinessBound(after)) {
    if (paging && ringsNow(plan, after, now)) return;
    if (unanswered) {
      stopPages(turn);
      beginResponse(turn, reason);
    } else if (paging) {
      // Somebody has it, and what it is now rings nobody for more.
      stopPages(turn);
    }
  } else if (raised !== null && after.allHands && !before.allHands) {
    const tiers = tiersOf(plan, after, now);
    startEscalation(turn, reason, tiers, firstTier(tiers, after), detail);
  } else if (paging) {
    // It goes on as it is.
  } else if (unanswered) {
    if (raised !== null || isBusinessBound(before)) pageFromTheTop(turn, reason, detail);
  } else if (raised !== null) {
    pageOwnerFirst(turn, reason, detail);
  }
}
