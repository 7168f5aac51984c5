import type { ConnectionLike } from '@temporalio/client';
import { TASK_QUEUE } from './names.js';
import { wireTypes } from './namespace.js';
import { searchAttributeTypes } from './search-attributes.js';

/** A poller that was not seen for so long is gone: a long poll takes one minute at most. */
const POLLER_SEEN_MS = 90_000;

/** Temporal's numbers for a queue's kinds. Source: temporal.api.enums.v1.TaskQueueType. */
const QUEUES = { workflow: 1, activity: 2 } as const;

/** A kind of task that workers poll for. */
export type QueueKind = keyof typeof QUEUES;

/** The kinds of tasks of Tocsin's queue that no worker polls for; empty when all is well. Rejects as the service does. */
export async function idleQueues(
  { workflowService }: Pick<ConnectionLike, 'workflowService'>,
  namespace: string,
  now: number = Date.now(),
): Promise<readonly QueueKind[]> {
  const kinds = Object.keys(QUEUES) as QueueKind[];
  const polled = await Promise.all(
    kinds.map(async (kind) => {
      const { pollers } = await workflowService.describeTaskQueue({
        namespace,
        taskQueue: { name: TASK_QUEUE },
        taskQueueType: QUEUES[kind],
      });
      const seen = pollers.map(({ lastAccessTime }) => Number(String(lastAccessTime?.seconds ?? 0)) * 1_000);
      return seen.some((at) => now - at < POLLER_SEEN_MS);
    }),
  );
  return kinds.filter((_kind, index) => polled[index] === false);
}

/** Tocsin's search attributes that a namespace lacks, or has with another type: their names. */
export interface SearchAttributeGaps {
  readonly missing: readonly string[];
  readonly wrongType: readonly string[];
}

/** Compares the registered search attributes with Tocsin's; both lists are empty when all is well. Rejects as the service does. */
export async function searchAttributeGaps(
  { operatorService }: Pick<ConnectionLike, 'operatorService'>,
  namespace: string,
): Promise<SearchAttributeGaps> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const entries = Object.entries(searchAttributeTypes);
  return {
    missing: entries.filter(([name]) => customAttributes[name] === undefined).map(([name]) => name),
    wrongType: entries
      .filter(
        ([name, type]) => customAttributes[name] !== undefined && customAttributes[name] !== wireTypes[type],
      )
      .map(([name]) => name),
  };
}
