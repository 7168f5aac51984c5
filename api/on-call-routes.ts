import type { FastifyInstance } from 'fastify';
import { addRoute } from './contract/contract.js';
import { onCallSchema } from './contract/schemas.js';
import type { AppDeps } from './deps.js';

/** `GET /v1/oncall`: who is on call now, for each schedule. Ids and times; no phone numbers. */
export function onCallRoutes(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/oncall',
    {
      tag: 'on call',
      summary: 'Tell who is on call now',
      auth: 'api-key',
      answers: { 200: { description: 'Every schedule.', body: onCallSchema } },
    },
    () => {
      const at = deps.now();
      return { at, schedules: deps.config().onCall(at) };
    },
  );
}
