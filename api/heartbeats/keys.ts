import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Config, Heartbeat } from '../../config/types.js';
import { ApiError } from '../errors.js';
import { bearerKey } from '../keys.js';

interface Index {
  readonly byHash: ReadonlyMap<string, Heartbeat>;
  readonly byId: ReadonlyMap<string, Heartbeat>;
}

/** One index for each configuration: with thousands of heartbeats nobody compares with all of them for each beat. */
const indexes = new WeakMap<Config['heartbeats'], Index>();

function indexOf(config: Config): Index {
  const known = indexes.get(config.heartbeats);
  if (known !== undefined) return known;
  const index: Index = {
    byHash: new Map(config.heartbeats.map((heartbeat) => [hashOf(heartbeat.key), heartbeat])),
    byId: new Map(config.heartbeats.map((heartbeat) => [heartbeat.settings.id, heartbeat])),
  };
  indexes.set(config.heartbeats, index);
  return index;
}

/** Looked up by hash: how long that takes says nothing about the key. */
function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('base64');
}

/**
 * The heartbeat that is meant: by its key in the address; or by its id there, with the key as bearer token, which keeps the key
 * out of the logs of proxies.
 * @throws ApiError `heartbeat-not-found`, or `wrong-key` for the bearer of another
 */
export function heartbeatOf(config: Config, part: string, request: FastifyRequest): Heartbeat {
  const index = indexOf(config);
  const byKey = index.byHash.get(hashOf(part));
  if (byKey !== undefined) return byKey;
  const named = index.byId.get(part);
  if (named === undefined || request.headers.authorization === undefined)
    throw new ApiError('heartbeat-not-found', 'No heartbeat has this key.', {
      remedy:
        'Use the value of the environment variable that `heartbeats.<id>.key` names as the last part of the address; or the id there, and the header Authorization: Bearer <key>. Check that the configuration with it is loaded (`tocsin heartbeats`).',
    });
  if (hashOf(bearerKey(request)) === hashOf(named.key)) return named;
  throw new ApiError('wrong-key', 'This is not the key of this heartbeat.', {
    remedy: 'Use the value of the environment variable that its `key` names in the configuration.',
    headers: { 'www-authenticate': 'Bearer realm="tocsin", error="invalid_token"' },
  });
}
