import { setTimeout as delay } from 'node:timers/promises';
import type { DeliveryReport, InBundle } from '../../domain/incident/event.js';
import type { Milliseconds } from '../../domain/time/instant.js';
import type { BundleMember, BundleReport } from '../../store/bundles.js';
import type { TokenMember } from '../../tokens/signed-token.js';
import type { ActivityScope } from '../activity-scope.js';
import type { DeliverInput } from '../contracts.js';
import { bundledInput, handicapOfAll, validityOf } from './bundled-message.js';
import type { BundlingDeps, SentAs } from './bundling.js';
import type { BundlingTimes } from './settings.js';

/** What is asked of the store once somebody waits in a bundle. */
export const LIMIT = { limitMs: 1_000 };
/** Its turn has come: it waits no longer for the store than this. */
const AT_TURN = { limitMs: 300 };
/** Within the patience of the others (`storeGoneMs`). */
const FINISH_TRIES = 3;

/** A bundle that is this process's to send, for one of its members. */
export interface ToSend {
  readonly scope: ActivityScope;
  readonly input: DeliverInput;
  readonly bundleId: string;
  readonly times: BundlingTimes;
  /** Severity ids, worst first. */
  readonly severities: readonly string[];
  readonly members: readonly BundleMember[];
  /** How many have had it. */
  readonly takes: number;
  /** How long it may wait for its number, from now. */
  readonly longestMs: () => Milliseconds;
}

type SendingDeps = Pick<BundlingDeps, 'bundles' | 'incidentUrl' | 'handicapOf' | 'send' | 'log' | 'metrics'>;

/**
 * Sends a bundle, and says what became of it to all who are in it. While it waits for its number pages that are answered drop out;
 * with all of them answered nothing is sent. When the worker stops before it has left, another may take it at once.
 */
export async function sendBundle(deps: SendingDeps, toSend: ToSend): Promise<DeliveryReport> {
  const { bundles, log, metrics } = deps;
  const { scope, input, bundleId, times, severities } = toSend;
  const { idempotencyKey: key, deliveryId, userId, method, message } = input;
  const url = (openingId: string): string => deps.incidentUrl(openingId, userId);
  let members = toSend.members;
  const bundled = (): DeliverInput | null => bundledInput(input, { bundleId, members, severities, url });
  const sentAs = (): SentAs => {
    const others = members
      .filter((member) => member.key !== key)
      .map((member): TokenMember => ({ o: member.openingId, d: member.deliveryId }));
    const several = bundled();
    return several === null ? { input } : { input: several, others };
  };

  const ending = new AbortController();
  let isCalledOff = false;
  const end = (nobodyWantsIt: boolean): void => {
    if (ending.signal.aborted) return;
    isCalledOff = nobodyWantsIt;
    ending.abort(scope.cancelled.reason);
  };
  const onCancelled = async (): Promise<void> => {
    // A worker that stops leaves all of them to another one.
    if (!scope.calledOff()) return end(false);
    if (bundled() === null) return end(true);
    const page = { openingId: message.openingId, deliveryId };
    if (await bundles.withdraw(bundleId, page, LIMIT).catch(() => false)) end(true);
  };
  const stillHere = async (options: typeof LIMIT): Promise<readonly string[] | null> => {
    const wanted = await bundles.extend(bundleId, key, times.leaseMs, options).catch(() => null);
    if (wanted?.length === 0) end(true);
    return wanted;
  };
  /** Its turn has come: those that are answered by now are not in it. Should the store not say so in time, they are. */
  const atTurn = async (): Promise<SentAs> => {
    const wanted = new Set(bundled() === null ? [key] : await stillHere(AT_TURN));
    const still = members.filter((member) => wanted.has(member.key));
    // With one page left that is another's, this one stays for company: only its own incident can send it as a page by itself.
    const stay =
      still.length === 1 && still[0]?.key !== key
        ? members.filter((member) => wanted.has(member.key) || member.key === key)
        : still;
    if (stay.length === 0 || stay.length === members.length) return sentAs();
    const dropped = members.filter((member) => !stay.includes(member)).map((member) => member.key);
    const isDropped = await bundles.drop(bundleId, key, dropped, AT_TURN).then(
      () => true,
      () => false,
    );
    if (isDropped) members = stay;
    return sentAs();
  };

  const abort = (): void => void onCancelled();
  scope.cancelled.addEventListener('abort', abort, { once: true });
  const timer = setInterval(() => void stillHere(LIMIT), times.leaseMs / 3);
  try {
    if (scope.cancelled.aborted) await onCancelled();
    const as = sentAs();
    const report = await deps.send(
      // Whoever has had it before may have sent it, and nobody else has: how often this activity was begun says nothing.
      {
        ...scope,
        attempt: toSend.takes,
        cancelled: ending.signal,
        calledOff: () => isCalledOff,
        throwIfWorkerStops: () => undefined,
      },
      as.input,
      {
        ...(as.others === undefined ? {} : { others: as.others }),
        handicapMs: handicapOfAll(members, deps.handicapOf(input)),
        longestMs: toSend.longestMs,
        atTurn,
      },
    );
    const isStopped = ending.signal.aborted && !isCalledOff;
    if (isStopped && report.status === 'cancelled')
      await bundles.giveBack(bundleId, key, LIMIT).catch(() => undefined);
    // Without an answer it may have left: then the lease runs out, and whoever takes it says so.
    if (isStopped && report.status !== 'sent') scope.throwIfWorkerStops();

    const pages = members.length;
    const isSeveral = bundled() !== null;
    if (isSeveral && report.status === 'sent') {
      metrics?.bundle?.(method.channel, pages);
      log.info({ bundle: bundleId, channel: method.channel, pages }, 'several pages were sent as one');
    }
    const outcome = outcomeOf(report, isSeveral ? { id: bundleId, incidents: pages } : null);
    if (outcome === null) return report;
    const told = { report: outcome, pages, validForMs: validityOf(members) };
    await tell(deps, times, () => bundles.finish(bundleId, key, told, LIMIT));
    return members.some((member) => member.key === key)
      ? { ...outcome, deliveryId }
      : { deliveryId, provider: report.provider, status: 'cancelled' };
  } finally {
    clearInterval(timer);
    scope.cancelled.removeEventListener('abort', abort);
  }
}

/** The others of a bundle hear what became of it; who does not sends it again. */
async function tell(
  { log }: Pick<SendingDeps, 'log'>,
  { lookMs }: BundlingTimes,
  finish: () => Promise<void>,
): Promise<void> {
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

/** What is true of each delivery of the message; null: nothing that a sender says. */
function outcomeOf(report: DeliveryReport, bundle: InBundle | null): BundleReport | null {
  switch (report.status) {
    case 'sent': {
      const { deliveryId: _sender, ...outcome } = report;
      return bundle === null ? outcome : { ...outcome, bundle };
    }
    case 'failed':
    case 'cancelled': {
      const { deliveryId: _sender, ...outcome } = report;
      return outcome;
    }
    case 'delivered':
    case 'unanswered':
    case 'voicemail':
    case 'answered':
      return null;
    default:
      return report satisfies never;
  }
}
