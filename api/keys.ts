import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest, onRequestHookHandler } from 'fastify';
import type { Config, Integration } from '../config/types.js';
import { integrationOfScope, mayDo, type AccessScope, type KeyScope } from '../domain/access/scope.js';
import type { Instant } from '../domain/time/instant.js';
import type { HashedApiKey } from '../store/api-keys.js';
import type { KnownApiKeys } from '../store/known-api-keys.js';
import { hashOfApiKey, isWholeApiKey, looksLikeApiKey } from '../tokens/api-key.js';
import { ApiError, RETRY_AFTER_SECONDS } from './errors.js';

/** Whoever holds an API key, as far as a request needs to know. */
export interface ApiCaller {
  /** Of the key: by it requests count once. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly scope: AccessScope;
  /** The user as whom it acts, and nobody else; absent: as itself, or as the user that a request names. */
  readonly userId?: string;
}

/** Where keys are looked up. */
export interface KeyRing {
  readonly config: () => Config;
  /** Those that were made while Tocsin runs; absent: this process has no store. */
  readonly apiKeys?: Pick<KnownApiKeys, 'find' | 'findRevoked' | 'isStale' | 'used'>;
  readonly now: () => Instant;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose API key this request came with, on addresses that need one. */
    apiKey: ApiCaller | null;
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

/**
 * The holder of the API key that a request shows, if that may do what the route is for. A route that does not say what it needs is
 * for admins.
 * @throws ApiError `missing-key`, `wrong-key`, `key-not-allowed` for the key of an integration, or `scope-missing`
 */
export function authenticateApi(ring: KeyRing, request: FastifyRequest): ApiCaller {
  const presented = bearerKey(request);
  const config = ring.config();
  const apiKey = findKey(config.apiKeys, presented);
  const integration = findKey(config.integrations, presented);
  const stored = storedKey(ring, presented);
  const needed = request.routeOptions.config.contract?.scope ?? 'admin';
  if (apiKey !== null) {
    const { id, scope = 'admin' } = apiKey;
    return allowed({ id, name: id, scope }, needed);
  }
  if (integration !== null) throw onlySends(integration.id);
  if (stored === null) throw wrongKey(presented);
  const sendsFor = integrationOfScope(stored.scope);
  if (sendsFor !== null) throw onlySends(sendsFor);
  const { id, name, scope, userId } = stored;
  const caller = allowed({ id, name, scope, ...(userId === undefined ? {} : { userId }) }, needed);
  ring.apiKeys?.used(stored, ring.now());
  return caller;
}

/** @throws ApiError `scope-missing` */
function allowed(
  { scope, ...key }: Omit<ApiCaller, 'scope'> & { readonly scope: KeyScope },
  needed: AccessScope,
): ApiCaller {
  if (mayDo(scope, needed)) return { ...key, scope: scope as AccessScope };
  throw new ApiError(
    'scope-missing',
    `This needs a key with the scope ${needed}; the key ${key.name} has ${scope}.`,
    {
      remedy: `Use another key. An admin makes one with \`tocsin keys create <name> --scope ${needed}\`, or gives this one that scope where the configuration has it.`,
      headers: {
        'www-authenticate': `Bearer realm="tocsin", error="insufficient_scope", scope="${needed}"`,
      },
    },
  );
}

/**
 * The integration of this kind whose key the head of the request shows. `ways`: what this kind may use, for the answer to
 * those who use nothing; signatures are checked elsewhere, since they need the body.
 * @throws ApiError `missing-key`, `wrong-key`, or `key-not-allowed` for a key of another kind of sender
 */
export function authenticateSender(
  ring: KeyRing,
  kind: Integration['kind'],
  request: FastifyRequest,
  ways: readonly (KeyScheme | 'signature')[] = ['bearer'],
): Integration {
  return integrationOfKey(ring, kind, senderKey(request, ways));
}

/** @throws ApiError `wrong-key`, or `key-not-allowed` for a key of another kind of sender, or of the API */
export function integrationOfKey(ring: KeyRing, kind: Integration['kind'], key: string): Integration {
  const { integrations } = ring.config();
  const configured = findKey(integrations, key);
  const stored = storedKey(ring, key);
  const id = configured?.id ?? (stored === null ? null : integrationOfScope(stored.scope));
  if (id === null && stored !== null)
    throw new ApiError('key-not-allowed', `The key ${stored.name} opens the API, and sends no alerts.`, {
      remedy: 'Make one for the integration: `tocsin keys create <name> --scope integration:<id>`.',
    });
  const integration = integrations.find((each) => each.id === id) ?? null;
  if (integration === null && stored !== null)
    throw new ApiError(
      'wrong-key',
      `The integration of the key ${stored.name} is not in the configuration.`,
      {
        remedy: `Put integrations.${String(id)} back, or send with the key of another integration.`,
      },
    );
  if (integration === null) throw wrongKey(key);
  if (integration.kind === kind) {
    if (configured === null && stored !== null) ring.apiKeys?.used(stored, ring.now());
    return integration;
  }
  throw new ApiError('key-not-allowed', `Integration ${integration.id} is of kind ${integration.kind}.`, {
    remedy: `Send its alerts to the address of its kind (docs/senders.md), or make an integration of kind ${kind}.`,
  });
}

/**
 * The key of the store that this is; null: none.
 * @throws ApiError `wrong-key` for one that is past its end or was taken back: whoever holds it may know; `store-away` for one that may have been
 * made since the store was last there: senders repeat that, and take a 401 as final
 */
function storedKey({ apiKeys, now }: KeyRing, presented: string): HashedApiKey | null {
  if (apiKeys === undefined || !isWholeApiKey(presented)) return null;
  const hash = hashOfApiKey(presented);
  const key = apiKeys.find(hash);
  const revoked = key === null ? apiKeys.findRevoked(hash) : null;
  if (revoked !== null) {
    const when = revoked.at === null ? '' : ` at ${new Date(revoked.at).toISOString()}`;
    throw new ApiError(
      'wrong-key',
      `The key ${revoked.name} was taken back${when}: it opens nothing any more.`,
      {
        remedy: 'Make a new one: `tocsin keys create` (an admin).',
        headers: INVALID_TOKEN,
      },
    );
  }
  if (key === null && apiKeys.isStale())
    throw new ApiError(
      'store-away',
      'The store is away, and this key is none of those that were known last.',
      {
        remedy: `Send it again in ${RETRY_AFTER_SECONDS} seconds; the keys of the configuration work in any case.`,
        headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
      },
    );
  if (key?.expiresAt === undefined || now() < key.expiresAt) return key;
  throw new ApiError(
    'wrong-key',
    `The key ${key.name} expired at ${new Date(key.expiresAt).toISOString()}.`,
    {
      remedy: 'Make a new one: `tocsin keys create` (an admin).',
      headers: INVALID_TOKEN,
    },
  );
}

function onlySends(integration: string): ApiError {
  return new ApiError('key-not-allowed', `The key of integration ${integration} only sends alerts.`, {
    remedy: 'Use a key of `apiKeys`, or one that `tocsin keys create` made.',
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

const INVALID_TOKEN = { 'www-authenticate': 'Bearer realm="tocsin", error="invalid_token"' } as const;

function wrongKey(presented: string): ApiError {
  const headers = INVALID_TOKEN;
  // What is told follows from the text alone: nobody learns which keys there are.
  if (looksLikeApiKey(presented) && !isWholeApiKey(presented))
    return new ApiError('wrong-key', 'This key was cut off or mistyped: its checksum is wrong.', {
      remedy: 'Copy it whole: tocsin_ and 49 letters and digits.',
      headers,
    });
  return new ApiError('wrong-key', 'No integration or API key has this key.', {
    remedy: 'Check the key, that it was not taken back, and that the configuration with it is loaded.',
    headers,
  });
}
