import type { FastifyInstance } from 'fastify';
import type { AppDeps } from '../deps.js';
import { overrideRoutes } from './override-routes.js';
import { readingRoutes } from './reading-routes.js';
import { swapRoute } from './swap-route.js';

/** Everything about schedules: who is on call, and what people change about it. */
export function scheduleRoutes(app: FastifyInstance, deps: AppDeps): void {
  readingRoutes(app, deps);
  overrideRoutes(app, deps);
  swapRoute(app, deps);
}
