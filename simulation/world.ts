import type { ProviderKind } from '../config/provider-settings.js';
import { markOverLimit } from '../config/load-limits.js';
import type { Config } from '../config/types.js';
import type { DeliverCommand, FindPeopleCommand } from '../domain/incident/command.js';
import type { Channel, DeliveryReport, FailureReason, FoundPeople } from '../domain/incident/event.js';
import { ringsAtNight } from '../domain/incident/load.js';
import { ABOUT_THE_PERSON, WORTH_ANOTHER_TRY } from '../domain/providers/failure-reasons.js';
import { OVERRIDES_STALE_MS, type OverridesAsOf } from '../domain/oncall/known.js';
import type { NightPage } from '../domain/oncall/night.js';
import type { Override } from '../domain/oncall/override.js';
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

/** The world of a scenario: who is on call by its config and overrides, and what its providers do. One for each run: it counts. */
export interface ScriptedWorld {
  find(command: Pick<FindPeopleCommand, 'targets' | 'urgency'>, at: Instant): FoundPeople;
  deliver(
    command: Pick<DeliverCommand, 'deliveryId' | 'userId' | 'method' | 'attempt' | 'message'>,
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

/** The overrides as the store would have them, made before the beginning in the order in which they are written. */
function overridesOf({ startsAt, overrides }: Scenario): readonly Override[] {
  return overrides.map(({ fromMs, untilMs, ...rest }, index) => ({
    ...rest,
    id: `override-${index + 1}`,
    from: startsAt + fromMs,
    to: startsAt + untilMs,
    reason: 'as the scenario says',
    by: 'the scenario',
    createdAt: startsAt - overrides.length + index,
    swapId: null,
  }));
}

/** Pages of before, for incidents that are none of the scenario's. */
function earlierPages({ startsAt, nightPages }: Scenario): NightPage[] {
  return Object.entries(nightPages).flatMap(([userId, count]) =>
    Array.from({ length: count }, (_none, index) => ({
      userId,
      openingId: `before-${index + 1}`,
      at: startsAt,
    })),
  );
}

/** @throws never; who is not in the config is a problem of what it finds, as in production. */
export function createWorld(scenario: Scenario, config: Config): ScriptedWorld {
  const counts = new Map<DeliveryRule, number>();

  const overrides = overridesOf(scenario);
  const nightPages = earlierPages(scenario);

  function known(at: Instant): OverridesAsOf {
    const offset = at - scenario.startsAt;
    const away = scenario.storeAway.find(({ fromMs, toMs }) => fromMs <= offset && offset < toMs);
    if (away === undefined) return { overrides, asOf: at, isStale: false };
    const asOf = scenario.startsAt + away.fromMs;
    return { overrides, asOf, isStale: at - asOf > OVERRIDES_STALE_MS };
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
    find: ({ targets, urgency }, at) => {
      const found = config.findPeople(targets, urgency, at, known(at));
      return urgency === 'high' ? markOverLimit(config, found, at, nightPages) : found;
    },
    deliver(command, at) {
      const delivered = answerTo(command, at);
      const isSent = delivered.reports.some(({ report }) => report.status === 'sent');
      if (isSent && ringsAtNight(command.message))
        nightPages.push({ userId: command.userId, openingId: command.message.openingId, at });
      return delivered;
    },
  };

  function answerTo(
    { deliveryId, userId, method, attempt }: Parameters<ScriptedWorld['deliver']>[0],
    at: Instant,
  ): Delivered {
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
  }
}

/** Whether a message with this outcome did not reach anybody. */
export function isFailure(outcome: Outcome): outcome is FailureReason {
  return !['sent', 'delivered', 'answered', 'voicemail', 'unanswered'].includes(outcome);
}
