import {
  Worker,
  type InjectedSinks,
  type NativeConnection,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { Activities } from '../activities/contracts.js';
import type { HeartbeatActivities } from '../activities/heartbeat-contracts.js';
import { TASK_QUEUE } from '../temporal-config/names.js';
import type { WatchSinks } from '../workflows/sinks.js';

export interface WorkerDeps {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: Activities;
  /** Absent: this worker runs incidents alone. */
  readonly heartbeats?: HeartbeatActivities;
  readonly workflowBundle: WorkflowBundleOption;
  /** Told what happens in workflows, never on replay. Absent: nobody is. */
  readonly sinks?: InjectedSinks<WatchSinks>;
  readonly taskQueue?: string;
  /** Incidents whose state stays in memory between tasks; the rest are replayed when something happens to them. */
  readonly maxCachedWorkflows?: number;
}

/** A provider answers within 8 s: what is on its way when the process is told to stop is seen through. */
const GRACE = '12s';

/** Deliveries have a heartbeat time-out of 3 s (workflows): by default the SDK may hold a heartbeat back for most of that. */
const HEARTBEAT_THROTTLE = '500ms';

const nobody = { fn: () => undefined };

/** For workers that nobody watches, e.g. those that only replay. */
export const UNWATCHED: InjectedSinks<WatchSinks> = {
  watch: { happened: nobody, deadlineMet: nobody, firstPage: nobody },
};

/** A worker that runs workflows and deliveries. */
export function createWorker(deps: WorkerDeps): Promise<Worker> {
  const { connection, namespace, activities, workflowBundle } = deps;
  return Worker.create({
    connection,
    namespace,
    workflowBundle,
    taskQueue: deps.taskQueue ?? TASK_QUEUE,
    activities: { ...activities, ...deps.heartbeats },
    // A workflow that calls a sink nobody has is an error in the log.
    sinks: deps.sinks ?? UNWATCHED,
    // A killed worker's incidents go to another after this; the SDK's 10 s is long for a page. Shorter would replay in a burst.
    stickyQueueScheduleToStartTimeout: '5s',
    shutdownGraceTime: GRACE,
    shutdownForceTime: '20s',
    maxConcurrentActivityTaskExecutions: 200,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    ...(deps.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: deps.maxCachedWorkflows }),
  });
}
