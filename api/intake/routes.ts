import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Integration } from '../../config/types.js';
import { parseJson } from '../body.js';
import type { AppDeps } from '../deps.js';
import { ERROR_STATUS, type ApiError } from '../errors.js';
import { sendError, toApiError } from '../error-handler.js';
import { authenticateSender, beforeTheBody } from '../keys.js';
import { invalidBody } from '../validate.js';
import { acknowledge } from './acknowledge.js';
import { takeAlerts } from './intake.js';
import { reportMalformed } from './malformed.js';
import { CHANGE_EVENTS_PATH, changeEventsRefused } from './pagerduty-answers.js';
import { pathOf, type Sender } from './sender.js';
import { senders } from './senders.js';

/** 5,000 alerts of one group are about 3 MB as Alertmanager writes them. */
const BODY_LIMIT = 5 * 1024 * 1024;

/** What a sender sent can't be read: by these the sender learns it, and a person too. */
const UNREADABLE = new Set<number>([
  ERROR_STATUS['invalid-body'],
  ERROR_STATUS['body-too-large'],
  ERROR_STATUS['unsupported-media-type'],
]);

/** Nobody known sent it: without a key, with a wrong one or that of another kind of sender, or wrongly signed. */
const REFUSED = new Set<number>([
  ERROR_STATUS['missing-key'],
  ERROR_STATUS['wrong-key'],
  ERROR_STATUS['key-not-allowed'],
]);

/** The addresses of the senders: 202 only when Temporal has it. */
export function intakeRoutes(app: FastifyInstance, deps: AppDeps): void {
  for (const sender of Object.values(senders)) {
    void app.register((scope, _options, done) => {
      identify(scope, deps, sender);
      scope.setErrorHandler(async (thrown, request, reply) => {
        const error = await withMalformedIncident(deps, request, toApiError(thrown, request));
        const counted = countedAs(error, request.integration !== null);
        if (counted !== null) deps.metrics.intake(sender.kind, counted, 0);
        return refuse(sender, error, request, reply);
      });
      scope.post(pathOf(sender), { bodyLimit: BODY_LIMIT }, async (request, reply) => {
        const integration = integrationOf(deps, sender, request);
        const read = sender.parse(request.body);
        if (!read.ok) throw invalidBody(read.problems);
        const taken = await takeAlerts(deps, sender, integration, read.groups);
        for (const dedupKey of read.acknowledged ?? []) await acknowledge(deps, integration, dedupKey);
        deps.metrics.intake(sender.kind, 'accepted', read.alerts ?? taken.accepted);
        const own = sender.answers?.accepted(read);
        return reply.code(own?.status ?? 202).send(own?.body ?? taken);
      });
      done();
    });
  }
  changeEvents(app);
}

/** What PagerDuty's clients send beside events. It is no alert, and nothing of it is kept yet: nobody should think so. */
function changeEvents(app: FastifyInstance): void {
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, parsed) => parsed(null));
    scope.post(CHANGE_EVENTS_PATH, { bodyLimit: BODY_LIMIT }, (_request, reply) => {
      const { status, body } = changeEventsRefused();
      return reply.code(status).send(body);
    });
    done();
  });
}

/** Finds out who sends: before the body is read, or with the bytes of it where only those tell. */
function identify(scope: FastifyInstance, deps: AppDeps, sender: Sender): void {
  const byHead = beforeTheBody((request) => {
    request.integration =
      sender.byHead === undefined
        ? authenticateSender(deps, sender.kind, request)
        : sender.byHead(deps, request);
  });
  scope.addHook('onRequest', byHead);
  const { byBody } = sender;
  if (byBody === undefined) return;
  scope.removeContentTypeParser('application/json');
  const type = sender.anyContentType === true ? '*' : 'application/json';
  scope.addContentTypeParser(type, { parseAs: 'buffer' }, (request, raw, done) => {
    const body = Buffer.isBuffer(raw) ? raw : Buffer.from(raw);
    try {
      request.integration ??= byBody(deps, request, body, deps.now());
      done(null, parseJson(body));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** An empty body never reaches a parser: only here can it tell who sent it. */
function integrationOf(deps: AppDeps, sender: Sender, request: FastifyRequest): Integration {
  request.integration ??= sender.byBody?.(deps, request, Buffer.alloc(0), deps.now()) ?? null;
  if (request.integration === null) throw new TypeError('An intake handler ran before its key was checked.');
  return request.integration;
}

function refuse(sender: Sender, error: ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const own = sender.answers?.refused(error, request);
  if (own === undefined) return sendError(error, request, reply);
  if (error.status >= 500) request.log.error({ err: error.cause ?? error, code: error.code }, error.message);
  // Retry-After goes along; what tells a browser to ask for a password belongs to our own 401.
  return reply
    .code(own.status)
    .headers(error.status === 503 ? error.headers : {})
    .send(own.body);
}

/**
 * Null: it says nothing, as what can't be read and has no key that is ours. What is too large to be read may have one, where
 * only the body tells.
 */
function countedAs(
  { status, code }: ApiError,
  isKnown: boolean,
): 'malformed' | 'unavailable' | 'failed' | 'refused' | null {
  if (!isKnown && REFUSED.has(status)) return 'refused';
  if (!isKnown && code !== 'body-too-large') return null;
  if (status === 503) return 'unavailable';
  return UNREADABLE.has(status) ? 'malformed' : 'failed';
}

/** The error to answer with: when nobody could be told of the loss, a 503, so that the sender tries again. */
async function withMalformedIncident(
  deps: AppDeps,
  request: FastifyRequest,
  error: ApiError,
): Promise<ApiError> {
  if (request.integration === null || !UNREADABLE.has(error.status)) return error;
  try {
    await reportMalformed(deps, request.integration, error, request.body);
    return error;
  } catch (failed) {
    return toApiError(failed, request);
  }
}
