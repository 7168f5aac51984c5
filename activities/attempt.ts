import type { ActivityScope } from './activity-scope.js';
import type { ActivityDeps, DeliveryTry } from './create-activities.js';
import type { SendFailure } from './failures.js';
import { awaitTurn, type NotItsTurn, type Queueing } from './pacing/await-turn.js';
import type { ProviderHealth } from './provider-health.js';
import type { Provider, SendResult } from './providers/provider.js';

export type AttemptDeps = Pick<ActivityDeps, 'clock' | 'log' | 'metrics' | 'pacer'> & {
  readonly health: ProviderHealth;
};

/** One try to hand something to one provider. */
export interface Attempt {
  readonly provider: Provider;
  readonly kind: DeliveryTry['kind'];
  /** Which message it is, for the log. No personal data. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
  /** How it waits before that, where the provider has a rate; null: it has none. */
  readonly queue: Queueing | null;
  readonly send: (signal: AbortSignal) => Promise<SendResult>;
}

/** A provider that does not heed its signal is given up after this: whatever it says then, nobody waits for it. */
const LAST_WORDS_MS = 2_000;

/** One try at one provider: bounded in time, logged, counted. A provider that throws is a failure like any other. */
export async function attempt(
  deps: AttemptDeps,
  scope: ActivityScope,
  { provider, kind, fields: about, timeoutMs, queue, send }: Attempt,
): Promise<SendResult | NotItsTurn> {
  const notItsTurn = await awaitTurn(deps, scope, provider, queue, about);
  if (notItsTurn !== null) {
    // Nothing was learnt of it; the one try of a broken provider is free for the next.
    deps.health.note(provider, 'cancelled');
    return notItsTurn;
  }
  const began = deps.clock();
  const timeout = AbortSignal.timeout(timeoutMs);
  // A call that is cut off while it is placed may ring with nobody knowing its id: it is awaited and then taken back.
  const signal = provider.withdraw === undefined ? AbortSignal.any([timeout, scope.cancelled]) : timeout;
  const result = await endedBy(send(signal), timeoutMs + LAST_WORDS_MS).catch(
    (error: unknown): SendFailure => {
      const name = error instanceof Error ? error.name : typeof error;
      deps.log.error({ ...about, provider: provider.name, error: name }, 'a provider broke');
      return {
        ok: false,
        reason: 'unavailable',
        retryable: true,
        ambiguous: true,
        detail: `${provider.name} broke`,
      };
    },
  );
  const tookMs = deps.clock() - began;
  const cancelled = !result.ok && scope.cancelled.aborted;
  const outcome = result.ok ? 'sent' : cancelled ? 'cancelled' : result.reason;
  deps.metrics?.delivery(
    { kind, channel: provider.channel, provider: provider.name, outcome },
    tookMs / 1_000,
  );
  const turned = deps.health.note(provider, outcome);
  if (turned === 'opened')
    deps.log.warn(
      { provider: provider.name, outcome },
      `${provider.name} fails again and again: it is tried last`,
    );
  else if (turned === 'closed') deps.log.info({ provider: provider.name }, `${provider.name} is back`);
  const fields = { ...about, channel: provider.channel, provider: provider.name, outcome, tookMs };
  if (result.ok) {
    deps.log.info({ ...fields, providerId: result.providerId }, 'message handed over');
  } else if (result.reason === 'unauthorized' || result.reason === 'not-configured') {
    deps.log.error({ ...fields, detail: result.detail }, `nothing can be sent through ${provider.name}`);
  } else {
    deps.log.warn({ ...fields, detail: result.detail }, 'message not handed over');
  }
  return result;
}

/** What the work says, or a rejection once its time is over; the work is not ended by that. */
async function endedBy<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer, and no end')), limitMs);
  });
  try {
    return await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}
