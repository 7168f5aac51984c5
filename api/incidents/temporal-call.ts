import {
  isGrpcServiceError,
  ServiceError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Milliseconds } from '../../domain/time/instant.js';
import { TemporalUnavailable } from './incidents.js';

/** How long an update may wait for a worker before the same request goes as a signal. Source: spec/rules, "Messages into an incident". */
export const UPDATE_DEADLINE_MS: Milliseconds = 3_000;

/** How long any other call may take: a phone waits for the answer. */
const CALL_DEADLINE_MS: Milliseconds = 2_500;

/** How long the server may take to say that it is there. */
const PING_DEADLINE_MS: Milliseconds = 500;

/** The client's own retries may sleep past the deadline (seen: 9 s instead of 5.5): after so much grace nobody waits. */
const GRACE_MS: Milliseconds = 100;

/**
 * Makes a call with a deadline. A server that is away, overloaded or too slow becomes `TemporalUnavailable`. What it says
 * about a workflow (not found, failed, refused) and about a call that will never work (too large, not permitted) passes
 * through.
 */
export async function withinDeadline<T>(
  client: Client,
  step: string,
  call: () => Promise<T>,
  deadlineMs: Milliseconds = CALL_DEADLINE_MS,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TemporalUnavailable('temporal', step)), deadlineMs + GRACE_MS);
  });
  try {
    return await Promise.race([client.connection.withDeadline(Date.now() + deadlineMs, call), late]);
  } catch (error) {
    throw translated(error, step);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Makes a call that only a worker can answer (a query, an update without a signal to replace it). When it fails and the
 * server is there, the worker is what is missing.
 */
export async function askingAWorker<T>(client: Client, step: string, call: () => Promise<T>): Promise<T> {
  try {
    return await withinDeadline(client, step, call, UPDATE_DEADLINE_MS);
  } catch (error) {
    // The server's words for "nobody has polled lately" and "its last task failed".
    if (statusOf(error) === FAILED_PRECONDITION) throw new TemporalUnavailable('worker', step, error);
    if (!(error instanceof TemporalUnavailable)) throw error;
    const what = (await isThere(client)) ? 'worker' : 'temporal';
    throw new TemporalUnavailable(what, step, error.cause ?? error);
  }
}

async function isThere(client: Client): Promise<boolean> {
  const ping = () => client.connection.workflowService.getSystemInfo({});
  try {
    await withinDeadline(client, 'asking whether Temporal is there', ping, PING_DEADLINE_MS);
    return true;
  } catch (error) {
    // Even a refusal is an answer.
    return !(error instanceof TemporalUnavailable);
  }
}

function translated(error: unknown, step: string): unknown {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
    return new TemporalUnavailable('worker', step, error);
  return isAbsence(error) ? new TemporalUnavailable('temporal', step, error) : error;
}

/** gRPC status codes; source: grpc.io, "Status codes and their use". */
const CANCELLED = 1;
const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;
const INTERNAL = 13;
const UNAVAILABLE = 14;

/** What passes by itself: the same call is worth another try. */
const PASSING = new Set([CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE]);

/** How the two transports word a stream that broke under a call. Source: the SDK's grpc-retry.ts, and tonic's `Status::from_error`. */
const BROKEN_STREAM = /RST_STREAM|without gRPC status|transport error|h2 protocol error/i;

/** Whether the server did not get to the call. What it refused (an argument, a permission) will never work: no absence. */
function isAbsence(error: unknown): boolean {
  const grpc = grpcErrorOf(error);
  // The native client's own word for a connection that can't be had.
  if (grpc === null) return error instanceof ServiceError && error.cause?.name === 'TransportError';
  const code = Number(grpc.code);
  if (PASSING.has(code)) return true;
  return (code === UNKNOWN || code === INTERNAL) && BROKEN_STREAM.test(`${grpc.message} ${grpc.details}`);
}

function statusOf(error: unknown): number {
  return Number(grpcErrorOf(error)?.code);
}

/** The error of the transport, by itself or as the client wraps it; null for any other. */
function grpcErrorOf(error: unknown) {
  const thrown = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(thrown) ? thrown : null;
}
