import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowOptions,
} from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { z } from 'zod';
import type { PlannedAnnouncement } from '../../domain/handoff/announce.js';
import type { Confirmation, HandoffMemo, PlannedHandoff } from '../../domain/handoff/handoff.js';
import type { HandoffStarter } from '../../domain/handoff/ports.js';
import { isCode } from '../../domain/incident/code.js';
import { utcTimes } from '../../domain/messages/times.js';
import {
  ANNOUNCEMENT_WORKFLOW,
  announcementWorkflowId,
  HANDOFF_WORKFLOW,
  handoffWorkflowId,
  TASK_QUEUE,
} from '../../temporal-config/names.js';
import { attributes } from '../../temporal-config/search-attributes.js';
import { confirmHandoffSignal } from '../../workflows/messages.js';
import { withinDeadline } from '../incidents/temporal-call.js';

/** The workflows of hand-overs. Every method throws `TemporalUnavailable` when Temporal is away. */
export interface HandoffWorkflows extends HandoffStarter {
  /** Those that run, by id: about 100 ms behind. */
  running(): Promise<ReadonlyMap<string, HandoffMemo>>;
  /** Of one id, whether or not it still runs; null: there is none (any more). */
  get(id: string): Promise<(HandoffMemo & { readonly isOpen: boolean }) | null>;
  /** Those that run and have this code (4 characters, any case). */
  byCode(code: string): Promise<readonly HandoffMemo[]>;
  /** Durable when it resolves, whether or not a worker is up. `over`: it has ended. */
  confirm(id: string, confirmation: Confirmation): Promise<'noted' | 'over'>;
}

const instant = z.number().int();
const memoSchema = z.object({
  plan: z.object({
    id: z.string(),
    code: z.string(),
    schedule: z.string(),
    slot: z.enum(['primary', 'secondary']),
    at: instant,
    leaving: z.string().nullable(),
    coming: z.string().nullable(),
    digestAt: z.object({ leaving: instant.nullable(), coming: instant.nullable() }),
    until: instant,
  }),
  status: z.enum(['waiting', 'asked', 'unconfirmed', 'confirmed', 'done', 'void', 'over']),
  confirmedAt: instant.nullable(),
}) satisfies z.ZodType<HandoffMemo>;

const RUNNING = `${attributes.kind.name}="handoff" AND ExecutionStatus="Running"`;
const PAGE = 500;

/** The workflows as Temporal has them. */
export function createHandoffWorkflows({ client }: { readonly client: Client }): HandoffWorkflows {
  async function found(query: string): Promise<readonly HandoffMemo[]> {
    const all: HandoffMemo[] = [];
    await withinDeadline(client, 'listing hand-overs', async () => {
      all.length = 0;
      for await (const run of client.workflow.list({ query, pageSize: PAGE })) {
        const memo = memoSchema.safeParse(run.memo?.['handoff']);
        if (memo.success) all.push(memo.data);
      }
    });
    return all;
  }

  return {
    handoff: (plan) =>
      startOnce(client, HANDOFF_WORKFLOW, {
        workflowId: handoffWorkflowId(plan.id),
        args: [plan],
        memo: { handoff: { plan, status: 'waiting', confirmedAt: null } satisfies HandoffMemo },
        typedSearchAttributes: new TypedSearchAttributes([
          { key: attributes.kind, value: 'handoff' },
          { key: attributes.code, value: plan.code },
        ]),
        staticSummary: `hand-over of ${plan.slot} of ${plan.schedule}, ${utcTimes.moment(plan.at)}`,
      }),
    announcement: (plan) =>
      startOnce(client, ANNOUNCEMENT_WORKFLOW, {
        workflowId: announcementWorkflowId(plan.id),
        args: [plan],
        staticSummary: `announcement of ${plan.slot} of ${plan.schedule}, ${utcTimes.moment(plan.at)}`,
      }),
    running: async () => new Map((await found(RUNNING)).map((memo) => [memo.plan.id, memo])),
    byCode: (code) =>
      isCode(code.toUpperCase())
        ? found(`${RUNNING} AND ${attributes.code.name}="${code.toUpperCase()}"`)
        : Promise.resolve([]),
    get: async (id) => {
      if (!/^[0-9a-f]{20}$/.test(id)) return null;
      try {
        const run = await withinDeadline(client, 'reading a hand-over', () =>
          client.workflow.getHandle(handoffWorkflowId(id)).describe(),
        );
        const memo = memoSchema.safeParse(run.memo?.['handoff']);
        return memo.success ? { ...memo.data, isOpen: run.status.name === 'RUNNING' } : null;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    },
    confirm: async (id, confirmation) => {
      try {
        await withinDeadline(client, 'confirming a hand-over', () =>
          client.workflow.getHandle(handoffWorkflowId(id)).signal(confirmHandoffSignal, confirmation),
        );
        return 'noted';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return 'over';
        throw error;
      }
    },
  };
}

type Begun = Omit<WorkflowOptions, 'taskQueue'> & {
  readonly args: [PlannedHandoff] | [PlannedAnnouncement];
};

/** One change is handed over, and announced, once: also when it is over already. */
async function startOnce(client: Client, type: string, options: Begun): Promise<boolean> {
  try {
    await withinDeadline(client, 'starting a hand-over', () =>
      client.workflow.start(type, {
        ...options,
        taskQueue: TASK_QUEUE,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
