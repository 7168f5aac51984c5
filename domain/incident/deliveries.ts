import type { DeliveryReport } from './event.js';
import { bundleOf } from './in-bundle.js';
import { fireRule, isHushed, pageOf, sendPage } from './page.js';
import type { Delivery, IncidentState, Line, Page } from './state.js';
import {
  clearDeadlines,
  isAwaited,
  noticeMethod,
  putDelivery,
  record,
  send,
  setDeadline,
  type Turn,
} from './turn.js';

/** Tries of one delivery before a notice is given up; a page is tried for as long as it is wanted. */
const NOTICE_ATTEMPTS = 5;
const LONGEST_RETRY_MS = 60_000;
/** What rings nobody may take its time: a mail server that is away for a day is not asked every minute. */
const LONGEST_QUIET_RETRY_MS = 3_600_000;
/** Attempts whose ids are remembered: a provider repeats itself within minutes. */
const EARLIER_KEPT = 10;

/** What a provider said of a delivery. The same report twice changes nothing. */
export function deliveryReported(turn: Turn, report: DeliveryReport): void {
  const delivery = turn.state.deliveries[report.deliveryId];
  if (delivery === undefined) return;
  const name = turn.state.people[delivery.userId]?.name ?? delivery.userId;
  const { channel } = delivery.method;
  const ids = {
    provider: report.provider,
    ...(report.providerId === undefined ? {} : { providerId: report.providerId }),
  };
  const open = delivery.status === 'sending' || delivery.status === 'sent';
  const page = delivery.pageId === null ? undefined : pageOf(turn, delivery.pageId);
  switch (report.status) {
    case 'sent': {
      // A callback may overtake the answer of the request it belongs to; what was taken back may have left all the same.
      const overtaken = delivery.status !== 'sending' && delivery.status !== 'cancelled';
      const bundle = report.bundle === undefined ? {} : { bundle: report.bundle.id };
      putDelivery(turn, {
        ...delivery,
        ...ids,
        ...bundle,
        ...(overtaken ? {} : { status: 'sent' as const }),
      });
      record(turn, {
        type: 'sent',
        name,
        channel,
        what: page === undefined ? delivery.parts.map((part) => part.type).join(', ') : page.tier,
        ...ids,
        ...(report.possibleDuplicate === true || delivery.ambiguous === true
          ? { possibleDuplicate: true }
          : {}),
        ...(report.bundle === undefined ? {} : { bundle: report.bundle }),
      });
      const isUnwanted = page !== undefined && (page.status === 'stopped' || isHushed(turn.state, page));
      if (!overtaken && isUnwanted && channel === 'voice' && ids.providerId !== undefined) {
        // The answer, or the silence of maintenance, came while the call was being placed.
        turn.commands.push({
          type: 'withdraw',
          deliveryId: delivery.id,
          channel,
          provider: ids.provider,
          providerId: ids.providerId,
          ...bundleOf(turn.state, bundle),
        });
      }
      return;
    }
    case 'delivered':
      if (!open) return;
      putDelivery(turn, { ...delivery, ...ids, status: 'delivered' });
      record(turn, { type: 'delivered', name, channel, provider: report.provider });
      return;
    case 'answered':
    case 'voicemail':
    case 'unanswered':
      if (!open) return;
      putDelivery(turn, { ...delivery, ...ids, status: 'ended' });
      record(turn, { type: 'call-ended', name, how: report.status });
      return;
    case 'cancelled':
      if (!open) return;
      putDelivery(turn, { ...delivery, ...ids, status: 'cancelled' });
      return;
    case 'failed':
      if (!open || isOfEarlierAttempt(delivery, report)) return;
      deliveryFailed(
        turn,
        { ...delivery, ...ids, status: 'failed', ...(report.ambiguous === true ? { ambiguous: true } : {}) },
        name,
        report,
      );
      return;
    default:
      return report satisfies never;
  }
}

/** A provider says twice that an attempt failed, and the next one is under way. */
function isOfEarlierAttempt(delivery: Delivery, report: DeliveryReport): boolean {
  return report.providerId !== undefined && (delivery.earlier ?? []).includes(report.providerId);
}

function deliveryFailed(
  turn: Turn,
  delivery: Delivery,
  name: string,
  report: DeliveryReport & { status: 'failed' },
): void {
  putDelivery(turn, delivery);
  const { pageId } = delivery;
  const page = pageId === null ? undefined : pageOf(turn, pageId);
  const isWanted = pageId === null ? isStillTrue(turn, delivery) : page?.status === 'active';
  const retry = report.retryable && isWanted && (pageId !== null || delivery.attempt < NOTICE_ATTEMPTS);
  const other =
    isWanted &&
    (page === undefined ? !retry && nextNotice(turn, delivery) : nextMethod(turn, page, delivery));
  if (retry) {
    const longest = page?.reason === 'for-information' ? LONGEST_QUIET_RETRY_MS : LONGEST_RETRY_MS;
    const backOff = Math.min(
      longest,
      turn.state.plan.timings.retryMs * 2 ** Math.min(20, delivery.attempt - 1),
    );
    setDeadline(
      turn,
      `retry:${delivery.id}`,
      turn.now + Math.max(report.retryAfterMs ?? 0, backOff),
      `try ${delivery.method.channel} to ${name} again (${report.reason})`,
    );
  }
  // A provider that is down for hours does not push everything else out of the timeline.
  if (retry && !other && !isPowerOfTwo(delivery.attempt)) return;
  record(turn, {
    type: 'delivery-failed',
    name,
    channel: delivery.method.channel,
    provider: report.provider,
    reason: report.reason,
    ...(report.detail === undefined ? {} : { detail: report.detail }),
    ...(report.ambiguous === true ? { ambiguous: true } : {}),
    next: other ? 'next-method' : retry ? 'retry' : 'nothing-left',
  });
}

