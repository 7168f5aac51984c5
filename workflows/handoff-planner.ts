import { proxyActivities } from '@temporalio/workflow';
import type { HandoffActivities } from '../activities/handoff-contracts.js';

const { planHandoffs } = proxyActivities<Pick<HandoffActivities, 'planHandoffs'>>({
  startToCloseTimeout: '60s',
  // The next run comes in a quarter of an hour, and sees what this one did not.
  scheduleToCloseTimeout: '10m',
  retry: { initialInterval: '2s', maximumInterval: '60s' },
});

/** Run by a Temporal Schedule: starts a workflow for each hand-over and announcement that is near. */
export async function handoffPlanner(): Promise<{
  readonly handoffs: number;
  readonly announcements: number;
}> {
  return planHandoffs();
}
