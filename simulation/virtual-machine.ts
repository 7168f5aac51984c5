import type { DeliverCommand, FindPeopleCommand, IncidentCommand } from '../domain/incident/command.js';
import type { DeliveryReport, FoundPeople } from '../domain/incident/event.js';
import type { Deadline } from '../domain/incident/state.js';
import type { Instant, Milliseconds } from '../domain/time/instant.js';

/** What a provider says of a delivery, so long after it was asked: 0 is its answer, more is a callback. */
export interface ScriptedReport {
  readonly afterMs: Milliseconds;
  readonly report: DeliveryReport;
}

/** Everything that a machine asks of the world. */
export interface World {
  /** Who is meant at this instant. */
  find(command: FindPeopleCommand, at: Instant): FoundPeople;
  deliver(command: DeliverCommand, at: Instant): readonly ScriptedReport[];
}

type SharedCommand = Extract<
  IncidentCommand,
  { type: 'find-people' | 'deliver' | 'cancel-deliveries' | 'withdraw' }
>;

/** What both machines understand. */
type SharedEvent =
  | { readonly type: 'people-found'; readonly requestId: string; readonly found: FoundPeople }
  | { readonly type: 'delivery'; readonly report: DeliveryReport }
  | { readonly type: 'time' };

interface Step<State, Command> {
  readonly state: State;
  readonly commands: readonly Command[];
}

export interface VirtualMachineDeps<State, Event, Command> {
  readonly apply: (state: State, event: Event | SharedEvent, now: Instant) => Step<State, Command>;
  readonly world: World;
  /** The virtual clock. */
  readonly now: () => Instant;
  /** Sees every command as it is issued, carried out or not. */
  readonly onCommand?: (command: Command) => void;
  /** Sees every event that is about to be applied: what a test freezes or counts. */
  readonly onEvent?: (event: Event | SharedEvent) => void;
  /** Sees every new state: what a test freezes. */
  readonly onState?: (state: State) => void;
}

/** A machine in virtual time: the world answers at once, and time passes only where its owner says so. */
export interface VirtualMachine<State, Event> {
  state(): State;
  /** Hears what was said until now, then this, then what this set off. */
  feed(event: Event | SharedEvent): void;
  /** As {@link feed}, ahead of answers that are under way: how the alerts that open an incident reach its workflow. */
  feedAhead(event: Event | SharedEvent): void;
  /** Hears what was said until now. */
  hear(): void;
  /** Hears what was said until now, then does whatever is due. */
  wake(): void;
  /** When something is next due or heard; Infinity when nothing is. */
  nextAt(): Instant;
  /** Forgets the callbacks due in `(from, to)`: nobody was there to hear them. Answers of providers are not lost. */
  loseCallbacks(from: Instant, to: Instant): void;
}

/**
 * Interprets a pure machine as workflows/interpreter.ts does, without a server: people are found and messages delivered in no
 * time, callbacks come when the world says, and whatever is due at one instant is done after what was said until then.
 */
export function createVirtualMachine<
  State extends { readonly deadlines: Readonly<Record<string, Deadline>> },
  Event extends { readonly type: string },
  Command extends { readonly type: string },
>(
  opened: Step<State, Command>,
  deps: VirtualMachineDeps<State, Event, Command>,
): VirtualMachine<State, Event> {
  let { state } = opened;
  /** In the order in which they will be heard. */
  const later: { readonly at: Instant; readonly event: SharedEvent; readonly isCallback: boolean }[] = [];
  const issued = new Set<string>();
  take(opened);

  function expectAt(at: Instant, event: SharedEvent, isCallback = false): void {
    const index = later.findLastIndex((entry) => entry.at <= at);
    later.splice(index + 1, 0, { at, event, isCallback });
  }

  function take(step: Step<State, Command>): void {
    state = step.state;
    deps.onState?.(state);
    const commands: readonly { readonly type: string }[] = step.commands;
    const shared = commands.filter(isShared);
    const cancelled = new Set(
      shared.flatMap((command) => (command.type === 'cancel-deliveries' ? command.deliveryIds : [])),
    );
    for (const command of step.commands) deps.onCommand?.(command);
    for (const command of shared) carryOut(command, cancelled);
  }

  function carryOut(command: SharedCommand, cancelled: ReadonlySet<string>): void {
    const now = deps.now();
    switch (command.type) {
      case 'find-people': {
        const found = deps.world.find(command, now);
        return expectAt(now, { type: 'people-found', requestId: command.requestId, found });
      }
      case 'deliver': {
        const { deliveryId, idempotencyKey } = command;
        if (issued.has(idempotencyKey)) throw new Error(`Issued twice: ${idempotencyKey}`);
        issued.add(idempotencyKey);
        if (cancelled.has(deliveryId)) {
          const report: DeliveryReport = { deliveryId, provider: 'none', status: 'cancelled' };
          return expectAt(now, { type: 'delivery', report });
        }
        for (const { afterMs, report } of deps.world.deliver(command, now))
          expectAt(now + afterMs, { type: 'delivery', report }, afterMs > 0);
        return;
      }
      // Cancelled above, in the step that issued them; what was taken back rings nobody and says nothing.
      case 'cancel-deliveries':
      case 'withdraw':
        return;
      default:
        return command satisfies never;
    }
  }

  function step(event: Event | SharedEvent): void {
    deps.onEvent?.(event);
    take(deps.apply(state, event, deps.now()));
  }

  function hear(): void {
    while (later[0] !== undefined && later[0].at <= deps.now()) {
      const [entry] = later.splice(0, 1);
      if (entry !== undefined) step(entry.event);
    }
  }

  function feed(event: Event | SharedEvent): void {
    hear();
    step(event);
    hear();
  }

  return {
    state: () => state,
    feed,
    feedAhead(event) {
      step(event);
      hear();
    },
    hear,
    wake() {
      hear();
      const due = Object.values(state.deadlines).some((deadline) => deadline.at <= deps.now());
      if (due) feed({ type: 'time' });
    },
    nextAt() {
      let next = later[0]?.at ?? Number.POSITIVE_INFINITY;
      for (const deadline of Object.values(state.deadlines)) next = Math.min(next, deadline.at);
      return next;
    },
    loseCallbacks(from, to) {
      const kept = later.filter((entry) => !entry.isCallback || entry.at <= from || entry.at >= to);
      later.splice(0, later.length, ...kept);
    },
  };
}

function isShared(command: { readonly type: string }): command is SharedCommand {
  return ['find-people', 'deliver', 'cancel-deliveries', 'withdraw'].includes(command.type);
}
