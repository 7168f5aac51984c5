import type { Target } from '../escalation/policy.js';
import type { MessagePart, PageReason } from '../messages/message.js';
import { severityOf } from '../severity/severity.js';
import { beforeNextDaysClose, isBusinessTime, nextOpening } from '../time/business-time.js';
import { DAY, type Instant } from '../time/instant.js';
import { pausePages, stopPages, supersedePages } from './page.js';
import {
  firstTier,
  isBusinessBound,
  isAnybodyElsePaged,
  isPastTheOwner,
  PAST_THE_OWNER,
  positionAfter,
  positionName,
  singles,
  tiersOf,
  timeoutOf,
} from './positions.js';
import { OWNED, progressMade } from './progress.js';
import { rests } from './quiet.js';
import { endSnooze } from './snooze.js';
import { OWNER_TIER, type Escalation, type IncidentState } from './state.js';
import {
  clearDeadline,
  clearDeadlines,
  nextNumber,
  pagedPeople,
  record,
  search,
  setDeadline,
  severity,
  tell,
  urgency,
  type Turn,
} from './turn.js';

/** Begins the response that the severity asks for: page now, or write now and page later. */
export function beginResponse(turn: Turn, reason: PageReason): void {
  const { state, now } = turn;
  const { plan } = state;
  const level = severity(turn);
  clearDeadline(turn, 'begin');
  // It begins when maintenance is over.
  if (rests(state)) return;
  const wait = (until: Instant, why: string, label: string): void => {
    record(turn, { type: 'waiting', until, why });
    setDeadline(turn, 'begin', until, label);
  };
  switch (level.page) {
    case 'immediately':
    case 'escalate-off-hours': {
      if (plan.policy.delayMs > 0 && reason === 'alert') {
        wait(
          now + plan.policy.delayMs,
          'the policy waits for alerts that resolve themselves',
          'first page, unless it resolves by itself',
        );
      } else {
        pageFromTheTop(turn, reason);
      }
      return;
    }
    case 'wait-for-business-hours': {
      if (isBusinessTime(plan.businessTime, now)) {
        pageFromTheTop(turn, reason);
      } else {
        inform(turn, reason);
        wait(
          nextOpening(plan.businessTime, now),
          `${level.id} waits for business hours`,
          `page the first tier when business hours open (${level.id})`,
        );
      }
      return;
    }
    case 'next-business-day': {
      inform(turn, reason);
      const at = beforeNextDaysClose(plan.businessTime, now, plan.timings.beforeCloseMs);
      wait(
        Math.max(at, now),
        `${level.id} is to be picked up by the next business day`,
        `page the first tier if nobody has picked it up (${level.id})`,
      );
      return;
    }
    case 'ticket': {
      inform(turn, reason);
      wait(
        now + (level.resolveTargetMs ?? 7 * DAY),
        `${level.id} pages nobody`,
        `remind by email if nobody has picked it up (${level.id})`,
      );
      return;
    }
    default:
      return level.page satisfies never;
  }
}

/** The waiting is over and nobody has picked it up. */
export function endWaiting(turn: Turn): void {
  clearDeadline(turn, 'begin');
  const level = severity(turn);
  if (level.page === 'ticket') return beginResponse(turn, 'nobody-picked-up');
  // An outage of ours may have carried the moment into the night.
  if (pauseForTheNight(turn)) return;
  if (!isBusinessBound(level)) return pageFromTheTop(turn, 'alert');
  pageFromTheTop(turn, level.page === 'wait-for-business-hours' ? 'business-hours' : 'nobody-picked-up');
}

/** Pages as the severity says from its first tier on, asking the owner before them where there is one. */
export function pageFromTheTop(turn: Turn, reason: PageReason, detail?: string): void {
  if (turn.state.owner?.actor.kind === 'user') return pageOwnerFirst(turn, reason, detail);
  const level = severity(turn);
  const tiers = tiersOf(turn.state.plan, level, turn.now);
  startEscalation(turn, reason, tiers, firstTier(tiers, level), detail);
}

/**
 * Writes to whoever has it, or to the first tier, by their low-urgency rules; nobody's time runs. What nobody picked up for so
 * long goes to the first tier, whoever has it. What flaps does not write each time.
 */
