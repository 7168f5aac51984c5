import { now } from '../clock.js';
import { startChild } from '../ipc.js';
import { summaryOf, type Summary } from '../statistics.js';

/** How fast scenario files are read, checked, played and judged, one after the other on one core. */
export interface SimulationsResult {
  /** Files that were played in turns, each as often as the others. */
  readonly scenarios: number;
  readonly perSecond: number;
  /** One simulation, milliseconds. */
  readonly each: Summary;
}

/** Before anything counts: the compiler needs to have seen each file some hundred times. */
const WARM_UP_MS = 2_000;

/** Plays the scenarios of examples/ for so many seconds with what ships, in a fresh process of its own. */
export async function measureSimulations(seconds: number): Promise<SimulationsResult> {
  const child = await startChild<SimulationsResult, never>('./simulations-process.ts', [
    String(WARM_UP_MS),
    String(seconds * 1_000),
  ]);
  await child.stop();
  return child.ready;
}

export interface Turns {
  readonly files: readonly string[];
  /** Plays one. Rejects when it does not come out as its file expects: then there is nothing to measure. */
  readonly play: (file: string) => Promise<void>;
  readonly warmUpMs: number;
  readonly forMs: number;
  /** Milliseconds; the machine's clock unless said otherwise. */
  readonly clock?: () => number;
}

/** Plays the files in turns for so long, the last round to its end, so that each counts alike. */
export async function playInTurns({
  files,
  play,
  warmUpMs,
  forMs,
  clock = now,
}: Turns): Promise<SimulationsResult> {
  const rounds = async (untilMs: number): Promise<readonly number[]> => {
    const took: number[] = [];
    do {
      for (const file of files) {
        const began = clock();
        await play(file);
        took.push(clock() - began);
      }
    } while (clock() < untilMs);
    return took;
  };
  await rounds(clock() + warmUpMs);
  const began = clock();
  const took = await rounds(began + forMs);
  return {
    scenarios: files.length,
    perSecond: (1_000 * took.length) / (clock() - began),
    each: summaryOf(took),
  };
}
