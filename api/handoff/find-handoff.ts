import { plannedHandoffs } from '../../config/handoffs.js';
import type { HandoffMemo, PlannedHandoff } from '../../domain/handoff/handoff.js';
import { NO_OVERRIDES } from '../../domain/oncall/known.js';
import { DAY, HOUR } from '../../domain/time/instant.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import type { HandoffWorkflows } from './handoff-workflows.js';

/** As far ahead as lists reach. */
const AHEAD_MS = 31 * DAY;
/** One is confirmed for so long after its change at most. */
const BEHIND_MS = 12 * HOUR;

/** What an id or a code means. `not-yet`: it is planned, and nothing runs for it that could hear of a confirmation. */
export type FoundHandoff =
  | { readonly kind: 'found'; readonly handoff: HandoffMemo & { readonly isOpen: boolean } }
  | { readonly kind: 'not-yet'; readonly plan: PlannedHandoff }
  | { readonly kind: 'none' };

/**
 * Looks among those that run, then among those that are over or still to come.
 * @throws ApiError `ambiguous-code`
 * @throws TemporalUnavailable
 */
export async function findHandoff(
  deps: Pick<AppDeps, 'config' | 'now' | 'known'>,
  workflows: Pick<HandoffWorkflows, 'get' | 'byCode'>,
  asked: string,
): Promise<FoundHandoff> {
  const isCode = /^[A-Za-z0-9]{4}$/.test(asked);
  if (isCode) {
    const [one, another] = await workflows.byCode(asked);
    if (another !== undefined)
      throw new ApiError('ambiguous-code', 'This code means several hand-overs; nothing was done.', {
        remedy: 'Use the id, as GET /v1/handoffs tells it.',
      });
    if (one !== undefined) return { kind: 'found', handoff: { ...one, isOpen: true } };
  } else {
    const one = await workflows.get(asked);
    if (one !== null) return { kind: 'found', handoff: one };
  }
  const plan = plannedAs(deps, asked);
  if (plan === null) return { kind: 'none' };
  // A list finds no more what has ended: who confirms twice is told so.
  const ended = isCode ? await workflows.get(plan.id) : null;
  if (ended !== null) return { kind: 'found', handoff: ended };
  return plan.at > deps.now() ? { kind: 'not-yet', plan } : { kind: 'none' };
}

/** The next one of this id or code by the schedules; where none comes, the last one. */
function plannedAs(
  { config, now, known }: Pick<AppDeps, 'config' | 'now' | 'known'>,
  asked: string,
): PlannedHandoff | null {
  const { overrides } = known?.current() ?? NO_OVERRIDES;
  const at = now();
  const all = plannedHandoffs(config(), overrides, at - BEHIND_MS, at + AHEAD_MS).filter(
    ({ id, code }) => id === asked || code === asked.toUpperCase(),
  );
  return all.find((plan) => plan.at > at - HOUR) ?? all.at(-1) ?? null;
}
