import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeartbeatSettings, LastBeat } from '../../../domain/heartbeat/heartbeat.js';
import {
  dueAt,
  endHeartbeat,
  heartbeatViewOf,
  needsLook,
  openHeartbeat,
  takeBeat,
  takeLook,
  takeSettings,
  type HeartbeatCommand,
  type HeartbeatState,
  type HeartbeatStep,
} from '../../../domain/heartbeat/machine.js';
import { DAY, HOUR, MINUTE, SECOND, type Instant } from '../../../domain/time/instant.js';

const T0 = Date.UTC(2026, 10, 20, 2, 2);
const SETTINGS: HeartbeatSettings = {
  id: 'nightly-backup',
  service: 'payments',
  severity: null,
  everyMs: 24 * HOUR,
  graceMs: HOUR,
  zone: 'Europe/Berlin',
};

const known = (at: Instant | null): LastBeat => ({ kind: 'known', at });
const AWAY: LastBeat = { kind: 'away', reason: 'unreachable' };
const NO_STORE: LastBeat = { kind: 'no-store' };

/** Looks whenever it is due, as the workflow does, until `until`; the commands with their instants. */
function run(
  state: HeartbeatState,
  until: Instant,
  look: (now: Instant) => LastBeat,
): {
  readonly state: HeartbeatState;
  readonly commands: (HeartbeatCommand & { readonly now: Instant })[];
  looks: number;
} {
  const commands: (HeartbeatCommand & { readonly now: Instant })[] = [];
  let looks = 0;
  for (let now = state.lookAt; now <= until; now = state.lookAt) {
    expect(needsLook(state, now)).toBe(true);
    const step: HeartbeatStep = takeLook(state, look(now), now);
    looks += 1;
    if (step.command !== null) commands.push({ ...step.command, now });
    state = step.state;
    expect(state.lookAt).toBeGreaterThan(now);
  }
  return { state, commands, looks };
}

describe('a heartbeat', () => {
  it('waits for its first beat from when it was configured, and is missed at the end of grace, once', () => {
    const opened = openHeartbeat(SETTINGS, T0);
    expect(heartbeatViewOf(opened)).toMatchObject({ phase: 'waiting', beat: null, dueAt: T0 + 25 * HOUR });
    const { commands, state } = run(opened, T0 + 3 * DAY, () => known(null));
    expect(commands).toEqual([
      {
        type: 'fire',
        now: T0 + 25 * HOUR,
        dueAt: T0 + 25 * HOUR,
        beat: null,
        clockFrom: T0,
        storeAwaySince: null,
      },
    ]);
    expect(state.phase).toBe('missed');
  });

  it('is looked after once an interval while it beats into the store, and never missed', () => {
    // Ten minutes of jitter around the same time each night.
    const beats = Array.from({ length: 30 }, (_none, day) => T0 + day * DAY + ((day * 7) % 10) * MINUTE);
    const last = (now: Instant): LastBeat => known(beats.filter((at) => at <= now).at(-1) ?? null);
    const { commands, looks, state } = run(openHeartbeat(SETTINGS, T0), T0 + 29 * DAY, last);
    expect(commands).toEqual([]);
    expect(looks).toBeLessThanOrEqual(29);
    expect(state.phase).toBe('beating');
  });

  it('is missed at the last beat + every + grace, to the millisecond, and beats again within a minute of the beat', () => {
    const beat = T0 + 5 * HOUR;
    const again = beat + 40 * HOUR;
    const last = (now: Instant): LastBeat => known(now >= again ? again : beat);
    const { commands } = run(openHeartbeat(SETTINGS, T0), again + 10 * MINUTE, last);
    expect(commands.map(({ type }) => type)).toEqual(['fire', 'resolve']);
    expect(commands[0]).toMatchObject({ now: beat + 25 * HOUR, dueAt: beat + 25 * HOUR, beat });
    expect(commands[1]).toMatchObject({ dueAt: beat + 25 * HOUR, beat: again });
    expect((commands[1]?.now ?? 0) - again).toBeLessThanOrEqual(5 * MINUTE);
  });

  it('looks seldom for one that stays missed: at most every minute, later every five', () => {
    const { looks } = run(openHeartbeat(SETTINGS, T0), T0 + 25 * HOUR + 2 * DAY, () => known(null));
    expect(looks).toBeLessThan(700);
  });

  it('is resolved at once by a beat that comes by signal', () => {
    const { state } = run(openHeartbeat(SETTINGS, T0), T0 + 26 * HOUR, () => NO_STORE);
    const now = T0 + 27 * HOUR;
    const step = takeBeat(state, { at: now, from: 'a' }, now);
    expect(step.command).toEqual({ type: 'resolve', dueAt: T0 + 25 * HOUR, beat: now });
    expect(step.state).toMatchObject({ phase: 'beating', missed: null, lookAt: now + 25 * HOUR });
  });

  it('stays missed when all that comes is an old beat', () => {
    const { state } = run(openHeartbeat(SETTINGS, T0), T0 + 40 * HOUR, () => NO_STORE);
    const step = takeBeat(state, { at: T0 + 2 * HOUR, from: 'a' }, T0 + 40 * HOUR);
    expect(step.command).toBeNull();
    expect(step.state.phase).toBe('missed');
  });

  it('is resolved by a beat that a slow clock stamps just before the alarm', () => {
    const due = T0 + 25 * HOUR;
    const { state } = run(openHeartbeat(SETTINGS, T0), due, () => known(null));
    expect(state.phase).toBe('missed');
    expect(takeLook(state, known(due - 2 * SECOND), due + MINUTE).command?.type).toBe('resolve');
  });

  it('takes the later of what the store and what signals say', () => {
    const opened = openHeartbeat(SETTINGS, T0);
    const signalled = takeBeat(opened, { at: T0 + 10 * HOUR, from: 'a' }, T0 + 10 * HOUR).state;
    expect(dueAt(takeLook(signalled, known(T0 + 9 * HOUR), T0 + 11 * HOUR).state)).toBe(T0 + 35 * HOUR);
    expect(dueAt(takeLook(signalled, known(T0 + 10.5 * HOUR), T0 + 11 * HOUR).state)).toBe(T0 + 35.5 * HOUR);
  });
});

