import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config/types.js';
import type { Channel, DeliveryReport } from '../../domain/incident/event.js';
import type { Milliseconds } from '../../domain/time/instant.js';
import type { BundleMember, Bundles } from '../../store/bundles.js';
import type { TokenMember } from '../../tokens/signed-token.js';
import type { ActivityScope } from '../activity-scope.js';
import type { DeliverInput, WithdrawInput } from '../contracts.js';
import type { DeliveryMetrics, Log } from '../create-activities.js';
import { keptPage } from './bundled-message.js';
import { createQuickMarks } from './quick-marks.js';
import { LIMIT, sendBundle } from './sender.js';
import { bundlingTimes, type BundlingTimes } from './settings.js';

/** What is sent in the end. `others`: the deliveries beside this one that the message stands for. */
export interface SentAs {
  readonly input: DeliverInput;
  readonly others?: readonly TokenMember[];
}

export interface SendOptions extends Omit<SentAs, 'input'> {
  /** Beside others that wait for the same number; absent: that of the page. */
  readonly handicapMs?: Milliseconds;
  /** How long it may wait for its number, from now. */
  readonly longestMs: () => Milliseconds;
  /** Asked once it has waited and may leave. Never rejects. */
  readonly atTurn?: () => Promise<SentAs>;
}

/** Hands one message to a provider. */
export type Send = (
  scope: ActivityScope,
  input: DeliverInput,
  options: SendOptions,
) => Promise<DeliveryReport>;

export interface BundlingDeps {
  readonly bundles: Bundles;
  /** Whether other processes page by the same store. */
  readonly isShared: boolean;
  readonly config: () => Pick<Config, 'bundlingMs' | 'severities'>;
  /** The incident's page for this reader. */
  readonly incidentUrl: (openingId: string, userId: string) => string;
  /** How urgent a page is beside others that wait for the same number. */
  readonly handicapOf: (input: DeliverInput) => Milliseconds;
  readonly send: Send;
  readonly clock: () => number;
  readonly log: Log;
  readonly metrics?: DeliveryMetrics;
  /** How long a page waits for the store to say whether it is the first. */
  readonly markWithinMs: number;
  /** How long any page waits for its number. */
  readonly longestMs: Milliseconds;
  /** How long a member waits for a sender who lives. */
  readonly patienceMs: number;
  /** How long a delivery may take until it has its number, all in all. */
  readonly numberWithinMs: Milliseconds;
}

/** Makes several pages to one person one message. */
export interface Bundling {
  /** Sends the first page to a person at once; what comes within seconds goes out together. Never rejects for the store's sake. */
  deliver(scope: ActivityScope, input: DeliverInput): Promise<DeliveryReport>;
  /** Whether a call is to be taken back: one about several incidents only when all of them are answered. */
  mayWithdraw(input: WithdrawInput): Promise<boolean>;
}

/** A webhook's receiver is a machine, and no chat is one person's. */
const CHANNELS: ReadonlySet<Channel> = new Set(['sms', 'voice', 'email', 'push']);
const KEPT_MS = 7 * 24 * 3_600_000;
const TIDY_EVERY_MS = 3_600_000;

