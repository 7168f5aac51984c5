import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  ParentClosePolicy,
  proxyLocalActivities,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/contracts.js';
import type { AlertBatch } from '../domain/alert/alert.js';
import { answerTo } from '../domain/incident/asked.js';
import { concerned } from '../domain/incident/concerned.js';
import type { IncidentCommand } from '../domain/incident/command.js';
import {
  ACTION_NAMES,
  type Answer,
  type IncidentEvent,
  type PersonAction,
} from '../domain/incident/event.js';
import { apply, openIncident, viewOf } from '../domain/incident/machine.js';
import type { OpeningInput } from '../domain/incident/foreseen.js';
import { openingQuiet } from '../domain/incident/quiet.js';
import { incidentBatch } from '../domain/incident/outbox.js';
import { reviewInputOf } from '../domain/incident/review-input.js';
import { revisionOf } from '../domain/incident/revision.js';
import type { IncidentState } from '../domain/incident/state.js';
import { currentDetails } from '../domain/messages/details.js';
import { openingIdOf, REVIEW_WORKFLOW, reviewWorkflowId } from '../temporal-config/names.js';
import { searchAttributesOf, type IncidentFacts } from '../temporal-config/search-attributes.js';
import { createInterpreter, shouldContinueAsNew } from './interpreter.js';
import {
  actionSignal,
  actionUpdates,
  alertsSignal,
  deliverySignal,
  incidentQuery,
  maintenanceSignal,
  recordQuery,
} from './messages.js';
import { noteSpared } from './note-spared.js';
import { createOutbox } from './outbox.js';
import { newestRules } from './rules.js';
import { tellFirstPage, tellHappened } from './sinks.js';

/** The argument of the workflow: what opens an incident, and what an earlier run of it hands over. */
export interface IncidentStart extends OpeningInput {
  /** The whole state of the same incident, when the history of its earlier run grew long. */
  readonly carried?: IncidentState;
  /** Alerts that arrived while the earlier incident of this group closed. */
  readonly inbox?: readonly AlertBatch[];
  /** The opening before this one. */
  readonly previous?: string;
}

/** What is left of an incident when it is over. */
export interface IncidentRecord {
  readonly openingId: string;
  readonly code: string;
  readonly title: string;
  readonly severity: string;
  readonly openedAt: number;
  readonly acknowledgedAt: number | null;
  readonly resolvedAt: number | null;
  readonly owner: string | null;
  readonly alerts: number;
}

/** In the workflow task that hears of the first page: an answer would wait no longer than this for a slow search. */
const activities = proxyLocalActivities<Pick<Activities, 'findPrevious'>>({
  startToCloseTimeout: '1s',
  scheduleToCloseTimeout: '1s',
  retry: { maximumAttempts: 1 },
  summary: 'find the earlier incident of this alert',
});

/**
 * One incident, from its first alert to its resolution: a thin interpreter of the machine in domain/incident.
 * It ends only resolved: a cancellation asked for in Temporal is noted, and the paging goes on. (Terminating it ends it.)
 */
export async function incident(start: IncidentStart): Promise<IncidentRecord> {
  return CancellationScope.nonCancellable(() => run(start));
}

