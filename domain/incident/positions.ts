import type { PageReason } from '../messages/message.js';
import type { Severity } from '../severity/severity.js';
import { isBusinessTime } from '../time/business-time.js';
import { SECOND, type Instant, type Milliseconds } from '../time/instant.js';
import type { ResponsePlan } from './plan.js';
import type { FoundPerson } from './event.js';
import { OWNER_TIER, type Escalation, type IncidentState } from './state.js';

/** A severity that only calls people out in business hours. */
export function isBusinessBound(level: Severity): boolean {
  return (
    level.page === 'wait-for-business-hours' || level.page === 'next-business-day' || level.page === 'ticket'
  );
}

/** Every step on its own. */
export function singles(plan: ResponsePlan): number[][] {
  return plan.policy.steps.map((_, index) => [index]);
}

/** Which steps are paged together when an incident of this severity is triggered at this time. */
export function tiersOf(plan: ResponsePlan, level: Severity, now: Instant): number[][] {
  const all = singles(plan);
  if (level.allHands) return [all.flat()];
  if (level.page === 'escalate-off-hours' && !isBusinessTime(plan.businessTime, now) && all.length > 1) {
    return [[0, 1], ...all.slice(2)];
  }
  return all;
}

/** The tier from which the first round begins. */
export function firstTier(tiers: readonly (readonly number[])[], level: Severity): number {
  return Math.max(
    0,
    tiers.findIndex((steps) => steps.includes(level.startAtTier - 1)),
  );
}

/** Whether this severity rings people at this time without waiting. */
export function ringsNow(plan: ResponsePlan, level: Severity, now: Instant): boolean {
  if (!isBusinessBound(level)) return true;
  return level.page === 'wait-for-business-hours' && isBusinessTime(plan.businessTime, now);
}

/** The words for a position, as the policy names its steps: "primary", "primary + secondary", "all hands". */
export function tierName(plan: ResponsePlan, steps: readonly number[]): string {
  if (steps.length === plan.policy.steps.length && steps.length > 1) return 'all hands';
  return steps.map((index) => plan.policy.steps[index]?.name ?? `step ${index + 1}`).join(' + ');
}

/** The position after this one. */
export function positionAfter(state: Pick<IncidentState, 'plan' | 'owner'>, at: Escalation): Escalation {
  if (at.tier === OWNER_TIER) return { ...at, tier: state.owner?.step === 0 && at.tiers.length > 1 ? 1 : 0 };
  if (at.tier >= at.tiers.length) return { ...at, catchAlls: at.catchAlls + 1 };
  if (at.tier + 1 < at.tiers.length) return { ...at, tier: at.tier + 1 };
  if (at.round < state.plan.policy.rounds) return { ...at, round: at.round + 1, tier: 0 };
  return { ...at, tier: at.tiers.length, catchAlls: 1 };
}

/**
 * How long a position waits for an answer, at least a second. Steps that are paged together wait as long as the first of
 * them; an owner who is asked first, as long as the first step.
 */
export function timeoutOf(plan: ResponsePlan, at: Pick<Escalation, 'tier' | 'tiers'>): Milliseconds {
  const step = plan.policy.steps[at.tiers[Math.max(0, at.tier)]?.[0] ?? 0];
  const span = at.tier < at.tiers.length ? step?.timeoutMs : undefined;
  return Math.max(SECOND, span ?? plan.policy.catchAll.everyMs);
}

/** Whether there is any way to page this person. */
export function isReachable(person: FoundPerson): boolean {
  return person.rules.some((rule) => rule.methods.length > 0);
}

/** The words for where the paging stands. */
export function positionName(plan: ResponsePlan, at: Escalation): string {
  if (at.tier === OWNER_TIER) return 'owner';
  if (at.tier >= at.tiers.length) return 'catch-all';
  return tierName(plan, at.tiers[at.tier] ?? []);
}

/** What goes past whoever has the incident, to those above them. */
export const PAST_THE_OWNER: readonly PageReason[] = ['no-progress', 'not-taken-over', 'escalated-by-hand'];

/** Whether this paging goes past a person who has the incident. */
export function isPastTheOwner(state: Pick<IncidentState, 'owner'>, at: Pick<Escalation, 'reason'>): boolean {
  return state.owner?.actor.kind === 'user' && PAST_THE_OWNER.includes(at.reason);
}

/** Whether this paging reached anybody so far who does not have the incident. What came before it is stopped. */
export function isAnybodyElsePaged({ pages, owner }: Pick<IncidentState, 'pages' | 'owner'>): boolean {
  return pages.some(
    ({ position, status, userId }) => position !== null && status !== 'stopped' && userId !== owner?.actor.id,
  );
}

/**
 * What is passed on does not go to the owner again, unless others did not answer in a whole round; never to the one who
 * passed it on and still has it.
 */
export function isPassedOver(
  state: Pick<IncidentState, 'owner' | 'pages'>,
  at: Escalation,
  { userId }: Pick<FoundPerson, 'userId'>,
): boolean {
  if (!isPastTheOwner(state, at) || state.owner?.actor.id !== userId) return false;
  return at.by === userId || at.round === 1 || !isAnybodyElsePaged(state);
}
