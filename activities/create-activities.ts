import type { Config } from '../config/types.js';
import type { Channel, DeliveryReport, FailureReason } from '../domain/incident/event.js';
import type { Letter } from '../domain/messages/letter.js';
import type { Message } from '../domain/messages/message.js';
import { ABOUT_THE_PERSON } from '../domain/providers/failure-reasons.js';
import { severityOf } from '../domain/severity/severity.js';
import type { Bundles } from '../store/bundles.js';
import { LINK_LIFETIME_MS, type Tokens } from '../tokens/signed-token.js';
import { activityScope, type ActivityScope } from './activity-scope.js';
import { attempt } from './attempt.js';
import { createBundling, type Bundling, type SendOptions, type SentAs } from './bundling/bundling.js';
import { MARK_WITHIN_MS } from './bundling/quick-marks.js';
import { PROBE_TIMEOUT_MS } from './circuit.js';
import type { Activities, DeliverInput } from './contracts.js';
import { scrub, type SendFailure } from './failures.js';
import type { OpeningsReader } from './openings.js';
import { DELIVER_MS, PAGE_WAITS_MS, queueing } from './pacing/await-turn.js';
import type { Pacer, Turn } from './pacing/pacer.js';
import { handicapOf } from './pacing/precedence.js';
import { createProviderHealth, type ProviderHealth } from './provider-health.js';
import type { MessageUrls, Provider, Recipient } from './providers/provider.js';

/** Where activities say what they did. Pino's loggers fit. Never given personal data. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** One try to hand one message to one provider. */
export interface DeliveryTry {
  /** Whether somebody is to answer it, or only to know; `letter`: about no incident. */
  readonly kind: Message['kind'] | Letter['kind'];
  readonly channel: Channel;
  readonly provider: string;
  /** `sent`, or why not. */
  readonly outcome: 'sent' | 'cancelled' | FailureReason;
}

/** One wait for a provider's rate to allow a message. */
export interface DeliveryWait {
  readonly channel: Channel;
  readonly provider: string;
  readonly ended: Turn['kind'];
}

/** Counts what waits to leave. */
export interface WaitMetrics {
  /** `seconds`: 0 for what need not wait. Only of providers with a rate. */
  waited?(wait: DeliveryWait, seconds: number): void;
}

/** Counts what leaves the house. */
export interface DeliveryMetrics extends WaitMetrics {
  /** `seconds`: what the provider took to take or refuse it. */
  delivery(tried: DeliveryTry, seconds: number): void;
  /** `pages` of them went out as one message. */
  bundle?(channel: Channel, pages: number): void;
}

export interface ActivityDeps {
  /** The configuration in force now. */
  readonly config: () => Config;
  /** In the order in which they are tried, asked anew each time; several of one channel stand in for one another. */
  readonly providers: () => readonly Provider[];
  readonly tokens: Tokens;
  /** Where people and providers reach the API, e.g. `https://tocsin.example.com`. */
  readonly publicUrl: string;
  /** Absent: earlier incidents are not looked up. */
  readonly openings?: OpeningsReader;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly log: Log;
  readonly metrics?: DeliveryMetrics;
  /** Absent: nobody else asks which providers work. */
  readonly health?: ProviderHealth;
  /** Keeps to the rates of providers. Absent: nothing waits. */
  readonly pacer?: Pacer;
  /** Absent: each page goes on its own. */
  readonly bundles?: Bundles;
  /** Whether other processes page by the same store. Default: yes. Alone, this one knows by itself which pages are first. */
  readonly isStoreShared?: boolean;
  /** How long a page waits for the store to say whether it is the first to its person in a while. Default 100 ms. */
  readonly markWithinMs?: number;
  /** For one delivery, all of its providers together, from when its turn has come. Default 8 s. */
  readonly deliveryTimeoutMs?: number;
}

/** Above this the first page is late: say so. Source: the contract of `findPeople`. */
const SLOW_LOOKUP_MS = 300;
const DELIVERY_TIMEOUT_MS = 8_000;
/** For what has just left. */
const WITHDRAW_AT_ONCE_MS = 1_500;
const ON_ITS_OWN: SendOptions = { longestMs: () => PAGE_WAITS_MS };

type Deps = ActivityDeps & Required<Pick<ActivityDeps, 'health'>>;

