import type { Alert } from '../../domain/alert/alert.js';

/** A signal stays well below Temporal's 2 MB for one payload. Source: design/architecture.md, "One alert's way". */
const BATCH_BYTES = 512 * 1024;

/** Splits alerts into parts of at most 512 kB as JSON; nearly always there is one. Order is kept. */
export function inBatches(
  alerts: readonly Alert[],
  limit: number = BATCH_BYTES,
): readonly (readonly Alert[])[] {
  const batches: Alert[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const alert of alerts) {
    const size = Buffer.byteLength(JSON.stringify(alert)) + 1;
    if (bytes + size > limit) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(alert);
    bytes += size;
  }
  return batches;
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