describe('while the store is away', () => {
  it('one interval more is waited, once; then it counts as missed, and says why', () => {
    const due = T0 + 25 * HOUR;
    const { commands } = run(openHeartbeat(SETTINGS, T0), due + 40 * HOUR, () => AWAY);
    expect(commands).toEqual([
      { type: 'fire', now: due + 25 * HOUR, dueAt: due, beat: null, clockFrom: T0, storeAwaySince: due },
    ]);
  });

  it('a store that is back is believed within five minutes: no alarm for what did beat', () => {
    const back = T0 + 30 * HOUR;
    const beat = T0 + 24 * HOUR;
    const { commands, state } = run(openHeartbeat(SETTINGS, T0), T0 + 48 * HOUR, (now) =>
      now < back ? AWAY : known(beat),
    );
    expect(commands).toEqual([]);
    expect(state).toMatchObject({ phase: 'beating', away: null, lookAt: beat + 25 * HOUR });
  });

  it('a store that is back and has nothing newer: missed then, not an interval later', () => {
    const back = T0 + 30 * HOUR;
    const { commands } = run(openHeartbeat(SETTINGS, T0), T0 + 48 * HOUR, (now) =>
      now < back ? AWAY : known(null),
    );
    expect(commands).toHaveLength(1);
    expect((commands[0]?.now ?? 0) - back).toBeLessThanOrEqual(5 * MINUTE);
  });

  it('a beat that comes by signal is a beat; silence after it gets its one interval more again', () => {
    const due = T0 + 25 * HOUR;
    const first = run(openHeartbeat(SETTINGS, T0), due, () => AWAY);
    expect(first.state.away).not.toBeNull();
    const beat = due + HOUR;
    const { state } = takeBeat(first.state, { at: beat, from: 'a' }, beat);
    expect(state).toMatchObject({ lookAt: beat + 25 * HOUR, away: null });
    const { commands } = run(state, T0 + 10 * DAY, () => AWAY);
    expect(commands.map(({ now }) => now)).toEqual([beat + 50 * HOUR]);
  });
});

describe('beats that were not told one by one', () => {
  const FAST: HeartbeatSettings = { ...SETTINGS, everyMs: 4 * MINUTE, graceMs: MINUTE };

  it('a process that dies with a promise has beaten at its end', () => {
    const opened = openHeartbeat(FAST, T0);
    const { state } = takeBeat(opened, { at: T0, from: 'a', coveredUntil: T0 + MINUTE }, T0);
    const { commands } = run(state, T0 + HOUR, () => NO_STORE);
    expect(commands[0]).toMatchObject({ type: 'fire', now: T0 + 6 * MINUTE });
  });

  it('a promise that was ended counts no more', () => {
    const opened = openHeartbeat(FAST, T0);
    const promised = takeBeat(opened, { at: T0, from: 'a', coveredUntil: T0 + MINUTE }, T0).state;
    const { state } = takeBeat(promised, { at: T0 + 10 * SECOND, from: 'a' }, T0 + MINUTE);
    expect(state.lookAt).toBe(T0 + 10 * SECOND + 5 * MINUTE);
  });

  it('what one process ends is not the promise of another', () => {
    const opened = openHeartbeat(FAST, T0);
    const a = takeBeat(opened, { at: T0, from: 'a', coveredUntil: T0 + MINUTE }, T0).state;
    const { state } = takeBeat(a, { at: T0 + SECOND, from: 'b' }, T0 + SECOND);
    expect(state.lookAt).toBe(T0 + 6 * MINUTE);
  });
});