/** The activities of a worker. None of them lets a number or an address out: not in results, not in logs. */
export function createActivities(given: ActivityDeps): Activities {
  const deps: Deps = { ...given, health: given.health ?? createProviderHealth(given.clock) };
  const { config, providers, clock, log } = deps;
  const bundling = bundlingOf(deps);
  return {
    findPeople: (input) => {
      const began = clock();
      try {
        const found = config().findPeople(input.targets, input.urgency, input.at);
        const tookMs = clock() - began;
        if (tookMs > SLOW_LOOKUP_MS)
          log.warn({ requestId: input.requestId, tookMs }, 'finding people was slow');
        return Promise.resolve(found);
      } catch (error) {
        const why = scrub(error instanceof Error ? error.message : String(error));
        log.error({ requestId: input.requestId, why }, 'finding people failed');
        return Promise.resolve({ people: [], problems: [`who is on call could not be worked out: ${why}`] });
      }
    },

    deliver: (input) => {
      const scope = activityScope();
      return scope.whileAlive(
        () => bundling?.deliver(scope, input) ?? deliver(deps, scope, input, ON_ITS_OWN),
      );
    },

    withdraw: async (input) => {
      const provider = providers().find((candidate) => candidate.name === input.provider);
      const fields = { deliveryId: input.deliveryId, provider: input.provider };
      if (provider?.withdraw === undefined) {
        log.info(fields, 'nothing to withdraw at this provider');
        return;
      }
      if (input.bundle !== undefined && (await bundling?.mayWithdraw(input)) !== true) return;
      await provider.withdraw(
        input.providerId,
        AbortSignal.timeout(deps.deliveryTimeoutMs ?? DELIVERY_TIMEOUT_MS),
      );
      log.info(fields, 'withdrawn');
    },

    findPrevious: async (input) => {
      const openings = (await deps.openings?.listOpenings(input.workflowId)) ?? [];
      const index = openings.findIndex((opening) => opening.openingId === input.openingId);
      // The incident that asks may not be searchable yet: then the newest other one is before it.
      return openings.slice(index + 1).find((opening) => opening.openingId !== input.openingId) ?? null;
    },
  };
}

function bundlingOf(deps: Deps): Bundling | null {
  const { bundles, config, clock, log, metrics, deliveryTimeoutMs = DELIVERY_TIMEOUT_MS } = deps;
  if (bundles === undefined) return null;
  return createBundling({
    ...{ bundles, config, clock, log },
    isShared: deps.isStoreShared ?? true,
    ...(metrics === undefined ? {} : { metrics }),
    incidentUrl: (openingId, userId) => incidentUrl(deps, openingId, userId),
    handicapOf: (input) => handicapIn(deps, input),
    send: (scope, input, options) => deliver(deps, scope, input, options),
    markWithinMs: deps.markWithinMs ?? MARK_WITHIN_MS,
    longestMs: PAGE_WAITS_MS,
    patienceMs: PAGE_WAITS_MS + deliveryTimeoutMs,
    numberWithinMs: DELIVER_MS - deliveryTimeoutMs,
  });
}