function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count));
}

/** Brings forward what else can reach this person: the next rule with a method not tried yet, else such a method of theirs. */
function nextMethod(turn: Turn, page: Page, failed: Delivery): boolean {
  // One move for each delivery: a later attempt of the same one does not set off another.
  if (failed.attempt > 1) return false;
  const mine = Object.values(turn.state.deliveries).filter((delivery) => delivery.pageId === page.id);
  const tried = new Set(mine.map((delivery) => delivery.method.id));
  const next = page.rules.findIndex(
    (rule, index) => !page.fired.includes(index) && rule.methods.some((method) => !tried.has(method.id)),
  );
  if (next >= 0) {
    fireRule(turn, page.id, next);
    return true;
  }
  const spare = turn.state.people[page.userId]?.notice.find((method) => !tried.has(method.id));
  if (spare === undefined || page.reason === 'for-information') return false;
  sendPage(turn, page, spare);
  return true;
}

/** A notice that can't be delivered one way goes another. */
function nextNotice(turn: Turn, failed: Delivery): boolean {
  const person = turn.state.people[failed.userId];
  const tried = failed.id.split('/').slice(1);
  const method = person === undefined ? null : noticeMethod(turn, person, [...tried, failed.method.id]);
  if (method === null) return false;
  send(turn, {
    id: `${failed.id}/${failed.method.id}`,
    pageId: null,
    userId: failed.userId,
    method,
    attempt: 1,
    parts: failed.parts,
  });
  return true;
}

/** True when nothing is left that could reach anybody of the current tier: nobody then waits out its time. */
export function isExhausted(state: IncidentState): boolean {
  const at = state.escalation;
  if (at === null || at.tier >= at.tiers.length) return false;
  return areLost(
    state,
    state.pages.filter((page) => page.position === at.position && page.status === 'active'),
  );
}

/** True when nothing is left that could reach anybody by these pages. */
export function areLost(state: IncidentState, current: readonly Page[]): boolean {
  const deliveries = Object.values(state.deliveries);
  const isLost = (page: Page): boolean => {
    const mine = deliveries.filter((delivery) => delivery.pageId === page.id);
    const failed = new Set(mine.map((delivery) => delivery.method.id));
    // A later rule that only says again what failed for good is not waited for.
    const ahead = page.rules.filter((_, index) => !page.fired.includes(index));
    return (
      mine.length > 0 &&
      mine.every(
        (delivery) => delivery.status === 'failed' && !(`retry:${delivery.id}` in state.deadlines),
      ) &&
      ahead.every((rule) => rule.methods.every((method) => failed.has(method.id)))
    );
  };
  return current.length > 0 && current.every(isLost);
}

/** Whether a notice still says what is so: what it asks for may have been done while it waited, and somebody else may have it. */
function isStillTrue(turn: Turn, { parts, userId }: Delivery): boolean {
  const { phase, deadlines, owner, lines = [] } = turn.state;
  const isOwner = owner?.actor.kind === 'user' && owner.actor.id === userId;
  const isPaging = (kind: Line['kind'], names: readonly string[]) =>
    lines.some((line) => line.status === 'paging' && line.kind === kind && names.includes(line.name));
  return parts.some((part) => {
    switch (part.type) {
      case 'still-on-it':
        return deadlines['no-progress']?.at === part.escalatesAt;
      case 'update-due':
        return deadlines['update-overdue']?.at === part.overdueAt;
      case 'update-overdue':
      case 'alert-joined':
        return phase !== 'monitoring' && phase !== 'resolved';
      case 'monitoring':
        return deadlines['stability']?.at === part.stableAt;
      case 'acknowledged-by':
        return owner?.actor.name === part.who;
      case 'taken-over':
        return !isOwner;
      case 'open-again':
        return owner === null;
      // Those two are for the owner.
      case 'reassigning':
        return isOwner && isPaging('handover', [part.to]);
      case 'responders-asked':
        return isOwner && isPaging('responders', part.names);
      case 'no-longer-asked':
        return !lines.some(
          (line) => isAwaited(line) && line.members.some((member) => member.userId === userId),
        );
      default:
        return true;
    }
  });
}

/** Tries a delivery again, if it is still wanted. */
export function retryDelivery(turn: Turn, deliveryId: string): void {
  clearDeadlines(turn, (name) => name === `retry:${deliveryId}`);
  const delivery = turn.state.deliveries[deliveryId];
  if (delivery?.status !== 'failed') return;
  const page = delivery.pageId === null ? undefined : pageOf(turn, delivery.pageId);
  if (delivery.pageId === null ? !isStillTrue(turn, delivery) : page?.status !== 'active') return;
  const { id, pageId, userId, method, parts, providerId } = delivery;
  const earlier = [...(delivery.earlier ?? []), ...(providerId === undefined ? [] : [providerId])];
  const kept = earlier.length === 0 ? {} : { earlier: earlier.slice(-EARLIER_KEPT) };
  const doubt = delivery.ambiguous === true ? { ambiguous: true } : {};
  send(turn, { id, pageId, userId, method, parts, ...kept, ...doubt, attempt: delivery.attempt + 1 });
}
