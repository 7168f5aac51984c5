import { WorkflowNotFoundError, type Client, type WorkflowOptions } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { z } from 'zod';
import type { HeartbeatMemo, HeartbeatSettings, SignalledBeat } from '../../domain/heartbeat/heartbeat.js';
import { HEARTBEAT_WORKFLOW, heartbeatWorkflowId, TASK_QUEUE } from '../../temporal-config/names.js';
import { attributes, opaqueId } from '../../temporal-config/search-attributes.js';
import { beatSignal, heartbeatSettingsSignal } from '../../workflows/messages.js';
import { withinDeadline } from '../incidents/temporal-call.js';

/** The workflows that watch heartbeats. Every method throws `TemporalUnavailable` when Temporal is away. */
export interface HeartbeatWorkflows {
  /** Durable when it resolves. Starts the workflow where there is none. */
  beat(settings: HeartbeatSettings, beat: SignalledBeat): Promise<void>;
  /** Starts it, or tells the running one what is expected from now on. The same again changes nothing. */
  ensure(settings: HeartbeatSettings): Promise<void>;
  /** Ends it. None there is no error. */
  end(id: string): Promise<void>;
  /** Those that run, by id of the heartbeat: about 100 ms behind. A memo that can not be read is null. */
  running(): Promise<ReadonlyMap<string, HeartbeatMemo | null>>;
}

const PAGE = 1_000;
/** Two thousand took 2.4 to 6 s on two busy cores with the development server; nobody's phone waits for them. */
const LIST_DEADLINE_MS = 10_000;
const RUNNING = `${attributes.kind.name}="heartbeat" AND ExecutionStatus="Running"`;

const memoSchema = z.object({
  settings: z.object({
    id: z.string(),
    service: z.string(),
    severity: z.string().nullable(),
    everyMs: z.number(),
    graceMs: z.number(),
    zone: z.string(),
  }),
  phase: z.enum(['waiting', 'beating', 'missed']),
  missedAt: z.number().nullable(),
  beat: z.number().nullable(),
}) satisfies z.ZodType<HeartbeatMemo>;

type HeartbeatFunction = (start: { readonly settings: HeartbeatSettings }) => Promise<void>;

/** The workflows as Temporal has them. */
export function createHeartbeatWorkflows({ client }: { readonly client: Client }): HeartbeatWorkflows {
  return {
    beat: async (settings, beat) => {
      await withinDeadline(client, 'handing over a beat', () =>
        client.workflow.signalWithStart<HeartbeatFunction, [SignalledBeat]>(HEARTBEAT_WORKFLOW, {
          ...startOptions(settings),
          args: [{ settings }],
          signal: beatSignal,
          signalArgs: [beat],
        }),
      );
    },
    ensure: async (settings) => {
      await withinDeadline(client, 'starting a heartbeat', () =>
        client.workflow.signalWithStart<HeartbeatFunction, [HeartbeatSettings | null]>(HEARTBEAT_WORKFLOW, {
          ...startOptions(settings),
          args: [{ settings }],
          signal: heartbeatSettingsSignal,
          signalArgs: [settings],
        }),
      );
    },
    end: async (id) => {
      try {
        await withinDeadline(client, 'ending a heartbeat', () =>
          client.workflow.getHandle(heartbeatWorkflowId(id)).signal(heartbeatSettingsSignal, null),
        );
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
    running: async () => {
      const found = new Map<string, HeartbeatMemo | null>();
      const prefix = heartbeatWorkflowId('');
      const list = async (): Promise<void> => {
        for await (const run of client.workflow.list({ query: RUNNING, pageSize: PAGE })) {
          if (!run.workflowId.startsWith(prefix)) continue;
          const memo = memoSchema.safeParse(run.memo?.['heartbeat']);
          found.set(run.workflowId.slice(prefix.length), memo.success ? memo.data : null);
        }
      };
      await withinDeadline(client, 'listing heartbeats', list, LIST_DEADLINE_MS);
      return found;
    },
  };
}

function startOptions(settings: HeartbeatSettings): WorkflowOptions {
  // As the workflow keeps it: what it would write first is there already.
  const heartbeat: HeartbeatMemo = { settings, phase: 'waiting', missedAt: null, beat: null };
  return {
    workflowId: heartbeatWorkflowId(settings.id),
    taskQueue: TASK_QUEUE,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    workflowIdConflictPolicy: 'USE_EXISTING',
    memo: { heartbeat },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: attributes.kind, value: 'heartbeat' },
      { key: attributes.service, value: opaqueId(settings.service) },
    ]),
    staticSummary: `heartbeat ${settings.id} of ${settings.service}`,
  };
}
