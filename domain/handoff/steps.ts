import type { Instant } from '../time/instant.js';
import { REMIND_AFTER_MS, type PlannedHandoff, type Side } from './handoff.js';

/** What a hand-over has done so far. */
export interface HandoffProgress {
  /** When each was written to; null: not yet. */
  readonly digests: Readonly<Record<Side, Instant | null>>;
  readonly reminded: boolean;
  readonly told: boolean;
  readonly confirmedAt: Instant | null;
}

/** What a hand-over does next, and when. `take-over` and `expire` are its last. */
export interface HandoffStep {
  readonly at: Instant;
  readonly kind: 'digest-leaving' | 'digest-coming' | 'remind' | 'tell-others' | 'take-over' | 'expire';
}

export const BEGUN: HandoffProgress = {
  digests: { leaving: null, coming: null },
  reminded: false,
  told: false,
  confirmedAt: null,
};

/** The next step: the earliest, and of several at one instant the first of the list. An instant that is past means now. */
export function nextStep(plan: PlannedHandoff, progress: HandoffProgress): HandoffStep {
  const { digests, reminded, told, confirmedAt } = progress;
  const steps: HandoffStep[] = [];
  const { leaving, coming } = plan.digestAt;
  if (leaving !== null && digests.leaving === null) steps.push({ at: leaving, kind: 'digest-leaving' });
  // Who has confirmed already knows.
  if (coming !== null && digests.coming === null && confirmedAt === null)
    steps.push({ at: coming, kind: 'digest-coming' });
  if (digests.coming !== null && confirmedAt === null) {
    if (!reminded) steps.push({ at: digests.coming + REMIND_AFTER_MS, kind: 'remind' });
    if (!told) steps.push({ at: digests.coming + 2 * REMIND_AFTER_MS, kind: 'tell-others' });
  }
  // With nobody to confirm there is nothing to wait for after the change.
  if (confirmedAt !== null) steps.push({ at: plan.at, kind: 'take-over' });
  else steps.push({ at: plan.coming === null ? plan.at : plan.until, kind: 'expire' });
  return steps.reduce((first, step) => (step.at < first.at ? step : first));
}
