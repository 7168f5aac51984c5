import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { batchedIncidents, type BatchingLimits } from '../../api/intake/batched-incidents.js';
import type { Alert } from '../../domain/alert/alert.js';
import { batchOf, inputOf } from '../support/plans.js';
import { createFakeIncidents } from './support/fake-incidents.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const KEY = inputOf().key;

function alert(fingerprint: string, status: Alert['status'] = 'firing', severity = 'SEV1'): Alert {
  return { fingerprint, status, startsAt: 1, summary: `${fingerprint} is failing`, severity };
}

/** Signals in the order in which they were sent; each waits for `answer` while `held`. */
function createStage(limits: Partial<BatchingLimits> = {}) {
  const signals: { readonly kind: 'intake' | 'resolved'; readonly key: string; readonly names: string[] }[] =
    [];
  const severities: string[] = [];
  const waiting: ((error?: Error) => void)[] = [];
  let held = false;
  const answer = (): Promise<void> =>
    held
      ? new Promise((resolve, reject) =>
          waiting.push((error) => (error === undefined ? resolve() : reject(error))),
        )
      : Promise.resolve();
  const fake = createFakeIncidents();
  const { incidents, drain } = batchedIncidents(
    {
      ...fake,
      intake: (input, { alerts }) => {
        signals.push({ kind: 'intake', key: input.key, names: alerts.map((one) => one.fingerprint) });
        severities.push(input.severity);
        return answer();
      },
      resolved: async (key, { alerts }) => {
        signals.push({ kind: 'resolved', key, names: alerts.map((one) => one.fingerprint) });
        await answer();
        return 'none-open';
      },
    },
    limits,
  );
  return {
    signals,
    severities,
    drain,
    fires: (...names: string[]) => incidents.intake(inputOf(), batchOf(names.map((name) => alert(name)))),
    incidents,
    resolves: (...names: string[]) =>
      incidents.resolved(KEY, batchOf(names.map((name) => alert(name, 'resolved')))),
    hold: () => (held = true),
    /** The oldest signal under way is answered. */
    answer: async (error?: Error) => {
      waiting.shift()?.(error);
      await vi.advanceTimersByTimeAsync(0);
    },
    names: () => signals.map(({ names }) => names.join(' ')),
  };
}

/** What has become of a promise by now. */
function watch(promise: Promise<unknown>): { state: 'open' | 'done' | 'failed'; error?: unknown } {
  const seen: { state: 'open' | 'done' | 'failed'; error?: unknown } = { state: 'open' };
  promise.then(
    () => (seen.state = 'done'),
    (error: unknown) => Object.assign(seen, { state: 'failed', error }),
  );
  return seen;
}

