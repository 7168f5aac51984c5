import type { Board, Journal } from './board.js';
import { signTwilioRequest } from './signature.js';
import type { Mutable, WebhookRecord } from './types.js';

/** The answer to a webhook. */
export type WebhookAnswer =
  { ok: true; contentType: string; body: string } | { ok: false; status: number | undefined; reason: string };

/** One request to make. */
export interface WebhookRequest {
  purpose: WebhookRecord['purpose'];
  url: string;
  method?: 'GET' | 'POST';
  params: Readonly<Record<string, string>>;
}

/** Makes signed requests to the product, as Twilio does. */
export interface Webhooks {
  /** Never rejects; an answer outside 2xx is `ok: false`. */
  send(request: WebhookRequest): Promise<WebhookAnswer>;
  /** Aborts what is open, and makes no request until `resume`. */
  stop(): void;
  resume(): void;
}

/** Twilio waits 15 s for an answer (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides). */
const webhookTimeoutMs = 15_000;

/** Creates the sender of signed webhooks; each one is noted in `journal`. */
export function createWebhooks(deps: {
  authToken: string;
  board: Board;
  journal: Journal<WebhookRecord>;
}): Webhooks {
  let stopping = new AbortController();

  async function request(
    url: string,
    method: 'GET' | 'POST',
    params: Readonly<Record<string, string>>,
  ): Promise<{ status: number; contentType: string; body: string }> {
    const encoded = new URLSearchParams(params).toString();
    const target = method === 'GET' ? `${url}${url.includes('?') ? '&' : '?'}${encoded}` : url;
    stopping.signal.throwIfAborted();
    const response = await fetch(target, {
      method,
      headers: {
        'user-agent': 'TwilioProxy/1.1',
        accept: '*/*',
        'x-twilio-signature': signTwilioRequest(deps.authToken, target, method === 'GET' ? {} : params),
        ...(method === 'POST' ? { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' } : {}),
      },
      ...(method === 'POST' ? { body: encoded } : {}),
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(webhookTimeoutMs)]),
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      body: await response.text(),
    };
  }

  return {
    send: async ({ purpose, url, method = 'POST', params }) => {
      const record: Mutable<WebhookRecord> = {
        seq: deps.board.nextSeq(),
        at: new Date(),
        purpose,
        url,
        params,
        status: undefined,
        error: undefined,
      };
      deps.journal.add(record);
      try {
        const { status, contentType, body } = await request(url, method, params);
        record.status = status;
        if (status >= 200 && status < 300) return { ok: true, contentType, body };
        record.error = `answered with HTTP ${status}`;
        return { ok: false, status, reason: `${url} ${record.error}` };
      } catch (cause) {
        record.error = reasonOf(cause);
        return { ok: false, status: undefined, reason: `${url} gave no answer: ${record.error}` };
      } finally {
        deps.board.changed();
      }
    },
    stop: () => {
      stopping.abort(new Error('the phone booth stopped'));
    },
    resume: () => {
      if (stopping.signal.aborted) stopping = new AbortController();
    },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
