import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Activities, DeliverInput, FindPeopleInput } from '../../activities/contracts.js';
import type { NoteSparedInput } from '../../activities/load-contracts.js';
import { foresee } from '../../api/incidents/foresee.js';
import type { Config } from '../../config/types.js';
import type { DeliveryReport, PersonAction } from '../../domain/incident/event.js';
import { foreseenAnswer, type ForeseenPeople, type OpeningInput } from '../../domain/incident/foreseen.js';
import type { IncidentInput } from '../../domain/incident/plan.js';
import { viewOf } from '../../domain/incident/machine.js';
import type { IncidentView, ReviewView } from '../../domain/incident/view.js';
import { openingQuiet } from '../../domain/incident/quiet.js';
import type { QuietWindow } from '../../domain/maintenance/window.js';
import { DAY, type Instant } from '../../domain/time/instant.js';
import type { Scenario } from '../../simulation/scenario.js';
import type { Input } from '../../simulation/input.js';
import { keyOfGroup, simulate } from '../../simulation/simulate.js';
import type { Simulation } from '../../simulation/result.js';
import { createWorld, type ScriptedWorld } from '../../simulation/world.js';
import {
  INCIDENT_WORKFLOW,
  incidentWorkflowId,
  reviewWorkflowId,
  TASK_QUEUE,
} from '../../temporal-config/names.js';
import { createWorker } from '../../worker/create-worker.js';
import {
  actionUpdates,
  alertsSignal,
  deliverySignal,
  incidentQuery,
  maintenanceSignal,
  reviewQuery,
  reviewUpdate,
} from '../../workflows/messages.js';
import {
  labelled,
  seconds,
  snapped,
  sorted,
  storyOf,
  timelineLines,
  viewLines,
  type Story,
} from './story.js';
import { startTimeSkipping } from './temporal.js';
import { hearText } from './text-messages.js';

/**
 * The simulator and the real workflow, told the same story. Times are seconds since its beginning; what the real one does
 * within a second of when it should stands as the simulator has it.
 */
export interface Comparison {
  readonly simulated: Story;
  readonly real: Story;
  /** What the incidents were when an outage began, as lines; empty without one. */
  readonly beforeOutages: { readonly simulated: readonly string[]; readonly real: readonly string[] };
  /** How many searches were foreseen for the openings. */
  readonly foreseen: number;
  /** Searches that were made although their answer had been foreseen just before: in production none is. */
  readonly searchedAnyway: readonly string[];
  /** What the real one noted for the morning. */
  readonly spared: readonly NoteSparedInput[];
}

export interface Conformance {
  compare(scenario: Scenario, config: Config): Promise<Comparison>;
  stop(): Promise<void>;
}

interface Opening {
  readonly label: string;
  readonly group: string;
  readonly workflowId: string;
  runId: string;
  openingId: string;
  code: string;
}

const WEEK = 7 * DAY;
/** The simulator is told first; its story must not have begun by then. */
const AHEAD_MS = 5_000;

/** The real workflow on the time-skipping server, one scenario after the other: the clock is one for all. */
export async function startConformance(): Promise<Conformance> {
  const env = await startTimeSkipping();
  let activities: Activities | null = null;
  let spared: NoteSparedInput[] = [];
  const current = (): Activities => {
    if (activities === null) throw new Error('No scenario is being told.');
    return activities;
  };
  const worker = await createWorker({
    connection: env.nativeConnection,
    namespace: 'default',
    activities: {
      findPeople: (input) => current().findPeople(input),
      deliver: (input) => current().deliver(input),
      withdraw: (input) => current().withdraw(input),
      findPrevious: (input) => current().findPrevious(input),
    },
    // No mail is written here: test/workflow/morning-mail.test.ts.
    load: {
      noteSpared: (input) => {
        spared.push(input);
        return Promise.resolve({ unheard: [] });
      },
      writeMorningMail: () => Promise.resolve(null),
    },
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('../../workflows/index.ts', import.meta.url)),
      workflowInterceptorModules: [fileURLToPath(new URL('java-server-timers.ts', import.meta.url))],
      logger: { trace() {}, debug() {}, info() {}, log() {}, warn: console.warn, error: console.error },
    }),
  });
  const running = worker.run();
  return {
    async compare(written, config) {
      // The server's clock only goes forward: the same day of the week, at the same time, in a week that has not begun.
      const now = await env.currentTimeMs();
      const weeks = Math.max(0, Math.ceil((now + AHEAD_MS - written.startsAt) / WEEK));
      const scenario = { ...written, startsAt: written.startsAt + weeks * WEEK };
      const inputs: Input[] = [];
      const simulation = simulate(scenario, config, { onInput: (input) => void inputs.push(input) });
      const teller = createTeller(env, scenario, config);
      ({ activities } = teller);
      spared = [];
      try {
        await teller.tell(inputs, simulation);
        const simulated = storyOf(simulation);
        const real = await teller.story();
        return {
          simulated,
          real: {
            timeline: sorted(snapped(real.timeline, simulated.timeline)),
            contacts: sorted(snapped(real.contacts, simulated.contacts)),
            answers: real.answers,
          },
          beforeOutages: teller.beforeOutages(),
          ...teller.searched(),
          spared,
        };
      } finally {
        await teller.forget();
      }
    },
    async stop() {
      worker.shutdown();
      await running;
      await env.teardown();
    },
  };
}

