import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import type { ApiKey, Config, Integration } from '../config/types.js';
import { ApiError } from './errors.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The API key that this request came with, on addresses that need one. */
    apiKey: ApiKey | null;
    /** The integration whose key this request came with, on intake addresses. */
    integration: Integration | null;
  }
}

/**
 * The entry whose key this is. Takes the same time wherever the first difference is and whichever entry matches:
 * hashes are compared, all of them, always.
 */
export function findKey<T extends { readonly key: string }>(
  entries: readonly T[],
  presented: string,
): T | null {
  const hash = sha256(presented);
  let found: T | null = null;
  for (const entry of entries) {
    if (timingSafeEqual(sha256(entry.key), hash)) found = entry;
  }
  return found;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * The key in `Authorization: Bearer …`.
 * @throws ApiError `missing-key`
 */
export function bearerKey(request: FastifyRequest): string {
  const key = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (key !== undefined) return key;
  throw new ApiError('missing-key', 'This address needs a key, and the request has none.', {
    remedy: 'Send the header Authorization: Bearer <key>.',
    headers: { 'www-authenticate': 'Bearer realm="tocsin"' },
  });
}

/** A way in which a sender can show its key in the head of a request. */
export type KeyScheme = 'bearer' | 'basic';

/** What to send, for people. */
const SHOWN_BY: Readonly<Record<KeyScheme | 'signature', string>> = {
  bearer: 'the header Authorization: Bearer <key>',
  basic: 'basic authentication with the key as password, whatever the user name',
  signature: 'the HMAC signature of the body with the key as secret',
};

/**
 * The key in `Authorization`: bearer, or the password of basic authentication where the sender may use that.
 * @throws ApiError `missing-key`
 */
function senderKey(request: FastifyRequest, ways: readonly (keyof typeof SHOWN_BY)[]): string {
  const encoded = /^Basic +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded !== undefined && ways.includes('basic')) {
    const pair = Buffer.from(encoded, 'base64').toString('utf8');
    return pair.slice(pair.indexOf(':') + 1);
  }
  try {
    return bearerKey(request);
  } catch (error) {
    if (!(error instanceof ApiError) || ways.length === 1) throw error;
    throw new ApiError(error.code, error.message, {
      remedy: `Send ${ways.map((way) => SHOWN_BY[way]).join('; or ')}.`,
      headers: error.headers,
    });
  }
}

/** @throws ApiError `missing-key`, `wrong-key`, or `key-not-allowed` for the key of an integration */
export function authenticateApi(config: Config, request: FastifyRequest): ApiKey {
  const presented = bearerKey(request);
  const apiKey = findKey(config.apiKeys, presented);
  const integration = findKey(config.integrations, presented);
  if (apiKey !== null) return apiKey;
  if (integration === null) throw wrongKey();
  throw new ApiError('key-not-allowed', `The key of integration ${integration.id} only sends alerts.`, {
    remedy: 'Use a key of `apiKeys`.',
  });
}

/**
 * The integration of this kind whose key the head of the request shows. `ways`: what this kind may use, for the answer to
 * those who use nothing; signatures are checked elsewhere, since they need the body.
 * @throws ApiError `missing-key`, `wrong-key`, or `key-not-allowed` for a key of another kind of sender
 */
export function authenticateSender(
  config: Config,
  kind: Integration['kind'],
  request: FastifyRequest,
  ways: readonly (KeyScheme | 'signature')[] = ['bearer'],
): Integration {
  return integrationOfKey(config, kind, senderKey(request, ways));
}

/** @throws ApiError `wrong-key`, or `key-not-allowed` for a key of another kind of sender */
export function integrationOfKey(config: Config, kind: Integration['kind'], key: string): Integration {
  const integration = findKey(config.integrations, key);
  if (integration === null) throw wrongKey();
  if (integration.kind === kind) return integration;
  throw new ApiError('key-not-allowed', `Integration ${integration.id} is of kind ${integration.kind}.`, {
    remedy: `Send its alerts to the address of its kind (docs/senders.md), or make an integration of kind ${kind}.`,
  });
}

/** A hook that checks who sends, before a byte of the body is read. What the check throws is the answer. */
export function beforeTheBody(check: (request: FastifyRequest) => void): onRequestHookHandler {
  return (request, _reply, done) => {
    let refused: Error | undefined;
    try {
      check(request);
    } catch (error) {
      refused = error as Error;
    }
    done(refused);
  };
}

function wrongKey(): ApiError {
  return new ApiError('wrong-key', 'No integration or API key has this key.', {
    remedy: 'Check the key, and that the configuration with it is loaded.',
    headers: { 'www-authenticate': 'Bearer realm="tocsin", error="invalid_token"' },
  });
}
