import { ActivityFailure, log, proxyActivities } from '@temporalio/workflow';
import type { LoadActivities } from '../activities/load-contracts.js';
import type { IncidentCommand } from '../domain/incident/command.js';
import type { IncidentState } from '../domain/incident/state.js';

/** Nothing waits for it; what Temporal and a worker can do in ten minutes is done. */
const OPTIONS = {
  startToCloseTimeout: '10s',
  scheduleToCloseTimeout: '10m',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
  // What goes out at once belongs to the pages.
  allowEagerDispatch: false,
  summary: 'note for the morning who was past their limit',
} as const;

const activities = proxyActivities<Pick<LoadActivities, 'noteSpared'>>(OPTIONS);

/** Puts into the morning mail who was past their limit. Resolves with the names of those of whom nobody will hear. */
export async function noteSpared(
  state: Pick<IncidentState, 'openingId' | 'code' | 'title' | 'severity' | 'plan'>,
  { tier, instead, people }: Extract<IncidentCommand, { type: 'note-spared' }>,
  at: number,
): Promise<readonly string[]> {
  const { openingId, code, title, severity, plan } = state;
  try {
    const { unheard } = await activities.noteSpared({
      ...{ openingId, code, title, severity, at, tier, instead, people },
      service: plan.service.name,
      management: plan.management,
    });
    return unheard;
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    log.warn('who was past their limit could not be noted for the morning', { error });
    return people.map(({ name }) => name);
  }
}