async function run(start: IncidentStart): Promise<IncidentRecord> {
  const info = workflowInfo();
  const openingId = start.carried?.openingId ?? openingIdOf(start.key, info.runId);
  const rules = newestRules();
  const opened =
    start.carried === undefined
      ? openIncident(start, openingId, Date.now(), rules)
      : { state: { ...start.carried, rules }, commands: [] };
  const leftover: AlertBatch[] = [];
  let firstPageOut = false;
  let firstPageSent = start.carried !== undefined;

  const machine = createInterpreter<IncidentState, IncidentEvent, IncidentCommand>(
    opened,
    {
      apply: (state, event, now) => {
        const applied = apply(state, event, now);
        if (event.type === 'delivery') {
          if (event.report.status === 'sent' && !firstPageSent)
            firstPageSent = tellFirstPage(
              applied.state,
              event.report.deliveryId,
              info.startTime.getTime(),
              now,
            );
          firstPageOut = true;
        }
        tellHappened(state, applied.state);
        return applied;
      },
      run: (command) => {
        switch (command.type) {
          case 'find-previous':
            return findPrevious();
          case 'note-spared':
            return noteForTheMorning(command);
          case 'start-review':
            // Below, where its start is awaited.
            return undefined;
          default:
            return command satisfies never;
        }
      },
    },
    start.foreseen,
  );

  async function findPrevious(): Promise<void> {
    await condition(() => firstPageOut || machine.state().phase === 'resolved');
    const found = await activities.findPrevious({ openingId, workflowId: info.workflowId });
    if (found !== null) machine.feed({ type: 'previous-found', ...found });
  }

  async function noteForTheMorning(
    command: Extract<IncidentCommand, { type: 'note-spared' }>,
  ): Promise<void> {
    const names = await noteSpared(machine.state(), command, Date.now());
    if (names.length > 0) machine.feed({ type: 'spared-unheard', names });
  }

  function takeAlerts(batch: AlertBatch): void {
    if (machine.state().phase === 'resolved') leftover.push(batch);
    machine.feed({ type: 'alerts', batch });
  }

  function act(action: PersonAction): Answer {
    machine.feed({ type: 'action', action });
    return answerTo(machine.state(), action) ?? { outcome: 'noted', sentence: 'Noted.' };
  }

  function refuseOthers(action: PersonAction): void {
    if (action.openingId !== openingId)
      throw ApplicationFailure.nonRetryable(
        `That incident is over; ${openingId} is open now.`,
        'wrong-incident',
      );
    const { revision } = action;
    const state = machine.state();
    // What was carried out already is answered again, however much has happened since.
    if (revision !== undefined && revision !== revisionOf(state) && answerTo(state, action) === null)
      throw ApplicationFailure.nonRetryable('Something has happened to it since.', 'changed');
  }

  if (start.carried === undefined) tellHappened(null, opened.state);
  machine.begin();
  setHandler(alertsSignal, takeAlerts, { description: 'alerts of this group, firing or resolved' });
  setHandler(maintenanceSignal, (change) => machine.feed({ type: 'maintenance', change }));
  setHandler(deliverySignal, ({ openingId: meant, report }) => {
    if (meant === openingId) machine.feed({ type: 'delivery', report });
  });
  setHandler(actionSignal, (action) => {
    if (action.openingId === openingId) act(action);
    else machine.feed({ type: 'stale-action', action });
  });
  for (const name of ACTION_NAMES) setHandler(actionUpdates[name], act, { validator: refuseOthers });
  setHandler(incidentQuery, () => viewOf(machine.state(), info.workflowId));
  setHandler(recordQuery, () => incidentBatch(machine.state(), info.workflowId, 0));

  onCancelRequest((text) => {
    const by = { kind: 'key', id: 'temporal', name: 'Temporal' } as const;
    act({ requestId: 'cancel-request', openingId, by, via: 'web', action: 'note', text });
  });

  for (const batch of start.inbox ?? []) takeAlerts(batch);
  if (start.carried === undefined && start.previous !== undefined) {
    machine.feed({ type: 'previous-found', openingId: start.previous, resolvedAt: null });
  }

  const outbox = createOutbox({
    openingId,
    batch: () => incidentBatch(machine.state(), info.workflowId),
    kept: (through) => machine.feed({ type: 'recorded', through }),
  });
  const show = createDisplay(info.workflowId);
  for (;;) {
    await machine.settle();
    const state = machine.state();
    show(state);
    outbox.watch();
    if (state.phase === 'resolved') break;
    if (shouldContinueAsNew(machine.pending())) {
      // The handler that woke this loop is not over yet: its promise settles later in the same task.
      await condition(allHandlersFinished);
      // What came in meanwhile may have begun something, or ended the incident: then it is looked at again.
      if (machine.pending() === 0 && machine.state().phase !== 'resolved')
        await continueAsNew<typeof incident>({ ...start, foreseen: [], inbox: [], carried: machine.state() });
    }
  }

  await startReview(machine.state());
  for (;;) {
    // What was told at resolution gets its tries; a new alert does not wait for that.
    while (
      !leftover.some(isFiring) &&
      (machine.pending() > 0 || Object.keys(machine.state().deadlines).length > 0)
    ) {
      await machine.settle();
      show(machine.state());
      outbox.watch();
    }
    await condition(allHandlersFinished);
    if (!outbox.owes()) break;
    await outbox.end(() => leftover.some(isFiring));
  }
  // No await from here on: an alert that lands after this decision fails the task and is seen by the next try.
  if (leftover.some(isFiring)) {
    await continueAsNew<typeof incident>({ ...freshStart(start, leftover), previous: openingId });
  }
  return recordOf(machine.state());
}