export function createBundling(deps: BundlingDeps): Bundling {
  const { bundles, isShared, config, clock, log } = deps;
  const quickMark = createQuickMarks({ bundles, isShared, limitMs: deps.markWithinMs });
  let tidiedAt = -Infinity;

  async function deliver(scope: ActivityScope, input: DeliverInput): Promise<DeliveryReport> {
    const began = clock();
    // What it has waited for others is not there to wait for its number.
    const longestMs = (): Milliseconds =>
      Math.max(0, Math.min(deps.longestMs, deps.numberWithinMs - (clock() - began)));
    const { bundlingMs, severities } = config();
    const { method, message } = input;
    const isAlone = bundlingMs === null || message.kind !== 'page' || !CHANNELS.has(method.channel);
    if (isAlone || scope.cancelled.aborted) return deps.send(scope, input, { longestMs });
    const times = bundlingTimes(bundlingMs, deps.patienceMs);
    const bundleId =
      scope.attempt > 1
        ? // Its worker died: it may stand in a message that others have sent meanwhile.
          await bundles.bundleOf(input.idempotencyKey, LIMIT).catch(() => null)
        : await gathered(scope, input, times);
    if (bundleId === null) return deps.send(scope, input, { longestMs });
    const order = severities.map(({ id }) => id);
    return together({ scope, input, bundleId, times, severities: order, longestMs });
  }

  /** The bundle that this page joined, once that has closed; null: it goes on its own, at once. */
  async function gathered(
    scope: ActivityScope,
    input: DeliverInput,
    times: BundlingTimes,
  ): Promise<string | null> {
    const { idempotencyKey: key, userId, method, deliveryId, message } = input;
    const { withinMs, gatherMs } = times;
    const newId = `b-${randomUUID()}`;
    const marked = await quickMark({
      ...{ userId, methodId: method.id, channel: method.channel },
      ...{ withinMs, gatherMs, newId },
    });
    if (marked?.kind !== 'bundle') return null;
    const member: BundleMember = {
      key,
      openingId: message.openingId,
      deliveryId,
      page: keptPage(message, deps.handicapOf(input)),
    };
    if (!(await joined(marked.id, member))) return null;
    await pause(Math.min(gatherMs, marked.closesInMs), scope.cancelled);
    return marked.id;
  }

  async function joined(bundleId: string, member: BundleMember): Promise<boolean> {
    try {
      return await bundles.join(bundleId, member, LIMIT);
    } catch {
      // It may have been written all the same: then it must not be told by others as well.
      bundles.leave(bundleId, member.key, LIMIT).catch(() => undefined);
      return false;
    }
  }

  interface Together {
    readonly scope: ActivityScope;
    readonly input: DeliverInput;
    readonly bundleId: string;
    readonly times: BundlingTimes;
    readonly severities: readonly string[];
    readonly longestMs: () => Milliseconds;
  }

  async function together(one: Together): Promise<DeliveryReport> {
    const { scope, input, bundleId, times } = one;
    const { idempotencyKey: key, deliveryId, message } = input;
    const cancelled = { deliveryId, provider: 'none', status: 'cancelled' } as const;
    const leave = (): Promise<boolean> => bundles.leave(bundleId, key, LIMIT).catch(() => false);
    if (scope.cancelled.aborted && (await leave())) {
      scope.throwIfWorkerStops();
      return cancelled;
    }
    const page = { openingId: message.openingId, deliveryId };
    let isWithdrawn = false;
    const began = clock();
    let heardAt = began;
    for (;;) {
      if (scope.cancelled.aborted) {
        // It stays in: whoever runs it again hears what became of it.
        scope.throwIfWorkerStops();
        if (!isWithdrawn)
          isWithdrawn = await bundles.withdraw(bundleId, page, LIMIT).then(
            () => true,
            () => false,
          );
      }
      const turn = await bundles.take(bundleId, key, times.leaseMs, LIMIT).catch(() => null);
      const now = clock();
      if (turn !== null) heardAt = now;
      switch (turn?.kind) {
        case 'sender': {
          const { members, takes } = turn;
          const report = await sendBundle(deps, { ...one, members, takes });
          tidy();
          return report;
        }
        case 'over':
          return { ...turn.report, deliveryId };
        case 'left':
          return cancelled;
        case 'unknown':
          return alone(one);
        case 'waiting':
        case undefined:
          break;
        default:
          return turn satisfies never;
      }
      if (now - heardAt >= times.storeGoneMs || now - began >= times.patienceMs) return alone(one);
      await delay(times.lookMs);
    }
  }

  /** Nobody can tell whether it left with the others: it does now, and says so. */
  async function alone({ scope, input, bundleId, longestMs }: Together): Promise<DeliveryReport> {
    log.warn({ bundle: bundleId, deliveryId: input.deliveryId }, 'a bundle was not seen to be sent');
    const report = await deps.send(scope, input, { longestMs });
    if (report.status === 'sent') return { ...report, possibleDuplicate: true };
    return report.status === 'failed' ? { ...report, ambiguous: true } : report;
  }

  function tidy(): void {
    const now = clock();
    if (now - tidiedAt < TIDY_EVERY_MS) return;
    tidiedAt = now;
    bundles.forget(now - KEPT_MS).catch(() => undefined);
  }

  return {
    deliver,
    mayWithdraw: async ({ bundle, deliveryId, provider }) => {
      if (bundle === undefined) return true;
      try {
        return await bundles.withdraw(bundle.id, { openingId: bundle.openingId, deliveryId }, LIMIT);
      } catch {
        // The other incidents may still need the call: rather one that rings in vain.
        log.warn({ bundle: bundle.id, deliveryId, provider }, 'a call about several incidents is left alone');
        return false;
      }
    },
  };
}

function pause(lengthMs: number, signal: AbortSignal): Promise<void> {
  return delay(lengthMs, undefined, { signal }).catch(() => undefined);
}
