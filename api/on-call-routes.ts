import type { FastifyInstance } from 'fastify';
import type { AppDeps } from './deps.js';

/** `GET /v1/oncall`: who is on call now, for each schedule. Ids and times; no phone numbers. */
export function onCallRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.get('/v1/oncall', () => {
    const at = deps.now();
    return { at, schedules: deps.config().onCall(at) };
  });
}
