import type { User } from '../../config/types.js';
import { zoneTimes } from '../../config/zone-times.js';
import { beginsAt, handsOver } from '../../domain/handoff/planner.js';
import { NO_OVERRIDES } from '../../domain/oncall/known.js';
import { placeWords } from '../../domain/handoff/letters.js';
import type { Confirmation, HandoffMemo, PlannedHandoff } from '../../domain/handoff/handoff.js';
import type { AppDeps } from '../deps.js';
import type { HandoffWorkflows } from './handoff-workflows.js';

/** What became of a confirmation, with the sentence that the person reads. */
export interface Confirmed {
  readonly outcome: 'confirmed' | 'confirmed-already' | 'not-yours' | 'over';
  readonly sentence: string;
}

type Deps = Pick<AppDeps, 'config' | 'now' | 'known'>;

/** "primary of payments at Mon 24 Nov, 09:00 CET", as this person calls and reads it. */
export function changeWords(
  deps: Pick<AppDeps, 'config'>,
  { slot, schedule, at }: PlannedHandoff,
  reader: User,
): string {
  const name = deps.config().handoffs.get(schedule)?.name ?? schedule;
  return `${placeWords({ slot, schedule: name })} at ${zoneTimes(reader.zone).moment(at)}`;
}

/** Whether it can still be confirmed. */
export function canBeConfirmed({ status }: Pick<HandoffMemo, 'status'>, isOpen: boolean): boolean {
  return isOpen && (status === 'waiting' || status === 'asked' || status === 'unconfirmed');
}

/**
 * Confirms a hand-over as this person. Durable when it resolves; a second time changes nothing.
 * @throws TemporalUnavailable
 */
export async function confirmAs(
  deps: Deps,
  workflows: Pick<HandoffWorkflows, 'confirm'>,
  found: HandoffMemo & { readonly isOpen: boolean },
  user: User,
  via: Confirmation['via'],
): Promise<Confirmed> {
  const { plan } = found;
  const what = changeWords(deps, plan, user);
  if (plan.coming !== user.id)
    return {
      outcome: 'not-yours',
      sentence: `Nothing was done: not you but ${nameOf(deps, plan.coming)} takes over as ${what}.`,
    };
  if (found.confirmedAt !== null)
    return { outcome: 'confirmed-already', sentence: `You have confirmed it before: ${what}.` };
  const over: Confirmed = {
    outcome: 'over',
    sentence: `Nothing was done: the hand-over as ${what} is over.`,
  };
  if (!canBeConfirmed(found, found.isOpen)) return over;
  if ((await workflows.confirm(plan.id, { by: user.id, via })) === 'over') return over;
  const when = plan.at > deps.now() ? 'then' : 'now';
  const yours = takesOver(deps, plan)
    ? ` What ${nameOf(deps, plan.leaving)} leaves open is yours ${when}.`
    : '';
  return { outcome: 'confirmed', sentence: `Confirmed: you take over as ${what}.${yours}` };
}

/** Whether who comes then has what who leaves has open: not where that person only changes to the other place. */
export function takesOver(
  { config, known }: Pick<AppDeps, 'config' | 'known'>,
  plan: PlannedHandoff,
): boolean {
  const { overrides } = known?.current() ?? NO_OVERRIDES;
  const schedule = config().schedulesWith(overrides).get(plan.schedule);
  return schedule !== undefined && handsOver(schedule, plan);
}

/** What is said to a confirmation before its hand-over is under way: that it surely is at the first digest. */
export function notYetWords(deps: Pick<AppDeps, 'config'>, plan: PlannedHandoff, user: User): string {
  const from = zoneTimes(user.zone).moment(beginsAt(plan));
  return `Nothing was done: the hand-over as ${changeWords(deps, plan, user)} can be confirmed from ${from} on.`;
}

export function nameOf({ config }: Pick<AppDeps, 'config'>, userId: string | null): string {
  return userId === null ? 'nobody' : (config().person(userId)?.name ?? userId);
}
