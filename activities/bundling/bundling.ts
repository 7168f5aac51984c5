import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../../config/types.js';
import type { Channel, DeliveryReport, InBundle } from '../../domain/incident/event.js';
import type { BundleMember, BundleReport, Bundles } from '../../store/bundles.js';
import type { TokenMember } from '../../tokens/signed-token.js';
import type { ActivityScope } from '../activity-scope.js';
import type { DeliverInput, WithdrawInput } from '../contracts.js';
import type { DeliveryMetrics, Log } from '../create-activities.js';
import { bundledInput, keptPage, validityOf } from './bundled-message.js';
import { createQuickMarks } from './quick-marks.js';
import { bundlingTimes, type BundlingTimes } from './settings.js';

/** Hands one message to a provider. `others`: the deliveries beside this one that it stands for. */
export type Send = (
  scope: ActivityScope,
  input: DeliverInput,
  others?: readonly TokenMember[],
) => Promise<DeliveryReport>;

export interface BundlingDeps {
  readonly bundles: Bundles;
  readonly config: () => Pick<Config, 'bundlingMs' | 'severities'>;
  /** The incident's page for this reader. */
  readonly incidentUrl: (openingId: string, userId: string) => string;
  readonly send: Send;
  readonly clock: () => number;
  readonly log: Log;
  readonly metrics?: DeliveryMetrics;
  /** How long a page waits for the store to say whether it is the first. */
  readonly markWithinMs: number;
  /** How long a member waits for a sender who lives. */
  readonly patienceMs: number;
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
/** What is asked of the store once somebody waits in a bundle. */
const LIMIT = { limitMs: 1_000 };
/** Within the patience of the others (`storeGoneMs`). */
const FINISH_TRIES = 3;
const KEPT_MS = 7 * 24 * 3_600_000;
const TIDY_EVERY_MS = 3_600_000;

export function createBundling(deps: BundlingDeps): Bundling {
  const { bundles, config, send, clock, log } = deps;
  const quickMark = createQuickMarks({ bundles, limitMs: deps.markWithinMs });
  let tidiedAt = -Infinity;

  async function deliver(scope: ActivityScope, input: DeliverInput): Promise<DeliveryReport> {
    const { bundlingMs, severities } = config();
    const { method, message } = input;
    const isAlone = bundlingMs === null || message.kind !== 'page' || !CHANNELS.has(method.channel);
    if (isAlone || scope.cancelled.aborted) return send(scope, input);
    const times = bundlingTimes(bundlingMs, deps.patienceMs);
    const bundleId =
      scope.attempt > 1
        ? // Its worker died: it may stand in a message that others have sent meanwhile.
          await bundles.bundleOf(input.idempotencyKey, LIMIT).catch(() => null)
        : await gathered(scope, input, times);
    if (bundleId === null) return send(scope, input);
    const order = severities.map(({ id }) => id);
    return together({ scope, input, bundleId, times, severities: order });
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
      page: keptPage(message),
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
  }

  async function together(one: Together): Promise<DeliveryReport> {
    const { scope, input, bundleId, times } = one;
    const { idempotencyKey: key, deliveryId } = input;
    if (scope.cancelled.aborted && (await bundles.leave(bundleId, key, LIMIT).catch(() => false))) {
      scope.throwIfWorkerStops();
      return { deliveryId, provider: 'none', status: 'cancelled' };
    }
    const began = clock();
    let heardAt = began;
    for (;;) {
      const turn = await bundles.take(bundleId, key, times.leaseMs, LIMIT).catch(() => null);
      const now = clock();
      if (turn !== null) heardAt = now;
      switch (turn?.kind) {
        case 'sender':
          return sendAll(one, turn.members, turn.takes);
        case 'over':
          return { ...turn.report, deliveryId };
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
  async function alone({ scope, input, bundleId }: Together): Promise<DeliveryReport> {
    log.warn({ bundle: bundleId, deliveryId: input.deliveryId }, 'a bundle was not seen to be sent');
    const report = await send(scope, input);
    if (report.status === 'sent') return { ...report, possibleDuplicate: true };
    return report.status === 'failed' ? { ...report, ambiguous: true } : report;
  }

  async function sendAll(
    { scope, input, bundleId, times, severities }: Together,
    members: readonly BundleMember[],
    takes: number,
  ): Promise<DeliveryReport> {
    const { idempotencyKey: key, deliveryId, userId, method } = input;
    const url = (openingId: string): string => deps.incidentUrl(openingId, userId);
    const bundled = bundledInput(input, { bundleId, members, severities, url });
    const others = members
      .filter((member) => member.key !== key)
      .map(({ openingId, deliveryId }): TokenMember => ({ o: openingId, d: deliveryId }));
    const stillHere = setInterval(
      () => void bundles.extend(bundleId, key, times.leaseMs, LIMIT).catch(() => undefined),
      times.leaseMs / 3,
    );
    let report: DeliveryReport;
    try {
      report =
        bundled === null
          ? await send(withAttempts(scope, takes), input)
          : await send(forAll(withAttempts(scope, takes)), bundled, others);
    } catch (error) {
      clearInterval(stillHere);
      throw error;
    }
    const pages = bundled === null ? 1 : members.length;
    if (bundled !== null && report.status === 'sent') {
      deps.metrics?.bundle?.(method.channel, pages);
      log.info({ bundle: bundleId, channel: method.channel, pages }, 'several pages were sent as one');
    }
    const outcome =
      report.status === 'sent' || report.status === 'failed'
        ? outcomeOf(report, bundled === null ? null : { id: bundleId, incidents: pages })
        : null;
    if (outcome !== null)
      await tell(times, () =>
        bundles.finish(bundleId, key, { report: outcome, pages, validForMs: validityOf(members) }, LIMIT),
      );
    clearInterval(stillHere);
    tidy();
    return outcome === null ? report : { ...outcome, deliveryId };
  }

  /** The others of a bundle hear what became of it; who does not sends it again. */
  async function tell({ lookMs }: BundlingTimes, finish: () => Promise<void>): Promise<void> {
    for (let left = FINISH_TRIES; ; left -= 1) {
      try {
        return await finish();
      } catch (error) {
        const name = error instanceof Error ? error.name : typeof error;
        if (left <= 1) return log.warn({ error: name }, 'the others of a bundle could not be told of it');
      }
      await delay(lookMs);
    }
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

/** What is true of each delivery of the message. */
function outcomeOf(
  report: Extract<DeliveryReport, { readonly status: 'sent' | 'failed' }>,
  bundle: InBundle | null,
): BundleReport {
  const { deliveryId: _sender, ...outcome } = report;
  return outcome.status === 'sent' && bundle !== null ? { ...outcome, bundle } : outcome;
}

/** What leaves for several incidents is not stopped by one of them. */
function forAll(scope: ActivityScope): ActivityScope {
  return {
    ...scope,
    cancelled: new AbortController().signal,
    calledOff: () => false,
    throwIfWorkerStops: () => undefined,
  };
}

/** A sender before this one may have sent it. */
function withAttempts(scope: ActivityScope, takes: number): ActivityScope {
  return { ...scope, attempt: Math.max(scope.attempt, takes) };
}

function pause(lengthMs: number, signal: AbortSignal): Promise<void> {
  return delay(lengthMs, undefined, { signal }).catch(() => undefined);
}