describe('alerts of one incident', () => {
  it('go at once when they come alone, and every 200 ms while more come', async () => {
    const stage = createStage();
    const first = watch(stage.fires('a'));
    await vi.advanceTimersByTimeAsync(0);
    expect(first.state).toBe('done');
    const more = ['b', 'c', 'd'].map((name) => watch(stage.fires(name)));
    await vi.advanceTimersByTimeAsync(199);
    expect(stage.names()).toEqual(['a']);
    expect(more.map(({ state }) => state)).toEqual(['open', 'open', 'open']);
    await vi.advanceTimersByTimeAsync(1);
    expect(stage.names()).toEqual(['a', 'b c d']);
    expect(more.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
    void stage.fires('e');
    await vi.advanceTimersByTimeAsync(200);
    expect(stage.names()).toEqual(['a', 'b c d', 'e']);
  });

  it('go at once again after 200 quiet ms', async () => {
    const stage = createStage();
    await stage.fires('a');
    await vi.advanceTimersByTimeAsync(200);
    const next = watch(stage.fires('b'));
    await vi.advanceTimersByTimeAsync(0);
    expect(next.state).toBe('done');
  });

  it('do not wait for those of another one', async () => {
    const stage = createStage();
    await stage.fires('a');
    const other = { ...inputOf(), key: 'f'.repeat(20) };
    const taken = watch(stage.incidents.intake(other, batchOf([alert('b')])));
    await vi.advanceTimersByTimeAsync(0);
    expect(taken.state).toBe('done');
    expect(stage.signals.map(({ key }) => key)).toEqual([KEY, other.key]);
  });

  it('keep their order, firing and resolved, and only one signal is under way', async () => {
    const stage = createStage();
    stage.hold();
    const calls = [stage.fires('a'), stage.resolves('a'), stage.fires('b'), stage.resolves('c')].map(watch);
    await vi.advanceTimersByTimeAsync(500);
    expect(stage.names()).toEqual(['a']);
    await stage.answer();
    expect(calls.map(({ state }) => state)).toEqual(['done', 'open', 'open', 'open']);
    expect(stage.names()).toEqual(['a', 'a b c']);
    await stage.answer();
    expect(calls.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
  });

  it('open nothing when all of them are over, and say that none was open', async () => {
    const stage = createStage();
    expect(await stage.resolves('a')).toBe('none-open');
    const next = stage.resolves('b');
    await vi.advanceTimersByTimeAsync(200);
    expect(await next).toBe('none-open');
    expect(stage.signals.map(({ kind }) => kind)).toEqual(['resolved', 'resolved']);
  });

  it('go as soon as they make the size of a signal, and never in a larger one', async () => {
    const one = Buffer.byteLength(JSON.stringify(alert('a'))) + 1;
    const stage = createStage({ batchBytes: 3 * one });
    await stage.fires('a');
    const large = watch(stage.fires('b', 'c', 'd', 'e', 'f', 'g', 'h'));
    await vi.advanceTimersByTimeAsync(0);
    expect(stage.names()).toEqual(['a', 'b c d', 'e f g', 'h']);
    expect(large.state).toBe('done');
  });

  it('are answered each with the signal that carries the last of them', async () => {
    const one = Buffer.byteLength(JSON.stringify(alert('a'))) + 1;
    const stage = createStage({ batchBytes: 2 * one });
    stage.hold();
    const calls = [stage.fires('a'), stage.fires('b'), stage.fires('c', 'd'), stage.fires('e')].map(watch);
    await stage.answer();
    expect(stage.names()).toEqual(['a', 'b c']);
    await stage.answer();
    expect(calls.map(({ state }) => state)).toEqual(['done', 'done', 'open', 'open']);
    await stage.answer();
    expect(stage.names()).toEqual(['a', 'b c', 'd e']);
    expect(calls.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
  });

  it('fail together when their signal fails: nothing of it is sent later, and what comes after is tried', async () => {
    const one = Buffer.byteLength(JSON.stringify(alert('a'))) + 1;
    const stage = createStage({ batchBytes: 2 * one });
    stage.hold();
    const first = watch(stage.fires('a'));
    const calls = [stage.fires('b'), stage.fires('c', 'd'), stage.fires('e')].map(watch);
    await stage.answer();
    expect(first.state).toBe('done');
    const away = new Error('away');
    await stage.answer(away);
    expect(calls).toEqual([
      { state: 'failed', error: away },
      { state: 'failed', error: away },
      { state: 'failed', error: away },
    ]);
    expect(stage.names()).toEqual(['a', 'b c']);
    const next = watch(stage.fires('f'));
    await vi.advanceTimersByTimeAsync(200);
    await stage.answer();
    expect(next.state).toBe('done');
    expect(stage.names()).toEqual(['a', 'b c', 'f']);
  });

  it('that arrive together open the incident with the worst severity', async () => {
    const stage = createStage();
    await stage.fires('a');
    const worse = { ...inputOf(), severity: 'SEV0' };
    const calls = [
      stage.fires('b'),
      stage.incidents.intake(worse, batchOf([alert('c', 'firing', 'SEV0')])),
      stage.fires('d'),
    ];
    await vi.advanceTimersByTimeAsync(200);
    await Promise.all(calls);
    expect(stage.severities).toEqual([inputOf().severity, 'SEV0']);
  });

  it('of senders that do and do not say when it is over go apart, in order', async () => {
    const stage = createStage();
    await stage.fires('a');
    const silent = stage.incidents.intake(
      { ...inputOf(), resolves: false },
      { ...batchOf([alert('b')]), resolves: false },
    );
    const calls = [silent, stage.fires('c')];
    await vi.advanceTimersByTimeAsync(200);
    await Promise.all(calls);
    expect(stage.names()).toEqual(['a', 'b', 'c']);
  });
});

describe('what waits', () => {
  it('is bounded: beyond it a request is refused with a 503, and taken again once there is room', async () => {
    const stage = createStage({ waitingBytes: 20_000 });
    stage.hold();
    const taken = ['a', 'b', 'c', 'd'].map((name) => watch(stage.fires(name)));
    await expect(stage.fires('e')).rejects.toMatchObject({
      code: 'overloaded',
      status: 503,
      headers: { 'retry-after': '5' },
    });
    await stage.answer();
    await vi.advanceTimersByTimeAsync(200);
    await stage.answer();
    expect(taken.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done']);
    const again = watch(stage.fires('e'));
    await vi.advanceTimersByTimeAsync(200);
    await stage.answer();
    expect(again.state).toBe('done');
    expect(stage.names()).toEqual(['a', 'b c d', 'e']);
  });

  it('goes at once at the end, and nothing is gathered any more', async () => {
    const stage = createStage();
    await stage.fires('a');
    const late = watch(stage.fires('b'));
    await stage.drain();
    await vi.advanceTimersByTimeAsync(0);
    expect(stage.names()).toEqual(['a', 'b']);
    expect(late.state).toBe('done');
    await stage.fires('c');
    await stage.fires('d');
    expect(stage.names()).toEqual(['a', 'b', 'c', 'd']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('at the end is waited for, with what came while a signal was under way', async () => {
    const stage = createStage();
    stage.hold();
    const calls = [stage.fires('a'), stage.fires('b')].map(watch);
    const drained = watch(stage.drain());
    await vi.advanceTimersByTimeAsync(0);
    expect(drained.state).toBe('open');
    await stage.answer();
    expect([calls[0]?.state, drained.state]).toEqual(['done', 'open']);
    await stage.answer();
    expect([calls[1]?.state, drained.state]).toEqual(['done', 'done']);
  });

  it('leaves no timer and no memory of an incident behind once it is quiet', async () => {
    const stage = createStage();
    for (const name of ['a', 'b', 'c']) void stage.fires(name);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stage.names()).toEqual(['a', 'b c']);
    expect(vi.getTimerCount()).toBe(0);
  });
});
