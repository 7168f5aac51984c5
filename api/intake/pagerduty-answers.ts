import type { FastifyRequest } from 'fastify';
import type { ApiError } from '../errors.js';
import type { OwnAnswer, ReadBody } from './sender.js';

/** PagerDuty's answer to an event that it cannot take. */
interface Refusal {
  readonly status: string;
  readonly message: string;
  readonly errors: readonly string[];
}

/** As PagerDuty answers an event, with the dedup key that was given or made. */
export function accepted({ groups, acknowledged = [] }: ReadBody): OwnAnswer {
  const key = groups[0]?.dedupKey ?? acknowledged[0];
  return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } };
}

function invalid(status: number, errors: readonly string[]): OwnAnswer {
  const body: Refusal = { status: 'invalid event', message: 'Event object is invalid', errors };
  return { status, body };
}

/**
 * Errors as PagerDuty words them. A key that opens nothing is a 400 there, not a 401.
 * Seen in public reports of its answers: "Event object is invalid" with "Invalid routing key", and "JSON parse error".
 */
export function refused(error: ApiError, request: FastifyRequest): OwnAnswer {
  const { remedy = '' } = error;
  switch (error.code) {
    case 'missing-key':
      return invalid(400, [error.message]);
    case 'wrong-key':
      return invalid(400, ['Invalid routing key']);
    case 'key-not-allowed':
      return invalid(400, ['Invalid routing key', error.message]);
    case 'invalid-body':
      return invalid(
        400,
        (error.problems ?? []).map(({ path, message }) => `'${path}': ${message}`),
      );
    case 'invalid-json':
    case 'invalid-utf8': {
      const body: Refusal = {
        status: 'Unrecognized object',
        message: 'Event object format is unrecognized',
        errors: ['JSON parse error', error.message],
      };
      return { status: 400, body };
    }
    case 'body-too-large': {
      const body: Refusal = {
        status: error.code,
        message: error.message,
        errors: ['Send less with the event, e.g. shorter custom_details: nothing of it was kept.'],
      };
      return { status: error.status, body };
    }
    default: {
      const body: Refusal = {
        status: error.status === 503 ? 'unavailable' : error.code,
        message: error.message,
        errors: remedy === '' ? [] : [remedy],
      };
      return { status: error.status === 503 ? tryAgain(request) : error.status, body };
    }
  }
}

/** Where PagerDuty's clients post deploys and other changes. */
export const CHANGE_EVENTS_PATH = '/v2/change/enqueue';

/** A 404: after a 5xx clients would send the same again and again. */
export function changeEventsRefused(): OwnAnswer {
  const body: Refusal = {
    status: 'not found',
    message: 'Tocsin takes no change events yet',
    errors: ['Nothing was kept. Send alerts to /v2/enqueue.'],
  };
  return { status: 404, body };
}

/**
 * What makes a client send the event again. PagerDuty asks that of 429 and of every 5xx; its own library for JavaScript
 * tries again on 429 only, and would lose the alert on 503. Source: PagerDuty/pdjs, src/common.ts
 */
function tryAgain(request: FastifyRequest): number {
  return /^pdjs\//.test(request.headers['user-agent'] ?? '') ? 429 : 503;
}
