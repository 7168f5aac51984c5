import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createQuickMarks } from '../../../activities/bundling/quick-marks.js';
import type { Marked, PageToMark } from '../../../store/bundles.js';

const PAGE: PageToMark = {
  ...{ userId: 'alice', methodId: 'sms-1', channel: 'sms' },
  ...{ withinMs: 5_000, gatherMs: 3_000, newId: 'b-1' },
};
const GATHERED: Marked = { kind: 'bundle', id: 'b-1', closesInMs: 3_000 };
const LIMIT_MS = 60;

/** A store that takes so long for its answers, or refuses at once. */
function slowStore(isShared = true) {
  const store = { tookMs: 0, isAway: false, asked: 0 };
  const mark = async (): Promise<Marked> => {
    store.asked += 1;
    if (store.isAway) throw new Error('away');
    if (store.tookMs > 0) await delay(store.tookMs);
    return GATHERED;
  };
  return { store, quickMark: createQuickMarks({ bundles: { mark }, isShared, limitMs: LIMIT_MS }) };
}

async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
  const began = performance.now();
  return [await work, performance.now() - began];
}

it('says what the store says in time', async () => {
  const { quickMark } = slowStore();
  expect(await quickMark(PAGE)).toEqual(GATHERED);
});

it('a store that is away is no wait, and is asked for each page', async () => {
  const { store, quickMark } = slowStore();
  store.isAway = true;
  for (const _page of [1, 2, 3]) expect(await quickMark(PAGE)).toBeNull();
  expect(store.asked).toBe(3);
  store.isAway = false;
  expect(await quickMark(PAGE)).toEqual(GATHERED);
});

it('a slow store costs one page the limit and the next ones nothing; they are noted one at a time', async () => {
  const { store, quickMark } = slowStore();
  store.tookMs = 400;
  const [first, firstMs] = await timed(quickMark(PAGE));
  expect(first).toBeNull();
  expect(firstMs).toBeLessThan(300);
  const [others, othersMs] = await timed(Promise.all([1, 2, 3, 4].map(() => quickMark(PAGE))));
  expect(others).toEqual([null, null, null, null]);
  expect(othersMs).toBeLessThan(LIMIT_MS);
  expect(store.asked).toBe(1);
  await delay(500);
  expect(await quickMark(PAGE)).toBeNull();
  expect(store.asked).toBe(2);
});

it('is waited for again once it has answered quickly', async () => {
  const { store, quickMark } = slowStore();
  store.tookMs = 400;
  expect(await quickMark(PAGE)).toBeNull();
  store.tookMs = 0;
  await delay(500);
  expect(await quickMark(PAGE)).toBeNull();
  await delay(20);
  expect(await quickMark(PAGE)).toEqual(GATHERED);
});

describe('alone with its store', () => {
  it('knows the first page of each person by itself, and asks about those after it', async () => {
    const { store, quickMark } = slowStore(false);
    store.tookMs = 400;
    const [first, firstMs] = await timed(quickMark(PAGE));
    expect(first).toEqual({ kind: 'first' });
    expect(firstMs).toBeLessThan(LIMIT_MS / 2);
    // The store hears of it, so that it knows the last message.
    expect(store.asked).toBe(1);
    store.tookMs = 0;
    expect(await quickMark({ ...PAGE, userId: 'bob' })).toEqual({ kind: 'first' });
    expect(await quickMark({ ...PAGE, methodId: 'sms-2' })).toEqual({ kind: 'first' });
    expect(await quickMark(PAGE)).toEqual(GATHERED);
  });

  it('a page is the first again once the window is over, after a message and after a list', async () => {
    const { quickMark, store } = slowStore(false);
    const soon = { ...PAGE, withinMs: 100 };
    store.isAway = true;
    expect(await quickMark(soon)).toEqual({ kind: 'first' });
    expect(await quickMark(soon)).toBeNull();
    await delay(120);
    expect(await quickMark(soon)).toEqual({ kind: 'first' });
    store.isAway = false;
    // Its list closes in three seconds.
    expect(await quickMark(soon)).toEqual(GATHERED);
    await delay(120);
    expect(await quickMark(soon)).toEqual(GATHERED);
  });
});
