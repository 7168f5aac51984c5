import { setTimeout as delay } from 'node:timers/promises';
import {
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleOptions,
} from '@temporalio/client';
import type { Logger } from 'pino';
import { MINUTE, SECOND, type Milliseconds } from '../domain/time/instant.js';
import {
  HANDOFF_PLANNER_ID,
  HANDOFF_PLANNER_WORKFLOW,
  HANDOFF_SCHEDULE,
  TASK_QUEUE,
} from '../temporal-config/names.js';

const CALL_DEADLINE_MS: Milliseconds = 5 * SECOND;
const FIRST_WAIT_MS: Milliseconds = 2 * SECOND;
const LONGEST_WAIT_MS: Milliseconds = 5 * MINUTE;

/** What the Temporal Schedule is. Each run looks at the present, so that one that was missed longer ago is not made up for. */
const SCHEDULE: ScheduleOptions = {
  scheduleId: HANDOFF_SCHEDULE,
  spec: { intervals: [{ every: '15m' }] },
  action: {
    type: 'startWorkflow',
    workflowType: HANDOFF_PLANNER_WORKFLOW,
    workflowId: HANDOFF_PLANNER_ID,
    taskQueue: TASK_QUEUE,
    args: [],
    workflowExecutionTimeout: '14m',
    staticSummary: 'plans hand-overs and announcements of shifts',
  },
  policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '15m' },
};

/** Creates the Temporal Schedule that plans hand-overs, or brings it up to date. Somebody's pause of it stays. */
export async function ensureHandoffSchedule(client: Client): Promise<'created' | 'updated'> {
  const within = <T>(call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + CALL_DEADLINE_MS, call);
  try {
    await within(() => client.schedule.create(SCHEDULE));
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  await within(() =>
    client.schedule.getHandle(HANDOFF_SCHEDULE).update(({ state }) => ({ ...SCHEDULE, state })),
  );
  return 'updated';
}

/** Sees to it in the background, again and again until it is done: nobody who pages waits for it. */
export function keepHandoffSchedule({
  client,
  log,
}: {
  readonly client: Client;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}): { stop(): void } {
  const stopping = new AbortController();
  void (async () => {
    for (
      let waitMs = FIRST_WAIT_MS;
      !stopping.signal.aborted;
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)
    ) {
      try {
        const done = await ensureHandoffSchedule(client);
        log.info({ schedule: HANDOFF_SCHEDULE, done }, 'hand-overs are planned by a Temporal Schedule');
        return;
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn(
          { err: error, waitMs },
          'The Temporal Schedule that plans hand-overs could not be made yet.',
        );
      }
      await delay(waitMs, undefined, { signal: stopping.signal, ref: false }).catch(() => undefined);
    }
  })();
  return { stop: () => stopping.abort() };
}
