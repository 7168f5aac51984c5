import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPacer, type Asked, type PacerOptions, type Turn } from '../../../activities/pacing/pacer.js';
import type { SharedSlots } from '../../../activities/pacing/shared-slots.js';

/** One second of a fake clock for each message, unless a test says otherwise. */
function pacing(options: PacerOptions = {}) {
  const pacer = createPacer(options);
  const began = performance.now();
  const log: string[] = [];
  const ask = (
    name: string,
    changes: Partial<Asked> & { readonly key?: string; readonly takesMs?: number } = {},
  ) => {
    const { key = 'sms:1', takesMs = 1_000, ...rest } = changes;
    const turn = pacer.turn({
      pace: { key, takesMs },
      provider: 'twilio-sms',
      handicapMs: 0,
      longestMs: 90_000,
      hasOtherWay: false,
      signal: new AbortController().signal,
      ...rest,
    });
    void turn.then(({ kind }) => log.push(`${kind} ${name} ${Math.round(performance.now() - began)}`));
    return turn;
  };
  return { pacer, ask, log };
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('the pace of one number', () => {
  it('lets the first go at once and the others one by one, in the order in which they came', async () => {
    const { ask, log, pacer } = pacing();
    for (const name of ['a', 'b', 'c', 'd']) void ask(name);
    await pass(0);
    expect(log).toEqual(['go a 0']);
    expect(pacer.waiting()).toEqual(new Map([['twilio-sms', 3]]));
    await pass(10_000);
    expect(log).toEqual(['go a 0', 'go b 1000', 'go c 2000', 'go d 3000']);
    expect(pacer.waiting()).toEqual(new Map([['twilio-sms', 0]]));
    void ask('e');
    await pass(0);
    expect(log.at(-1)).toBe('go e 10000');
  });

  it('counts what a message takes: three segments keep the number for three seconds', async () => {
    const { ask, log } = pacing();
    void ask('long', { takesMs: 3_000 });
    void ask('next');
    void ask('last');
    await pass(10_000);
    expect(log).toEqual(['go long 0', 'go next 3000', 'go last 4000']);
  });

  it('one number does not wait for another', async () => {
    const { ask, log } = pacing();
    for (const key of ['sms:1', 'sms:2', 'calls'])
      for (const name of ['a', 'b']) void ask(`${key} ${name}`, { key });
    await pass(0);
    expect(log).toEqual(['go sms:1 a 0', 'go sms:2 a 0', 'go calls a 0']);
    await pass(1_000);
    expect(log).toHaveLength(6);
  });

  it('lets what is more urgent go ahead, also when it comes later', async () => {
    const { ask, log } = pacing();
    void ask('first');
    void ask('repeat', { handicapMs: 30_000 });
    void ask('notice', { handicapMs: 60_000 });
    await pass(500);
    void ask('page');
    await pass(10_000);
    expect(log.map((line) => line.split(' ')[1])).toEqual(['first', 'page', 'repeat', 'notice']);
  });

  it('a storm of 30 pages: first pages before repeats, and no two within a second', async () => {
    const { ask, log } = pacing();
    for (let index = 0; index < 30; index += 1)
      void ask(index % 2 === 0 ? 'first' : 'repeat', { handicapMs: index % 2 === 0 ? 0 : 30_000 });
    await pass(60_000);
    const order = log.map((line) => line.split(' ')[1]);
    expect(order).toEqual([...Array<string>(15).fill('first'), ...Array<string>(15).fill('repeat')]);
    const times = log.map((line) => Number(line.split(' ')[2]));
    expect(times.slice(1).every((at, index) => at - (times[index] ?? 0) >= 1_000)).toBe(true);
    // What lets others go ahead asks some milliseconds later, so that another process comes first: that is all it costs.
    expect(times.at(-1)).toBeLessThan(29_000 + 15 * 35);
  });

  it('does not forget a notice behind first pages that never end', async () => {
    const { ask, log } = pacing();
    void ask('page');
    void ask('notice', { handicapMs: 60_000 });
    for (let second = 0; second < 80; second += 1) {
      void ask('page');
      await pass(1_000);
    }
    expect(log.find((line) => line.includes('notice'))).toMatch(/^go notice 6\d\d\d\d$/);
  });

  it('who is called off while it waits takes no turn', async () => {
    const { ask, log } = pacing();
    const stop = new AbortController();
    void ask('a');
    void ask('b', { signal: stop.signal });
    void ask('c');
    await pass(400);
    stop.abort();
    await pass(10_000);
    expect(log).toEqual(['go a 0', 'called-off b 400', 'go c 1000']);
    void ask('d', { signal: stop.signal });
    await pass(0);
    expect(log.at(-1)).toBe('called-off d 10400');
  });

  it('who has waited as long as it may is told when to come again, and its turn is not lost for the others', async () => {
    const { ask, log } = pacing();
    void ask('a', { takesMs: 4_000 });
    const b = ask('b', { longestMs: 2_500 });
    void ask('c');
    await pass(10_000);
    expect(log).toEqual(['go a 0', 'too-long b 2500', 'go c 4000']);
    expect(await b).toEqual<Turn>({ kind: 'too-long', waitedMs: 2_500, freeInMs: 2_500 });
  });

  it('who has another way does not begin to wait for too long', async () => {
    const { ask, log } = pacing();
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) void ask(name);
    const other = ask('other', { hasOtherWay: true, longestMs: 5_000 });
    void ask('quick', { hasOtherWay: true, longestMs: 6_500 });
    await pass(0);
    expect(log).toEqual(['go a 0', 'too-long other 0']);
    expect(await other).toEqual<Turn>({ kind: 'too-long', waitedMs: 0, freeInMs: 6_000 });
    await pass(10_000);
    expect(log).toContain('go quick 6000');
  });

  it('so many wait at most, all together', async () => {
    const { ask, log } = pacing({ mostWaiting: 2 });
    for (const name of ['a', 'b', 'c', 'd']) void ask(name);
    void ask('elsewhere', { key: 'sms:2' });
    await pass(0);
    expect(log).toEqual(['go a 0', 'too-long d 0', 'go elsewhere 0'].sort(() => 0));
    await pass(1_000);
    void ask('e');
    await pass(2_000);
    expect(log).toContain('go e 3000');
  });
});

