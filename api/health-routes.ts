import type { FastifyInstance } from 'fastify';
import type { AppDeps } from './deps.js';

/** `/healthz` (the process serves) and `/readyz` (it can do its work): for machines that watch; no key needed. */
export function healthRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.get('/healthz', () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const readiness = await deps.readiness();
    return reply.code(readiness.ok ? 200 : 503).send(readiness);
  });
}

/** `/metrics`, in Prometheus' format. */
export function metricsRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await deps.metrics.text();
    return reply.type(contentType).send(body);
  });
}
