import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { followStore } from '../../../cli/up/follow-store.js';
import type { Override } from '../../../domain/oncall/override.js';
import { StoreAway } from '../../../store/errors.js';
import type { Store, StoreState } from '../../../store/store.js';
import { createTokens } from '../../../tokens/signed-token.js';
import { configOf, utc } from '../config/support.js';

const tokens = createTokens('a-secret-of-sixteen-characters');

/** A Tuesday: alice is primary. */
const NOW = utc('2026-01-06 12:00');
const primary = { kind: 'schedule', id: 'payments', slot: 'primary' } as const;
const ERIN: Override = {
  ...{ id: 'o1', schedule: 'payments', slot: 'primary', userId: 'erin', insteadOf: null },
  ...{ from: NOW - 1, to: NOW + 3_600_000, reason: 'x', by: 'alice', createdAt: NOW - 1, swapId: null },
};

/** A store in memory that can be away, and a clock. */
function world() {
  const now = { at: NOW };
  const state = { status: 'ready' as StoreState['status'] };
  const answer = <T>(value: T): Promise<T> =>
    state.status === 'ready' ? Promise.resolve(value) : Promise.reject(new StoreAway('unreachable', 'away'));
  const store = {
    overrides: { version: () => answer(1), list: () => answer([ERIN]) },
    state: () => state,
  } as unknown as Store;
  return { now, state, store };
}

async function followed(store: Store | undefined, now: { at: number }, dataDir?: string) {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'tocsin-follow-')));
  const ends: (() => Promise<void> | void)[] = [];
  const config = configOf();
  const { config: current, known } = followStore({
    ...{ store, tokens, dataDir: join(folder, 'data'), log: pino({ level: 'silent' }), now: () => now.at },
    cleanups: { add: (_words, end) => void ends.push(end) },
    config: () => config,
  });
  onTestFinished(async () => {
    for (const end of ends) await end();
    await rm(folder, { recursive: true, force: true });
  });
  await known?.loaded;
  return { folder, config, current, known, found: () => current().findPeople([primary], 'high', now.at) };
}

describe('a process that follows the overrides of its store', () => {
  it('pages by them, and goes on to while it is away: marked when it has not answered for 30 s', async () => {
    const { now, state, store } = world();
    const { found } = await followed(store, now);
    expect(found()).toMatchObject({ people: [{ userId: 'erin' }] });
    state.status = 'away';
    now.at += 30_000;
    expect(found()).not.toHaveProperty('overridesAsOf');
    now.at += 1;
    expect(found()).toMatchObject({ people: [{ userId: 'erin' }], overridesAsOf: NOW });
  });

  it('knows the last ones after a restart without it, and says at once that they are old', async () => {
    const { now, state, store } = world();
    const { folder } = await followed(store, now);
    await vi.waitFor(async () =>
      expect(await readFile(join(folder, 'data', 'overrides.json'), 'utf8')).toContain('erin'),
    );
    state.status = 'away';
    now.at += 60_000;
    const again = await followed(store, now, folder);
    expect(again.found()).toMatchObject({ people: [{ userId: 'erin' }], overridesAsOf: NOW });
  });

  it('does not call old what it knew while the store is only being opened, for half a minute', async () => {
    const { now, state, store } = world();
    const { folder } = await followed(store, now);
    await vi.waitFor(async () =>
      expect(await readFile(join(folder, 'data', 'overrides.json'), 'utf8')).toContain('erin'),
    );
    state.status = 'starting';
    now.at += 60_000;
    const { found } = await followed(store, now, folder);
    expect(found()).not.toHaveProperty('overridesAsOf');
    expect(found()).toMatchObject({ people: [{ userId: 'erin' }] });
    now.at += 30_001;
    expect(found()).toMatchObject({ overridesAsOf: NOW });
  });

  it('has the configuration as it is without a store', async () => {
    const { current, config, known, found } = await followed(undefined, { at: NOW });
    // But for who had their share of pages at night, which it finds out by itself.
    const others = Object.fromEntries(Object.entries(current()).filter(([key]) => key !== 'findPeople'));
    expect([{ ...config, ...others }, known]).toEqual([config, undefined]);
    expect(found()).not.toHaveProperty('overridesAsOf');
  });
});
