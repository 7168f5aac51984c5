import { setImmediate } from 'node:timers/promises';

/** How long other requests wait at most for one slice more. */
const SLICE_MS = 10;

/** Works something out without keeping the process from its other work: alerts and answers go first. */
export async function inSlices<T>(slices: Generator<undefined, T, undefined>): Promise<T> {
  for (let began = performance.now(); ;) {
    const { done, value } = slices.next();
    if (done === true) return value;
    if (performance.now() - began < SLICE_MS) continue;
    await setImmediate();
    began = performance.now();
  }
}
