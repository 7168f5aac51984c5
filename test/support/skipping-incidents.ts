import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { RecordActivities } from '../../activities/record-contracts.js';
import type { AlertBatch } from '../../domain/alert/alert.js';
import type { ActionName, Answer, PersonAction } from '../../domain/incident/event.js';
import type { OpeningInput } from '../../domain/incident/foreseen.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { MINUTE } from '../../domain/time/instant.js';
import { INCIDENT_WORKFLOW, incidentWorkflowId, TASK_QUEUE } from '../../temporal-config/names.js';
import { createWorker } from '../../worker/create-worker.js';
import { actionUpdates, alertsSignal, incidentQuery } from '../../workflows/messages.js';
import { bundleForTests } from './bundle.js';
import { alertOf, batchOf, inputOf } from './plans.js';
import { createRecordedActivities, type RecordedActivities } from './recorded-activities.js';
import { startTimeSkipping } from './temporal.js';

export interface OpenedIncident {
  readonly handle: WorkflowHandle;
  readonly openedAt: number;
  readonly openingId: string;
  /** A person acts by update, as the API does. */
  readonly act: (name: ActionName, by: string, requestId?: string) => Promise<Answer>;
}

/** Incidents as workflows on the time-skipping server, with recorded activities. */
export interface SkippingIncidents {
  readonly env: TestWorkflowEnvironment;
  readonly activities: RecordedActivities;
  open(changes?: Partial<OpeningInput>): Promise<OpenedIncident>;
  /** Who was reached since the last `forget`, when (minutes after `since`), and how; those of one instant by name. */
  contacts(since: number, kind?: 'page' | 'notice'): string[];
  /** Ends what a test opened and forgets its contacts: the clock is one for all. */
  forget(): Promise<void>;
  stop(): Promise<void>;
}

export function actionOf(
  openingId: string,
  name: ActionName,
  by: string,
  requestId = `${name}-${by}`,
): PersonAction {
  const base = { requestId, openingId, by: { kind: 'user', id: by, name: by }, via: 'sms' } as const;
  switch (name) {
    case 'severity':
      return { ...base, action: name, severity: 'SEV0' };
    case 'update':
    case 'note':
      return { ...base, action: name, text: 'working on it' };
    case 'snooze':
      return { ...base, action: name, forMs: 30 * MINUTE };
    case 'reassign':
      return { ...base, action: name, to: 'carol' };
    case 'add-responders':
      return {
        ...base,
        action: name,
        responders: [
          {
            name: 'dan',
            steps: [{ name: 'dan', targets: [{ kind: 'user', id: 'dan' }], timeoutMs: 5 * MINUTE }],
          },
        ],
      };
    default:
      return { ...base, action: name };
  }
}

/** The alert that opens it, covered by the windows by which it opens quietly. */
function alertsOf(quiet: OpeningInput['quiet'] = []): AlertBatch {
  if (quiet.length === 0) return batchOf([alertOf()]);
  const windows = Object.fromEntries(quiet.map((window) => [window.id, window]));
  return batchOf([alertOf({ windows: Object.keys(windows) })], { windows });
}

export async function startSkippingIncidents(
  options: { readonly records?: RecordActivities } = {},
): Promise<SkippingIncidents> {
  const env = await startTimeSkipping();
  const activities = createRecordedActivities(() => env.currentTimeMs());
  const worker = await createWorker({
    connection: env.nativeConnection,
    namespace: 'default',
    activities,
    ...options,
    workflowBundle: await bundleForTests(),
  });
  const running = worker.run();
  const open: string[] = [];
  let keys = 0;
  return {
    env,
    activities,
    async open(changes = {}) {
      keys += 1;
      const input = inputOf({ ...changes, key: keys.toString(16).padStart(20, '0') });
      const handle = await env.client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
        workflowId: incidentWorkflowId(input.key),
        taskQueue: TASK_QUEUE,
        args: [input],
        signal: alertsSignal,
        signalArgs: [alertsOf(input.quiet)],
      });
      open.push(handle.workflowId);
      const { openedAt, openingId } = await handle.query<IncidentView, []>(incidentQuery);
      return {
        handle,
        openedAt,
        openingId,
        act: (name, by, requestId) =>
          handle.executeUpdate(actionUpdates[name], { args: [actionOf(openingId, name, by, requestId)] }),
      };
    },
    contacts(since, kind = 'page') {
      const minutes = (at: number): number => Math.round((at - since) / MINUTE);
      return activities.delivered
        .filter((delivery) => delivery.message.kind === kind)
        .sort((one, other) => minutes(one.at) - minutes(other.at) || one.userId.localeCompare(other.userId))
        .map((delivery) => `${minutes(delivery.at)} ${delivery.userId} ${delivery.method.channel}`);
    },
    async forget() {
      activities.delivered.length = 0;
      for (const id of open.splice(0)) {
        try {
          await env.client.workflow.getHandle(id).terminate();
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }
      }
    },
    async stop() {
      worker.shutdown();
      await running;
      await env.teardown();
    },
  };
}
