import { createHash, randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../../config/types.js';
import type { Via } from '../../domain/incident/event.js';
import type { Actor } from '../../domain/incident/plan.js';
import { ApiError } from '../errors.js';
import type { ApiCaller } from '../keys.js';
import { shown } from '../validate.js';

/** The key of a request that passed the check of keys. */
export function apiKeyOf(request: FastifyRequest): ApiCaller {
  if (request.apiKey === null)
    throw new TypeError('A handler that needs an API key ran before it was checked.');
  return request.apiKey;
}

/**
 * Who acts: the user whose key it is, else the one named in `by`, else the key, by a name that nobody takes for a person.
 * @throws ApiError `unknown-user`; `key-not-allowed` when the key is another user's
 */
export function actorOf(config: Config, apiKey: ApiCaller, by: string | undefined): Actor {
  const { id, name, userId } = apiKey;
  if (userId !== undefined) return ownerOf(config, apiKey, userId, by);
  if (by === undefined) return { kind: 'key', id, name: `API key ${name}` };
  const user = config.users.get(by);
  if (user !== undefined) return { kind: 'user', id: user.id, name: user.name };
  throw new ApiError('unknown-user', 'No user of the configuration has this id.', {
    problems: [{ path: 'by', message: `Expected the id of a user, found ${JSON.stringify(shown(by))}.` }],
    remedy: 'Use an id under `users`, or leave `by` out.',
  });
}

function ownerOf(config: Config, { name }: ApiCaller, userId: string, by: string | undefined): Actor {
  if (by !== undefined && by !== userId)
    throw new ApiError('key-not-allowed', `The key ${name} acts as ${userId} and as nobody else.`, {
      problems: [{ path: 'by', message: `Expected ${userId}, or nothing.` }],
      remedy: 'Leave `by` out, or use a key that is nobody’s.',
    });
  const user = config.users.get(userId);
  if (user !== undefined) return { kind: 'user', id: user.id, name: user.name };
  throw new ApiError(
    'unknown-user',
    `The key ${name} acts as ${shown(userId)}, whom the configuration does not have any more.`,
    {
      remedy: 'Take the key back (`tocsin keys revoke`), and make one for somebody else.',
    },
  );
}

/** Requests of Tocsin's own command line say so in their User-Agent. */
export function viaOf(request: FastifyRequest): Via {
  return /^tocsin-cli\b/.test(request.headers['user-agent'] ?? '') ? 'cli' : 'api';
}

/** The caller's `Idempotency-Key`, in 40 hex digits that belong to this API key; null without one. */
function idempotencyKey(request: FastifyRequest): string | null {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return null;
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) {
    const scoped = JSON.stringify([apiKeyOf(request).id, header]);
    return createHash('sha256').update(scoped).digest('hex').slice(0, 40);
  }
  throw new ApiError('invalid-request', 'The header Idempotency-Key is not 1 to 255 printable characters.', {
    remedy: 'Use a UUID, a new one for each thing you want done.',
  });
}

/** By this an action counts once: the same `Idempotency-Key` gets the answer it got before. */
export function requestIdOf(request: FastifyRequest): string {
  return `api:${idempotencyKey(request) ?? randomUUID()}`;
}

/** The key (20 hex digits) of an incident declared by hand: random, or the same for the same `Idempotency-Key`. */
export function declaredKeyOf(request: FastifyRequest): string {
  const seed = idempotencyKey(request) ?? randomUUID();
  return createHash('sha256').update(`declare:${seed}`).digest('hex').slice(0, 20);
}

/** A hash of what a request asks for, by which a key that is used for something else is found out. */
export function requestHash(asked: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(asked).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 20);
}

/** The error for an `Idempotency-Key` that came with another request before. */
export function keyReused(
  message = 'This Idempotency-Key came with another request before; nothing was done.',
): ApiError {
  return new ApiError('idempotency-key-reused', message, {
    remedy: 'Use a new Idempotency-Key for each thing you want done; repeat one only with the same request.',
  });
}
