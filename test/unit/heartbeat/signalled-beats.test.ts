import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSignalledBeats, type SignalledBeats } from '../../../api/heartbeats/signalled-beats.js';
import type { HeartbeatSettings, SignalledBeat } from '../../../domain/heartbeat/heartbeat.js';
import { openHeartbeat, takeBeat, takeLook, type HeartbeatState } from '../../../domain/heartbeat/machine.js';
import { HOUR, MINUTE, SECOND, type Instant } from '../../../domain/time/instant.js';

const T0 = Date.UTC(2026, 10, 20, 12);
const SETTINGS: HeartbeatSettings = {
  id: 'queue',
  service: 'payments',
  severity: null,
  everyMs: 4 * MINUTE,
  graceMs: MINUTE,
  zone: 'UTC',
};

interface World {
  readonly signals: (SignalledBeat & { readonly now: Instant })[];
  readonly beats: SignalledBeats;
  /** The workflow, as the signals make it; no store. */
  state(): HeartbeatState;
  /** When it would be missed. */
  readonly fired: Instant[];
  away: boolean;
  /** Nothing that it sends arrives any more. */
  dead: boolean;
}

function world(settings = SETTINGS): World {
  let state = openHeartbeat(settings, Date.now());
  const signals: World['signals'] = [];
  const fired: Instant[] = [];
  const look = (): void => {
    while (Date.now() >= state.lookAt) {
      const step = takeLook(state, { kind: 'no-store' }, Math.max(state.lookAt, Date.now()));
      if (step.command?.type === 'fire') fired.push(Date.now());
      state = step.state;
    }
  };
  const timer = setInterval(look, 100);
  timers.push(timer);
  const made: World = {
    signals,
    fired,
    away: false,
    dead: false,
    state: () => state,
    beats: createSignalledBeats({
      signal: async (_settings, beat) => {
        await Promise.resolve();
        if (made.dead) return;
        if (made.away) throw new Error('away');
        signals.push({ ...beat, now: Date.now() });
        state = takeBeat(state, beat, Date.now()).state;
      },
      now: () => Date.now(),
      from: 'one',
      log: { warn: () => undefined },
    }),
  };
  return made;
}

const timers: NodeJS.Timeout[] = [];
beforeEach(() => void vi.useFakeTimers({ now: T0 }));
afterEach(() => {
  for (const timer of timers.splice(0)) clearInterval(timer);
  vi.useRealTimers();
});

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

describe('beats that go to Temporal', () => {
  it('who beats once an interval is told of each time, without a promise', async () => {
    const { beats, signals } = world();
    for (let beat = 0; beat < 5; beat += 1) {
      expect(await beats.take(SETTINGS, Date.now())).toBe('signalled');
      await pass(4 * MINUTE);
    }
    expect(signals.map(({ at, coveredUntil }) => [at - T0, coveredUntil])).toEqual(
      [0, 4, 8, 12, 16].map((minute) => [minute * MINUTE, undefined]),
    );
  });

  it('who beats every second costs one signal a quarter of the interval', async () => {
    const { beats, signals, fired } = world();
    for (let second = 0; second < 600; second += 1) {
      await beats.take(SETTINGS, Date.now());
      await pass(SECOND);
    }
    expect(signals.length).toBeLessThanOrEqual(12);
    expect(fired).toEqual([]);
    const gaps = signals.slice(2).map(({ now }, index) => now - (signals[index + 1]?.now ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(MINUTE - SECOND);
  });

  it('knows the last beat exactly once the promise is over: missed at every + grace after it, no sooner, no later', async () => {
    const { beats, fired } = world();
    let last = 0;
    for (let second = 0; second <= 95; second += 5) {
      last = Date.now();
      await beats.take(SETTINGS, last);
      await pass(5 * SECOND);
    }
    await pass(20 * MINUTE);
    expect(fired).toHaveLength(1);
    expect((fired[0] ?? 0) - (last + 5 * MINUTE)).toBeLessThanOrEqual(200);
    expect(fired[0] ?? 0).toBeGreaterThanOrEqual(last + 5 * MINUTE);
  });

  it('a process that dies after a covered beat makes no false alarm for a sender that is on time', async () => {
    const made = world();
    const beat = (): Promise<unknown> => made.beats.take(SETTINGS, Date.now());
    await beat();
    await pass(5 * SECOND);
    await beat();
    await pass(55 * SECOND);
    const covered = Date.now();
    expect(await beat()).toBe('covered');
    // It dies here: what it would have told at the end of its promise is never told.
    made.dead = true;
    const isOnTime = covered + SETTINGS.everyMs + SETTINGS.graceMs - SECOND;
    await pass(isOnTime - Date.now());
    expect(made.fired).toEqual([]);
    // And when the sender is dead as well, that is found out, at most a quarter of the interval late.
    await pass(SECOND + MINUTE);
    expect(made.fired).toHaveLength(1);
  });

  it('while Temporal is away a beat is refused, and nothing is promised', async () => {
    const made = world();
    made.away = true;
    await expect(made.beats.take(SETTINGS, Date.now())).rejects.toThrow('away');
    made.away = false;
    await pass(SECOND);
    expect(await made.beats.take(SETTINGS, Date.now())).toBe('signalled');
    expect(made.signals).toHaveLength(1);
  });

  it('Temporal away at the end of a promise: told as soon as it answers', async () => {
    const made = world();
    await made.beats.take(SETTINGS, Date.now());
    await pass(5 * SECOND);
    await made.beats.take(SETTINGS, Date.now());
    await pass(30 * SECOND);
    const last = Date.now();
    expect(await made.beats.take(SETTINGS, last)).toBe('covered');
    made.away = true;
    await pass(2 * MINUTE);
    expect(made.signals).toHaveLength(2);
    made.away = false;
    await pass(6 * SECOND);
    expect(made.signals.at(-1)?.at).toBe(last);
  });

  it('a process that ends tells what it covered, and covers nothing more', async () => {
    const made = world();
    await made.beats.take(SETTINGS, Date.now());
    await pass(5 * SECOND);
    await made.beats.take(SETTINGS, Date.now());
    await pass(5 * SECOND);
    const last = Date.now();
    await made.beats.take(SETTINGS, last);
    await made.beats.drain();
    expect(made.signals.at(-1)).toMatchObject({ at: last });
    expect(made.signals.at(-1)?.coveredUntil).toBeUndefined();
    expect(made.state().covers).toEqual({});
    await pass(SECOND);
    expect(await made.beats.take(SETTINGS, Date.now())).toBe('signalled');
    expect(made.signals.at(-1)?.coveredUntil).toBeUndefined();
  });

  it('a hundred beats at once are two signals', async () => {
    const made = world();
    const ways = await Promise.all(Array.from({ length: 100 }, () => made.beats.take(SETTINGS, Date.now())));
    expect(made.signals).toHaveLength(2);
    expect(ways.filter((way) => way === 'covered')).toHaveLength(98);
  });

  it('a clock that is set back an hour hides no beat for longer than a quarter of the interval', async () => {
    const made = world();
    await made.beats.take(SETTINGS, Date.now());
    await pass(SECOND);
    await made.beats.take(SETTINGS, Date.now());
    vi.setSystemTime(Date.now() - HOUR);
    await pass(SECOND);
    await made.beats.take(SETTINGS, Date.now());
    const before = made.signals.length;
    await pass(61 * SECOND);
    expect(made.signals.length).toBeGreaterThan(before);
  });
});