/** Says what became of a cancellation that somebody asked for in the Temporal UI. */
function onCancelRequest(note: (text: string) => void): void {
  CancellationScope.current().cancelRequested.catch(() => {
    note(
      'somebody asked Temporal to cancel this workflow; the incident goes on: resolve it, or terminate the workflow',
    );
  });
}

function isFiring(batch: AlertBatch): boolean {
  return batch.alerts.some((alert) => alert.status === 'firing');
}

function freshStart(start: IncidentStart, inbox: readonly AlertBatch[]): IncidentStart {
  const { key, title, severity, plan, source, resolves } = start;
  const quiet = openingQuiet(inbox);
  return {
    ...{ key, title, severity, plan, source, resolves, inbox },
    ...(quiet === undefined ? {} : { quiet }),
  };
}

async function startReview(state: IncidentState): Promise<void> {
  await startChild(REVIEW_WORKFLOW, {
    workflowId: reviewWorkflowId(state.openingId),
    args: [reviewInputOf(state)],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    staticSummary: `review of ${state.severity} ${state.title}`.slice(0, 180),
    memo: { title: state.title, service: state.plan.service.name },
  });
}

/** Keeps search attributes, memo and current details true, writing only what changed. */
function createDisplay(workflowId: string): (state: IncidentState) => void {
  let shown = '';
  const { title, service, owner, quiet: quietBefore } = workflowInfo().memo ?? {};
  let noted = JSON.stringify({ title, service, owner, quiet: quietBefore });
  let wasQuiet = quietBefore !== undefined;
  return (state) => {
    const view = viewOf(state, workflowId);
    setCurrentDetails(currentDetails(view, Date.now()));
    const people = concerned(view, state);
    const facts: IncidentFacts = {
      kind: 'incident',
      openingId: state.openingId,
      openedAt: state.openedAt,
      code: state.code,
      service: state.plan.service.id,
      ...(state.plan.service.team === undefined ? {} : { team: state.plan.service.team }),
      severity: state.severity,
      phase: state.phase,
      ...(state.owner === null ? {} : { owner: state.owner.actor.id }),
      paged: people.paged,
      responders: people.involved,
    };
    const next = JSON.stringify(facts);
    if (next !== shown) {
      shown = next;
      upsertSearchAttributes(searchAttributesOf(facts));
    }
    const memo = {
      title: state.title,
      service: state.plan.service.name,
      owner: state.owner?.actor.name ?? '',
      // Nothing is written of an incident that never was in maintenance.
      ...(view.quiet !== undefined || wasQuiet ? { quiet: view.quiet ?? null } : {}),
    };
    wasQuiet ||= view.quiet !== undefined;
    if (JSON.stringify(memo) !== noted) {
      noted = JSON.stringify(memo);
      upsertMemo(memo);
    }
  };
}

function recordOf(state: IncidentState): IncidentRecord {
  return {
    openingId: state.openingId,
    code: state.code,
    title: state.title,
    severity: state.severity,
    openedAt: state.openedAt,
    acknowledgedAt: state.acknowledgedAt,
    resolvedAt: state.resolvedAt,
    owner: state.owner?.actor.name ?? null,
    alerts: state.alerts.total,
  };
}
