import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiError, errorBody, RETRY_AFTER_SECONDS } from './errors.js';
import { changed } from './etag.js';
import { IncidentChanged, MayStillCount, TemporalUnavailable } from './incidents/incidents.js';
import { StoreAway } from '../store/errors.js';
import { storeError } from './store-errors.js';
import { shown } from './validate.js';

/** Every error as an `ApiError`, whoever threw it: ours, Temporal's absence, fastify's, or a bug. */
export function toApiError(error: unknown, request: FastifyRequest): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof TemporalUnavailable) return unavailable(error);
  if (error instanceof IncidentChanged)
    return changed('Something has happened to the incident since you read it.', error);
  const ofStore = storeError(error);
  if (ofStore !== null) return ofStore;
  switch ((error as Partial<FastifyError>).code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError(
        'body-too-large',
        `The body is larger than ${inWords(request.routeOptions.bodyLimit)}, the limit of this address.`,
        { remedy: 'Send less in one request (Alertmanager: max_alerts; Grafana: Max Alerts).' },
      );
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiError(
        'unsupported-media-type',
        `This address does not read ${shown(request.headers['content-type'] ?? 'a body without Content-Type')}.`,
        { remedy: 'Send application/json with the header Content-Type: application/json.' },
      );
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
      return new ApiError(
        'invalid-request',
        'The request is malformed: its address or Content-Length is wrong.',
      );
    default:
      return new ApiError('internal', 'Something went wrong in Tocsin.', {
        remedy: 'Look for the request id in the logs of the API.',
        cause: error,
      });
  }
}

function unavailable(error: TemporalUnavailable): ApiError {
  const headers = { 'retry-after': String(RETRY_AFTER_SECONDS) };
  if (error instanceof MayStillCount) {
    const [code, who] =
      error.what === 'temporal'
        ? (['temporal-unavailable', 'Temporal did not answer'] as const)
        : (['worker-unavailable', 'No Tocsin worker answered in time'] as const);
    return new ApiError(code, `${who}: what you asked for may still count.`, {
      remedy:
        'Send it again with the same Idempotency-Key: then it counts once. Without one, read the incident first.',
      headers,
      cause: error,
    });
  }
  return error.what === 'temporal'
    ? new ApiError('temporal-unavailable', 'Temporal cannot be reached: nothing was accepted.', {
        remedy: `Send the same request again in ${RETRY_AFTER_SECONDS} seconds.`,
        headers,
        cause: error,
      })
    : new ApiError('worker-unavailable', 'No Tocsin worker answered in time.', {
        remedy: `Ask again in ${RETRY_AFTER_SECONDS} seconds; if it stays so, see whether a worker runs.`,
        headers,
        cause: error,
      });
}

function inWords(bytes: number | undefined): string {
  const limit = bytes ?? 1_048_576;
  return limit >= 1_048_576 ? `${Math.round(limit / 1_048_576)} MB` : `${Math.round(limit / 1024)} kB`;
}

/** Answers with an error in the one shape. Bugs and absences are logged with their cause, the sender's faults are not. */
export function sendError(error: ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // While the store is being opened that is nothing to mend, and many may ask.
  const isStarting = error.cause instanceof StoreAway && error.cause.reason === 'starting';
  if (isStarting) request.log.info({ code: error.code }, error.message);
  else if (error.status >= 500)
    request.log.error({ err: error.cause ?? error, code: error.code }, error.message);
  return reply
    .code(error.status)
    .headers({ 'x-request-id': request.id, ...error.headers })
    .type('application/json; charset=utf-8')
    .send(errorBody(error, request.id));
}

/** Sets the handlers for errors and for what does not exist (404, or 405 with the methods that do). */
export function handleErrors(app: FastifyInstance): void {
  const routes: { readonly pattern: RegExp; readonly methods: ReadonlySet<string> }[] = [];
  app.addHook('onRoute', (route) => {
    const methods = new Set([route.method].flat());
    const pattern = new RegExp(`^${route.url.replaceAll(/:[a-zA-Z]+/g, '[^/]+')}$`);
    routes.push({ pattern, methods });
  });
  app.setErrorHandler((error, request, reply) => sendError(toApiError(error, request), request, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?')[0] ?? '';
    const allowed = routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => [...methods]);
    const error =
      allowed.length === 0
        ? new ApiError('not-found', 'There is nothing at this address.', {
            remedy: 'GET /docs lists the addresses.',
          })
        : new ApiError('method-not-allowed', `This address does not take ${request.method}.`, {
            remedy: `Use ${[...new Set(allowed)].join(' or ')}.`,
            headers: { allow: [...new Set(allowed)].join(', ') },
          });
    return sendError(error, request, reply);
  });
}
