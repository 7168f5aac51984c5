import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Integration } from '../../config/types.js';
import type { AppDeps } from '../deps.js';
import { ERROR_STATUS, type ApiError } from '../errors.js';
import { sendError, toApiError } from '../error-handler.js';
import { authenticateSender, beforeTheBody } from '../keys.js';
import { reportMalformed, takeAlerts } from './intake.js';
import { senders } from './senders.js';

/** 5,000 alerts of one group are about 3 MB as Alertmanager writes them. */
const BODY_LIMIT = 5 * 1024 * 1024;

/** What a sender sent can't be read: by these the sender learns it, and a person too. */
const UNREADABLE = new Set<number>([
  ERROR_STATUS['invalid-body'],
  ERROR_STATUS['body-too-large'],
  ERROR_STATUS['unsupported-media-type'],
]);

/** `POST /v1/alerts/<sender>`: 202 only when Temporal has it. */
export function intakeRoutes(app: FastifyInstance, deps: AppDeps): void {
  for (const sender of Object.values(senders)) {
    void app.register((scope, _options, done) => {
      const authenticate = beforeTheBody((request) => {
        request.integration = authenticateSender(deps.config(), sender.kind, request);
      });
      scope.addHook('onRequest', authenticate);
      scope.setErrorHandler(async (thrown, request, reply) => {
        const error = await withMalformedIncident(deps, request, toApiError(thrown, request));
        if (request.integration !== null)
          deps.metrics.intake(sender.kind, error.status === 503 ? 'unavailable' : countedAs(error), 0);
        return sendError(error, request, reply);
      });
      scope.post(`/v1/alerts/${sender.kind}`, { bodyLimit: BODY_LIMIT }, async (request, reply) => {
        const accepted = await takeAlerts(deps, sender, integrationOf(request), request.body);
        deps.metrics.intake(sender.kind, 'accepted', accepted.accepted);
        return reply.code(202).send(accepted);
      });
      done();
    });
  }
}

function integrationOf(request: FastifyRequest): Integration {
  if (request.integration === null) throw new TypeError('An intake handler ran before its key was checked.');
  return request.integration;
}

function countedAs(error: ApiError): 'malformed' | 'failed' {
  return UNREADABLE.has(error.status) ? 'malformed' : 'failed';
}

/** The error to answer with: when nobody could be told of the loss, a 503, so that the sender tries again. */
async function withMalformedIncident(
  deps: AppDeps,
  request: FastifyRequest,
  error: ApiError,
): Promise<ApiError> {
  if (request.integration === null || !UNREADABLE.has(error.status)) return error;
  try {
    await reportMalformed(deps, request.integration, error.message, error.problems ?? []);
    return error;
  } catch (failed) {
    return toApiError(failed, request);
  }
}
