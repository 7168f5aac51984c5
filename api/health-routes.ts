import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { addRoute } from './contract/contract.js';
import { readinessSchema } from './contract/schemas.js';
import type { AppDeps } from './deps.js';

/** `/healthz` (the process serves) and `/readyz` (it can do its work): for machines that watch; no key needed. */
export function healthRoutes(app: FastifyInstance, deps: Pick<AppDeps, 'readiness'>): void {
  addRoute(
    app,
    'GET',
    '/healthz',
    {
      tag: 'operating',
      summary: 'Whether the process serves',
      auth: 'none',
      answers: { 200: { description: 'It does.', body: z.object({ ok: z.literal(true) }) } },
    },
    () => ({ ok: true }),
  );
  addRoute(
    app,
    'GET',
    '/readyz',
    {
      tag: 'operating',
      summary: 'Whether it can do its work',
      auth: 'none',
      answers: {
        200: { description: 'It can.', body: readinessSchema },
        503: {
          description: 'Not now: alerts would be refused, or nobody would be paged.',
          body: readinessSchema,
        },
      },
    },
    async (_asked, _request, reply) => {
      const readiness = await deps.readiness();
      return reply.code(readiness.ok ? 200 : 503).send(readiness);
    },
  );
}

/** `/metrics`, in Prometheus' format. */
export function metricsRoutes(
  app: FastifyInstance,
  deps: { readonly metrics: Pick<AppDeps['metrics'], 'text'> },
): void {
  addRoute(
    app,
    'GET',
    '/metrics',
    {
      tag: 'operating',
      summary: 'Metrics',
      auth: 'api-key',
      scope: 'read',
      answers: { 200: { description: 'In the format of Prometheus.', type: 'text/plain', body: z.string() } },
    },
    async (_asked, _request, reply) => {
      const { contentType, body } = await deps.metrics.text();
      return reply.type(contentType).send(body);
    },
  );
}
