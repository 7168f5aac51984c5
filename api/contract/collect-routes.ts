import type { FastifyInstance } from 'fastify';
import type { ContractedRoute } from './document.js';
import { edgeContracts } from './edges.js';

/** Routes for the document, and those that nobody has described. */
export interface CollectedRoutes {
  readonly described: readonly ContractedRoute[];
  /** `GET /somewhere`: there are none, a test says. */
  readonly bare: readonly string[];
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The routes of this app, for its document. */
    collectedRoutes: () => CollectedRoutes;
  }
}

/** Collects the routes of an app. To be called before any is added; complete once the app is ready. */
export function collectRoutes(app: FastifyInstance): () => CollectedRoutes {
  const described: ContractedRoute[] = [];
  const bare: string[] = [];
  const edges = edgeContracts();
  app.addHook('onRoute', ({ method: methods, url, config }) => {
    for (const method of [methods].flat()) {
      // HEAD comes with every GET, and says the same.
      if (method === 'HEAD') continue;
      const contract = config?.contract ?? edges.get(`${method} ${url}`);
      if (contract === undefined) bare.push(`${method} ${url}`);
      else described.push({ method, url, contract });
    }
  });
  const collected = (): CollectedRoutes => ({ described, bare });
  app.decorate('collectedRoutes', collected);
  return collected;
}
