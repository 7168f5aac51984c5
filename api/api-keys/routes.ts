import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { durationOf } from '../../config/duration.js';
import { integrationOfScope, type KeyScope } from '../../domain/access/scope.js';
import type { Instant } from '../../domain/time/instant.js';
import type { StoredApiKey } from '../../store/api-keys.js';
import { apiKeyFrom, hashOfApiKey } from '../../tokens/api-key.js';
import { addRoute, paramOf } from '../contract/contract.js';
import { by, idempotencyHeader } from '../contract/incident-words.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { keyReused, requestIdOf } from '../incidents/caller.js';
import { auditOf } from '../schedules/change.js';
import { createMomentReader, zoneOfMoments } from '../schedules/moments.js';
import { requireStore, STORE_ERRORS } from '../store-errors.js';
import { invalidBody, shown } from '../validate.js';
import { apiKeySchema, apiKeyView, configuredKeySchema, newKeyBody } from './schemas.js';

/** `/v1/keys`: makes API keys and keys of integrations, lists them, and takes them back. */
export function apiKeyRoutes(app: FastifyInstance, deps: AppDeps): void {
  createRoute(app, deps);
  listRoute(app, deps);
  revokeRoute(app, deps);
}

function createRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/keys',
    {
      tag: 'operating',
      summary: 'Make a key',
      description:
        'It is told here once: only a hash of it is kept. At this API it opens at once, at others within two seconds.',
      auth: 'api-key',
      scope: 'admin',
      headers: idempotencyHeader,
      body: {
        schema: newKeyBody,
        examples: {
          person: { name: 'Alice’s laptop', scope: 'respond', user: 'alice', for: '90d' },
          sender: { name: 'Prometheus in Frankfurt', scope: 'integration:prometheus' },
        },
      },
      answers: {
        201: {
          description: 'Made.',
          body: z
            .object({
              key: apiKeySchema,
              secret: z.string().describe('The key itself. Told only this once.'),
            })
            .meta({ id: 'MadeApiKey' }),
        },
      },
      errors: ['unknown-user', 'idempotency-key-reused', ...STORE_ERRORS],
    },
    async ({ body }, request, reply) => {
      const { apiKeys } = requireStore(deps.store);
      const audit = auditOf(deps, request, body.by);
      const { name, scope, user: userId } = body;
      requireThere(deps, scope, userId);
      const expiresAt = endOf(body, deps);
      const { id, secrets } = namesOf(request, deps);
      const [secret] = secrets;
      const wanted = { id, name, scope, ...(userId === undefined ? {} : { userId }) };
      const made = await apiKeys.add(
        { ...wanted, ...(expiresAt === undefined ? {} : { expiresAt }), hash: hashOfApiKey(secret) },
        audit,
      );
      if (!isSame(made.key, wanted) || made.key.createdBy !== audit.actor) throw keyReused();
      const current = secrets.find((each) => hashOfApiKey(each) === made.hash);
      if (current === undefined)
        throw keyReused(
          'This Idempotency-Key made a key before TOCSIN_SECRET was changed: it can’t be told again. Take it back, and make another.',
        );
      // Whoever is told a key may use it at once, here.
      await deps.apiKeys?.refresh();
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ key: apiKeyView(made.key), secret: current });
    },
  );
}

function listRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/keys',
    {
      tag: 'operating',
      summary: 'List the keys',
      description: 'Not the keys themselves: nobody can be told these again.',
      auth: 'api-key',
      scope: 'admin',
      query: z.object({
        revoked: z.enum(['true', 'false']).optional().describe('`true`: also those that were taken back.'),
      }),
      answers: {
        200: {
          description: 'By age.',
          body: z.object({
            keys: z.array(apiKeySchema),
            configured: z.array(configuredKeySchema).describe('`apiKeys` of the configuration.'),
          }),
        },
      },
      errors: [...STORE_ERRORS],
    },
    async ({ query: { revoked } }) => {
      const found = await requireStore(deps.store).apiKeys.list({ includeRevoked: revoked === 'true' });
      return {
        keys: found.map(apiKeyView),
        configured: deps.config().apiKeys.map(({ id, scope = 'admin' }) => ({ id, scope })),
      };
    },
  );
}

function revokeRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/keys/:id/revoke',
    {
      tag: 'operating',
      summary: 'Take a key back',
      description:
        'It opens nothing any more: here from now on, elsewhere within two seconds. Twice is as good as once.',
      auth: 'api-key',
      scope: 'admin',
      params: { id: z.string().describe('`id` of the list.') },
      headers: idempotencyHeader,
      body: { schema: z.object({ by }), optional: true, examples: { example: { by: 'alice' } } },
      answers: { 200: { description: 'It is taken back.', body: z.object({ key: apiKeySchema }) } },
      errors: ['key-not-found', 'unknown-user', ...STORE_ERRORS],
    },
    async ({ body }, request) => {
      const { apiKeys } = requireStore(deps.store);
      const key = await apiKeys.revoke(paramOf(request, 'id'), auditOf(deps, request, body.by));
      if (key === null)
        throw new ApiError('key-not-found', 'There is no key of this id.', {
          remedy:
            'GET /v1/keys (or `tocsin keys list`) tells their ids. A key of the configuration is taken out there.',
        });
      deps.apiKeys?.revoked(key.id);
      return { key: apiKeyView(key) };
    },
  );
}

/**
 * The id and the text of a new key: random, or such as the same `Idempotency-Key` gives again. The first text is the one to use;
 * of the others one may have been used under a secret of before.
 */
function namesOf(
  request: FastifyRequest,
  { tokens }: Pick<AppDeps, 'tokens'>,
): { readonly id: string; readonly secrets: readonly [string, ...string[]] } {
  const seed = requestIdOf(request);
  const id = createHash('sha256').update(`api-key:${seed}`).digest('hex').slice(0, 12);
  const [first, ...others] =
    request.headers['idempotency-key'] === undefined
      ? []
      : tokens.derive('api-key', seed).map((bytes) => apiKeyFrom(Buffer.from(bytes, 'base64url')));
  return { id, secrets: [first ?? apiKeyFrom(), ...others] };
}

/** @throws ApiError `invalid-body` for an integration, `unknown-user` for a user, that the configuration does not have */
function requireThere({ config }: AppDeps, scope: KeyScope, userId: string | undefined): void {
  const { integrations, users } = config();
  const integration = integrationOfScope(scope);
  if (integration !== null && !integrations.some(({ id }) => id === integration)) {
    const known = integrations.map(({ id }) => `integration:${id}`).join(', ');
    throw invalidBody([
      {
        path: 'scope',
        message: `Expected an integration of the configuration${known === '' ? ', which has none' : ` (${known})`}; found ${JSON.stringify(shown(integration))}.`,
      },
    ]);
  }
  if (userId === undefined) return;
  if (integration !== null)
    throw invalidBody([
      { path: 'user', message: 'Expected nothing: a key of an integration acts as nobody.' },
    ]);
  if (!users.has(userId))
    throw new ApiError('unknown-user', 'No user of the configuration has this id.', {
      problems: [
        { path: 'user', message: `Expected the id of a user, found ${JSON.stringify(shown(userId))}.` },
      ],
      remedy: 'Use an id under `users`.',
    });
}

/** @throws ApiError `invalid-body` for an end that is no time, or past */
function endOf(
  { expires, for: length }: z.output<typeof newKeyBody>,
  { config, now }: AppDeps,
): Instant | undefined {
  const at = now();
  if (length !== undefined) return at + durationOf(length);
  if (expires === undefined) return undefined;
  const reader = createMomentReader(zoneOfMoments(config(), undefined), at, 'body');
  const end = reader.read('expires', expires, at);
  reader.done();
  if (end <= at) throw invalidBody([{ path: 'expires', message: 'Expected a time to come.' }]);
  return end;
}

/** `for` counts from the moment of the request, so that the end of one that is repeated is another. */
function isSame(one: StoredApiKey, other: Pick<StoredApiKey, 'name' | 'scope' | 'userId'>): boolean {
  return one.name === other.name && one.scope === other.scope && one.userId === other.userId;
}
