import {
  ApplicationFailure,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client';
import { z } from 'zod';
import type { AlertBatch } from '../../domain/alert/alert.js';
import { updateIdOf } from '../../domain/incident/asked.js';
import type { PersonAction } from '../../domain/incident/event.js';
import type { OpeningInput } from '../../domain/incident/foreseen.js';
import { isReviewDelivery } from '../../domain/review/review-types.js';
import {
  INCIDENT_WORKFLOW,
  incidentWorkflowId,
  keyOfOpening,
  openingIdOf,
  reviewWorkflowId,
} from '../../temporal-config/names.js';
import { attributes } from '../../temporal-config/search-attributes.js';
import {
  actionSignal,
  actionUpdates,
  alertsSignal,
  deliverySignal,
  incidentQuery,
  maintenanceSignal,
  reviewUpdate,
} from '../../workflows/messages.js';
import { createFinder } from './find-incidents.js';
import {
  IncidentChanged,
  MayStillCount,
  TemporalUnavailable,
  type ActResult,
  type Declared,
  type Incidents,
  type IncidentSummary,
} from './incidents.js';
import { startOptions } from './start-options.js';
import { askingAWorker, UPDATE_DEADLINE_MS, withinDeadline } from './temporal-call.js';

type IncidentWorkflow = (input: OpeningInput) => Promise<void>;

/** The incidents as Temporal has them. Deadlines are counted by the real clock. */
export function createIncidents({ client }: { readonly client: Client }): Incidents {
  const finder = createFinder(client);

  /** Sends a signal to a workflow; a workflow that is not there (any more) is a result, not an error. */
  async function signal(step: string, send: () => Promise<void>): Promise<'delivered' | 'none-open'> {
    try {
      await withinDeadline(client, step, send);
      return 'delivered';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'none-open';
      throw error;
    }
  }

  async function openFor(action: PersonAction, key: string): Promise<readonly IncidentSummary[]> {
    const { kind, id } = action.by;
    try {
      const lists = await Promise.all([
        ...(kind === 'user' ? [finder.openPagesOf(id), finder.ownedBy(id)] : []),
        finder.openOfKey(key),
      ]);
      const byId = new Map(lists.flat().map((incident) => [incident.openingId, incident]));
      byId.delete(action.openingId);
      return [...byId.values()];
    } catch (error) {
      // The answer "that incident is over" is worth more than the list that goes with it.
      if (error instanceof TemporalUnavailable) return [];
      throw error;
    }
  }

  async function act(action: PersonAction): Promise<ActResult> {
    const key = keyOfOpening(action.openingId);
    if (key === null) return { kind: 'over', openNow: [] };
    const handle = client.workflow.getHandle<IncidentWorkflow>(incidentWorkflowId(key));
    for (let attempt = 1; attempt <= UPDATE_ATTEMPTS; attempt += 1) {
      try {
        const answer = await withinDeadline(
          client,
          action.action,
          () =>
            handle.executeUpdate(actionUpdates[action.action], {
              args: [action],
              updateId: updateIdOf(action),
            }),
          UPDATE_DEADLINE_MS,
        );
        return { kind: 'answered', answer };
      } catch (error) {
        if (isRefused(error)) return { kind: 'over', openNow: await openFor(action, key) };
        if (failureType(error) === 'changed') throw new IncidentChanged('It has changed.', { cause: error });
        // A refusal of another kind is an answer as well; whatever else went wrong, the signal may still get through.
        if (!isClosed(error) && error instanceof WorkflowUpdateFailedError) throw error;
        // A signal has nobody to whom to say that the incident has changed.
        if (!isClosed(error) && action.revision !== undefined) throw mayStillCount(error, action.action);
        if (!isClosed(error)) break;
        if (attempt === UPDATE_ATTEMPTS) return { kind: 'over', openNow: await openFor(action, key) };
      }
    }
    // Durable at once. The update may still be carried out: the machine knows the two by their request id.
    const sent = await signal(`${action.action} by signal`, () =>
      handle.signal(actionSignal, { ...action, confirm: true }),
    );
    return sent === 'delivered' ? { kind: 'noted' } : { kind: 'over', openNow: await openFor(action, key) };
  }

  return {
    list: finder.list,
    openPagesOf: finder.openPagesOf,
    ownedBy: finder.ownedBy,
    involving: finder.involving,
    byCode: finder.byCode,
    act,
    maintain: (openingId, change) => {
      const key = keyOfOpening(openingId);
      if (key === null) return Promise.resolve('none-open');
      return signal('telling an incident of maintenance', () =>
        client.workflow.getHandle(incidentWorkflowId(key)).signal(maintenanceSignal, change),
      );
    },
    intake: async (input, batch) => {
      await withinDeadline(client, 'handing over alerts', () =>
        client.workflow.signalWithStart<IncidentWorkflow, [AlertBatch]>(INCIDENT_WORKFLOW, {
          ...startOptions(input, Date.now()),
          args: [input],
          signal: alertsSignal,
          signalArgs: [batch],
        }),
      );
    },
    resolved: (key, batch) =>
      signal('handing over resolved alerts', () =>
        client.workflow.getHandle(incidentWorkflowId(key)).signal(alertsSignal, batch),
      ),
    openingOf: async (key) => {
      try {
        const run = await withinDeadline(client, 'finding the open incident', () =>
          client.workflow.getHandle(incidentWorkflowId(key)).describe(),
        );
        if (run.status.name !== 'RUNNING') return null;
        return run.typedSearchAttributes.get(attributes.opening) ?? openingIdOf(key, run.runId);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    },
    declare: async (input, request) => {
      const { plan, severity } = input;
      const routed = { service: plan.service.id, severity, remarks: plan.remarks };
      try {
        const handle = await withinDeadline(client, 'declaring an incident', () =>
          client.workflow.start<IncidentWorkflow>(INCIDENT_WORKFLOW, {
            ...startOptions(input, Date.now(), { declared: { request, ...routed } }),
            // A repeated request must not open a second incident, not even once the first is over.
            workflowIdReusePolicy: 'REJECT_DUPLICATE',
            workflowIdConflictPolicy: 'FAIL',
            args: [input],
          }),
        );
        return { openingId: openingIdOf(input.key, handle.firstExecutionRunId), ...routed };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        const earlier = await withinDeadline(client, 'finding a declared incident', () =>
          client.workflow.getHandle(incidentWorkflowId(input.key)).describe(),
        );
        const opening = earlier.typedSearchAttributes.get(attributes.opening);
        return declaredBefore(
          earlier.memo?.['declared'],
          request,
          opening ?? openingIdOf(input.key, earlier.runId),
          routed,
        );
      }
    },
    get: async (openingId) => {
      const key = keyOfOpening(openingId);
      if (key === null) return null;
      const query = (workflowId: string, runId?: string) =>
        askingAWorker(client, 'reading an incident', () =>
          client.workflow.getHandle<IncidentWorkflow>(workflowId, runId).query(incidentQuery),
        );
      try {
        const latest = await query(incidentWorkflowId(key));
        if (latest.openingId === openingId) return latest;
        const run = await finder.runOf(openingId);
        return run === null ? null : await query(run.workflowId, run.runId);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    },
    report: (openingId, report) => {
      const key = keyOfOpening(openingId);
      if (key === null) return Promise.resolve('none-open');
      const workflowId = isReviewDelivery(report.deliveryId)
        ? reviewWorkflowId(openingId)
        : incidentWorkflowId(key);
      return signal('handing over a delivery report', () =>
        client.workflow.getHandle(workflowId).signal(deliverySignal, { openingId, report }),
      );
    },
    publishPostmortem: async (openingId, action) => {
      if (keyOfOpening(openingId) === null) return null;
      try {
        return await askingAWorker(client, 'publishing a postmortem', () =>
          client.workflow
            .getHandle(reviewWorkflowId(openingId))
            .executeUpdate(reviewUpdate, { args: [action], updateId: action.requestId }),
        );
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw mayStillCount(error, 'publishing a postmortem');
      }
    },
  };
}

/** Nobody answered an update: it may have been admitted all the same. */
function mayStillCount(error: unknown, step: string): unknown {
  return error instanceof TemporalUnavailable ? new MayStillCount(error, step) : error;
}

const declaredNote = z.object({
  request: z.string(),
  service: z.string(),
  severity: z.string(),
  remarks: z.array(z.string()),
});

/** What the first of two equal requests was told; null when it asked for something else. */
function declaredBefore(
  memo: unknown,
  request: string,
  openingId: string,
  routed: Omit<Declared, 'openingId'>,
): Declared | null {
  const noted = declaredNote.safeParse(memo);
  // Declared by an earlier version of Tocsin, which kept no note.
  if (!noted.success) return { openingId, ...routed };
  const { request: first, ...told } = noted.data;
  return first === request ? { openingId, ...told } : null;
}

/** A run that continued as new under the update's feet answers "closed" once; its successor takes it. */
const UPDATE_ATTEMPTS = 2;

/** The workflow itself says that the incident meant is over. */
function isRefused(error: unknown): boolean {
  return ['over', 'wrong-incident'].includes(failureType(error) ?? '');
}

/** The run is over, as far as the server knows. */
function isClosed(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError || failureType(error) === 'AcceptedUpdateCompletedWorkflow';
}

function failureType(error: unknown): string | null {
  if (!(error instanceof WorkflowUpdateFailedError) || !(error.cause instanceof ApplicationFailure))
    return null;
  return error.cause.type ?? null;
}
