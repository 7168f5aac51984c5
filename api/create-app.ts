import { randomUUID } from 'node:crypto';
import formbody from '@fastify/formbody';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { inForce } from '../config/in-force.js';
import { readJson } from './body.js';
import { apiKeyRoutes } from './api-keys/routes.js';
import { contactRoutes } from './contacts/routes.js';
import { backupRoutes } from './backup/routes.js';
import { createCalendarRoutes } from './calendars/routes.js';
import { collectRoutes } from './contract/collect-routes.js';
import { docsRoutes } from './contract/docs-routes.js';
import type { AppDeps } from './deps.js';
import { handleErrors, sendError, toApiError } from './error-handler.js';
import { handoffLinkRoutes } from './handoff/link-routes.js';
import { handoffRoutes } from './handoff/routes.js';
import { healthRoutes, metricsRoutes } from './health-routes.js';
import { beatRoutes, heartbeatRoutes } from './heartbeats/routes.js';
import { withForesight } from './incidents/foresee.js';
import { incidentRoutes } from './incidents/routes.js';
import { batchedIncidents } from './intake/batched-incidents.js';
import { intakeRoutes } from './intake/routes.js';
import { authenticateApi, beforeTheBody } from './keys.js';
import { knownBeside } from './known-beside.js';
import { linkRoutes } from './links/routes.js';
import { maintenanceRoutes } from './maintenance/routes.js';
import { recordRoutes } from './records/routes.js';
import { scheduleRoutes } from './schedules/routes.js';
import { coverageRoute } from './schedules/coverage-route.js';
import { fairnessRoute } from './schedules/fairness-route.js';
import { smsGatewayRoutes } from './replies/sms-gateway.js';
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
 * Who may come in: health checks anybody; `/v1/heartbeats/<key>` whoever has that key; `/hooks` whoever has Twilio's signature or an SMS gateway's key; `/i`, `/h` and `/calendars` whoever has a link; `/v1/alerts`
 * and `/v2/enqueue` the integrations' keys; all else an API key.
 */
export function createApp(given: AppDeps): FastifyInstance {
  const config = inForce(given.config, knownBeside(given));
  const { incidents, drain } = batchedIncidents(withForesight(given.incidents, config, given.now));
  const deps: AppDeps = { ...given, config, incidents };
  const loggerInstance: FastifyBaseLogger = deps.log;
  const app = Fastify({
    loggerInstance,
    // Addresses hold tokens: what is logged of a request is the pattern of its route.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    bodyLimit: BODY_LIMIT,
    // A request that comes over an open connection while the app closes is answered: an SMS reply is not sent twice.
    return503OnClosing: false,
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
  // What waits goes at once when the app is told to end, and once more at the very end: for what was still being read then.
  app.addHook('preClose', drain);
  app.addHook('onClose', drain);

  const routes = collectRoutes(app);

  docsRoutes(app, deps, routes);
  healthRoutes(app, deps);
  intakeRoutes(app, deps);
  beatRoutes(app, deps);
  const calendars = createCalendarRoutes(deps);
  calendars.open(app);
  void app.register((scope, _options, done) => {
    const authenticate = beforeTheBody((request) => {
      request.apiKey = authenticateApi(deps, request);
    });
    scope.addHook('onRequest', authenticate);
    incidentRoutes(scope, deps);
    scheduleRoutes(scope, deps);
    coverageRoute(scope, deps);
    fairnessRoute(scope, deps);
    heartbeatRoutes(scope, deps);
    maintenanceRoutes(scope, deps);
    handoffRoutes(scope, deps);
    recordRoutes(scope, deps);
    calendars.keyed(scope);
    contactRoutes(scope, deps);
    apiKeyRoutes(scope, deps);
    backupRoutes(scope, deps);
    metricsRoutes(scope, deps);
    done();
  });
  void app.register(async (scope) => {
    await scope.register(formbody);
    twilioSmsRoutes(scope, deps);
    twilioVoiceRoutes(scope, deps);
    twilioStatusRoutes(scope, deps);
    smsGatewayRoutes(scope, deps);
  });
  void app.register(async (scope) => {
    await scope.register(formbody);
    linkRoutes(scope, deps);
  });
  void app.register(async (scope) => {
    await scope.register(formbody);
    handoffLinkRoutes(scope, deps);
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
    // What is asked every few seconds for ever would bury the rest.
    const level = ['/healthz', '/readyz', '/i/:token/live'].includes(route) ? 'debug' : 'info';
    request.log[level]({ method, route, status, ms: Math.round(reply.elapsedTime) }, 'request');
    done();
  });
}
