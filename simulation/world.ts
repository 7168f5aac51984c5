import type { ProviderKind } from '../config/provider-settings.js';
import type { Config } from '../config/types.js';
import type { DeliverCommand, FindPeopleCommand } from '../domain/incident/command.js';
import type {
  Channel,
  DeliveryReport,
  FailureReason,
  FoundPeople,
  FoundPerson,
} from '../domain/incident/event.js';
import { ABOUT_THE_PERSON, WORTH_ANOTHER_TRY } from '../domain/providers/failure-reasons.js';
import { SECOND, type Instant, type Milliseconds } from '../domain/time/instant.js';
import type { DeliveryRule, Scenario } from './scenario.js';
import type { ScriptedReport } from './virtual-machine.js';

/** What became of a message, as far as the scenario says: `sent` when it says nothing. */
export type Outcome = 'sent' | DeliveryRule['becomes'];

/** The answer of the scripted world to one delivery. */
export interface Delivered {
  readonly outcome: Outcome;
  /** When the outcome is known, after the request; 0: at once. */
  readonly afterMs: Milliseconds;
  readonly provider: string;
  readonly reports: readonly ScriptedReport[];
}

/** The world of a scenario: who is on call by its config and stand-ins, and what its providers do. One for each run: it counts. */
export interface ScriptedWorld {
  find(command: Pick<FindPeopleCommand, 'targets' | 'urgency'>, at: Instant): FoundPeople;
  deliver(
    command: Pick<DeliverCommand, 'deliveryId' | 'userId' | 'method' | 'attempt'>,
    at: Instant,
  ): Delivered;
}

/** The channels of each kind of provider; `chat` has none yet. */
const CHANNELS: Readonly<Record<ProviderKind, readonly Channel[]>> = {
  twilio: ['sms', 'voice'],
  smtp: ['email'],
  ntfy: ['push'],
  webhook: ['webhook'],
  'sms-gateway': ['sms'],
};

/** Set up by environment variables, which a simulation does not read: taken to be there. */
const FIXED = ['twilio', 'smtp'] as const satisfies readonly ProviderKind[];

/** The providers of a channel in the order in which they are tried (activities/providers/provider-set.ts). */
function providersOf(config: Pick<Config, 'providers'>, channel: Channel): readonly string[] {
  const listed = new Set<string>(config.providers.map(({ kind }) => kind));
  const found = [
    ...FIXED.filter((kind) => !listed.has(kind) && CHANNELS[kind].includes(channel)),
    ...config.providers.filter(({ kind }) => CHANNELS[kind].includes(channel)).map(({ id }) => id),
  ];
  // One whose secret this environment lacks is left out of the config; it is there where it counts.
  return found.length > 0 ? found : [channel];
}

/** A callback comes so long after the request: a text message arrives in seconds, a phone rings for half a minute. */
const CALLBACK_AFTER: Readonly<Record<'voice' | 'other', Milliseconds>> = {
  voice: 30 * SECOND,
  other: 2 * SECOND,
};

/** @throws never; who is not in the config is a problem of what it finds, as in production. */
export function createWorld(scenario: Scenario, config: Config): ScriptedWorld {
  const counts = new Map<DeliveryRule, number>();

  function standInFor(userId: string, at: Instant): string | null {
    const offset = at - scenario.startsAt;
    const found = scenario.standIns.findLast(
      (standIn) => standIn.for === userId && standIn.fromMs <= offset && offset < standIn.untilMs,
    );
    return found?.by ?? null;
  }

  function find(
    { targets, urgency }: Pick<FindPeopleCommand, 'targets' | 'urgency'>,
    at: Instant,
  ): FoundPeople {
    if (scenario.standIns.length === 0) return config.findPeople(targets, urgency, at);
    const people = new Map<string, FoundPerson>();
    const problems = new Set<string>();
    for (const target of targets) {
      const found = config.findPeople([target], urgency, at);
      for (const problem of found.problems) problems.add(problem);
      for (const person of found.people) {
        // Shifts change hands; who is meant by name is meant.
        const by = target.kind === 'schedule' ? standInFor(person.userId, at) : null;
        const [instead] =
          by === null ? [person] : config.findPeople([{ kind: 'user', id: by }], urgency, at).people;
        const meant = instead === undefined ? null : { ...instead, via: person.via };
        if (meant !== null && !people.has(meant.userId)) people.set(meant.userId, meant);
      }
    }
    return { people: [...people.values()], problems: [...problems] };
  }

  function ruleFor(userId: string, channel: Channel, provider: string, at: Instant): DeliveryRule | null {
    const offset = at - scenario.startsAt;
    let last: DeliveryRule | null = null;
    for (const rule of scenario.deliveries) {
      const fits =
        (rule.to?.includes(userId) ?? true) &&
        (rule.by?.includes(channel) ?? true) &&
        (rule.provider === null || rule.provider === provider) &&
        rule.fromMs <= offset &&
        offset < rule.untilMs;
      if (!fits) continue;
      const count = (counts.get(rule) ?? 0) + 1;
      counts.set(rule, count);
      if (rule.nth === null || rule.nth === count) last = rule;
    }
    return last;
  }

  return {
    find,
    deliver({ deliveryId, userId, method, attempt }, at) {
      const { channel } = method;
      const refused: Delivered[] = [];
      // One provider after the other at the same instant, as a delivery does.
      for (const provider of scenario.providers[channel] ?? providersOf(config, channel)) {
        const ids = { deliveryId, provider, providerId: `${provider}-${deliveryId}-${attempt}` };
        const sent: ScriptedReport = { afterMs: 0, report: { ...ids, status: 'sent' } };
        const rule = ruleFor(userId, channel, provider, at);
        if (rule === null) return { outcome: 'sent', afterMs: 0, provider, reports: [sent] };
        const { becomes } = rule;
        if (isFailure(becomes)) {
          const afterMs = rule.afterMs ?? 0;
          const retryable = WORTH_ANOTHER_TRY[becomes];
          const failed: DeliveryReport = { ...ids, status: 'failed', reason: becomes, retryable };
          if (afterMs > 0)
            return { outcome: becomes, afterMs, provider, reports: [sent, { afterMs, report: failed }] };
          const { providerId: _none, ...unsent } = failed;
          const refusal = { outcome: becomes, afterMs, provider, reports: [{ afterMs, report: unsent }] };
          if (ABOUT_THE_PERSON.has(becomes)) return refusal;
          refused.push(refusal);
          continue;
        }
        const afterMs = rule.afterMs ?? CALLBACK_AFTER[channel === 'voice' ? 'voice' : 'other'];
        return {
          outcome: becomes,
          afterMs,
          provider,
          reports: [sent, { afterMs, report: { ...ids, status: becomes } }],
        };
      }
      // What gives most hope is told, as a delivery tells it.
      const told =
        refused.find(({ outcome }) => isFailure(outcome) && WORTH_ANOTHER_TRY[outcome]) ?? refused.at(-1);
      if (told === undefined) throw new Error(`A channel without providers: ${channel}.`);
      return told;
    },
  };
}

/** Whether a message with this outcome did not reach anybody. */
export function isFailure(outcome: Outcome): outcome is FailureReason {
  return !['sent', 'delivered', 'answered', 'voicemail', 'unanswered'].includes(outcome);
}
