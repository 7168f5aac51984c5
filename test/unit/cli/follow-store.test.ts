import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { followStore } from '../../../cli/up/follow-store.js';
import type { Config } from '../../../config/types.js';
import type { Override } from '../../../domain/oncall/override.js';
import { StoreAway } from '../../../store/errors.js';
import type { StoredWindow } from '../../../store/maintenance.js';
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

const UPGRADE: StoredWindow = {
  ...{ id: 'mw-1', services: ['other'], match: null, from: NOW - 1, to: NOW + 3_600_000, reason: 'upgrade' },
  ...{ stopPages: false, by: 'alice', createdAt: NOW - 1 },
};

/** A store in memory that can be away, and a clock. */
function world() {
  const now = { at: NOW };
  const state = {
    status: 'ready' as StoreState['status'],
    kind: 'postgres' as StoreState['kind'],
    where: 'db:5432/tocsin',
  };
  const answer = <T>(value: T): Promise<T> =>
    state.status === 'ready' ? Promise.resolve(value) : Promise.reject(new StoreAway('unreachable', 'away'));
  const store = {
    overrides: { version: () => answer(1), list: () => answer([ERIN]) },
    verifiedMethods: { version: () => answer(1), list: () => answer([]) },
    maintenance: { version: () => answer(1), list: () => answer([UPGRADE]) },
    pageCounts: { version: () => answer(1), since: () => answer([]), note: () => answer(undefined) },
    state: () => state,
    untilReady: () => answer(undefined),
  } as unknown as Store;
  return { now, state, store };
}

async function followed(store: Store | undefined, now: { at: number }, dataDir?: string) {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'tocsin-follow-')));
  const ends: (() => Promise<void> | void)[] = [];
  const config = configOf();
  const { config: current, ...rest } = followStore({
    ...{ store, tokens, dataDir: join(folder, 'data'), log: pino({ level: 'silent' }), now: () => now.at },
    cleanups: { add: (_words, end) => void ends.push(end) },
    config: () => config,
  });
  onTestFinished(async () => {
    for (const end of ends) await end();
    await rm(folder, { recursive: true, force: true });
  });
  const { known, verified, maintenance } = rest;
  await Promise.all([known?.loaded, verified?.loaded, maintenance?.loaded]);
  return { ...rest, folder, config, current, found: () => current().findPeople([primary], 'high', now.at) };
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

  it('says at once that it knows nothing where it never did, though the store is only being opened', async () => {
    const { now, state, store } = world();
    state.status = 'starting';
    const { found } = await followed(store, now);
    expect(found()).toMatchObject({ overridesAsOf: null });
    expect(found()).not.toMatchObject({ people: [{ userId: 'erin' }] });
  });

  it('is patient with an embedded store that is made now: nobody can have written to it', async () => {
    const { now, state, store } = world();
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-follow-'));
    Object.assign(state, { status: 'starting', kind: 'pglite', where: join(folder, 'data', 'store') });
    const first = await followed(store, now, folder);
    expect(first.found()).not.toHaveProperty('overridesAsOf');
    // One that was finished before may hold what this process does not know, e.g. after a file was lost.
    await mkdir(state.where, { recursive: true });
    await writeFile(join(state.where, 'complete'), '');
    const later = await followed(store, now, folder);
    expect(later.found()).toMatchObject({ overridesAsOf: null });
  });

  it('waits for what the store knows before it begins, but not for a store that is away', async () => {
    const { now, state, store } = world();
    state.status = 'starting';
    const { found, caughtUp } = await followed(store, now);
    await caughtUp(2_000);
    expect(found()).toMatchObject({ overridesAsOf: null });
    state.status = 'ready';
    await caughtUp(2_000);
    expect(found()).toMatchObject({ people: [{ userId: 'erin' }] });
    expect(found()).not.toHaveProperty('overridesAsOf');
    const never = { ...store, untilReady: () => new Promise<void>(() => undefined) };
    const other = await followed(never, now);
    await other.caughtUp(20);
  });

  it('answers by all that is known of it: overrides, contact methods, nights, windows', async () => {
    const { now, store } = world();
    const { current, config, found, nightPages } = await followed(store, now);
    expect(found()).toMatchObject({ people: [{ userId: 'erin', unproven: true }] });
    const ids = (of: Config) =>
      of
        .coverAt(NOW)('other', {})
        .map(({ id }) => id);
    expect([ids(config), ids(current())]).toEqual([[], ['mw-1']]);
    now.at = utc('2026-01-06 23:00');
    const erin = () => current().findPeople([{ kind: 'user', id: 'erin' }], 'high', now.at).people[0];
    expect(erin()).not.toHaveProperty('overLimit');
    for (const openingId of ['one', 'two', 'three'])
      nightPages.note({ userId: 'erin', openingId, at: now.at, nightFrom: utc('2026-01-06 22:00') });
    expect(erin()).toMatchObject({ overLimit: { count: 3, limit: 3 }, unproven: true });
    expect(current()).toBe(current());
  });

  it('has the configuration as it is without a store', async () => {
    const { current, config, known, found } = await followed(undefined, { at: NOW });
    // But for who had their share of pages at night, which it finds out by itself.
    const others = Object.fromEntries(Object.entries(current()).filter(([key]) => key !== 'findPeople'));
    expect([{ ...config, ...others }, known]).toEqual([config, undefined]);
    expect(found()).not.toHaveProperty('overridesAsOf');
  });
});