function inform(turn: Turn, reason: PageReason): void {
  const { state, now } = turn;
  const { plan } = state;
  const isRecent = state.pages.some(
    (page) => page.reason === 'for-information' && now - page.startedAt < plan.timings.repageMs,
  );
  if (reason === 'fires-again' && isRecent) return;
  const owner = reason === 'nobody-picked-up' ? undefined : state.owner?.actor;
  search(
    turn,
    owner?.kind === 'user'
      ? [{ kind: 'user', id: owner.id }]
      : (plan.policy.steps[firstTier(singles(plan), severity(turn))]?.targets ?? []),
    { type: 'inform' },
    'low',
    'find whom to write to',
  );
}

/** Starts paging at this tier, forgetting whatever was under way. */
export function startEscalation(
  turn: Turn,
  reason: PageReason,
  tiers: readonly (readonly number[])[],
  tier: number,
  detail?: string,
  by?: string,
): void {
  stopPages(turn);
  if (rests(turn.state)) return;
  // Who is paged is not asked "still on it?" as well, and snoozes no more.
  clearDeadlines(turn, (name) => name === 'no-progress' || name === 'still-on-it');
  endSnooze(turn);
  const from: Escalation = {
    reason,
    ...(detail === undefined ? {} : { detail }),
    ...(by === undefined ? {} : { by }),
    why: reason,
    tiers,
    round: 1,
    tier,
    catchAlls: 0,
    position: 0,
  };
  fire(turn, from, reason);
}

/** Asks the owner first, then the policy. Without an owner who can be paged: the policy from its first step. */
export function pageOwnerFirst(turn: Turn, reason: PageReason, detail?: string): void {
  const owned = turn.state.owner?.actor.kind === 'user';
  startEscalation(turn, reason, singles(turn.state.plan), owned ? OWNER_TIER : 0, detail);
}

/** Pages the tier above the owner's, with the owner still in charge. */
export function escalateAboveOwner(turn: Turn, reason: PageReason, detail?: string, by?: string): void {
  const above = (turn.state.owner?.step ?? -1) + 1;
  const tiers = singles(turn.state.plan);
  // Nobody above: everybody once more from the first tier.
  startEscalation(turn, reason, tiers, above < tiers.length ? above : 0, detail, by);
}

/**
 * Goes above an owner who lets it lie, in the voice of the severity: pages the next tier, or writes to it. Answers with the
 * words for whom; `say` makes of them what those read who are written to.
 */
export function goAboveOwner(
  turn: Turn,
  reason: PageReason,
  detail: string,
  say: (above: string) => MessagePart,
): string {
  const { state } = turn;
  if (urgency(turn) === 'high') {
    escalateAboveOwner(turn, reason, detail);
    return state.escalation === null ? 'the next tier' : positionName(state.plan, state.escalation);
  }
  // A severity that rings nobody.
  const { steps } = state.plan.policy;
  const above = steps[(state.owner?.step ?? -1) + 1] ?? steps[0];
  const name = above?.name ?? '';
  search(turn, above?.targets ?? [], { type: 'notice', parts: [say(name)] }, 'low', 'find the next tier');
  return name;
}

/** Moves on to the next tier, round or catch-all. */
export function advance(turn: Turn, reason: PageReason): void {
  const { escalation } = turn.state;
  if (escalation === null || pauseForTheNight(turn)) return;
  fire(turn, positionAfter(turn.state, escalation), reason);
}

/** What does not page at night does not escalate at night either: true when it now waits for business hours. */
export function pauseForTheNight(turn: Turn): boolean {
  const { plan, escalation } = turn.state;
  const { businessTime } = plan;
  if (!isBusinessBound(severity(turn)) || isBusinessTime(businessTime, turn.now)) return false;
  // A person asked for it: business hours do not hold it back.
  if (escalation?.reason === 'escalated-by-hand') return false;
  if (OWNED.includes(turn.state.phase)) {
    // Somebody has it, and what it is now rings nobody for more: the wait for progress begins anew.
    stopPages(turn);
    progressMade(turn);
    const again = turn.state.deadlines['no-progress']?.at ?? turn.now;
    record(turn, { type: 'waiting', until: again, why: 'business hours are over and somebody has it' });
    return true;
  }
  const until = nextOpening(businessTime, turn.now);
  pausePages(turn);
  record(turn, { type: 'waiting', until, why: 'business hours are over' });
  setDeadline(turn, 'begin', until, 'page the first tier again when business hours open');
  return true;
}