describe('beside other processes', () => {
  /** A store between pacers of one clock; `delayMs` as slow. */
  function sharedSlots(delayMs = 0): SharedSlots & { readonly free: Map<string, number> } {
    const free = new Map<string, number>();
    const later = <T>(value: () => T): Promise<T> =>
      new Promise((resolve) => setTimeout(() => resolve(value()), delayMs));
    return {
      free,
      claim: (key, takesMs) =>
        later(() => {
          const inMs = (free.get(key) ?? -Infinity) - performance.now();
          if (inMs > 0) return inMs;
          free.set(key, performance.now() + takesMs);
          return 0;
        }),
      book: (key, takesMs, told) =>
        void later(() => {
          free.set(key, Math.max(free.get(key) ?? -Infinity, performance.now()) + takesMs);
          told((free.get(key) ?? 0) - performance.now());
        }),
    };
  }

  it('two of them together send no more than the rate and one each ahead', async () => {
    const shared = sharedSlots(2);
    const [one, other] = [pacing({ shared }), pacing({ shared })];
    for (let index = 0; index < 10; index += 1) {
      void one.ask(`one-${index}`);
      void other.ask(`other-${index}`);
    }
    await pass(60_000);
    const times = [...one.log, ...other.log].map((line) => Number(line.split(' ')[2])).sort((a, b) => a - b);
    expect(times).toHaveLength(20);
    // Any window of n seconds has n messages, and one more for each process: what both sent at once at the beginning.
    for (const [index, at] of times.entries())
      for (let seconds = 1; seconds <= 20; seconds += 1) {
        const inWindow = times.slice(index).filter((time) => time < at + seconds * 1_000).length;
        expect(inWindow).toBeLessThanOrEqual(seconds + 1);
      }
    // The debt of the beginning is paid: twenty messages of a second each take nineteen seconds all the same.
    expect(times.at(-1)).toBeGreaterThanOrEqual(19_000);
    expect(times.at(-1)).toBeLessThan(19_000 + 20 * 10);
    expect(one.log).toHaveLength(10);
  });

  it('who lets others go ahead does so for those of another process, too', async () => {
    const shared = sharedSlots(2);
    const [one, other] = [pacing({ shared }), pacing({ shared })];
    void one.ask('now');
    await pass(10);
    for (let index = 0; index < 5; index += 1) void one.ask('repeat', { handicapMs: 30_000 });
    void other.ask('ahead');
    await pass(20);
    for (let index = 0; index < 5; index += 1) void other.ask('page');
    await pass(60_000);
    const order = [...one.log, ...other.log]
      .map((line) => line.split(' '))
      .sort((a, b) => Number(a[2]) - Number(b[2]))
      .map(([, name]) => name);
    expect(order).toEqual([
      'now',
      'ahead',
      ...Array<string>(5).fill('page'),
      ...Array<string>(5).fill('repeat'),
    ]);
  });

  it('nobody asks the store for what is free, and it is told behind', async () => {
    const asked: string[] = [];
    const shared: SharedSlots = {
      claim: (key) => {
        asked.push(`claim ${key}`);
        return Promise.resolve(0);
      },
      book: (key, takesMs) => void asked.push(`book ${key} ${takesMs}`),
    };
    const { ask, log } = pacing({ shared });
    void ask('a');
    await pass(5_000);
    void ask('b');
    await pass(5_000);
    expect(log).toEqual(['go a 0', 'go b 5000']);
    expect(asked).toEqual(['book sms:1 1000', 'book sms:1 1000']);
  });

  it('gives back what was claimed for somebody who has left meanwhile', async () => {
    const booked: number[] = [];
    const shared: SharedSlots = {
      claim: () => new Promise((resolve) => setTimeout(() => resolve(0), 20)),
      book: (_key, takesMs) => void booked.push(takesMs),
    };
    const { ask, log } = pacing({ shared });
    const stop = new AbortController();
    void ask('a');
    void ask('b', { takesMs: 2_000, signal: stop.signal });
    await pass(1_010);
    stop.abort();
    await pass(0);
    void ask('c', { takesMs: 500 });
    await pass(1_000);
    expect(log).toEqual(['go a 0', 'called-off b 1010', 'go c 1020']);
    expect(booked).toEqual([1_000, -1_500]);
  });
});
