import {
  ActivityCancellationType,
  ActivityFailure,
  CancellationScope,
  condition,
  isCancellation,
  log,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/contracts.js';
import type { IncidentCommand } from '../domain/incident/command.js';
import type { DeliveryReport, FoundPeople } from '../domain/incident/event.js';
import { foreseenAnswer, type ForeseenPeople } from '../domain/incident/foreseen.js';
import type { Deadline } from '../domain/incident/state.js';
import { tellDeadlineMet } from './sinks.js';

/** A provider answers within 8 s. Source: design, "The way of one alert". */
const WITHDRAW_WITHIN = '10s';

/**
 * A delivery may wait 90 s for its number (activities/pacing), and then a provider answers within 8 s. A worker that dies with a
 * page in its hands is found out by its heartbeat.
 */
const DELIVER_WITHIN = '2m';

/** A delivery says so often that it is alive (it heartbeats by itself), so that a killed worker's page is tried again soon. */
const ALIVE_WITHIN = '3s';

/** Two seconds for cached config; the answer comes in the same workflow task. */
const FIND_OPTIONS = {
  startToCloseTimeout: '2s',
  scheduleToCloseTimeout: '60s',
  retry: { initialInterval: '100ms', maximumInterval: '2s' },
} as const;

const local = proxyLocalActivities<Pick<Activities, 'findPeople'>>(FIND_OPTIONS);

const remote = proxyActivities<Omit<Activities, 'findPeople'>>({ startToCloseTimeout: DELIVER_WITHIN });

type SharedCommand = Extract<
  IncidentCommand,
  { type: 'find-people' | 'deliver' | 'cancel-deliveries' | 'withdraw' }
>;

/** What both machines understand. */
export type SharedEvent =
  | { readonly type: 'people-found'; readonly requestId: string; readonly found: FoundPeople }
  | { readonly type: 'delivery'; readonly report: DeliveryReport }
  | { readonly type: 'time' };

interface Machine<State extends { readonly deadlines: Readonly<Record<string, Deadline>> }, Event, Command> {
  readonly apply: (
    state: State,
    event: Event,
    now: number,
  ) => { readonly state: State; readonly commands: readonly Command[] };
  /** Runs a command that only this machine has. */
  readonly run: (command: Exclude<Command, SharedCommand>) => Promise<void> | undefined;
}

/** A machine made durable: events in, one labelled timer per open deadline, commands as activities. */
export interface Interpreter<State, Event> {
  /** Runs the commands of the machine's first step. */
  begin(): void;
  state(): State;
  feed(event: Event | SharedEvent): void;
  /** Waits until something has changed since the last call, then brings the timers in line with the deadlines. */
  settle(): Promise<void>;
  /** Activities, searches and other commands under way. */
  pending(): number;
}

/** Interprets a pure machine. `opened` is its first step; `begin` runs its commands. What was `foreseen` is not searched for. */
export function createInterpreter<
  State extends { readonly deadlines: Readonly<Record<string, Deadline>> },
  Event,
  Command extends { readonly type: string },
>(
  opened: { readonly state: State; readonly commands: readonly (Command | SharedCommand)[] },
  machine: Machine<State, Event | SharedEvent, Command | SharedCommand>,
  foreseen: readonly ForeseenPeople[] = [],
): Interpreter<State, Event> {
  let { state } = opened;
  let changed = true;
  let searching = 0;
  let running = 0;
  const armed = new Map<string, { readonly at: number; readonly scope: CancellationScope }>();
  const deliveries = new Map<string, CancellationScope>();
  // Whatever is under way belongs to the incident, not to the message that set it off; nor does a cancelled workflow drop it.
  const shield = new CancellationScope({ cancellable: false });

  function feed(event: Event | SharedEvent): void {
    const applied = machine.apply(state, event, Date.now());
    state = applied.state;
    changed = true;
    for (const command of applied.commands) start(command);
  }

  function start(command: Command | SharedCommand): void {
    running += 1;
    void shield
      .run(() => execute(command))
      .catch((error: unknown) => {
        // What the world could not do is written down; an error of ours fails the workflow task, which a deploy can mend.
        if (!isCancellation(error) && !(error instanceof ActivityFailure)) throw error;
        log.warn('a command was not carried out', { command: command.type, error });
      })
      .finally(() => {
        running -= 1;
        changed = true;
      });
  }

  async function execute(command: Command | SharedCommand): Promise<void> {
    if (isShared(command)) {
      switch (command.type) {
        case 'find-people':
          return findPeople(command);
        case 'deliver':
          return deliver(command);
        case 'cancel-deliveries':
          for (const id of command.deliveryIds) deliveries.get(id)?.cancel();
          return;
        case 'withdraw': {
          const { deliveryId, channel, provider, providerId, bundle } = command;
          return remote.withdraw.executeWithOptions(
            {
              startToCloseTimeout: WITHDRAW_WITHIN,
              scheduleToCloseTimeout: '60s',
              retry: { maximumAttempts: 3 },
              summary: `take back the call ${deliveryId}`,
            },
            [{ deliveryId, channel, provider, providerId, ...(bundle === undefined ? {} : { bundle }) }],
          );
        }
        default:
          return command satisfies never;
      }
    }
    return machine.run(command as Exclude<Command, SharedCommand>);
  }

  async function findPeople(command: Extract<SharedCommand, { type: 'find-people' }>): Promise<void> {
    const { requestId, targets, urgency, label } = command;
    const known = foreseenAnswer(foreseen, command, Date.now());
    searching += 1;
    let found: FoundPeople;
    try {
      found = await (known === null
        ? local.findPeople.executeWithOptions({ ...FIND_OPTIONS, summary: label }, [
            { requestId, targets, urgency, at: Date.now() },
          ])
        : // Not at once: the alerts that opened the incident are messages of the same task, and what they say is in the page.
          Promise.resolve(known));
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      found = {
        people: [],
        problems: [
          `${label}: it could not be worked out who is meant (${error instanceof Error ? error.message : 'unknown'})`,
        ],
      };
    } finally {
      searching -= 1;
    }
    feed({ type: 'people-found', requestId, found });
  }

  async function deliver(command: Extract<SharedCommand, { type: 'deliver' }>): Promise<void> {
    const { deliveryId, idempotencyKey, userId, method, attempt, again, message, label } = command;
    const scope = new CancellationScope({ cancellable: true, parent: shield });
    deliveries.set(deliveryId, scope);
    let report: DeliveryReport;
    try {
      report = await scope.run(() =>
        remote.deliver.executeWithOptions(
          {
            startToCloseTimeout: DELIVER_WITHIN,
            scheduleToCloseTimeout: '5m',
            // Known failures are results; what is retried here is a worker that died.
            retry: { initialInterval: '1s', maximumInterval: '10s' },
            // A call that is being placed while somebody answers: its id is needed to take it back.
            cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            heartbeatTimeout: ALIVE_WITHIN,
            summary: label,
          },
          [
            {
              ...{ deliveryId, idempotencyKey, userId, method, attempt, message },
              ...(again === undefined ? {} : { again }),
            },
          ],
        ),
      );
    } catch (error) {
      report = isCancellation(error)
        ? { deliveryId, provider: 'none', status: 'cancelled' }
        : {
            deliveryId,
            provider: 'none',
            status: 'failed',
            reason: 'timed-out',
            retryable: true,
            ambiguous: true,
          };
    } finally {
      if (deliveries.get(deliveryId) === scope) deliveries.delete(deliveryId);
    }
    feed({ type: 'delivery', report });
  }

  function arm(name: string, deadline: Deadline): void {
    const scope = new CancellationScope({ cancellable: true, parent: shield });
    armed.set(name, { at: deadline.at, scope });
    // Few promises: the SDK records the stack of each, and an incident has many timers.
    void scope
      .run(() => sleep(Math.max(1, deadline.at - Date.now()), { summary: deadline.label }))
      .then(
        () => {
          if (armed.get(name)?.scope === scope) armed.delete(name);
          tellDeadlineMet(name, Date.now() - deadline.at);
          feed({ type: 'time' });
        },
        (error: unknown) => {
          if (!isCancellation(error)) throw error;
        },
      );
  }

  function syncTimers(): void {
    for (const [name, timer] of armed) {
      if (state.deadlines[name]?.at === timer.at) continue;
      armed.delete(name);
      timer.scope.cancel();
    }
    for (const [name, deadline] of Object.entries(state.deadlines)) {
      if (!armed.has(name)) arm(name, deadline);
    }
  }

  return {
    begin() {
      for (const command of opened.commands) start(command);
    },
    state: () => state,
    feed,
    async settle() {
      // A search answers within the same task; its answer names the people that the timer's label shows.
      await shield.run(() => condition(() => changed && searching === 0));
      changed = false;
      syncTimers();
    },
    pending: () => running,
  };
}

function isShared(command: { readonly type: string }): command is SharedCommand {
  return ['find-people', 'deliver', 'cancel-deliveries', 'withdraw'].includes(command.type);
}

/** True when the server would like a new run, and nothing would be lost by it. */
export function shouldContinueAsNew(pending: number): boolean {
  return workflowInfo().continueAsNewSuggested && pending === 0;
}
