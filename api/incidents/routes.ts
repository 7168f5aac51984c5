import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { IncidentInput } from '../../domain/incident/plan.js';
import { revisionOf } from '../../domain/incident/revision.js';
import { isWebAddress } from '../../domain/messages/web-address.js';
import { addRoute, paramOf } from '../contract/contract.js';
import { by, idempotencyHeader, incidentId } from '../contract/incident-words.js';
import { declaredSchema, postmortemSchema, viewSchema } from '../contract/schemas.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { CONDITIONAL, NOT_MODIFIED, sendTagged } from '../etag.js';
import { actRoutes } from './act-routes.js';
import { actorOf, apiKeyOf, declaredKeyOf, keyReused, requestHash, requestIdOf } from './caller.js';
import { listRoute } from './list-route.js';
import { noSuchIncident, openingOf } from './opening.js';
import { timelineRoute } from './timeline-route.js';

const declareBody = z.object({
  title: z.string().trim().min(1).max(200).describe('What is wrong, in one line.'),
  service: z
    .string()
    .min(1)
    .optional()
    .describe('Id of a service. Unknown or absent: the catch-all, noted in the timeline.'),
  severity: z.string().min(1).optional().describe('Id of a severity. Absent: that of the service.'),
  by,
});

const postmortemBody = z.object({
  url: z
    .string()
    .max(2_000)
    .refine(isWebAddress, { message: 'Expected a web address that begins with https:// or http://' })
    .describe('Where it is: https:// or http://.'),
  by,
});

/** `/v1/incidents`: lists, reads, declares, and what people do about them. */
export function incidentRoutes(app: FastifyInstance, deps: AppDeps): void {
  listRoute(app, deps);
  readRoute(app, deps);
  timelineRoute(app, deps);
  declareRoute(app, deps);
  postmortemRoute(app, deps);
  actRoutes(app, deps);
}

function readRoute(app: FastifyInstance, { incidents }: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/incidents/:id',
    {
      tag: 'incidents',
      summary: 'Read one incident',
      description: 'State, who has it, what happens next and when, and what happened.',
      auth: 'api-key',
      scope: 'read',
      params: { id: incidentId },
      headers: CONDITIONAL,
      answers: {
        200: {
          description: 'All of it.',
          body: viewSchema,
          headers: {
            etag: 'Names this state of it, for `If-None-Match` here and for `If-Match` with an action.',
          },
        },
        ...NOT_MODIFIED,
      },
      errors: [
        'incident-not-found',
        'ambiguous-code',
        'temporal-unavailable',
        'worker-unavailable',
        'store-away',
        'store-too-new',
      ],
    },
    async (_asked, request, reply) => {
      const view = await incidents.get(await openingOf(incidents, paramOf(request, 'id'), 'past'));
      if (view === null) throw noSuchIncident();
      return sendTagged(request, reply, view, revisionOf(view));
    },
  );
}

function declareRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/incidents',
    {
      tag: 'incidents',
      summary: 'Declare an incident by hand',
      description: 'Pages for it at once. When in doubt, declare.',
      auth: 'api-key',
      scope: 'respond',
      headers: idempotencyHeader,
      body: {
        schema: declareBody,
        examples: {
          example: { title: 'Customers cannot pay', service: 'payments', severity: 'SEV1', by: 'alice' },
        },
      },
      answers: {
        201: {
          description: 'Opened. With the `Idempotency-Key` of an earlier request: what that one was told.',
          body: declaredSchema,
          headers: { location: 'Where it can be read.' },
        },
      },
      errors: ['unknown-user', 'unknown-severity', 'idempotency-key-reused', 'temporal-unavailable'],
    },
    async ({ body }, request, reply) => {
      const { title, service, severity, by: userId } = body;
      const config = deps.config();
      const declaredBy = actorOf(config, apiKeyOf(request), userId);
      if (severity !== undefined && !config.severities.some((known) => known.id === severity)) {
        throw new ApiError('unknown-severity', 'The scheme has no such severity.', {
          problems: [
            {
              path: 'severity',
              message: `Expected one of ${config.severities.map((known) => known.id).join(', ')}.`,
            },
          ],
        });
      }
      const labels = service === undefined ? {} : { service };
      const route = config.route(null, labels, {
        ...labels,
        ...(severity === undefined ? {} : { severity }),
      });
      const input: IncidentInput = {
        key: declaredKeyOf(request),
        title,
        severity: severity ?? route.severity,
        plan: config.plan(route.serviceId, deps.now(), route.remarks),
        source: 'manual',
        resolves: false,
        declaredBy,
      };
      const declared = await deps.incidents.declare(input, requestHash(body));
      if (declared === null) throw keyReused();
      return reply.code(201).header('location', `/v1/incidents/${declared.openingId}`).send(declared);
    },
  );
}

function postmortemRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/incidents/:id/postmortem',
    {
      tag: 'incidents',
      summary: 'Say where the postmortem is',
      description: 'Meets its deadline.',
      auth: 'api-key',
      scope: 'respond',
      params: { id: incidentId },
      headers: idempotencyHeader,
      body: {
        schema: postmortemBody,
        examples: { example: { url: 'https://wiki.example.com/postmortems/42', by: 'alice' } },
      },
      answers: { 200: { description: 'What became of it.', body: postmortemSchema } },
      errors: [
        'incident-not-found',
        'ambiguous-code',
        'unknown-user',
        'no-review',
        'idempotency-key-reused',
        'temporal-unavailable',
        'worker-unavailable',
      ],
    },
    async ({ body }, request) => {
      const action = {
        action: 'publish-postmortem',
        requestId: requestIdOf(request),
        requestHash: requestHash(body),
        by: actorOf(deps.config(), apiKeyOf(request), body.by),
        url: body.url,
      } as const;
      const opening = await openingOf(deps.incidents, paramOf(request, 'id'));
      const answer = await deps.incidents.publishPostmortem(opening, action);
      if (answer === null) {
        throw new ApiError('no-review', 'This incident has no open review.', {
          remedy: 'A review begins when the incident is resolved and ends when nothing is owed.',
        });
      }
      const { asked, ...told } = answer;
      // The same key got the answer to an earlier request, which meant another address or came from somebody else.
      if (asked !== undefined && asked !== action.requestHash) throw keyReused();
      return told;
    },
  );
}
