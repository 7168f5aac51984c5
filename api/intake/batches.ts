import type { Alert, AlertBatch } from '../../domain/alert/alert.js';
import type { OpeningInput } from '../../domain/incident/foreseen.js';

/** A signal stays well below Temporal's 2 MB for one payload. Source: design/architecture.md, "One alert's way". */
export const BATCH_BYTES = 512 * 1024;

/** What one request has for one incident, in bytes of its alerts. */
export interface Offer {
  /** What it would open; null when nothing in it fires. */
  readonly input: OpeningInput | null;
  readonly batch: AlertBatch;
  /** Of each alert as JSON, in their order. */
  readonly sizes: readonly number[];
}

/** One signal. */
export interface Part {
  /** What it would open: of those that fire in it, the one with the worst severity. Null when nothing fires in it. */
  readonly input: OpeningInput | null;
  readonly batch: AlertBatch;
  /** The offers, by index, that are handed over whole with this part. */
  readonly completes: readonly number[];
}

/** The bytes of each alert in a signal. */
export function sizesOf(alerts: readonly Alert[]): readonly number[] {
  return alerts.map((alert) => Buffer.byteLength(JSON.stringify(alert)) + 1);
}

interface Draft {
  input: OpeningInput | null;
  readonly alerts: Alert[];
  readonly first: AlertBatch;
  /** Maintenance windows that cover any of `alerts`. */
  windows: AlertBatch['windows'];
  truncated: number;
  readonly completes: number[];
}

/**
 * Puts what several requests have for one incident into as few signals as possible, each of at most `limit` bytes (a
 * single alert is never cut). The order of the alerts is kept.
 */
export function inParts(offers: readonly Offer[], limit: number = BATCH_BYTES): readonly Part[] {
  const drafts: Draft[] = [];
  let bytes = 0;
  for (const [index, { input, batch, sizes }] of offers.entries()) {
    let draft = drafts.at(-1);
    const begin = (): Draft => {
      const begun: Draft = {
        input: null,
        alerts: [],
        first: batch,
        windows: undefined,
        truncated: 0,
        completes: [],
      };
      drafts.push(begun);
      bytes = 0;
      return begun;
    };
    // Whether the sender tells when it is over belongs to the signal as a whole.
    if (draft?.first.resolves !== batch.resolves) draft = begin();
    for (const [position, alert] of batch.alerts.entries()) {
      const size = sizes[position] ?? 0;
      if (draft.alerts.length > 0 && bytes + size > limit) draft = begin();
      draft.alerts.push(alert);
      bytes += size;
      if (alert.windows !== undefined && batch.windows !== undefined)
        draft.windows = { ...draft.windows, ...batch.windows };
      if (alert.status === 'firing' && isWorse(input, draft.input)) draft.input = input;
      // Requests of one group leave out the same alerts: a sum would count them again and again.
      if (position === 0) draft.truncated = Math.max(draft.truncated, batch.truncated ?? 0);
    }
    draft.completes.push(index);
  }
  return drafts.map(({ input, alerts, first, windows, truncated, completes }) => {
    const { truncated: _replaced, windows: _others, ...batch } = first;
    const added = {
      ...(truncated === 0 ? {} : { truncated }),
      ...(windows === undefined ? {} : { windows }),
    };
    return { input, batch: { ...batch, alerts, ...added }, completes };
  });
}

function isWorse(input: OpeningInput | null, than: OpeningInput | null): boolean {
  return input !== null && (than === null || rankOf(input) < rankOf(than));
}

function rankOf({ plan, severity }: OpeningInput): number {
  return plan.severities.find(({ id }) => id === severity)?.rank ?? Number.POSITIVE_INFINITY;
}

/** Does something for each item, at most `width` at a time. The first error ends it: nothing new is begun. */
export async function forEachAtMost<T>(
  items: readonly T[],
  width: number,
  act: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items].reverse();
  const lane = async (): Promise<void> => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) {
      try {
        await act(item);
      } catch (error) {
        queue.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
}
