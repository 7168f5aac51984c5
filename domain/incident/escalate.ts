import type { Target } from '../escalation/policy.js';
import type { PageReason } from '../messages/message.js';
import { severityOf } from '../severity/severity.js';
import { beforeNextDaysClose, isBusinessTime, nextOpening } from '../time/business-time.js';
import { DAY, type Instant } from '../time/instant.js';
import type { FoundPeople } from './event.js';
import { pagePerson, stopPages, supersedePages } from './page.js';
import {
  isBusinessBound,
  positionAfter,
  positionName,
  singles,
  tierName,
  tiersOf,
  timeoutOf,
} from './positions.js';
import { OWNER_TIER, type Escalation, type IncidentState, type Search } from './state.js';
import {
  clearDeadline,
  nextNumber,
  pagedPeople,
  putPerson,
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
        const tiers = tiersOf(plan, level, now);
        const first = tiers.findIndex((steps) => steps.includes(level.startAtTier - 1));
        startEscalation(turn, reason, tiers, Math.max(0, first));
      }
      return;
    }
    case 'wait-for-business-hours': {
      if (isBusinessTime(plan.businessTime, now)) {
        startEscalation(turn, reason, singles(plan), 0);
      } else {
        inform(turn);
        wait(
          nextOpening(plan.businessTime, now),
          `${level.id} waits for business hours`,
          `page the first tier when business hours open (${level.id})`,
        );
      }
      return;
    }
    case 'next-business-day': {
      inform(turn);
      const at = beforeNextDaysClose(plan.businessTime, now, plan.timings.beforeCloseMs);
      wait(
        Math.max(at, now),
        `${level.id} is to be picked up by the next business day`,
        `page the first tier if nobody has picked it up (${level.id})`,
      );
      return;
    }
    case 'ticket': {
      inform(turn);
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
  if (level.page === 'immediately' || level.page === 'escalate-off-hours') {
    startEscalation(turn, 'alert', tiersOf(turn.state.plan, level, turn.now), 0);
    return;
  }
  startEscalation(
    turn,
    level.page === 'wait-for-business-hours' ? 'business-hours' : 'nobody-picked-up',
    singles(turn.state.plan),
    0,
  );
}

