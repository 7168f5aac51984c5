import type { DeliveryReport, Method } from '../incident/event.js';
import type { Delivery } from '../incident/state.js';
import type { Message } from '../messages/message.js';
import { HOUR } from '../time/instant.js';
import { record, setDeadline, type Turn } from './turn.js';

const ATTEMPTS = 5;
const LONGEST_RETRY_MS = HOUR;
const NOTICE_VALID_MS = HOUR;
const KEPT_DELIVERIES = 100;

/** Best first; a quiet severity writes mail. */
export function methodsFor(turn: Turn, notice: readonly Method[]): Method[] {
  const quiet = (method: Method): number =>
    turn.state.input.urgency === 'low' && method.channel === 'email' ? 0 : 1;
  return [...notice].sort((one, other) => quiet(one) - quiet(other));
}

/** Sends (or sends again) one message. Attempts count from 1. */
export function send(turn: Turn, delivery: Delivery): void {
  const { state } = turn;
  const { input } = state;
  const isOpen = (one: Delivery): boolean => one.status === 'sending' || `retry:${one.id}` in state.deadlines;
  const entries = Object.entries(state.deliveries);
  const kept = entries.filter(([, one], index) => isOpen(one) || index >= entries.length - KEPT_DELIVERIES);
  state.deliveries = { ...Object.fromEntries(kept), [delivery.id]: delivery };
  const message: Message = {
    kind: 'notice',
    openingId: input.openingId,
    code: input.code,
    title: input.title,
    service: input.service,
    severity: input.severity,
    openedAt: input.openedAt,
    firing: 0,
    parts: delivery.parts,
    validForMs: NOTICE_VALID_MS,
  };
  const name = state.people[delivery.userId]?.name ?? delivery.userId;
  turn.commands.push({
    type: 'deliver',
    deliveryId: delivery.id,
    idempotencyKey: `${input.openingId}/review/${delivery.userId}/${delivery.method.id}/${delivery.id}/${delivery.attempt}`,
    userId: delivery.userId,
    method: delivery.method,
    attempt: delivery.attempt,
    message,
    label: `tell ${name} by ${delivery.method.channel}: ${delivery.parts[0].type.replace('-', ' ')}`,
  });
}

/** What a provider said of a delivery. The same report twice changes nothing. */
export function delivered(turn: Turn, report: DeliveryReport): void {
  const { state, now } = turn;
  const delivery = state.deliveries[report.deliveryId];
  if (delivery === undefined || !['sending', 'sent'].includes(delivery.status)) return;
  const name = state.people[delivery.userId]?.name ?? delivery.userId;
  const { channel } = delivery.method;
  const put = (status: Delivery['status']): void => {
    state.deliveries = { ...state.deliveries, [delivery.id]: { ...delivery, status } };
  };
  if (report.status !== 'failed') {
    put(report.status === 'sent' ? 'sent' : report.status === 'delivered' ? 'delivered' : 'ended');
    if (report.status === 'sent')
      record(turn, {
        type: 'sent',
        name,
        channel,
        what: delivery.parts[0].type,
        provider: report.provider,
        ...(report.providerId === undefined ? {} : { providerId: report.providerId }),
      });
    return;
  }
  put('failed');
  // Closed: whatever it was about has nothing left to say.
  const isOwed = state.phase !== 'closed';
  const retryable = isOwed && report.retryable && delivery.attempt < ATTEMPTS;
  const tried = [...delivery.id.split('/').slice(1), delivery.method.id];
  const other =
    retryable || !isOwed
      ? undefined
      : methodsFor(turn, state.people[delivery.userId]?.notice ?? []).find(
          (method) => !tried.includes(method.id),
        );
  if (retryable) {
    const wait = Math.min(LONGEST_RETRY_MS, state.input.retryMs * 2 ** (delivery.attempt - 1));
    setDeadline(
      turn,
      `retry:${delivery.id}`,
      now + Math.max(wait, report.retryAfterMs ?? 0),
      `try ${channel} to ${name} again`,
    );
  } else if (other !== undefined) {
    send(turn, {
      ...delivery,
      id: `${delivery.id}/${delivery.method.id}`,
      method: other,
      attempt: 1,
      status: 'sending',
    });
  }
  record(turn, {
    type: 'delivery-failed',
    name,
    channel,
    provider: report.provider,
    reason: report.reason,
    next: retryable ? 'retry' : other === undefined ? 'nothing-left' : 'next-method',
    ...(report.detail === undefined ? {} : { detail: report.detail }),
  });
}

/** Tries a delivery again. */
export function retry(turn: Turn, deliveryId: string): void {
  const delivery = turn.state.deliveries[deliveryId];
  if (delivery?.status === 'failed')
    send(turn, { ...delivery, attempt: delivery.attempt + 1, status: 'sending' });
}
