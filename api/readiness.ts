import type { Client } from '@temporalio/client';
import type { ConfigHolder } from '../config/holder.js';
import { TASK_QUEUE } from '../temporal-config/names.js';
import type { AppDeps, ReadinessCheck } from './deps.js';

/** A health check that waits longer is a failed one for whoever asks. */
const DEADLINE_MS = 1_500;
/** A poller that was not seen for so long is gone: a long poll takes one minute at most. */
const POLLER_SEEN_MS = 90_000;
/** The number by which Temporal's API names a queue's kind. Source: temporal.api.enums.v1.TaskQueueType. */
const WORKFLOW_QUEUE = 1;

/**
 * Whether the API can do its work. A refused configuration does not make it unready, since the last good one stays; it is
 * told. Without a worker alerts are still taken, durably, but nobody is paged: that is not ready.
 */
export function createReadiness(
  client: Client,
  config: ConfigHolder,
  workerRuns?: () => boolean,
): AppDeps['readiness'] {
  const ask = <T>(call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + DEADLINE_MS, call);
  const { namespace } = client.options;

  async function temporal(): Promise<ReadinessCheck> {
    try {
      await ask(() => client.connection.workflowService.describeNamespace({ namespace }));
      return { name: 'temporal', ok: true };
    } catch {
      return { name: 'temporal', ok: false, detail: `namespace ${namespace} does not answer` };
    }
  }

  async function worker(): Promise<ReadinessCheck> {
    if (workerRuns?.() === true) return { name: 'worker', ok: true };
    try {
      const { pollers } = await ask(() =>
        client.connection.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: TASK_QUEUE },
          taskQueueType: WORKFLOW_QUEUE,
        }),
      );
      const seen = pollers.map((poller) => Number(String(poller.lastAccessTime?.seconds ?? 0)) * 1_000);
      if (seen.some((at) => Date.now() - at < POLLER_SEEN_MS)) return { name: 'worker', ok: true };
    } catch {
      // Temporal being away is told by its own check.
    }
    return { name: 'worker', ok: false, detail: `no worker polls the task queue ${TASK_QUEUE}` };
  }

  return async () => {
    const { refused, hash } = config.status();
    const checks: readonly ReadinessCheck[] = [
      ...(await Promise.all([temporal(), worker()])),
      {
        name: 'config',
        ok: true,
        detail:
          refused === null
            ? `version ${hash}`
            : `version ${hash} stays: the changed files were refused (errors: ${refused.problems.filter(({ level }) => level === 'error').length})`,
      },
    ];
    return { ok: checks.every(({ ok }) => ok), checks };
  };
}
