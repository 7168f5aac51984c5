import { createHmac, timingSafeEqual } from 'node:crypto';
import { createHttpStandIn, type HttpStandIn } from './http-stand-in.js';

/** A delivery that the receiver took: signed, and not one it had. */
export interface TakenWebhook {
  readonly body: Readonly<Record<string, unknown>>;
  readonly idempotencyKey: string;
}

/** Somebody's receiver of webhooks: checks signature and age as docs/channels.md tells, and takes each message once. */
export interface WebhookReceiver extends HttpStandIn {
  readonly taken: readonly TakenWebhook[];
  /** Everything that was signed, repeated ones included. */
  readonly accepted: readonly TakenWebhook[];
}

export function createWebhookReceiver(options: { readonly secret: string }): WebhookReceiver {
  const taken: TakenWebhook[] = [];
  const accepted: TakenWebhook[] = [];
  const standIn = createHttpStandIn({
    sends: ({ method }) => method === 'POST',
    answer: ({ path, headers, body }) => {
      if (path.startsWith('/gone')) return { status: 410, text: 'gone' };
      const timestamp = headers['x-tocsin-timestamp'] ?? '';
      const ours = Buffer.from(
        `v1=${createHmac('sha256', options.secret).update(`${timestamp}.${body}`).digest('hex')}`,
      );
      const given = Buffer.from(headers['x-tocsin-signature'] ?? '');
      const isSigned = ours.length === given.length && timingSafeEqual(ours, given);
      const isFresh = Math.abs(Date.now() / 1_000 - Number(timestamp)) < 300;
      if (!isSigned || !isFresh) return { status: 401, text: 'not signed' };
      const idempotencyKey = headers['idempotency-key'] ?? '';
      const webhook = { body: JSON.parse(body) as Readonly<Record<string, unknown>>, idempotencyKey };
      accepted.push(webhook);
      if (!taken.some((one) => one.idempotencyKey === idempotencyKey)) taken.push(webhook);
      return { status: 204 };
    },
  });
  return Object.assign(standIn, { taken, accepted });
}
