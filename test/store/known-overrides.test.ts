import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreAway } from '../../store/errors.js';
import { createKnownOverrides, type KnownOverridesOptions } from '../../store/known-overrides.js';
import type { Overrides } from '../../store/overrides.js';
import { anything, by, HOUR, NOON, override, silent } from './support/overrides.js';
import { embeddedOfFile, freshFolder, opened, until } from './support/stores.js';

const embedded = embeddedOfFile();
const DAY = 24 * HOUR;

/** A store that is away. */
const gone: Pick<Overrides, 'version' | 'list'> = {
  version: () => Promise.reject(new StoreAway('unreachable', 'away')),
  list: () => Promise.reject(new StoreAway('unreachable', 'away')),
};

function known(options: Pick<KnownOverridesOptions, 'store' | 'file'> & Partial<KnownOverridesOptions>) {
  const made = createKnownOverrides({ now: () => NOON, log: silent, everyMs: 20, ...options });
  onTestFinished(() => made.stop());
  return made;
}

describe('the overrides that paging goes by', () => {
  it('are there soon after somebody wrote them, and are gone when they are taken back', async () => {
    const place = await embedded();
    const store = await opened(place);
    const overrides = known({ store, file: join(place.directory, 'overrides.json') });
    await overrides.loaded;
    expect(overrides.current()).toEqual({ overrides: [], asOf: NOON, isStale: false });
    await store.overrides.add([override('o-1')], by('alice'), anything);
    await until(() => overrides.current().overrides.length === 1, 2_000);
    await store.overrides.cancel('o-1', by('bob', NOON - 1));
    await until(() => overrides.current().overrides[0]?.cancelledAt === NOON - 1, 2_000);
  });

  it('are only those that counted within the last day, or will', async () => {
    const place = await embedded();
    const store = await opened(place);
    const over = { from: NOON - 3 * DAY, to: NOON - DAY };
    await store.overrides.add(
      [
        override('over', over),
        override('just', { ...over, to: NOON - DAY + 1 }),
        override('future', { from: NOON + 30 * DAY, to: NOON + 31 * DAY }),
      ],
      by('alice'),
      anything,
    );
    const overrides = known({ store, file: join(place.directory, 'overrides.json') });
    await overrides.loaded;
    expect(overrides.current().overrides.map(({ id }) => id)).toEqual(['just', 'future']);
  });

  it('are asked for again only when something was written', async () => {
    let version = 1;
    let lists = 0;
    const overrides = known({
      store: {
        overrides: {
          version: () => Promise.resolve(version),
          list: () => Promise.resolve([override(`list-${(lists += 1)}`)]),
        },
      },
      file: join(await freshFolder(), 'overrides.json'),
    });
    await overrides.loaded;
    for (let n = 0; n < 5; n += 1) await overrides.refresh();
    expect(lists).toBe(1);
    version = 2;
    await overrides.refresh();
    expect(overrides.current().overrides.map(({ id }) => id)).toEqual(['list-2']);
  });

  it('are known after a restart without the store, and said to be stale', async () => {
    const file = join(await freshFolder(), 'overrides.json');
    const all = [
      override('o-1', { reason: 'Zahnärztin 🦷' }),
      override('o-2', { cancelledAt: NOON, swapId: 's', insteadOf: 'x', slot: 'secondary' }),
    ];
    const before = known({
      store: { overrides: { version: () => Promise.resolve(7), list: () => Promise.resolve(all) } },
      file,
    });
    await before.loaded;
    await before.stop();
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    let now = NOON + 20_000;
    const after = known({ store: { overrides: gone }, file, now: () => now });
    await after.loaded;
    expect(after.current()).toEqual({ overrides: all, asOf: NOON, isStale: false });
    now = NOON + 30_001;
    expect(after.current()).toEqual({ overrides: all, asOf: NOON, isStale: true });
    now = NOON - HOUR;
    expect(after.current().isStale).toBe(true);
  });

  it('are none, and stale, when there is neither store nor file', async () => {
    const overrides = known({
      store: { overrides: gone },
      file: join(await freshFolder(), 'overrides.json'),
    });
    await overrides.loaded;
    expect(overrides.current()).toEqual({ overrides: [], asOf: null, isStale: true });
  });

  it('are not taken from a file that is damaged, which is said', async () => {
    for (const text of ['', '{"asOf":1', '{"asOf":1,"overrides":[{"id":"x"}]}', 'null']) {
      const file = join(await freshFolder(), 'overrides.json');
      await writeFile(file, text);
      const lines: string[] = [];
      const overrides = known({
        store: { overrides: gone },
        file,
        log: { ...silent, warn: (line: unknown) => void lines.push(String(line)) },
      });
      await overrides.loaded;
      expect(overrides.current()).toEqual({ overrides: [], asOf: null, isStale: true });
      expect(lines).toEqual([`${file} is damaged and not used: overrides are known once the store answers.`]);
    }
  });

  it('stay when the store goes away, and the look is tried again', async () => {
    let isAway = false;
    let now = NOON;
    const version = (): Promise<number> => (isAway ? gone.version() : Promise.resolve(1));
    const overrides = known({
      store: { overrides: { version, list: () => Promise.resolve([override('o-1')]) } },
      file: join(await freshFolder(), 'overrides.json'),
      now: () => now,
    });
    await overrides.loaded;
    isAway = true;
    now = NOON + 60_000;
    await overrides.refresh();
    expect(overrides.current()).toMatchObject({ overrides: [{ id: 'o-1' }], asOf: NOON, isStale: true });
    isAway = false;
    await until(() => overrides.current().asOf === now, 2_000);
    expect(overrides.current().isStale).toBe(false);
  });

  it('tell in their file when the store was last asked, a minute ago at most', async () => {
    let now = NOON;
    const file = join(await freshFolder(), 'overrides.json');
    const overrides = known({
      store: { overrides: { version: () => Promise.resolve(1), list: () => Promise.resolve([]) } },
      file,
      now: () => now,
    });
    await overrides.loaded;
    now = NOON + 59_000;
    await overrides.refresh();
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ asOf: NOON });
    now = NOON + 60_000;
    await overrides.refresh();
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ asOf: now });
  });

  it('are used though they can’t be written to the file, which is said once', async () => {
    const folder = await freshFolder();
    const file = join(folder, 'missing', 'overrides.json');
    const lines: string[] = [];
    let version = 1;
    const overrides = known({
      store: {
        overrides: {
          version: () => Promise.resolve((version += 1)),
          list: () => Promise.resolve([override('o-1')]),
        },
      },
      file,
      log: { ...silent, warn: (_fields: unknown, line?: string) => void lines.push(line ?? '') },
    });
    await overrides.loaded;
    await overrides.refresh();
    await overrides.refresh();
    expect(overrides.current().overrides).toHaveLength(1);
    expect(lines).toEqual([expect.stringContaining(`can't be kept in ${file}`)]);
    await mkdir(join(folder, 'missing'));
    await overrides.refresh();
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ overrides: [{ id: 'o-1' }] });
  });
});
