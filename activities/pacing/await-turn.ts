import { SECOND, type Milliseconds } from '../../domain/time/instant.js';
import type { ActivityScope } from '../activity-scope.js';
import type { Log, WaitMetrics } from '../create-activities.js';
import type { SendFailure } from '../failures.js';
import type { Provider } from '../providers/provider.js';
import type { Pace, Pacer } from './pacer.js';

/**
 * What a delivery may take in all (`DELIVER_WITHIN` in workflows/interpreter.ts), less what a provider may take for its last words
 * and for the report to arrive.
 */
export const DELIVER_MS = 115 * SECOND;
/**
 * A page waits for its number this long at most, of the activity's two minutes (workflows/interpreter.ts). Then the person's next
 * contact method goes out, and this one is tried again.
 */
export const PAGE_WAITS_MS = 90 * SECOND;
/** A letter's workflow tries again by itself. */
export const LETTER_WAITS_MS = 15 * SECOND;
/** Where another provider of the channel could send it meanwhile. */
const STEPS_ASIDE_AFTER_MS = 5 * SECOND;
/** Bounds of when it is worth coming again. */
const SOONEST_MS = SECOND;
const LATEST_MS = 60 * SECOND;

/** How one message waits for its turn. */
export interface Queueing {
  readonly pace: Pace;
  readonly handicapMs: Milliseconds;
  readonly longestMs: Milliseconds;
  readonly hasOtherWay: boolean;
  /** Awaited when it had to wait and may leave now: what it says may have changed, or be wanted no more. Never rejects. */
  readonly atTurn?: (() => Promise<void>) | undefined;
}

/** `unsent`: it was never handed to anybody, so that nothing is known of the provider either. */
export type NotItsTurn = SendFailure & { readonly unsent: 'called-off' | 'put-off' };

/** Null when the provider has no rate to keep to. */
export function queueing(
  pace: Pace | null | undefined,
  handicap: () => Milliseconds,
  { longestMs, isLast, atTurn }: Pick<Queueing, 'longestMs' | 'atTurn'> & { readonly isLast: boolean },
): Queueing | null {
  if (pace === null || pace === undefined) return null;
  return {
    pace,
    handicapMs: handicap(),
    longestMs: isLast ? longestMs : Math.min(longestMs, STEPS_ASIDE_AFTER_MS),
    hasOtherWay: !isLast,
    atTurn,
  };
}

/** Waits until the message may leave by this provider; null: now. */
export async function awaitTurn(
  deps: {
    readonly pacer?: Pacer | undefined;
    readonly metrics?: WaitMetrics | undefined;
    readonly log: Pick<Log, 'warn'>;
  },
  scope: Pick<ActivityScope, 'cancelled'>,
  { name, channel }: Pick<Provider, 'name' | 'channel'>,
  queue: Queueing | null,
  about: Readonly<Record<string, unknown>>,
): Promise<NotItsTurn | null> {
  if (queue === null || deps.pacer === undefined) return null;
  const turn = await deps.pacer.turn({ ...queue, provider: name, signal: scope.cancelled });
  deps.metrics?.waited?.({ channel, provider: name, ended: turn.kind }, turn.waitedMs / SECOND);
  switch (turn.kind) {
    case 'go':
      if (turn.waitedMs === 0 || queue.atTurn === undefined) return null;
      await queue.atTurn();
      return scope.cancelled.aborted ? calledOff(name) : null;
    case 'called-off':
      return calledOff(name);
    case 'too-long': {
      const waitedS = Math.round(turn.waitedMs / SECOND);
      deps.log.warn(
        { ...about, channel, provider: name, waitedMs: Math.round(turn.waitedMs) },
        `${name} lets through less than is to be sent: a message is put off`,
      );
      return {
        ok: false,
        reason: 'rate-limited',
        retryable: true,
        retryAfterMs: Math.min(LATEST_MS, Math.max(SOONEST_MS, turn.freeInMs)),
        detail: `${name}: others are before it at our own rate limit${waitedS === 0 ? '' : ` (waited ${waitedS} s)`}`,
        unsent: 'put-off',
      };
    }
    default:
      return turn satisfies never;
  }
}

function calledOff(name: string): NotItsTurn {
  return {
    ok: false,
    reason: 'rate-limited',
    retryable: true,
    detail: `${name}: no longer wanted while it waited for its turn`,
    unsent: 'called-off',
  };
}
