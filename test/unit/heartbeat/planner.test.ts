import { describe, expect, it, onTestFinished } from 'vitest';
import { startHeartbeatPlanner, type HeartbeatPlanner } from '../../../api/heartbeats/planner.js';
import type { Config } from '../../../config/types.js';
import type { HeartbeatMemo, HeartbeatSettings } from '../../../domain/heartbeat/heartbeat.js';
import { configOf } from '../config/support.js';

const ENV = { KEY_A: 'a-key-of-sixteen-characters', KEY_B: 'b-key-of-sixteen-characters' };

function withHeartbeats(every: Readonly<Record<string, string>>): Config {
  const lines = Object.entries(every).map(
    ([id, span]) => `\n  ${id}: { service: other, every: ${span}, key: { env: KEY_${id.toUpperCase()} } }`,
  );
  return configOf(lines.length === 0 ? {} : { heartbeats: lines.join('') }, ENV);
}

/** Workflows in memory. */
function world() {
  const running = new Map<string, HeartbeatMemo | null>();
  const log: string[] = [];
  const state = { config: withHeartbeats({ a: '1h', b: '24h' }), away: false };
  const workflows = {
    running: async () => {
      await Promise.resolve();
      if (state.away) throw new Error('away');
      return new Map(running);
    },
    ensure: async (settings: HeartbeatSettings) => {
      await Promise.resolve();
      log.push(`ensure ${settings.id} ${settings.everyMs / 60_000}m`);
      running.set(settings.id, { settings, phase: 'waiting', missedAt: null, beat: null });
    },
    end: async (id: string) => {
      await Promise.resolve();
      log.push(`end ${id}`);
      running.delete(id);
    },
  };
  const planner = (): HeartbeatPlanner => {
    const made = startHeartbeatPlanner({
      workflows,
      config: () => state.config,
      log: { info: () => undefined, warn: () => undefined },
      // Only when the test looks.
      lookEveryMs: 1_000_000,
      countEvery: 3,
    });
    onTestFinished(() => made.stop());
    return made;
  };
  return { running, log, state, planner };
}

describe('the planner of heartbeats', () => {
  it('starts what the configuration has, once, whoever looks again', async () => {
    const { log, planner } = world();
    const first = planner();
    await first.look();
    expect(log.splice(0)).toEqual(['ensure a 60m', 'ensure b 1440m']);
    for (let look = 0; look < 7; look += 1) await first.look();
    await planner().look();
    expect(log).toEqual([]);
  });

  it('a reload tells what changed, starts what is new, and ends what is gone', async () => {
    const { log, state, planner } = world();
    const one = planner();
    await one.look();
    log.length = 0;
    state.config = withHeartbeats({ a: '30m' });
    await one.look();
    expect(log).toEqual(['ensure a 30m', 'end b']);
  });

  it('the last heartbeat that is removed ends too', async () => {
    const { log, state, planner } = world();
    const one = planner();
    await one.look();
    log.length = 0;
    state.config = withHeartbeats({});
    await one.look();
    expect(log).toEqual(['end a', 'end b']);
  });

  it('one that somebody terminated is started again, though the configuration is the old one', async () => {
    const { log, running, planner } = world();
    const one = planner();
    await one.look();
    log.length = 0;
    running.delete('a');
    for (let look = 0; look < 3; look += 1) await one.look();
    expect(log).toEqual(['ensure a 60m']);
  });

  it('two APIs that hold different versions do not correct each other for ever', async () => {
    const { log, state, planner } = world();
    const old = planner();
    await old.look();
    const before = state.config;
    state.config = withHeartbeats({ a: '30m' });
    const fresh = planner();
    await fresh.look();
    log.length = 0;
    // The old one still has its version, and only looks whether anything is missing.
    state.config = before;
    for (let look = 0; look < 9; look += 1) await old.look();
    expect(log).toEqual(['ensure b 1440m']);
  });

  it('an API that holds on to a version from before a heartbeat does not end it', async () => {
    const { log, state, planner } = world();
    const both = state.config;
    state.config = withHeartbeats({ a: '1h' });
    const before = state.config;
    const old = planner();
    await old.look();
    state.config = both;
    await planner().look();
    expect(log.splice(0)).toEqual(['ensure a 60m', 'ensure b 1440m']);
    state.config = before;
    for (let look = 0; look < 9; look += 1) await old.look();
    expect(log).toEqual([]);
  });

  it('Temporal away: nothing is taken as done, and the next look does it', async () => {
    const { log, state, planner } = world();
    const one = planner();
    state.away = true;
    await expect(one.look()).rejects.toThrow('away');
    expect(log).toEqual([]);
    state.away = false;
    await one.look();
    expect(log).toEqual(['ensure a 60m', 'ensure b 1440m']);
  });
});
