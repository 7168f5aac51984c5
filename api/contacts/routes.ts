import type { FastifyInstance } from 'fastify';
import type { AppDeps } from '../deps.js';
import { peopleRoutes } from './people-routes.js';
import { testPageRoute } from './test-page-route.js';
import { verificationRoutes } from './verification-routes.js';

/** People, whether their contact methods count, and test pages. */
export function contactRoutes(app: FastifyInstance, deps: AppDeps): void {
  peopleRoutes(app, deps);
  verificationRoutes(app, deps);
  testPageRoute(app, deps);
}
