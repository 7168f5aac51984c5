import type { MemoryResult } from './measures/memory.js';
import { MEMORY_AIM_MB, type Results } from './results.js';
import { alone, below, pair, type Row } from './rows.js';

/** What open incidents cost: as it is started, and with the settings for a small machine. */
export function memoryRows({ memory, memorySmall }: Results): readonly Row[] {
  return [
    ...(memory === undefined ? [] : rowsOf(memory, '')),
    ...(memorySmall === undefined ? [] : rowsOf(memorySmall, 'small machine: ')),
  ];
}

function rowsOf(memory: MemoryResult, where: string): readonly Row[] {
  const name = `${where}${memory.open} open incidents`;
  return [
    below(
      `${name}: memory, MiB (before)`,
      `${memory.afterMiB.toFixed(0)} (${memory.beforeMiB.toFixed(0)})`,
      (memory.afterMiB * 1_024 ** 2) / 1e6,
      MEMORY_AIM_MB,
    ),
    alone(`${name}: largest on the way, MiB`, memory.largestMiB.toFixed(0)),
    alone(
      `${name}: server, MiB (before)`,
      `${memory.serverAfterMiB.toFixed(0)} (${memory.serverBeforeMiB.toFixed(0)})`,
    ),
    // With few cached ones the growth is of other things.
    ...(where === ''
      ? [alone('memory of an incident in the cache, KiB', memory.perCachedKiB.toFixed(0))]
      : []),
    alone(`${name}: a new page, p50 / p99`, pair(memory.newPage.p50, memory.newPage.p99)),
    alone(`${name}: ack of the newest 20, p50 / max`, pair(memory.ackNewest.p50, memory.ackNewest.max)),
    alone(`${name}: ack of the oldest 20, p50 / max`, pair(memory.ackOldest.p50, memory.ackOldest.max)),
  ];
}