function createTeller(env: TestWorkflowEnvironment, scenario: Scenario, config: Config) {
  const world: ScriptedWorld = createWorld(scenario, config);
  const openings: Opening[] = [];
  const contacts: { readonly at: Instant; readonly input: DeliverInput }[] = [];
  const answers: string[] = [];
  const callbacks: { readonly at: Instant; readonly openingId: string; readonly report: DeliveryReport }[] =
    [];
  /** What was searched for by the activity, and what the openings had been told in advance. */
  const searches: FindPeopleInput[] = [];
  const foreseen: ForeseenPeople[] = [];
  const beforeOutages: { readonly simulated: string[]; readonly real: string[] } = {
    simulated: [],
    real: [],
  };
  const { client } = env;
  /**
   * How much later than planned the first incident was opened: a cold worker takes its time, and the clock runs on. Everything
   * after it counts from that moment, as it would in life.
   */
  let lateBy = 0;

  const activities: Activities = {
    findPeople(input) {
      searches.push(input);
      const { targets, urgency, at } = input;
      return Promise.resolve(world.find({ targets, urgency }, at - lateBy));
    },
    async deliver(input) {
      const at = await env.currentTimeMs();
      contacts.push({ at, input });
      const [first, ...rest] = world.deliver(input, at - lateBy).reports;
      for (const { afterMs, report } of rest)
        callbacks.push({ at: at + afterMs, openingId: input.message.openingId, report });
      if (first === undefined) throw new Error('The world says nothing of a delivery.');
      return first.report;
    },
    withdraw: () => Promise.resolve(),
    findPrevious({ openingId, workflowId }) {
      const before = openings
        .filter((opening) => opening.workflowId === workflowId && opening.openingId !== openingId)
        .at(-1);
      return Promise.resolve(before === undefined ? null : { openingId: before.openingId, resolvedAt: null });
    },
  };

  const isOpen = async ({ workflowId, runId }: Opening): Promise<boolean> =>
    (await client.workflow.getHandle(workflowId, runId).describe()).status.name === 'RUNNING';

  /** What production sends (api/incidents/foresee.ts): an opening with whom its first searches mean, by the scripted world. */
  async function foreseenNow(plannedAt: Instant, input: IncidentInput): Promise<OpeningInput> {
    const findPeople: Config['findPeople'] = (targets, urgency) =>
      world.find({ targets, urgency }, plannedAt);
    return foresee({ ...config, findPeople }, input, await env.currentTimeMs());
  }

  /** What `signalWithStart` opened, or went on with. */
  async function look(
    group: string,
    workflowId: string,
    runId: string,
    plannedAt: Instant,
  ): Promise<Opening> {
    const known = openings.find((opening) => opening.runId === runId);
    if (known !== undefined) return known;
    const count = openings.filter((opening) => opening.group === group).length + 1;
    const { openingId, code, openedAt } = await client.workflow
      .getHandle(workflowId, runId)
      .query<IncidentView, []>(incidentQuery);
    if (openings.length === 0) lateBy = openedAt - plannedAt;
    const opening = {
      label: count === 1 ? group : `${group}${count}`,
      group,
      workflowId,
      runId,
      openingId,
      code,
    };
    openings.push(opening);
    return opening;
  }

  async function takeAlerts({
    group,
    batch: sent,
    opens,
    at,
  }: Extract<Input, { kind: 'alerts' }>): Promise<void> {
    const windows = Object.entries(sent.windows ?? {}).map(([id, window]) => [id, late(window)] as const);
    const batch = windows.length === 0 ? sent : { ...sent, windows: Object.fromEntries(windows) };
    const quiet = openingQuiet([batch]);
    const key = keyOfGroup(scenario, group);
    const workflowId = incidentWorkflowId(key);
    if (batch.alerts.every((alert) => alert.status === 'resolved')) {
      // No open incident is fine, as for intake.
      const open = openings.filter((opening) => opening.group === group).at(-1);
      if (open !== undefined && (await isOpen(open)))
        await client.workflow.getHandle(workflowId).signal(alertsSignal, batch);
      return;
    }
    const input = await foreseenNow(at, {
      key,
      title: opens.title,
      severity: opens.severity,
      plan: config.plan(opens.serviceId, at, []),
      source: 'simulation',
      resolves: scenario.resolves,
      ...(quiet === undefined ? {} : { quiet }),
    });
    const handle = await client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [input],
      signal: alertsSignal,
      signalArgs: [batch],
    });
    const known = openings.length;
    await look(group, workflowId, handle.signaledRunId, at);
    if (openings.length > known) foreseen.push(...(input.foreseen ?? []));
  }

  async function declare({ group, by, opens, at }: Extract<Input, { kind: 'declared' }>): Promise<void> {
    const key = keyOfGroup(scenario, group);
    const workflowId = incidentWorkflowId(key);
    const input = await foreseenNow(at, {
      key,
      title: opens.title,
      severity: opens.severity,
      plan: config.plan(opens.serviceId, at, []),
      source: 'manual',
      resolves: false,
      declaredBy: by,
    });
    const handle = await client.workflow.start(INCIDENT_WORKFLOW, {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [input],
    });
    await look(group, workflowId, handle.firstExecutionRunId, at);
    foreseen.push(...(input.foreseen ?? []));
  }

  async function answer({ index, incidents, asked }: Extract<Input, { kind: 'answer' }>): Promise<void> {
    const scripted = scenario.answers[index];
    if (scripted === undefined) throw new Error(`No answer ${index}.`);
    const { who, ask, via } = scripted;
    const by = { kind: 'user', id: who, name: config.person(who)?.name ?? who } as const;
    const requestId = `answer-${index}`;
    if (via === 'sms') {
      const heard = await hearText(client, openings, scripted, { by, via, requestId });
      answers.push(...heard.map((sentence) => `${who}: ${labelled(sentence, openings)}`));
      return;
    }
    for (const label of incidents) {
      const opening = openings.find((each) => each.label === label);
      if (opening === undefined) throw new Error(`The workflow has not opened ${label}.`);
      if (ask.action === 'publish-postmortem') {
        const review = client.workflow.getHandle(reviewWorkflowId(opening.openingId));
        const given = await review.executeUpdate(reviewUpdate, {
          args: [{ requestId, by, action: ask.action, url: ask.url }],
        });
        answers.push(`${who}: ${given.sentence}`);
      } else if (asked !== null) {
        const action: PersonAction = { requestId, by, via, ...asked, openingId: opening.openingId };
        const handle = client.workflow.getHandle(opening.workflowId);
        const given = await handle.executeUpdate(actionUpdates[asked.action], { args: [action] });
        answers.push(`${who}: ${labelled(given.sentence, openings)}`);
      }
    }
  }

  /** Times of the story, as late as the first incident was opened. */
  function late(window: QuietWindow): QuietWindow {
    return { ...window, from: window.from + lateBy, to: window.to + lateBy };
  }

  async function maintain({ change, incidents }: Extract<Input, { kind: 'maintenance' }>): Promise<void> {
    const told = change.type === 'began' ? { ...change, window: late(change.window) } : change;
    for (const opening of openings.filter(({ label }) => incidents.includes(label)))
      await client.workflow.getHandle(opening.workflowId).signal(maintenanceSignal, told);
  }

  async function callBack(until: Instant): Promise<void> {
    for (const due of callbacks.filter(({ at }) => at <= until)) {
      callbacks.splice(callbacks.indexOf(due), 1);
      const opening = openings.find(({ openingId }) => openingId === due.openingId);
      const id = due.report.deliveryId.startsWith('r')
        ? reviewWorkflowId(due.openingId)
        : opening?.workflowId;
      if (id === undefined) throw new Error('A callback for nobody.');
      await client.workflow
        .getHandle(id)
        .signal(deliverySignal, { openingId: due.openingId, report: due.report });
    }
  }

  /**
   * The server's clock stands still while a workflow task waits for a worker, so an outage can't be slept through. What it
   * comes to is a run that goes on, at the end, with the state and the absolute deadlines of its beginning. What the real one
   * had come to by then is compared first; its own timeline and deadlines go on, and from the simulator comes only what a
   * query does not tell.
   */
  async function outage({ until, states }: Extract<Input, { kind: 'outage' }>): Promise<void> {
    callbacks.length = 0;
    const views = new Map<string, IncidentView>();
    for (const { label, workflowId, runId } of openings) {
      const handle = client.workflow.getHandle(workflowId, runId);
      views.set(label, await handle.query<IncidentView, []>(incidentQuery));
    }
    beforeOutages.simulated.push(
      ...sorted(
        states.flatMap(({ incident, state }) => {
          const { openingId, code } = state;
          const named = [{ label: incident, openingId, code }];
          return viewLines(viewOf(state, ''), scenario, incident, named);
        }),
      ),
    );
    const start = { startsAt: scenario.startsAt + lateBy };
    const lines = [...views].flatMap(([label, view]) => viewLines(view, start, label, openings));
    beforeOutages.real.push(...sorted(snapped(lines, beforeOutages.simulated)));
    for (const opening of openings) {
      if (await isOpen(opening)) await client.workflow.getHandle(opening.workflowId).terminate();
    }
    await sleepUntil(until);
    for (const { incident, state } of states) {
      const opening = openings.find(({ label }) => label === incident);
      const view = views.get(incident);
      if (opening === undefined || view === undefined)
        throw new Error(`The workflow has not opened ${incident}.`);
      const { timeline } = view;
      const deadlines = Object.fromEntries(
        view.deadlines.map(({ name, at, label }) => [name, { at, label }]),
      );
      const { openingId, key, title, severity, plan, source, resolves } = {
        ...state,
        openingId: opening.openingId,
      };
      const handle = await client.workflow.start(INCIDENT_WORKFLOW, {
        workflowId: opening.workflowId,
        taskQueue: TASK_QUEUE,
        args: [
          {
            key,
            title,
            severity,
            plan,
            source,
            resolves,
            carried: { ...state, openingId, code: opening.code, timeline, deadlines },
          },
        ],
      });
      opening.runId = handle.firstExecutionRunId;
    }
  }

  async function sleepUntil(at: Instant): Promise<void> {
    const now = await env.currentTimeMs();
    if (at + lateBy > now) await env.sleep(at + lateBy - now);
  }

  return {
    activities,
    async tell(inputs: readonly Input[], simulation: Simulation): Promise<void> {
      // Callbacks were foreseen when the message left.
      for (const input of [...inputs].sort((one, other) => one.at - other.at)) {
        if (input.at > simulation.endsAt) break;
        await sleepUntil(input.at);
        switch (input.kind) {
          case 'alerts':
            await takeAlerts(input);
            break;
          case 'answer':
            await answer(input);
            break;
          case 'callback':
            // Whatever was foreseen for this moment; the real message left a few milliseconds later.
            await callBack(input.at + lateBy + 900);
            break;
          case 'outage':
            await outage(input);
            break;
          case 'maintenance':
            await maintain(input);
            break;
          case 'declared':
            await declare(input);
            break;
          default:
            input satisfies never;
        }
      }
      // Whatever is due at the very end needs its moment.
      await sleepUntil(simulation.endsAt + 2_500);
    },
    beforeOutages: () => beforeOutages,
    searched(): Pick<Comparison, 'foreseen' | 'searchedAnyway'> {
      const anyway = searches.filter((search) => foreseenAnswer(foreseen, search, search.at) !== null);
      return {
        foreseen: foreseen.length,
        searchedAnyway: anyway.map(({ requestId }) => requestId),
      };
    },
    async story(): Promise<Story> {
      const lines: string[] = [];
      const start = { startsAt: scenario.startsAt + lateBy };
      for (const { label, workflowId, runId, openingId } of openings) {
        const view = await client.workflow
          .getHandle(workflowId, runId)
          .query<IncidentView, []>(incidentQuery);
        lines.push(...timelineLines(view.timeline, start, label, openings));
        if (view.resolvedAt === undefined) continue;
        const review = await client.workflow
          .getHandle(reviewWorkflowId(openingId))
          .query<ReviewView, []>(reviewQuery);
        lines.push(...timelineLines(review.timeline, start, label, openings));
      }
      return {
        timeline: sorted(lines),
        contacts: sorted(
          contacts.map(
            ({ at, input: { userId, method, message } }) =>
              `${seconds(at, start)} s ${userId} ${method.channel} ${message.kind}, ${message.firing} firing`,
          ),
        ),
        answers,
      };
    },
    async forget(): Promise<void> {
      for (const { workflowId, openingId } of openings) {
        for (const id of [workflowId, reviewWorkflowId(openingId)]) {
          try {
            await client.workflow.getHandle(id).terminate();
          } catch (error) {
            if (!(error instanceof WorkflowNotFoundError)) throw error;
          }
        }
      }
    },
  };
}
