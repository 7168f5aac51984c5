import type { AlertBatch } from '../../domain/alert/alert.js';
import type { OpeningInput } from '../../domain/incident/foreseen.js';
import type { Milliseconds } from '../../domain/time/instant.js';
import { ApiError, RETRY_AFTER_SECONDS } from '../errors.js';
import type { Incidents } from '../incidents/incidents.js';
import { BATCH_BYTES, inParts, sizesOf, type Offer, type Part } from './batches.js';

/** While alerts of one incident keep coming, they go this often. Source: design/architecture.md, "One alert's way". */
const EVERY_MS: Milliseconds = 200;

/** What may wait in one process at the same time, as JSON: about 250,000 alerts in large requests, 15,000 in single ones. */
const WAITING_BYTES = 64 * 1024 * 1024;

/** What a request costs beside its alerts: its connection, the objects of the HTTP server. Estimated, on the high side. */
const REQUEST_BYTES = 4 * 1024;

export interface BatchingLimits {
  readonly everyMs: Milliseconds;
  readonly batchBytes: number;
  readonly waitingBytes: number;
}

type Handed = 'delivered' | 'none-open';

interface Waiting {
  readonly offer: Offer;
  readonly bytes: number;
  readonly settle: (handed: Handed) => void;
  readonly fail: (error: unknown) => void;
}

/** The alerts of one incident, one signal after the other. */
interface Lane {
  waiting: Waiting[];
  bytes: number;
  /** A flush is under way. */
  busy: boolean;
  /** Ends the time in which alerts are gathered. */
  timer: NodeJS.Timeout | null;
}

/** Incidents whose alerts are handed over in batches. */
export interface BatchedIncidents {
  readonly incidents: Incidents;
  /** Hands over at once what waits, and from now on gathers no more. Resolves when nothing is under way; never rejects. */
  readonly drain: () => Promise<void>;
}

/**
 * Alerts of one incident in few signals: the first goes at once; while more arrive they go every 200 ms, or as soon as
 * they make 512 kB. Each call settles with the signal that carries the last of its own alerts; their order is that of the
 * calls. When a signal fails, so does all that was to go with it: senders try again.
 * Both methods reject with an ApiError `overloaded` when too much waits already.
 */
export function batchedIncidents(
  incidents: Incidents,
  limits: Partial<BatchingLimits> = {},
): BatchedIncidents {
  const { everyMs = EVERY_MS, batchBytes = BATCH_BYTES, waitingBytes = WAITING_BYTES } = limits;
  const lanes = new Map<string, Lane>();
  const flushes = new Set<Promise<void>>();
  let waitingNow = 0;
  let draining = false;

  function handOver(key: string, input: OpeningInput | null, batch: AlertBatch): Promise<Handed> {
    const sizes = sizesOf(batch.alerts);
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    const cost = bytes + REQUEST_BYTES;
    // A single request that is larger than the limit is taken when nothing else waits.
    if (waitingNow > 0 && waitingNow + cost > waitingBytes) throw overloaded(waitingBytes);
    waitingNow += cost;
    const lane = lanes.get(key) ?? { waiting: [], bytes: 0, busy: false, timer: null };
    lanes.set(key, lane);
    const handed = new Promise<Handed>((settle, fail) => {
      lane.waiting.push({ offer: { input, batch, sizes }, bytes, settle, fail });
    });
    lane.bytes += bytes;
    if (!lane.busy && (lane.timer === null || lane.bytes >= batchBytes || draining)) begin(key, lane);
    return handed.finally(() => (waitingNow -= cost));
  }

  function begin(key: string, lane: Lane): void {
    if (lane.timer !== null) clearTimeout(lane.timer);
    lane.timer = null;
    const { waiting } = lane;
    lane.waiting = [];
    lane.bytes = 0;
    lane.busy = true;
    const began = performance.now();
    const flushed = flush(key, waiting).then(() => {
      flushes.delete(flushed);
      lane.busy = false;
      next(key, lane, Math.max(0, began + everyMs - performance.now()));
    });
    flushes.add(flushed);
  }

  function next(key: string, lane: Lane, gatherMs: Milliseconds): void {
    const due = draining || gatherMs === 0 || lane.bytes >= batchBytes;
    if (lane.waiting.length > 0 && due) begin(key, lane);
    else if (due && lane.waiting.length === 0) lanes.delete(key);
    else
      lane.timer = setTimeout(() => {
        lane.timer = null;
        next(key, lane, 0);
        // Timers take whole milliseconds, and cut off what is behind the point.
      }, Math.ceil(gatherMs));
  }

  /** Sends what waited, in order. Settles every one of it; never rejects. */
  async function flush(key: string, waiting: readonly Waiting[]): Promise<void> {
    const open = [...waiting];
    try {
      const parts = inParts(
        waiting.map(({ offer }) => offer),
        batchBytes,
      );
      for (const part of parts) {
        const handed = await send(key, part);
        for (const index of part.completes) waiting[index]?.settle(handed);
        open.splice(0, part.completes.length);
      }
    } catch (error) {
      for (const { fail } of open) fail(error);
    }
  }

  async function send(key: string, { input, batch }: Part): Promise<Handed> {
    if (input === null) return incidents.resolved(key, batch);
    await incidents.intake(input, batch);
    return 'delivered';
  }

  return {
    incidents: {
      ...incidents,
      intake: async (input, batch) => {
        await handOver(input.key, input, batch);
      },
      resolved: async (key, batch) => handOver(key, null, batch),
    },
    drain: async () => {
      draining = true;
      for (const [key, lane] of lanes) {
        if (lane.busy) continue;
        if (lane.timer !== null) clearTimeout(lane.timer);
        lane.timer = null;
        next(key, lane, 0);
      }
      while (flushes.size > 0) await Promise.all(flushes);
    },
  };
}

function overloaded(limit: number): ApiError {
  return new ApiError(
    'overloaded',
    `More than ${Math.round(limit / 1024 / 1024)} MB of alerts wait to be handed to Temporal: nothing of this request was accepted.`,
    {
      remedy: `Send the same request again in ${RETRY_AFTER_SECONDS} seconds; if it stays so, run more API replicas, or group by fewer labels.`,
      headers: { 'retry-after': String(RETRY_AFTER_SECONDS) },
    },
  );
}
