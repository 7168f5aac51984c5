import {
  Worker,
  type InjectedSinks,
  type NativeConnection,
  type WorkflowBundleOption,
} from '@temporalio/worker';
import type { Activities } from '../activities/contracts.js';
import type { HandoffActivities } from '../activities/handoff-contracts.js';
import type { HeartbeatActivities } from '../activities/heartbeat-contracts.js';
import type { LetterActivities } from '../activities/letter-contracts.js';
import type { LoadActivities } from '../activities/load-contracts.js';
import type { RecordActivities } from '../activities/record-contracts.js';
import { TASK_QUEUE } from '../temporal-config/names.js';
import type { WatchSinks } from '../workflows/sinks.js';

export interface WorkerDeps {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly activities: Activities;
  /** Absent: this worker runs incidents alone. */
  readonly heartbeats?: HeartbeatActivities;
  /** Absent: this worker hands over no shifts. */
  readonly handoffs?: HandoffActivities;
  /** Absent: this worker writes no letters. */
  readonly letters?: LetterActivities;
  /** Absent: nobody hears in the morning who was past their limit. */
  readonly load?: LoadActivities;
  /** Absent: this worker has no store, and says so. */
  readonly records?: RecordActivities;
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

const WITHOUT_STORE: RecordActivities = { keepRecord: () => Promise.resolve({ kind: 'no-store' }) };

/** A worker that runs workflows and deliveries. */
export function createWorker(deps: WorkerDeps): Promise<Worker> {
  const { connection, namespace, activities, workflowBundle } = deps;
  return Worker.create({
    connection,
    namespace,
    workflowBundle,
    taskQueue: deps.taskQueue ?? TASK_QUEUE,
    activities: {
      ...WITHOUT_STORE,
      ...activities,
      ...deps.records,
      ...deps.heartbeats,
      ...deps.letters,
      ...deps.load,
      ...deps.handoffs,
    },
    // A workflow that calls a sink nobody has is an error in the log.
    sinks: deps.sinks ?? UNWATCHED,
    // A killed worker's incidents go to another after this; the SDK's 10 s is long for a page. Shorter would replay in a burst.
    stickyQueueScheduleToStartTimeout: '5s',
    shutdownGraceTime: GRACE,
    shutdownForceTime: '20s',
    // Most of them only wait for the rate of a provider (activities/pacing lets 700 wait): the others have room.
    maxConcurrentActivityTaskExecutions: 1_000,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    ...(deps.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: deps.maxCachedWorkflows }),
  });
}
