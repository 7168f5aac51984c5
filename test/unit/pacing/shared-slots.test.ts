import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ANSWER_WITHIN_MS,
  createSharedSlots,
  SILENT_FOR_MS,
} from '../../../activities/pacing/shared-slots.js';
import { StoreAway } from '../../../store/errors.js';
import type { Slots } from '../../../store/slots.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const nobody = (): void => undefined;
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

/** A store that answers after so long, or refuses. */
function storeOf(answer: { delayMs: number; freeInMs?: number; isAway?: boolean }) {
  const asked: string[] = [];
  const say = (what: string): Promise<number> => {
    asked.push(what);
    if (answer.isAway === true) return Promise.reject(new StoreAway('unreachable', 'gone'));
    return new Promise((resolve) => setTimeout(() => resolve(answer.freeInMs ?? 0), answer.delayMs));
  };
  const slots: Slots = {
    claim: (key, takesMs) => say(`claim ${key} ${takesMs}`),
    book: (key, takesMs) => say(`book ${key} ${takesMs}`),
  };
  return { slots, asked, answer };
}

async function took(work: Promise<number>): Promise<readonly [answer: number, ms: number]> {
  const began = performance.now();
  let result: readonly [number, number] | undefined;
  void work.then((answer) => (result = [answer, performance.now() - began]));
  await pass(SILENT_FOR_MS - 1);
  if (result === undefined) throw new Error('no answer');
  return result;
}

describe('what processes know of one another', () => {
  it('is what the store says, as long as it says so soon', async () => {
    const { slots, answer } = storeOf({ delayMs: 3 });
    const shared = createSharedSlots(slots);
    expect(await took(shared.claim('k', 1_000, nobody))).toEqual([0, 3]);
    answer.freeInMs = 700;
    expect(await took(shared.claim('k', 1_000, nobody))).toEqual([700, 3]);
  });

  it('a slow store costs one wait half a second, and the others nothing for five seconds', async () => {
    const { slots, asked, answer } = storeOf({ delayMs: 2_000, freeInMs: 700 });
    const shared = createSharedSlots(slots);
    const times: number[] = [];
    for (let index = 0; index < 4; index += 1) {
      const began = performance.now();
      let end = -1;
      void shared.claim('k', 1_000, nobody).then((free) => {
        expect(free).toBe(0);
        end = performance.now();
      });
      await pass(ANSWER_WITHIN_MS);
      times.push(end - began);
      await pass(1_000);
    }
    expect(times).toEqual([ANSWER_WITHIN_MS, 0, 0, 0]);
    expect(asked.filter((call) => call.startsWith('claim'))).toHaveLength(1);
    answer.delayMs = 1;
    await pass(SILENT_FOR_MS);
    expect(await took(shared.claim('k', 1_000, nobody))).toEqual([700, 1]);
  });

  it('a store that is gone costs nothing, and is asked again later', async () => {
    const { slots, answer } = storeOf({ delayMs: 1, isAway: true });
    const shared = createSharedSlots(slots);
    expect(await took(shared.claim('k', 1_000, nobody))).toEqual([0, 0]);
    answer.isAway = false;
    answer.freeInMs = 400;
    await pass(1);
    expect(await took(shared.claim('k', 1_000, nobody))).toEqual([400, 1]);
  });

  it('is asked again at once when it shows that it is quick again, and what it says is passed on', async () => {
    const { slots, answer } = storeOf({ delayMs: 2_000, freeInMs: 700 });
    const shared = createSharedSlots(slots);
    void shared.claim('k', 1_000, nobody);
    await pass(ANSWER_WITHIN_MS + 1);
    answer.delayMs = 2;
    const told: number[] = [];
    const began = performance.now();
    void shared.claim('k', 1_000, (free) => told.push(free));
    await pass(3);
    expect(told).toEqual([700]);
    expect(await took(shared.claim('k', 1_000, nobody))).toEqual([700, 2]);
    expect(performance.now() - began).toBeLessThan(SILENT_FOR_MS + 10);
  });

  it('what was sent without its answer is told to it afterwards', async () => {
    const { slots, asked } = storeOf({ delayMs: 800, freeInMs: 700 });
    const shared = createSharedSlots(slots);
    void shared.claim('k', 1_000, nobody);
    await pass(810);
    expect(asked).toEqual(['claim k 1000', 'book k 1000']);
  });

  it('tells one thing at a time, however much there is to tell, and passes on what it hears', async () => {
    const { slots, asked } = storeOf({ delayMs: 2_000, freeInMs: 5_000 });
    const shared = createSharedSlots(slots);
    const told: number[] = [];
    for (let index = 0; index < 5; index += 1) shared.book('k', 1_000, (free) => told.push(free));
    shared.book('other', 3_000, nobody);
    expect(asked).toEqual(['book k 1000', 'book other 3000']);
    await pass(2_000);
    expect(asked).toEqual(['book k 1000', 'book other 3000', 'book k 4000']);
    expect(told).toEqual([5_000]);
    await pass(2_000);
    expect(asked).toHaveLength(3);
  });

  it('what a store that is gone did not hear is not told it later', async () => {
    const { slots, asked, answer } = storeOf({ delayMs: 1, isAway: true });
    const shared = createSharedSlots(slots);
    shared.book('k', 1_000, nobody);
    shared.book('k', 1_000, nobody);
    await pass(10);
    answer.isAway = false;
    shared.book('k', 500, nobody);
    await pass(10);
    expect(asked).toEqual(['book k 1000', 'book k 500']);
  });
});