/** Pages a position: its deadline is set in the same breath as the question who is meant. */
export function fire(turn: Turn, to: Escalation, reason: PageReason): void {
  const { state, now } = turn;
  const { plan } = state;
  const catchAll = to.tier >= to.tiers.length;
  // "Everybody before you was paged" is not so where every tier was the owner alone.
  const isFirstAsked = isPastTheOwner(state, to) && !isAnybodyElsePaged(state);
  const escalation: Escalation = {
    ...to,
    why: catchAll && !isFirstAsked ? 'catch-all' : isPassedOn(state, to, reason) ? to.reason : reason,
    position: nextNumber(turn),
  };
  supersedePages(turn);
  state.escalation = escalation;
  // Whoever is still looked for would have been paged at an earlier position.
  const searches = Object.entries(state.searches).filter(
    ([, asked]) => !['position', 'relief', 'joining'].includes(asked.purpose.type),
  );
  state.searches = Object.fromEntries(searches);
  const detail = reason === to.reason ? to.detail : undefined;
  const name = positionName(plan, escalation);
  if (catchAll) {
    const again = escalation.catchAlls > 1;
    record(turn, { type: 'catch-all', again });
    if (!again && !isFirstAsked) tell(turn, unanswering(state), { type: 'catch-all-reached', again });
  } else {
    record(turn, {
      type: 'step',
      tier: name,
      round: escalation.round,
      reason,
      ...(detail === undefined ? {} : { detail }),
    });
  }
  const next = positionName(plan, positionAfter(state, escalation));
  setDeadline(
    turn,
    'ack',
    now + timeoutOf(plan, escalation),
    catchAll ? 'catch-all again' : `ack timeout: ${name}, then ${next}`,
  );
  search(
    turn,
    targetsOf(state, escalation),
    { type: 'position', position: escalation.position },
    'high',
    `find who is ${name}`,
  );
}

/** Somebody has it, and it is passed on: whoever comes next reads why, not that nobody has acknowledged it. */
function isPassedOn(state: IncidentState, at: Escalation, reason: PageReason): boolean {
  if (state.owner === null) return false;
  const causes: readonly PageReason[] = [...PAST_THE_OWNER, 'severity-raised'];
  return causes.includes(at.reason) && (reason === 'not-acknowledged' || reason === 'gap');
}

/** Who hears that nobody has acknowledged it: everybody paged so far, but whoever has it and passed it on. */
function unanswering(state: IncidentState): readonly string[] {
  const owner = state.owner?.actor;
  const { by } = state.escalation ?? {};
  return pagedPeople(state).filter((userId) => !(userId === by && owner?.id === userId));
}

function targetsOf(state: IncidentState, at: Escalation): Target[] {
  const { policy } = state.plan;
  if (at.tier === OWNER_TIER) return state.owner === null ? [] : [{ kind: 'user', id: state.owner.actor.id }];
  const stepTargets = (indexes: readonly number[]): Target[] =>
    indexes.flatMap((index) => policy.steps[index]?.targets ?? []);
  // The catch-all repeats with whoever is primary by then.
  if (at.tier >= at.tiers.length)
    return [...policy.catchAll.targets, ...(at.catchAlls > 1 ? stepTargets([0]) : [])];
  return stepTargets(at.tiers[at.tier] ?? []);
}

/** Pages management while nobody has answered, or tells it when somebody has the incident. */
export function callManagement(turn: Turn): void {
  const { state } = turn;
  state.managementTold = true;
  const minutes = Math.round((turn.now - state.openedAt) / 60_000);
  if (state.phase === 'triggered' && state.escalation !== null) {
    search(
      turn,
      state.plan.management,
      { type: 'beside', reason: 'management', tier: `management, open for ${minutes} min`, step: -1 },
      'high',
      'find management',
    );
  } else {
    search(
      turn,
      state.plan.management,
      { type: 'notice', parts: [{ type: 'told', what: 'management' }] },
      urgency(turn),
      'find management',
    );
  }
}

/** Tells the executives, when the severity asks for it. */
export function tellExecutives(turn: Turn): void {
  const { plan, severity: id, quiet } = turn.state;
  if (quiet?.rests === true) {
    turn.state.quiet = { ...quiet, untoldExecutives: true };
    return;
  }
  if (severityOf(plan.severities, id).executives && plan.executives.length > 0) {
    search(
      turn,
      plan.executives,
      { type: 'notice', parts: [{ type: 'told', what: 'executives' }] },
      urgency(turn),
      'find the executives',
    );
  }
}
