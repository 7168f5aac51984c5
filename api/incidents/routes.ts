import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { IncidentInput } from '../../domain/incident/plan.js';
import { isWebAddress } from '../../domain/messages/web-address.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { checkBody, checkQuery } from '../validate.js';
import { actRoutes } from './act-routes.js';
import { actorOf, apiKeyOf, declaredKeyOf, requestIdOf } from './caller.js';
import { noSuchIncident, openingOf } from './opening.js';

const listSchema = z.object({
  phase: z
    .enum(['triggered', 'acknowledged', 'investigating', 'mitigated', 'monitoring', 'resolved'])
    .optional(),
  service: z.string().min(1).max(200).optional(),
  open: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().min(1).max(2_000).optional(),
});

const declareSchema = z.object({
  title: z.string().trim().min(1).max(200),
  /** Unknown or absent: the catch-all, noted in the timeline. "When in doubt, declare." */
  service: z.string().min(1).optional(),
  severity: z.string().min(1).optional(),
  by: z.string().min(1).optional(),
});

const postmortemSchema = z.object({
  url: z
    .string()
    .max(2_000)
    .refine(isWebAddress, { message: 'Expected a web address that begins with https:// or http://' }),
  by: z.string().min(1).optional(),
});

/** `/v1/incidents`: lists, reads, declares, and what people do about them. */
export function incidentRoutes(app: FastifyInstance, deps: AppDeps): void {
  const { incidents } = deps;

  app.get('/v1/incidents', async (request) => {
    const { phase, service, open, limit, cursor } = checkQuery(listSchema, request.query);
    return incidents.list({
      limit,
      ...(phase === undefined ? {} : { phase }),
      ...(service === undefined ? {} : { service }),
      ...(open === undefined ? {} : { open }),
      ...(cursor === undefined ? {} : { cursor }),
    });
  });

  app.get<{ Params: { id: string } }>('/v1/incidents/:id', async (request) => {
    const view = await incidents.get(await openingOf(incidents, request.params.id));
    if (view === null) throw noSuchIncident();
    return view;
  });

  app.post('/v1/incidents', async (request, reply) => {
    const { title, service, severity, by } = checkBody(declareSchema, request.body);
    const config = deps.config();
    const declaredBy = actorOf(config, apiKeyOf(request), by);
    if (severity !== undefined && !config.severities.some(({ id }) => id === severity)) {
      throw new ApiError('unknown-severity', 'The scheme has no such severity.', {
        problems: [
          {
            path: 'severity',
            message: `Expected one of ${config.severities.map(({ id }) => id).join(', ')}.`,
          },
        ],
      });
    }
    const labels = service === undefined ? {} : { service };
    const route = config.route(null, labels, { ...labels, ...(severity === undefined ? {} : { severity }) });
    const input: IncidentInput = {
      key: declaredKeyOf(request),
      title,
      severity: severity ?? route.severity,
      plan: config.plan(route.serviceId, deps.now(), route.remarks),
      source: 'manual',
      resolves: false,
      declaredBy,
    };
    const { openingId } = await incidents.declare(input);
    return reply
      .code(201)
      .header('location', `/v1/incidents/${openingId}`)
      .send({ openingId, service: route.serviceId, severity: input.severity, remarks: route.remarks });
  });

  app.post<{ Params: { id: string } }>('/v1/incidents/:id/postmortem', async (request) => {
    const { url, by } = checkBody(postmortemSchema, request.body);
    const action = {
      action: 'publish-postmortem',
      requestId: requestIdOf(request),
      by: actorOf(deps.config(), apiKeyOf(request), by),
      url,
    } as const;
    const answer = await incidents.publishPostmortem(await openingOf(incidents, request.params.id), action);
    if (answer === null) {
      throw new ApiError('no-review', 'This incident has no open review.', {
        remedy: 'A review begins when the incident is resolved and ends when nothing is owed.',
      });
    }
    return answer;
  });

  actRoutes(app, deps);
}
