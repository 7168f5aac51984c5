import { proxyActivities } from '@temporalio/workflow';
import type { BareActivities } from './bare-activities.js';

const { send } = proxyActivities<BareActivities>({ startToCloseTimeout: '10s' });

/** The least that Temporal can do between a request and a provider: start, one activity. */
export async function bare(mark: string): Promise<void> {
  await send(mark);
}
