import { z } from 'zod';
import type { NtfySettings } from '../../../config/provider-settings.js';
import { zoneTimes } from '../../../config/zone-times.js';
import { calledOff, transportFailure, type SendFailure } from '../../failures.js';
import { httpFailure } from '../../http-failures.js';
import { exchange, type HttpAnswer } from '../../http.js';
import type { Provider, SendResult } from '../provider.js';
import { isTopic, ntfyLetter, ntfyMessage, type NtfyMessage } from './message.js';

/** What a server answers that has published. Source: https://docs.ntfy.sh/subscribe/api/#json-message-format */
const published = z.object({ id: z.string().min(1), topic: z.string() });

/** Its own codes for a topic that can't be. Source: ntfy, server/errors.go. */
const BAD_TOPIC: ReadonlySet<number> = new Set([40009, 40010]);
const refusal = z.object({ code: z.number() });

/** Push messages through an ntfy server, with buttons that answer. Source: https://docs.ntfy.sh/publish/ */
export function createNtfy(settings: NtfySettings, now: () => number): Provider {
  const { id: name } = settings;
  const publish = async (body: NtfyMessage, signal: AbortSignal): Promise<SendResult> => {
    if (!isTopic(body.topic)) {
      return { ok: false, reason: 'bad-address', retryable: false, detail: 'not an ntfy topic' };
    }
    if (signal.aborted) return calledOff(name);
    try {
      const answer = await exchange({
        method: 'POST',
        url: settings.url,
        headers: {
          'content-type': 'application/json',
          ...(settings.token === undefined ? {} : { authorization: `Bearer ${settings.token}` }),
        },
        body: JSON.stringify(body),
        signal,
        read: 'body',
      });
      return resultOf(name, answer, now());
    } catch (error) {
      return transportFailure(name, error, signal);
    }
  };
  return {
    name,
    channel: 'push',
    send: (message, to, { urls, deliveryId, idempotencyKey, signal }) => {
      const body = ntfyMessage(message, {
        topic: to.address,
        link: urls.incident,
        deliveryId,
        idempotencyKey,
        times: zoneTimes(to.zone),
      });
      return publish(body, signal);
    },
    sendLetter: (letter, to, { idempotencyKey, signal }) =>
      publish(ntfyLetter(letter, to.address, idempotencyKey), signal),
  };
}

function resultOf(name: string, answer: HttpAnswer, now: number) {
  const { status, text } = answer;
  const body = json(text);
  if (status >= 200 && status < 300) {
    const parsed = published.safeParse(body);
    if (parsed.success) return { ok: true as const, providerId: `${parsed.data.id}` };
    return strange(name, status);
  }
  const code = refusal.safeParse(body).data?.code;
  if (status === 400 && code !== undefined && BAD_TOPIC.has(code)) {
    const failure: SendFailure = {
      ok: false,
      reason: 'bad-address',
      retryable: false,
      detail: `${name}: the topic is not allowed (${code})`,
    };
    return failure;
  }
  const failure = httpFailure(name, answer, now);
  return code === undefined ? failure : { ...failure, detail: `${failure.detail ?? name}, code ${code}` };
}

/** A success that no ntfy server says: a proxy's page, say. What became of the message nobody knows. */
function strange(name: string, status: number): SendFailure {
  return {
    ok: false,
    reason: 'unavailable',
    retryable: true,
    ambiguous: true,
    detail: `${name}: HTTP ${status} with an answer that is not ntfy's`,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
