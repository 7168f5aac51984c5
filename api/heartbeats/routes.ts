import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Heartbeat } from '../../config/types.js';
import { addRoute, paramOf, type Contract } from '../contract/contract.js';
import { instant } from '../contract/timeline.js';
import type { AppDeps } from '../deps.js';
import { sendError, toApiError } from '../error-handler.js';
import { ApiError } from '../errors.js';
import { beforeTheBody } from '../keys.js';
import { heartbeatOf } from './keys.js';
import { heartbeatListSchema } from './schemas.js';

/** What a job prints may come along: it is not read, and not kept. */
const BODY_LIMIT = 10 * 1024;

const beatContract = {
  tag: 'alerts',
  summary: 'Tell that something lives',
  description:
    'By the key in the address, or by the id there and the key as bearer token. GET does the same, for a bare `curl`; HEAD does not. A body of up to 10 kB is ignored. The time of a beat is that of its arrival.',
  auth: 'heartbeat-key',
  // Previews and scanners ask by HEAD: that is no sign of life.
  head: false,
  params: { key: z.string().describe('The key of the heartbeat; or its id, with the key as bearer token.') },
  answers: {
    202: {
      description: 'Durable.',
      body: z
        .object({
          heartbeat: z.string().describe('Its id.'),
          at: instant.describe('When it beat.'),
          dueAt: instant.describe('It is missed then, unless it beats before.'),
        })
        .meta({ id: 'Beat' }),
    },
  },
  errors: ['heartbeat-not-found', 'body-too-large', 'temporal-unavailable'],
} as const satisfies Contract;

/** `/v1/heartbeats/<key>`: beats come in. 202 only when the store or Temporal has it. */
export function beatRoutes(app: FastifyInstance, deps: AppDeps): void {
  void app.register((scope, _options, done) => {
    scope.addHook('onRoute', (route) => {
      route.bodyLimit = BODY_LIMIT;
    });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, parsed) => parsed(null));
    scope.setErrorHandler((thrown, request, reply) => {
      const error = toApiError(thrown, request);
      const told =
        error.code === 'body-too-large'
          ? new ApiError(error.code, error.message, {
              remedy:
                'Send the beat without a body, or only the end of what the job printed: nothing of it is kept.',
            })
          : error;
      return sendError(told, request, reply);
    });
    const meant = (request: FastifyRequest): Heartbeat =>
      heartbeatOf(deps.config(), paramOf(request, 'key'), request);
    scope.addHook(
      'onRequest',
      beforeTheBody((request) => {
        meant(request);
      }),
    );
    for (const method of ['POST', 'GET'] as const) {
      addRoute(scope, method, '/v1/heartbeats/:key', beatContract, async (_asked, request, reply) => {
        const heartbeat = meant(request);
        const at = deps.now();
        if (deps.heartbeats === undefined)
          throw new ApiError('temporal-unavailable', 'This API takes no beats.', {
            headers: { 'retry-after': '5' },
          });
        await deps.heartbeats.beat(heartbeat, at);
        const { id, everyMs, graceMs } = heartbeat.settings;
        return reply
          .code(202)
          .header('cache-control', 'no-store')
          .send({ heartbeat: id, at, dueAt: at + everyMs + graceMs });
      });
    }
    done();
  });
}

/** `GET /v1/heartbeats`: how they are. */
export function heartbeatRoutes(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/heartbeats',
    {
      tag: 'alerts',
      summary: 'List the heartbeats with their state',
      auth: 'api-key',
      scope: 'read',
      answers: {
        200: { description: 'Those of the configuration, in its order.', body: heartbeatListSchema },
      },
      errors: ['temporal-unavailable'],
    },
    async () => ({ at: deps.now(), heartbeats: (await deps.heartbeats?.list()) ?? [] }),
  );
}
