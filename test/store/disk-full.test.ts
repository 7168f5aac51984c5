import { rename, rm, symlink } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { postgresClient } from '../cluster/support/postgres.js';
import { anything, by, NOON, override } from './support/overrides.js';
import { freshDatabase, opened, postgresOfFile } from './support/stores.js';

const postgres = postgresOfFile();

/**
 * A store on PostgreSQL, and a hand on the disk of one of its tables. Full: its file is /dev/full, on which every write ends as on
 * a disk without room (`No space left on device`), from the kernel itself; so it needs neither root nor a disk of its own.
 */
async function storeWithDisk(table: string) {
  const place = await freshDatabase(postgres());
  const store = await opened(place);
  const database = place.databaseUrl?.split('/').at(-1) ?? '';
  const psql = (words: string) => postgresClient(postgres(), 'psql', ['-d', database, '-Atc', words]);
  const path = `select current_setting('data_directory') || '/' || pg_relation_filepath('${table}')`;
  const file = (await psql(path)).trim();
  /** Sessions keep files open that are not there any more. */
  const forget = () =>
    psql(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}' and pid <> pg_backend_pid()`,
    );
  return {
    store,
    fill: async () => {
      await psql('checkpoint');
      await rename(file, `${file}.aside`);
      await symlink('/dev/full', file);
      await forget();
      await store.untilReady(30_000);
    },
    makeRoom: async () => {
      await rm(file);
      await rename(`${file}.aside`, file);
      await forget();
      await store.untilReady(30_000);
    },
  };
}

/** Until no session of before is used any more, a call may end with its connection. */
async function answered<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if ((error as { reason?: string }).reason !== 'unreachable' || tries > 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

const outcome = (call: () => Promise<unknown>): Promise<unknown> =>
  answered(call).then(
    () => 'done',
    (error: unknown) => error,
  );

describe('a PostgreSQL whose disk is full', () => {
  it('takes no write and goes on reading; once there is room, it takes them again', async () => {
    const { store, fill, makeRoom } = await storeWithDisk('overrides');
    await store.apiKeys.add({ id: 'k-1', name: 'x', scope: 'read', hash: 'ab' }, by('ops', NOON));
    await fill();
    const add = () => store.overrides.add([override('o-1')], by('alice'), anything);
    expect(await outcome(add)).toMatchObject({ name: 'StoreAway', reason: 'disk-full' });
    expect(store.state()).toMatchObject({
      status: 'ready',
      cause: 'disk-full',
      reason: expect.stringMatching(/has no room for a write: .*No space left/) as string,
    });
    expect(await answered(() => store.apiKeys.list())).toHaveLength(1);
    expect(await answered(() => store.overrides.list())).toEqual([]);
    await makeRoom();
    expect(await outcome(add)).toBe('done');
    expect(store.state()).toMatchObject({ status: 'ready', cause: null, reason: null });
    // Of the one that failed nothing is left, not even in the audit log.
    expect((await store.audit.list({ limit: 10 })).entries.map(({ action }) => action)).toEqual([
      'override.add',
      'key.create',
    ]);
  });

  it('takes nothing of a backup, of which everything but the last table had room', async () => {
    const source = await opened(await freshDatabase(postgres()));
    await source.overrides.add([override('o-1')], by('alice'), anything);
    let text = '';
    await source.backup.save((piece) => {
      text += piece;
      return Promise.resolve();
    }, NOON);
    const { store, fill, makeRoom } = await storeWithDisk('audit');
    await fill();
    const restore = () =>
      store.backup.restore(
        async function* () {
          yield await Promise.resolve(Buffer.from(text));
        },
        { merge: false },
        by('ops', NOON),
      );
    expect(await outcome(restore)).toMatchObject({ name: 'StoreAway', reason: 'disk-full' });
    expect(await answered(() => store.overrides.list())).toEqual([]);
    await makeRoom();
    expect(await outcome(restore)).toBe('done');
    expect(await answered(() => store.overrides.list())).toHaveLength(1);
  });
});
