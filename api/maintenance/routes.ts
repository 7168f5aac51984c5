import type { FastifyInstance } from 'fastify';
import type { AppDeps } from '../deps.js';
import { endRoute } from './end-route.js';
import { listRoute } from './list-route.js';
import { startRoute } from './start-route.js';

/** `/v1/maintenance`: times in which alerts are recorded and page nobody. */
export function maintenanceRoutes(app: FastifyInstance, deps: AppDeps): void {
  listRoute(app, deps);
  startRoute(app, deps);
  endRoute(app, deps);
}
