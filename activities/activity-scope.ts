import { setMaxListeners } from 'node:events';
import { asyncLocalStorage, CancelledFailure, type Context } from '@temporalio/activity';

/** What an activity may know of its run; outside of Temporal (tests, simulations) a first attempt that nobody cancels. */
export interface ActivityScope {
  /** Counted from 1; above it an earlier run of the same activity got stuck or its worker was killed. */
  readonly attempt: number;
  /** Aborted when the workflow no longer wants it, or the worker goes down. */
  readonly cancelled: AbortSignal;
  /** Whether the workflow no longer wants it; false while the worker merely goes down. */
  calledOff(): boolean;
  /** Rejects the activity as Temporal expects when the worker goes down, so that another worker runs it again. */
  throwIfWorkerStops(): void;
  /** Keeps telling the server that this worker lives (that is also how a cancellation gets here) until the work is done. */
  whileAlive<T>(work: () => Promise<T>): Promise<T>;
}

const never = new AbortController().signal;
// Many may wait for it at once.
setMaxListeners(0, never);

/** The scope of the activity that runs now. */
export function activityScope(): ActivityScope {
  const context = asyncLocalStorage.getStore();
  if (context === undefined) {
    return {
      attempt: 1,
      cancelled: never,
      calledOff: () => false,
      throwIfWorkerStops: () => undefined,
      whileAlive: (work) => work(),
    };
  }
  return {
    attempt: context.info.attempt,
    cancelled: context.cancellationSignal,
    calledOff: () => context.cancellationSignal.aborted && !stops(context.cancellationSignal.reason),
    throwIfWorkerStops: () => {
      const reason: unknown = context.cancellationSignal.reason;
      if (stops(reason)) throw reason;
    },
    whileAlive: (work) => beating(context, work),
  };
}

function stops(reason: unknown): reason is CancelledFailure {
  return reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN';
}

async function beating<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const every = context.info.heartbeatTimeoutMs;
  if (every === undefined || every <= 0) return work();
  // Most providers answer before the first beat: it would cost every page a call to the server.
  const timer = setInterval(() => context.heartbeat(), Math.max(250, every / 3));
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
