import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keepOpen } from '../../store/keep-open.js';
import { migrations } from '../../store/migrations/all.js';
import { createOverrides } from '../../store/overrides.js';
import { openPGlite, type PGliteClient } from '../../store/pglite/client.js';
import { databaseOf } from '../../store/pglite/open-pglite.js';
import { anything, by, override, silent } from './support/overrides.js';
import { embeddedOfFile, freshFolder, open, opened, until } from './support/stores.js';

const embedded = embeddedOfFile();
const run = promisify(execFile);

/** Another process that has the store open and writes to it. */
async function startWriter(directory: string) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/store/support/writer.ts', directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  await until(() => lines.includes('ready'), 30_000);
  return { child, exited, written: () => lines.filter((line) => line !== 'ready') };
}

describe('an embedded store', () => {
  it('is for one process: the second says who has it, and is ready soon after that was killed, with all it kept', async () => {
    const place = await embedded();
    const writer = await startWriter(place.directory);
    await until(() => writer.written().length >= 20);
    const store = open(place);
    await until(() => store.state().status === 'away');
    const { pid = 0 } = writer.child;
    expect(store.state().reason).toMatch(
      new RegExp(`is in use by process ${pid}, and only one process .* or set DATABASE_URL`),
    );
    await expect(store.overrides.list()).rejects.toMatchObject({ name: 'StoreAway', reason: 'in-use' });
    const before = writer.written().length;
    // It was not disturbed.
    await until(() => writer.written().length >= before + 20);
    writer.child.kill('SIGKILL');
    await writer.exited;
    await store.untilReady(30_000);
    const kept = new Set((await store.overrides.list()).map(({ id }) => id));
    expect(writer.written().filter((id) => !kept.has(id))).toEqual([]);
    expect(kept.size).toBeGreaterThanOrEqual(before + 20);
  });

  it('is opened once within a process too, and given back when it is closed', async () => {
    const place = await embedded();
    const first = await opened(place);
    const second = open(place);
    await until(() => second.state().status === 'away');
    await expect(second.overrides.list()).rejects.toMatchObject({ reason: 'in-use' });
    await first.close();
    await second.untilReady(30_000);
    expect(await second.overrides.version()).toBe(0);
  });

  it('begins anew where its first start was killed, and keeps the remains', async () => {
    const directory = await freshFolder();
    const database = join(directory, 'store', 'database');
    await mkdir(database, { recursive: true });
    await writeFile(join(database, 'PG_VERSION'), '18\n');
    const lines: string[] = [];
    const store = await opened({ databaseUrl: undefined, directory }, { lines });
    expect(await store.overrides.version()).toBe(0);
    expect(lines.join('\n')).toMatch(
      /was never finished, so a new one is made; the old files are in .*unfinished-/,
    );
    const [aside = ''] = (await readdir(join(directory, 'store'))).filter((name) =>
      name.startsWith('unfinished-'),
    );
    expect(await readdir(join(directory, 'store', aside, 'database'))).toEqual(['PG_VERSION']);
  });

  it('never makes a new one in place of one that can’t be read', async () => {
    const place = await embedded();
    await rm(join(place.directory, 'store', 'database', 'global', 'pg_control'));
    const store = open(place);
    await until(() => store.state().status === 'away');
    await expect(store.overrides.list()).rejects.toMatchObject({ name: 'StoreAway' });
    expect(store.state().reason).toMatch(/can't be reached: /);
    expect(await readdir(join(place.directory, 'store'))).toContain('database');
    await store.close();
    expect(await readdir(join(place.directory, 'store', 'database'))).toContain('PG_VERSION');
  });

  it('says so when its folder can’t be made, and is there once it can', async () => {
    const directory = await freshFolder();
    await writeFile(join(directory, 'store'), 'a file where the folder should be');
    const store = open({ databaseUrl: undefined, directory });
    await until(() => store.state().status === 'away');
    expect(store.state().reason).toMatch(/can't be reached: E(EXIST|NOTDIR)/);
    await rm(join(directory, 'store'));
    await store.untilReady(30_000);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'goes on reading when its disk is full, and writing once there is room',
    async ({ skip }) => {
      const disk = await mkdtemp(join(tmpdir(), 'tocsin-disk-'));
      try {
        await run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk]);
      } catch {
        await rm(disk, { recursive: true });
        return skip('Here root may not mount a disk.');
      }
      try {
        const store = await opened({ databaseUrl: undefined, directory: disk });
        await store.overrides.add([override('o-1')], by('alice'), anything);
        await writeFile(join(disk, 'ballast'), Buffer.alloc(64 * 1024 * 1024)).catch(() => undefined);
        const large = (n: number) => override(`large-${n}`, { reason: letters(200_000) });
        let error: unknown = null;
        for (let n = 0; n < 100 && error === null; n += 1)
          error = await store.overrides.add([large(n)], by('alice'), anything).then(
            () => null,
            (reason: unknown) => reason,
          );
        expect(error).toMatchObject({ name: 'StoreAway', reason: 'disk-full' });
        expect(store.state()).toMatchObject({
          status: 'ready',
          reason: expect.stringMatching(/has no room for a write: .*No space left/) as string,
        });
        expect(await store.overrides.get('o-1')).toEqual(override('o-1'));
        expect(store.state().reason).not.toBeNull();
        await rm(join(disk, 'ballast'));
        await store.overrides.add([large(1_000)], by('alice'), anything);
        expect(store.state()).toMatchObject({ status: 'ready', reason: null });
        await store.close();
      } finally {
        await run('umount', [disk]);
        await rm(disk, { recursive: true });
      }
    },
  );
});

describe('an embedded store whose thread', () => {
  /** The real one, with a hand on its thread. */
  async function withThread() {
    const { directory } = await embedded();
    const clients: PGliteClient[] = [];
    const kept = keepOpen({
      opener: {
        kind: 'pglite',
        where: directory,
        open: async (prepare) => {
          const client = await openPGlite(join(directory, 'store', 'database'));
          clients.push(client);
          await prepare({
            query: (text, parameters) => client.query(text, parameters),
            release: () => undefined,
          });
          return databaseOf(client, () => Promise.resolve());
        },
      },
      migrations: {
        ...migrations,
        '0090-hang': {
          up: async (db) => {
            await sql`create function hang() returns trigger language plpgsql as 'begin if new.reason = ''hang'' then perform pg_sleep(1000); end if; return new; end'`.execute(
              db,
            );
            await sql`create trigger hang before insert on overrides for each row execute function hang()`.execute(
              db,
            );
          },
        },
      },
      now: Date.now,
      log: silent,
      onProgress: () => undefined,
      after: Promise.resolve(),
    });
    onTestFinished(() => kept.close());
    await kept.untilReady(30_000);
    return { kept, overrides: createOverrides(kept.call), clients };
  }

  it('ends is opened again by itself, and nothing is lost', async () => {
    const { kept, overrides, clients } = await withThread();
    await overrides.add([override('o-1')], by('alice'), anything);
    const hanging = overrides.add([override('o-2', { reason: 'hang' })], by('alice'), anything, {
      limitMs: 30_000,
    });
    const refused = expect(hanging).rejects.toMatchObject({ name: 'StoreAway', reason: 'unreachable' });
    await clients[0]?.close();
    await refused;
    await until(() => clients.length === 2 && kept.state().status === 'ready', 30_000);
    expect(await overrides.list()).toEqual([override('o-1')]);
  });

  it('hangs in a statement is ended and opened again, and the statement is undone', async () => {
    const { kept, overrides, clients } = await withThread();
    const hanging = overrides.add([override('o-1', { reason: 'hang' })], by('alice'), anything, {
      limitMs: 200,
    });
    await expect(hanging).rejects.toMatchObject({ name: 'StoreAway', reason: 'slow' });
    await until(() => clients.length === 2 && kept.state().status === 'ready', 30_000);
    expect(await overrides.list()).toEqual([]);
  });
});

/** Text that can't be made small. */
function letters(length: number): string {
  let seed = 42;
  return Array.from({ length }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return String.fromCharCode(33 + (seed % 90));
  }).join('');
}
