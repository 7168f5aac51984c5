import { createLane, type Lane } from './lane.js';
import { ALONE, type SharedSlots } from './shared-slots.js';
import type { Milliseconds } from '../../domain/time/instant.js';

/** What one message takes of what a provider lets through. */
export interface Pace {
  /** What has the limit: one number, one account. A name of ours: no number, no address. */
  readonly key: string;
  /** For how long nothing else may leave by it. */
  readonly takesMs: Milliseconds;
}

/** Somebody who would like to send something. */
export interface Asked {
  readonly pace: Pace;
  /** For metrics. */
  readonly provider: string;
  /** It goes behind whatever comes up to so much later: see precedence.ts. */
  readonly handicapMs: Milliseconds;
  /** Longer than this it does not wait. */
  readonly longestMs: Milliseconds;
  /** There is another way: when the wait would be too long it is not begun. */
  readonly hasOtherWay: boolean;
  /** Aborted: it is no longer wanted. */
  readonly signal: AbortSignal;
}

/** What came of asking. */
export type Turn =
  | { readonly kind: 'go'; readonly waitedMs: Milliseconds }
  /** Not now; nothing may be sent. `freeInMs`: when it might be worth asking again. */
  | { readonly kind: 'too-long'; readonly waitedMs: Milliseconds; readonly freeInMs: Milliseconds }
  | { readonly kind: 'called-off'; readonly waitedMs: Milliseconds };

/** Keeps to the rates of providers. What is more urgent goes first; nobody is sent twice, and nobody is forgotten. */
export interface Pacer {
  /** Resolves when it may leave, or why not. Never rejects. At once when nothing was sent by the same key for a while. */
  turn(asked: Asked): Promise<Turn>;
  /** How many wait in this process, by provider. */
  waiting(): ReadonlyMap<string, number>;
}

export interface PacerOptions {
  /** What other processes use of the same numbers. Absent: there are none. */
  readonly shared?: SharedSlots;
  /** Milliseconds of a clock that is never set. */
  readonly now?: () => number;
  /** So many wait at most, all together: the rest is told when to come again, so that other channels have room to work. */
  readonly mostWaiting?: number;
}

/** Of the 1,000 activities of a worker (worker/create-worker.ts). */
const MOST_WAITING = 700;

export function createPacer(options: PacerOptions = {}): Pacer {
  const { shared = ALONE, now = () => performance.now(), mostWaiting = MOST_WAITING } = options;
  const lanes = new Map<string, Lane>();
  const waiting = new Map<string, number>();
  let all = 0;
  const count = (provider: string, change: 1 | -1): void => {
    all += change;
    waiting.set(provider, (waiting.get(provider) ?? 0) + change);
  };
  const laneOf = (key: string): Lane => {
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const lane = createLane(key, shared, now);
    lanes.set(key, lane);
    return lane;
  };
  return {
    waiting: () => waiting,
    turn: async ({ pace, provider, handicapMs, longestMs, hasOtherWay, signal }) => {
      if (signal.aborted) return { kind: 'called-off', waitedMs: 0 };
      const lane = laneOf(pace.key);
      if (lane.takeAtOnce(pace.takesMs)) return { kind: 'go', waitedMs: 0 };
      const expectedMs = lane.expectedMs(handicapMs);
      if (all >= mostWaiting || (hasOtherWay && expectedMs > longestMs))
        return { kind: 'too-long', waitedMs: 0, freeInMs: expectedMs };
      const began = now();
      count(provider, 1);
      const ended = await new Promise<'go' | 'too-long' | 'called-off'>((resolve) => {
        const end = (how: 'go' | 'too-long' | 'called-off'): void => {
          clearTimeout(patience);
          signal.removeEventListener('abort', callOff);
          resolve(how);
        };
        const leave = lane.join({ takesMs: pace.takesMs, handicapMs, go: () => end('go') });
        const callOff = (): void => {
          leave();
          end('called-off');
        };
        const patience = setTimeout(() => {
          leave();
          end('too-long');
        }, longestMs);
        signal.addEventListener('abort', callOff, { once: true });
      });
      count(provider, -1);
      const waitedMs = now() - began;
      return ended === 'too-long'
        ? { kind: ended, waitedMs, freeInMs: lane.expectedMs(handicapMs) }
        : { kind: ended, waitedMs };
    },
  };
}