async function deliver(
  deps: Deps,
  scope: ActivityScope,
  input: DeliverInput,
  { others, handicapMs, longestMs, atTurn }: SendOptions,
): Promise<DeliveryReport> {
  const { channel } = input.method;
  const fail = (provider: string, failure: Omit<SendFailure, 'ok'>): DeliveryReport => ({
    deliveryId: input.deliveryId,
    provider,
    status: 'failed',
    ...withoutOk(failure),
  });
  const found = deps.config().method(input.userId, input.method.id);
  if (found === null || found.method.channel !== channel) {
    return fail('none', {
      reason: 'bad-address',
      retryable: false,
      detail: 'the contact method is no longer configured',
    });
  }
  const providers = deps.providers();
  deps.health.known(providers);
  const [first, ...more] = providers.filter((provider) => provider.channel === channel);
  if (first === undefined) {
    return fail('none', {
      reason: 'not-configured',
      retryable: false,
      detail: `no provider for ${channel} is set up`,
    });
  }
  if (scope.cancelled.aborted) {
    scope.throwIfWorkerStops();
    return { deliveryId: input.deliveryId, provider: first.name, status: 'cancelled' };
  }
  // Claims the one try of a broken provider: from here on each provider in front is tried, and what became of it is noted.
  const able = deps.health.order([first, ...more]);

  const to: Recipient = {
    userId: input.userId,
    name: found.user.name,
    address: found.method.address,
    zone: found.user.zone,
  };
  // What is said in the end: while it waits for its turn, pages may drop out of it.
  let sentAs: SentAs = others === undefined ? { input } : { input, others };
  let urls = urlsOf(deps, sentAs);
  // A provider that hangs must leave time for the one that stands in for it.
  const timeoutMs = Math.floor((deps.deliveryTimeoutMs ?? DELIVERY_TIMEOUT_MS) / able.length);
  const failures: { provider: string; failure: SendFailure }[] = [];
  const mayHaveLeft = (): boolean => failures.some(({ failure }) => failure.ambiguous === true);
  // Whatever is reported: that one of them may have gone out must not be lost.
  const failAfterAll = (provider: string, failure: Omit<SendFailure, 'ok'>): DeliveryReport =>
    fail(provider, { ...failure, ...(mayHaveLeft() ? { ambiguous: true } : {}) });
  for (const [index, { provider, isProbe }] of able.entries()) {
    const waitMs = isProbe ? Math.min(timeoutMs, PROBE_TIMEOUT_MS) : timeoutMs;
    const result = await attempt(deps, scope, {
      provider,
      kind: input.message.kind,
      fields: {
        openingId: input.message.openingId,
        deliveryId: input.deliveryId,
        attempt: input.attempt,
      },
      timeoutMs: waitMs,
      queue: queueing(
        provider.paced?.(sentAs.input.message, to, urls),
        () => handicapMs ?? handicapIn(deps, input),
        {
          longestMs: longestMs(),
          isLast: index === able.length - 1,
          ...(atTurn === undefined
            ? {}
            : {
                atTurn: async () => {
                  sentAs = await atTurn();
                  urls = urlsOf(deps, sentAs);
                },
              }),
        },
      ),
      send: (signal) =>
        provider.send(sentAs.input.message, to, {
          urls,
          idempotencyKey: sentAs.input.idempotencyKey,
          deliveryId: input.deliveryId,
          signal,
        }),
    });
    if (result.ok) {
      if (scope.calledOff() && (await takenBack(deps, provider, result.providerId))) {
        return {
          deliveryId: input.deliveryId,
          provider: provider.name,
          providerId: result.providerId,
          status: 'cancelled',
        };
      }
      const possibleDuplicate = scope.attempt > 1 || mayHaveLeft();
      return {
        deliveryId: input.deliveryId,
        provider: provider.name,
        providerId: result.providerId,
        status: 'sent',
        ...(possibleDuplicate ? { possibleDuplicate } : {}),
      };
    }
    failures.push({ provider: provider.name, failure: result });
    if (scope.cancelled.aborted) {
      scope.throwIfWorkerStops();
      if ('unsent' in result && !mayHaveLeft())
        return { deliveryId: input.deliveryId, provider: provider.name, status: 'cancelled' };
      return failAfterAll(provider.name, {
        ...result,
        retryable: false,
        detail: 'no longer wanted while it was being sent',
      });
    }
    if (ABOUT_THE_PERSON.has(result.reason)) return failAfterAll(provider.name, result);
  }
  // Report what gives most hope.
  const best = failures.find(({ failure }) => failure.retryable) ?? failures.at(-1);
  if (best === undefined) throw new Error('A delivery ended without any result; please report this.');
  return failAfterAll(best.provider, best.failure);
}

/** Whether what just left could be taken back; when that fails the report stays `sent` and the machine withdraws it. */
async function takenBack(deps: ActivityDeps, provider: Provider, providerId: string): Promise<boolean> {
  if (provider.withdraw === undefined) return false;
  try {
    await provider.withdraw(providerId, AbortSignal.timeout(WITHDRAW_AT_ONCE_MS));
    return true;
  } catch {
    deps.log.warn({ provider: provider.name, providerId }, 'could not be taken back at once');
    return false;
  }
}

/** The incident's page for this reader. */
function incidentUrl(
  { tokens, publicUrl, clock }: Pick<Deps, 'tokens' | 'publicUrl' | 'clock'>,
  o: string,
  u: string,
): string {
  return `${publicUrl.replace(/\/+$/, '')}/i/${tokens.sign({ p: 'link', o, u, e: clock() + LINK_LIFETIME_MS })}`;
}

function urlsOf(deps: ActivityDeps, { input, others }: SentAs): MessageUrls {
  const { tokens, publicUrl, clock } = deps;
  const base = publicUrl.replace(/\/+$/, '');
  const e = clock() + LINK_LIFETIME_MS;
  const o = input.message.openingId;
  const [u, d] = [input.userId, input.deliveryId];
  const m = others === undefined ? {} : { m: others };
  const deliveryToken = tokens.sign({ p: 'delivery', o, d, ...m, e });
  return {
    incident: incidentUrl(deps, o, u),
    deliveryStatus: `${base}/hooks/twilio/status?t=${deliveryToken}`,
    voiceAnswer: `${base}/hooks/twilio/voice?t=${tokens.sign({ p: 'voice', o, u, d, ...m, e })}`,
    hooks: `${base}/hooks`,
    deliveryToken,
  };
}

function handicapIn({ config }: Pick<Deps, 'config'>, { message, attempt, again }: DeliverInput): number {
  const { rank } = severityOf(config().severities, message.severity);
  return handicapOf(message, { attempt, again: again === true, severityRank: rank });
}

/** What a failure says, for a report. */
export function withoutOk(failure: Omit<SendFailure, 'ok'>): Omit<SendFailure, 'ok'> {
  const { reason, retryable, retryAfterMs, ambiguous, detail } = failure;
  return {
    reason,
    retryable,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(ambiguous === undefined ? {} : { ambiguous }),
    ...(detail === undefined ? {} : { detail }),
  };
}
