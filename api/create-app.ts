import { randomUUID } from 'node:crypto';
import formbody from '@fastify/formbody';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { readJson } from './body.js';
import type { AppDeps } from './deps.js';
import { handleErrors, sendError, toApiError } from './error-handler.js';
import { healthRoutes, metricsRoutes } from './health-routes.js';
import { incidentRoutes } from './incidents/routes.js';
import { intakeRoutes } from './intake/routes.js';
import { authenticateApi, beforeTheBody } from './keys.js';
import { linkRoutes } from './links/routes.js';
import { onCallRoutes } from './on-call-routes.js';
import { twilioSmsRoutes } from './replies/twilio-sms.js';
import { twilioStatusRoutes } from './replies/twilio-status.js';
import { twilioVoiceRoutes } from './replies/twilio-voice.js';

/** Tokens in paths are at most 1,200 characters. Source: tokens/signed-token.ts. */
const LONGEST_PARAMETER = 1_200;

/** Bodies of people and hooks; alert senders have their own, larger limit. */
const BODY_LIMIT = 64 * 1024;

/**
 * The HTTP app. It talks to the world through `deps` alone, and is not listening yet.
 *
 * Who may come in: health checks anybody; `/hooks` whoever has Twilio's signature; `/i` whoever has a link; `/v1/alerts`
 * the integrations' keys; all else an API key.
 */
export function createApp(deps: AppDeps): FastifyInstance {
  const loggerInstance: FastifyBaseLogger = deps.log;
  const app = Fastify({
    loggerInstance,
    // Addresses hold tokens: what is logged of a request is the pattern of its route.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT,
    // What fails before there is a route, e.g. an address that is no URL.
    frameworkErrors: (error, request, reply) => {
      void sendError(toApiError(error, request), request, reply);
    },
    routerOptions: { maxParamLength: LONGEST_PARAMETER, ignoreTrailingSlash: true },
  });
  app.decorateRequest('apiKey', null);
  app.decorateRequest('integration', null);
  readJson(app);
  handleErrors(app);
  countRequests(app, deps);

  healthRoutes(app, deps);
  intakeRoutes(app, deps);
  void app.register((scope, _options, done) => {
    const authenticate = beforeTheBody((request) => {
      request.apiKey = authenticateApi(deps.config(), request);
    });
    scope.addHook('onRequest', authenticate);
    incidentRoutes(scope, deps);
    onCallRoutes(scope, deps);
    metricsRoutes(scope, deps);
    done();
  });
  void app.register(async (scope) => {
    await scope.register(formbody);
    twilioSmsRoutes(scope, deps);
    twilioVoiceRoutes(scope, deps);
    twilioStatusRoutes(scope, deps);
  });
  void app.register(async (scope) => {
    await scope.register(formbody);
    linkRoutes(scope, deps);
  });
  return app;
}

function countRequests(app: FastifyInstance, deps: AppDeps): void {
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const { method } = request;
    const status = reply.statusCode;
    deps.metrics.http(method, route, status, reply.elapsedTime / 1_000);
    // Health is asked every few seconds for ever: it would bury the rest.
    const level = route === '/healthz' || route === '/readyz' ? 'debug' : 'info';
    request.log[level]({ method, route, status, ms: Math.round(reply.elapsedTime) }, 'request');
    done();
  });
}
