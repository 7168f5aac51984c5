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
 * Makes a call with a deadline. Every failure of the connection or the server becomes `TemporalUnavailable`; what
 * Temporal says about a workflow (not found, failed, refused) passes through.
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
    if (error instanceof TemporalUnavailable) return false;
    throw error;
  }
}

function translated(error: unknown, step: string): unknown {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
    return new TemporalUnavailable('worker', step, error);
  if (isGrpcServiceError(error) || error instanceof ServiceError)
    return new TemporalUnavailable('temporal', step, error);
  return error;
}
