import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Config } from '../config/types.js';
import type { AppDeps } from './deps.js';
import { handleErrors } from './error-handler.js';
import { healthRoutes, metricsRoutes } from './health-routes.js';
import { authenticateApi, beforeTheBody, type KeyRing } from './keys.js';
import { listen, shownAddress } from './listen.js';

/** What the health of a process without an API is made of. */
export interface HealthServerOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly config: () => Config;
  /** Those of the store, for /metrics; absent: this process has none. */
  readonly apiKeys?: KeyRing['apiKeys'];
  readonly log: Logger;
  readonly registry: Registry;
  readonly readiness: AppDeps['readiness'];
}

/** Health of a process, told by HTTP. */
export interface HealthServer {
  /** Where it is reached on this machine. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * `/healthz`, `/readyz` and `/metrics` as the API has them (the last with an API key), on a port of their own.
 * @throws ListenError when the port is taken or the address isn't this machine's
 */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const { host, port, config, apiKeys, registry, readiness } = options;
  const ring = { config, now: () => Date.now(), ...(apiKeys === undefined ? {} : { apiKeys }) };
  const loggerInstance: FastifyBaseLogger = options.log.child({ component: 'health' });
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true }),
  });
  app.decorateRequest('apiKey', null);
  app.decorateRequest('integration', null);
  handleErrors(app);
  healthRoutes(app, { readiness });
  void app.register((scope, _options, done) => {
    const authenticate = beforeTheBody((request) => {
      request.apiKey = authenticateApi(ring, request);
    });
    scope.addHook('onRequest', authenticate);
    metricsRoutes(scope, {
      metrics: { text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }) },
    });
    done();
  });
  const taken = `Port ${port}, meant for the worker's health, is taken by another program (another worker?): give this one another with --health-port or TOCSIN_HEALTH_PORT; 0 takes a free one.`;
  const at = await listen(app, { host, port, taken, setting: '--health-port or TOCSIN_HEALTH_PORT' });
  return {
    url: `http://${shownAddress(host)}:${at}`,
    stop: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}
