import { now, pause } from './clock.js';
import { startChild } from './ipc.js';
import type { Arrival, ProviderSays } from './provider-messages.js';

/** The stand-in for the SMS provider, and what has reached it. */
export interface ProviderStandIn {
  readonly url: string;
  /** The requests that carried this mark, in order of arrival. */
  arrivalsOf(mark: string): readonly Arrival[];
  /** Waits until each of these marks has arrived; what has not after the time is returned. */
  untilArrived(marks: readonly string[], timeoutMs: number): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 25;

/** Starts the stand-in in a process of its own. */
export async function startProvider(): Promise<ProviderStandIn> {
  const byMark = new Map<string, Arrival[]>();
  const child = await startChild<ProviderSays, never>('./provider-process.ts', [], (message) => {
    if (message.type !== 'arrivals') return;
    for (const arrival of message.arrivals) {
      const known = byMark.get(arrival.mark);
      if (known === undefined) byMark.set(arrival.mark, [arrival]);
      else known.push(arrival);
    }
  });
  if (child.ready.type !== 'ready') throw new Error('The provider stand-in spoke before it listened.');
  return {
    url: child.ready.url,
    arrivalsOf: (mark) => byMark.get(mark) ?? [],
    untilArrived: async (marks, timeoutMs) => {
      let missing = marks.filter((mark) => !byMark.has(mark));
      for (const began = now(); missing.length > 0 && now() - began < timeoutMs;) {
        await pause(LOOK_EVERY_MS);
        missing = missing.filter((mark) => !byMark.has(mark));
      }
      return missing;
    },
    stop: () => child.stop(),
  };
}
