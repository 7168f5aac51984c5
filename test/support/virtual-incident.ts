import type { Alert } from '../../domain/alert/alert.js';
import type { Target } from '../../domain/escalation/policy.js';
import type { DeliverCommand, FindPeopleCommand, IncidentCommand } from '../../domain/incident/command.js';
import type {
  Answer,
  DeliveryReport,
  FailureReason,
  FoundPeople,
  FoundPerson,
  IncidentEvent,
  Method,
  NotificationRule,
  PersonAction,
  Via,
} from '../../domain/incident/event.js';
import { startOf } from '../../domain/incident/fingerprints.js';
import { apply, openIncident } from '../../domain/incident/machine.js';
import type { Actor, IncidentInput, ResponsePlan } from '../../domain/incident/plan.js';
import type { IncidentState } from '../../domain/incident/state.js';
import type { QuietWindow } from '../../domain/maintenance/window.js';
import { MINUTE, SECOND, type Instant } from '../../domain/time/instant.js';
import { createVirtualMachine, type ScriptedReport } from '../../simulation/virtual-machine.js';

/** Minutes and seconds from the beginning of the incident, e.g. `25:40`. */
export type Clock = `${number}:${number}`;

/** A person of the scripted world. */
export interface Somebody {
  /** In order; empty for somebody who can't be paged. */
  readonly high: readonly NotificationRule[];
  readonly low: readonly NotificationRule[];
  readonly notice: readonly Method[];
}

/** Who a target stands for, by {@link targetKey}; a function where that changes with the minutes since the beginning. */
export type OnCall = Readonly<Record<string, readonly string[] | ((minutes: number) => readonly string[])>>;

/** What the world makes of a delivery: `sent` when nothing is said. Anything but `sent` may come later, see `afterMs`. */
export type Outcome =
  | 'sent'
  | 'delivered'
  | 'answered'
  | 'voicemail'
  | 'unanswered'
  | {
      readonly fails: FailureReason;
      /** Default false. */
      readonly retryable?: boolean;
      readonly retryAfterMs?: number;
      /** The provider takes it first and reports the failure so much later. Default 0: refused at once. */
      readonly afterMs?: number;
    };

/** One message that left, or tried to. */
export interface Contact {
  readonly at: Instant;
  readonly who: string;
  readonly channel: Method['channel'];
  readonly kind: 'page' | 'notice';
  /** The reason of a page, the parts of a notice. */
  readonly reason: string;
  readonly outcome: Outcome;
  readonly command: DeliverCommand;
}

export interface VirtualOptions {
  readonly plan: ResponsePlan;
  readonly people: Readonly<Record<string, Somebody>>;
  readonly onCall: OnCall;
  readonly severity: string;
  /** The instant of 0:00. */
  readonly startsAt: Instant;
  /** Whether alerts of this source can resolve. Default true. */
  readonly resolves?: boolean;
  /** What becomes of each delivery. */
  readonly outcome?: (contact: Omit<Contact, 'outcome'>, minutes: number) => Outcome;
  readonly openingId?: string;
  /** Who was paged for how many incidents in this night, where that is as many as the limit of 3 or more. */
  readonly pagedTonight?: Readonly<Record<string, number>>;
  /** Those of whose contact methods none counts. */
  readonly unproven?: readonly string[];
  /** Without the alert `disk`, which fires at 0:00 otherwise. */
  readonly quiet?: boolean;
  /** Maintenance windows that cover `disk`: it opens quietly. */
  readonly windows?: readonly QuietWindow[];
}

export interface VirtualIncident {
  state(): IncidentState;
  /** The present as minutes and seconds. */
  clock(): string;
  /** Everything that is due until then happens, deadline by deadline. */
  advanceTo(time: Clock): void;
  /** From `from` to `to` nothing of ours runs; then `heard` is what people said meanwhile, and all that is late is done in one go. */
  outage(from: Clock, to: Clock, heard?: () => void): void;
  fires(...names: string[]): void;
  resolves(...names: string[]): void;
  /** `windows`: what covers all of them. */
  takes(alerts: readonly Alert[], windows?: readonly QuietWindow[]): void;
  acts(who: string, action: Partial<PersonAction> & Pick<PersonAction, 'action'>, via?: Via): Answer;
  acknowledge(who: string, via?: Via): Answer;
  take(who: string, via?: Via): Answer;
  progress(who: string, via?: Via): Answer;
  resolve(who: string, via?: Via): Answer;
  escalate(who: string, reason?: string): Answer;
  severity(who: string, severity: string): Answer;
  update(who: string, text: string): Answer;
  /** A provider's callback that no script foresaw. */
  reports(report: DeliveryReport): void;
  feed(event: IncidentEvent): void;
  readonly contacts: readonly Contact[];
  readonly commands: readonly { readonly at: Instant; readonly command: IncidentCommand }[];
  /**
   * Who was reached how, and why, one line for each person and moment: `0:00 alice sms+push: alert`. Notices in brackets:
   * `25:40 alice (sms): still-on-it`. With `from`: only what happened at or after it.
   */
  log(from?: Clock): readonly string[];
  /** The timeline as `5:00 ack-timeout`, of these types. */
  timeline(...types: string[]): readonly string[];
  /** Names of the open deadlines with their times: `ack 5:00`. */
  deadlines(): readonly string[];
}