/** Writes to the first tier by its low-urgency rules; nobody's time runs. */
function inform(turn: Turn): void {
  search(
    turn,
    turn.state.plan.policy.steps[0]?.targets ?? [],
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
): void {
  stopPages(turn);
  clearDeadline(turn, 'begin');
  clearDeadline(turn, 'repage');
  fire(turn, { reason, tiers, round: 1, tier, catchAlls: 0, position: 0 }, reason, detail);
}

/** Asks the owner first, then the policy. Without an owner who can be paged: the policy from its first step. */
export function pageOwnerFirst(turn: Turn, reason: PageReason): void {
  const owned = turn.state.owner?.actor.kind === 'user';
  startEscalation(turn, reason, singles(turn.state.plan), owned ? OWNER_TIER : 0);
}

/** Pages the tier above the owner's, with the owner still in charge. */
export function escalateAboveOwner(turn: Turn, reason: PageReason, detail?: string): void {
  const above = (turn.state.owner?.step ?? -1) + 1;
  const tiers = singles(turn.state.plan);
  // Nobody above: everybody once more from the first tier.
  startEscalation(turn, reason, tiers, above < tiers.length ? above : 0, detail);
}

/** Moves on to the next tier, round or catch-all. */
export function advance(turn: Turn, reason: PageReason): void {
  const { escalation } = turn.state;
  if (escalation === null || pauseForTheNight(turn)) return;
  fire(turn, positionAfter(turn.state, escalation), reason);
}

/** What does not page at night does not escalate at night either: true when it now waits for business hours. */
export function pauseForTheNight(turn: Turn): boolean {
  const { businessTime } = turn.state.plan;
  if (!isBusinessBound(severity(turn)) || isBusinessTime(businessTime, turn.now)) return false;
  const until = nextOpening(businessTime, turn.now);
  stopPages(turn);
  record(turn, { type: 'waiting', until, why: 'business hours are over' });
  setDeadline(turn, 'begin', until, 'page the first tier again when business hours open');
  return true;
}

/** Pages a position: its deadline is set in the same breath as the question who is meant. */
export function fire(turn: Turn, to: Escalation, reason: PageReason, detail?: string): void {
  const { state, now } = turn;
  const { plan } = state;
  const escalation: Escalation = { ...to, position: nextNumber(turn) };
  supersedePages(turn);
  state.escalation = escalation;
  const catchAll = escalation.tier >= escalation.tiers.length;
  const name = positionName(plan, escalation);
  if (catchAll) {
    const again = escalation.catchAlls > 1;
    record(turn, { type: 'catch-all', again });
    if (!again) tell(turn, pagedPeople(state), { type: 'catch-all-reached', again });
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

/** Why the people of the current position are paged. */
function reasonNow(at: Escalation): PageReason {
  if (at.tier >= at.tiers.length) return 'catch-all';
  return at.reason;
}

/** The answer to a search: these people are meant now. */
export function peopleFound(turn: Turn, requestId: string, found: FoundPeople): void {
  const { state } = turn;
  const asked = state.searches[requestId];
  if (asked === undefined) return;
  state.searches = Object.fromEntries(Object.entries(state.searches).filter(([id]) => id !== requestId));
  if (!isWanted(state, asked)) return;
  for (const problem of found.problems) record(turn, { type: 'problem', text: problem });
  for (const person of found.people) {
    const known = state.people[person.userId];
    putPerson(turn, person.userId, {
      name: person.name,
      notice: person.notice,
      lastPagedAt: known?.lastPagedAt ?? null,
    });
  }
  const { purpose } = asked;
  switch (purpose.type) {
    case 'notice':
      tell(
        turn,
        found.people.map((person) => person.userId),
        purpose.part,
      );
      return;
    case 'inform':
      for (const person of found.people)
        pagePerson(turn, person, {
          reason: 'for-information',
          tier: tierName(state.plan, [0]),
          step: 0,
          round: 1,
          position: null,
        });
      return;
    case 'beside':
      for (const person of found.people)
        pagePerson(turn, person, {
          reason: purpose.reason,
          tier: purpose.tier,
          step: purpose.step,
          round: 1,
          position: null,
        });
      return;
    case 'position':
      pagePosition(turn, found);
      return;
    default:
      return purpose satisfies never;
  }
}

/** An answer that comes too late, after an acknowledgement or a step, pages nobody. */
function isWanted(state: IncidentState, asked: Search): boolean {
  switch (asked.purpose.type) {
    case 'position':
      return state.escalation?.position === asked.purpose.position;
    case 'beside':
      return state.escalation !== null;
    case 'inform':
      return state.phase === 'triggered';
    case 'notice':
      return true;
    default:
      return asked.purpose satisfies never;
  }
}

function pagePosition(turn: Turn, found: FoundPeople): void {
  const { state } = turn;
  const at = state.escalation;
  if (at === null) return;
  const name = positionName(state.plan, at);
  const catchAll = at.tier >= at.tiers.length;
  const step = at.tier === OWNER_TIER ? (state.owner?.step ?? 0) : (at.tiers[at.tier]?.[0] ?? -1);
  const reachable = found.people.filter((person) => person.rules.length > 0);
  for (const person of reachable) {
    pagePerson(turn, person, {
      reason: reasonNow(at),
      tier: name,
      step: catchAll ? -1 : step,
      round: at.round,
      position: at.position,
    });
  }
  if (reachable.length > 0) {
    relabel(
      turn,
      reachable.map((person) => person.name),
    );
  } else if (catchAll) {
    record(turn, { type: 'problem', text: 'the catch-all reaches nobody; it is tried again' });
  } else {
    record(turn, { type: 'skipped', tier: name, why: found.problems[0] ?? 'nobody to page' });
    advance(turn, 'gap');
  }
}

/** Puts the names of the people into the label of the running time-out. */
function relabel(turn: Turn, names: readonly string[]): void {
  const running = turn.state.deadlines['ack'];
  const at = turn.state.escalation;
  if (running === undefined || at === null) return;
  const { plan } = turn.state;
  const next = positionName(plan, positionAfter(turn.state, at));
  const who =
    names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
  const label =
    at.tier >= at.tiers.length
      ? `catch-all again: ${who}`
      : `ack timeout: ${who} (${positionName(plan, at)}), then ${next}`;
  setDeadline(turn, 'ack', running.at, label);
}

/** Pages management, or tells it when somebody has the incident. */
export function callManagement(turn: Turn): void {
  const { state } = turn;
  state.managementTold = true;
  const minutes = Math.round((turn.now - state.openedAt) / 60_000);
  if (state.escalation !== null) {
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
      { type: 'notice', part: { type: 'told', what: 'management' } },
      urgency(turn),
      'find management',
    );
  }
}

/** Tells the executives, when the severity asks for it. */
export function tellExecutives(turn: Turn): void {
  const { plan, severity: id } = turn.state;
  if (severityOf(plan.severities, id).executives && plan.executives.length > 0) {
    search(
      turn,
      plan.executives,
      { type: 'notice', part: { type: 'told', what: 'executives' } },
      urgency(turn),
      'find the executives',
    );
  }
}