describe('clocks', () => {
  it('an API whose clock is ahead buys no time', () => {
    const { state } = takeBeat(openHeartbeat(SETTINGS, T0), { at: T0 + 30 * DAY, from: 'a' }, T0 + HOUR);
    expect(state).toMatchObject({ beat: T0 + HOUR, lookAt: T0 + 26 * HOUR });
  });

  it('a beat in the store from the future counts as of when it was first seen, however often it is seen', () => {
    const stamp = T0 + 30 * DAY;
    const { commands } = run(openHeartbeat(SETTINGS, T0), T0 + 31 * DAY, () => known(stamp));
    // Seen first at the first look.
    expect(commands[0]).toMatchObject({ type: 'fire', now: T0 + 50 * HOUR, beat: T0 + 25 * HOUR });
    expect(commands).toHaveLength(1);
  });
});

describe('a changed configuration', () => {
  it('starts the clock anew, shorter or longer: no alarm for what was agreed differently', () => {
    const beating = takeBeat(openHeartbeat(SETTINGS, T0), { at: T0, from: 'a' }, T0).state;
    const now = T0 + 20 * HOUR;
    const shorter = takeSettings(beating, { ...SETTINGS, everyMs: HOUR, graceMs: MINUTE }, now);
    expect(shorter.lookAt).toBe(now + HOUR + MINUTE);
    const longer = takeSettings(beating, { ...SETTINGS, everyMs: 48 * HOUR }, now);
    expect(longer.lookAt).toBe(now + 49 * HOUR);
  });

  it('of service or severity alone moves nothing', () => {
    const beating = takeBeat(openHeartbeat(SETTINGS, T0), { at: T0, from: 'a' }, T0).state;
    const other = takeSettings(beating, { ...SETTINGS, service: 'orders', severity: 'SEV0' }, T0 + HOUR);
    expect(other).toEqual({ ...beating, settings: { ...SETTINGS, service: 'orders', severity: 'SEV0' } });
  });

  it('what is missed stays missed until it beats', () => {
    const { state } = run(openHeartbeat(SETTINGS, T0), T0 + 25 * HOUR, () => known(null));
    const now = T0 + 26 * HOUR;
    const changed = takeSettings(state, { ...SETTINGS, everyMs: 48 * HOUR }, now);
    expect(changed.phase).toBe('missed');
    expect(takeLook(changed, known(null), now + MINUTE).command).toBeNull();
    expect(takeLook(changed, known(now), now + MINUTE).command?.type).toBe('resolve');
  });

  it('that has it no longer resolves what was missed, and says nothing of what was not', () => {
    const opened = openHeartbeat(SETTINGS, T0);
    expect(endHeartbeat(opened)).toBeNull();
    const { state } = run(opened, T0 + 25 * HOUR, () => known(null));
    expect(endHeartbeat(state)).toMatchObject({ type: 'resolve', dueAt: T0 + 25 * HOUR });
  });
});

it('whatever the beats, through an outage of the store: no alarm while each gap is within every + grace, and one alarm within two of them when it falls silent', () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 40 });
  const place = fc.integer({ min: 0, max: 40 });
  fc.assert(
    fc.property(gaps, place, place, (seconds, from, length) => {
      const settings = { ...SETTINGS, everyMs: 90 * SECOND, graceMs: 10 * SECOND };
      let state = openHeartbeat(settings, T0);
      let stored: Instant | null = null;
      let at = T0;
      for (const [index, gap] of seconds.entries()) {
        const next = at + gap * SECOND;
        const isAway = index >= from && index < from + length;
        const last = stored;
        const ran = run(state, next - 1, () => (isAway ? AWAY : known(last)));
        expect(ran.commands).toEqual([]);
        state = ran.state;
        at = next;
        if (isAway) state = takeBeat(state, { at, from: 'a' }, at).state;
        else stored = at;
      }
      const silent = run(state, at + 1_000 * SECOND, () => AWAY);
      expect(silent.commands.map(({ type }) => type)).toEqual(['fire']);
      expect((silent.commands[0]?.now ?? Infinity) - at).toBeLessThanOrEqual(2 * 100 * SECOND);
    }),
    { numRuns: 500 },
  );
});