/** The key of a target in {@link OnCall}: `schedule:payments:primary`, `user:carol`, `group:ops-room`. */
export function targetKey(target: Target): string {
  switch (target.kind) {
    case 'schedule':
      return `schedule:${target.id}:${target.slot}`;
    case 'manager':
      return `manager:${target.of.join(',')}`;
    default:
      return `${target.kind}:${target.id}`;
  }
}

/** Freezes a state for good, so that a machine that changes what it was given fails at that line. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}

function toMs(time: Clock): number {
  const [minutes = 0, seconds = 0] = time.split(':').map(Number);
  return minutes * MINUTE + seconds * SECOND;
}

/** An incident in virtual time: the interpreter of simulation/, and a scripted world around it. */
export function createVirtualIncident(options: VirtualOptions): VirtualIncident {
  const { startsAt, plan, people } = options;
  let now = startsAt;
  let requests = 0;
  let providerIds = 0;
  const contacts: Contact[] = [];
  const commands: { at: Instant; command: IncidentCommand }[] = [];

  const input: IncidentInput = {
    key: 'k'.repeat(20),
    title: 'checkout is down',
    severity: options.severity,
    plan,
    source: 'test',
    resolves: options.resolves ?? true,
    ...(options.windows === undefined ? {} : { quiet: options.windows }),
  };
  const machine = createVirtualMachine<IncidentState, IncidentEvent, IncidentCommand>(
    openIncident(deepFreeze(input), options.openingId ?? 'o1', now),
    {
      apply,
      world: { find, deliver },
      now: () => now,
      onCommand: (command) => void commands.push({ at: now, command }),
      onState: deepFreeze,
    },
  );
  const feed = (event: IncidentEvent): void => machine.feed(event);

  function minutes(): number {
    return (now - startsAt) / MINUTE;
  }

  function find(command: FindPeopleCommand): FoundPeople {
    const found = new Map<string, FoundPerson>();
    const problems: string[] = [];
    for (const target of command.targets) {
      const key = targetKey(target);
      const entry = options.onCall[key] ?? (target.kind === 'user' ? [target.id] : []);
      const ids = typeof entry === 'function' ? entry(minutes()) : entry;
      if (ids.length === 0) problems.push(`nobody is ${key}`);
      for (const id of ids) {
        const somebody = people[id];
        const count = options.pagedTonight?.[id] ?? 0;
        const isOver = command.urgency === 'high' && count >= 3;
        if (somebody === undefined) problems.push(`nobody knows ${id}`);
        else
          found.set(id, {
            ...(isOver ? { overLimit: { count, limit: 3 } } : {}),
            ...(options.unproven?.includes(id) === true ? { unproven: true as const } : {}),
            userId: id,
            name: id,
            via: key,
            rules: somebody[command.urgency],
            notice: somebody.notice,
          });
      }
    }
    return { people: [...found.values()], problems };
  }

  function deliver(command: DeliverCommand): readonly ScriptedReport[] {
    const { message, method, userId: who } = command;
    const reason = message.parts.map((part) => (part.type === 'page' ? part.reason : part.type)).join(' + ');
    const draft = { at: now, who, channel: method.channel, kind: message.kind, reason, command };
    const outcome = options.outcome?.(draft, minutes()) ?? 'sent';
    contacts.push({ ...draft, outcome });
    providerIds += 1;
    const ids = {
      deliveryId: command.deliveryId,
      provider: 'stand-in',
      providerId: `${method.channel}-${providerIds}`,
    };
    const taken: ScriptedReport = { afterMs: 0, report: { ...ids, status: 'sent' } };
    if (typeof outcome !== 'string') {
      const { fails, retryable = false, retryAfterMs, afterMs = 0 } = outcome;
      const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
      const failed = {
        afterMs,
        report: { ...ids, status: 'failed', reason: fails, retryable, ...wait },
      } as const;
      return afterMs > 0 ? [taken, failed] : [failed];
    }
    if (outcome === 'sent') return [taken];
    const afterMs = method.channel === 'voice' ? 30 * SECOND : 2 * SECOND;
    return [taken, { afterMs, report: { ...ids, status: outcome } }];
  }

  function advance(to: Instant): void {
    machine.hear();
    for (let turns = 0; ; turns += 1) {
      if (turns > 100_000) throw new Error(`Time stands still at ${clockOf(now)}.`);
      const next = machine.nextAt();
      if (next > to) break;
      now = Math.max(now, next);
      machine.wake();
    }
    now = to;
  }

  function clockOf(at: Instant): string {
    const seconds = Math.round((at - startsAt) / SECOND);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }

  function acts(
    who: string,
    action: Partial<PersonAction> & Pick<PersonAction, 'action'>,
    via: Via = 'sms',
  ): Answer {
    requests += 1;
    const by: Actor = { kind: 'user', id: who, name: who };
    const whole = {
      requestId: `r${requests}`,
      openingId: machine.state().openingId,
      by,
      via,
      ...action,
    } as PersonAction;
    feed({ type: 'action', action: whole });
    const given = machine.state().answers.find((answer) => answer.requestId === whole.requestId);
    if (given === undefined) throw new Error(`No answer to ${whole.requestId}.`);
    return given.answer;
  }

  function takes(alerts: readonly Alert[], windows: readonly QuietWindow[] = []): void {
    const ids = windows.map(({ id }) => id);
    const covered =
      windows.length === 0 ? {} : { windows: Object.fromEntries(windows.map((each) => [each.id, each])) };
    feed({
      type: 'alerts',
      batch: {
        integration: 'test',
        resolves: input.resolves,
        alerts: windows.length === 0 ? alerts : alerts.map((alert) => ({ ...alert, windows: ids })),
        receivedAt: now,
        ...covered,
      },
    });
  }

  function alertsNamed(names: readonly string[], status: Alert['status']): Alert[] {
    return names.map((name) => ({
      fingerprint: name,
      status,
      // A sender says of a resolved alert when it had begun.
      startsAt: status === 'firing' ? now : (startOf(machine.state().alerts.firing, name) ?? now),
      summary: `${name} is failing`,
      severity: machine.state().severity,
    }));
  }

  machine.hear();
  if (options.quiet !== true) takes(alertsNamed(['disk'], 'firing'), options.windows);

  return {
    state: () => machine.state(),
    clock: () => clockOf(now),
    advanceTo: (time) => advance(startsAt + toMs(time)),
    outage(from, to, heard) {
      advance(startsAt + toMs(from));
      now = startsAt + toMs(to);
      heard?.();
      feed({ type: 'time' });
    },
    fires: (...names) => takes(alertsNamed(names, 'firing')),
    resolves: (...names) => takes(alertsNamed(names, 'resolved')),
    takes,
    acts,
    acknowledge: (who, via) => acts(who, { action: 'acknowledge' }, via),
    take: (who, via) => acts(who, { action: 'take' }, via),
    progress: (who, via) => acts(who, { action: 'progress' }, via),
    resolve: (who, via) => acts(who, { action: 'resolve' }, via),
    escalate: (who, reason) => acts(who, { action: 'escalate', ...(reason === undefined ? {} : { reason }) }),
    severity: (who, severity) => acts(who, { action: 'severity', severity }),
    update: (who, text) => acts(who, { action: 'update', text }),
    reports: (report) => feed({ type: 'delivery', report }),
    feed,
    contacts,
    commands,
    log(from) {
      const since = from === undefined ? startsAt : startsAt + toMs(from);
      const lines = new Map<string, { readonly contact: Contact; readonly channels: string[] }>();
      for (const contact of contacts.filter((one) => one.at >= since)) {
        const key = `${contact.at} ${contact.who} ${contact.kind} ${contact.reason}`;
        const line = lines.get(key) ?? { contact, channels: [] };
        line.channels.push(contact.channel);
        lines.set(key, line);
      }
      return [...lines.values()].map(({ contact, channels }) => {
        const how = channels.join('+');
        return `${clockOf(contact.at)} ${contact.who} ${contact.kind === 'notice' ? `(${how})` : how}: ${contact.reason}`;
      });
    },
    timeline: (...types) =>
      machine
        .state()
        .timeline.filter((entry) => types.includes(entry.type))
        .map((entry) => {
          const { at, type, ...rest } = entry;
          return `${clockOf(at)} ${type} ${Object.values(rest).map(String).join(' ')}`.trim();
        }),
    deadlines: () =>
      Object.entries(machine.state().deadlines)
        .sort(([, one], [, other]) => one.at - other.at)
        .map(([name, deadline]) => `${name} ${clockOf(deadline.at)}`),
  };
}
