import { createHash } from 'node:crypto';
import type { WebhookSettings } from '../../../config/provider-settings.js';
import { zoneTimes } from '../../../config/zone-times.js';
import { isWebAddress } from '../../../domain/messages/web-address.js';
import { calledOff, transportFailure } from '../../failures.js';
import { httpFailure } from '../../http-failures.js';
import { exchange } from '../../http.js';
import type { Provider, SendResult } from '../provider.js';
import { letterBody, webhookBody } from './body.js';
import { SIGNATURE_HEADER, signatureOf, TIMESTAMP_HEADER } from './signature.js';

/** Signed webhooks to whatever a person has told. 2xx is sent; the rest of the answer is not read. */
export function createWebhook(settings: WebhookSettings, now: () => number): Provider {
  const { id: name } = settings;
  const post = async (
    url: string,
    content: unknown,
    key: string,
    signal: AbortSignal,
  ): Promise<SendResult> => {
    if (!isWebAddress(url)) {
      return { ok: false, reason: 'bad-address', retryable: false, detail: 'not a web address' };
    }
    if (signal.aborted) return calledOff(name);
    const body = JSON.stringify(content);
    const timestamp = String(Math.floor(now() / 1_000));
    try {
      const answer = await exchange({
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          [TIMESTAMP_HEADER]: timestamp,
          [SIGNATURE_HEADER]: signatureOf(settings.secret, timestamp, body),
          'idempotency-key': key,
        },
        body,
        signal,
        read: 'none',
      });
      const { status } = answer;
      if (status >= 200 && status < 300) return { ok: true, providerId: key };
      if (status === 404 || status === 410) {
        return { ok: false, reason: 'bad-address', retryable: false, detail: `${name}: HTTP ${status}` };
      }
      return httpFailure(name, answer, now());
    } catch (error) {
      return transportFailure(name, error, signal);
    }
  };
  return {
    name,
    channel: 'webhook',
    isPerRecipient: true,
    send: (message, to, { urls, deliveryId, idempotencyKey, signal }) => {
      const body = webhookBody(message, {
        userId: to.userId,
        deliveryId,
        link: urls.incident,
        times: zoneTimes(to.zone),
        names: settings.names,
      });
      return post(to.address, body, keyOf(idempotencyKey), signal);
    },
    sendLetter: (letter, to, { idempotencyKey, signal }) =>
      post(to.address, letterBody(letter, to.userId), digest(idempotencyKey), signal),
  };
}

/** The same for all tries of one delivery, so that the receiver can tell a repeated one. Names nobody. */
function keyOf(idempotencyKey: string): string {
  return digest(idempotencyKey.replace(/\/\d+$/, ''));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
