import { pause } from '../clock.js';
import { untilIdle } from '../process-usage.js';
import { summaryOf, type Summary } from '../statistics.js';
import type { StoreMode } from '../store-proxy.js';
import type { StoreStage } from '../store-stage.js';
import type { Load } from './compare.js';
import { latencies, passagesOf } from './load.js';

/** From request to provider with the store in one state, and without any, in turns. Milliseconds. */
export interface StoreSide {
  readonly mode: StoreMode;
  readonly without: Summary;
  readonly kept: Summary;
}

/** Whether pages wait for the store. */
export interface StoreResult {
  readonly perSecond: number;
  readonly sides: readonly StoreSide[];
}

/** A store that was gone is tried again at least so often. Source: docs/store.md. */
const BACK_WITHIN_MS = 35_000;
const LOOK_EVERY_MS = 500;

/** Pages at this rate, in turns without a store and with one that is up, slow, and gone. */
export async function measureStore(stage: StoreStage, load: Load): Promise<StoreResult> {
  const modes: readonly StoreMode[] = ['up', 'slow', 'gone'];
  const took = new Map(modes.map((mode) => [mode, { without: [] as number[], kept: [] as number[] }]));
  for (let round = 0; round < load.blocks; round += 1) {
    stage.say(`store: ${load.count} each, round ${round + 1} of ${load.blocks}`);
    for (const [index, mode] of modes.entries()) {
      const block = async (side: 'without' | 'kept'): Promise<void> => {
        if (!(await untilIdle(stage.pids))) stage.say('still busy after two minutes; it begins all the same');
        stage.store.become(side === 'kept' ? mode : 'up');
        if (side === 'without' || mode === 'up') await untilReady(stage.kept);
        const passages = await passagesOf(stage, stage[side], load.count, load.perSecond);
        took.get(mode)?.[side].push(...latencies(passages));
        stage.store.become('up');
      };
      for (const side of (round + index) % 2 === 0
        ? (['without', 'kept'] as const)
        : (['kept', 'without'] as const))
        await block(side);
    }
  }
  return {
    perSecond: load.perSecond,
    sides: [...took].map(([mode, { without, kept }]) => ({
      mode,
      without: summaryOf(without),
      kept: summaryOf(kept),
    })),
  };
}

/** Until worker and API have the store again. */
async function untilReady(tocsin: StoreStage['kept']): Promise<void> {
  for (let waited = 0; waited < BACK_WITHIN_MS; waited += LOOK_EVERY_MS) {
    if (await tocsin.hasStore()) return;
    await pause(LOOK_EVERY_MS);
  }
  throw new Error('The store was not used again in time after it had been gone.');
}
