import { once } from 'node:events';
import { createServer } from 'node:http';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createColours } from '../../cli/output/colours.js';
import { runProgram } from '../../cli/program.js';
import { createKnownApiKeys } from '../../store/known-api-keys.js';
import { StoreAway } from '../../store/errors.js';
import type { Store } from '../../store/store.js';
import { createTestApp, NOW } from '../api/support/test-app.js';
import { API_KEY } from '../api/support/test-config.js';
import { anything, by, override, silent } from './support/overrides.js';
import { embeddedOfFile, freshDatabase, freshFolder, opened, postgresOfFile } from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();

/** A Tocsin with this store, that listens. */
async function running(store: Store) {
  const apiKeys = createKnownApiKeys({
    store,
    file: join(await freshFolder(), 'api-keys.json'),
    now: () => NOW,
    log: silent,
  });
  onTestFinished(() => apiKeys.stop());
  await apiKeys.loaded;
  const { app, ...test } = createTestApp({ store, apiKeys });
  await app.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => app.close());
  const address = app.server.address();
  return { ...test, app, url: `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}` };
}

async function tocsin(url: string, cwd: string, args: readonly string[], key = API_KEY) {
  const [out, said]: [string[], string[]] = [[], []];
  let code = 0;
  await runProgram(args, {
    env: { TOCSIN_URL: url, TOCSIN_API_KEY: key },
    cwd,
    print: (line) => void out.push(line),
    say: (line) => void said.push(line),
    colours: createColours(false),
    errorColours: createColours(false),
    now: Date.now,
    setExitCode: (value) => {
      code = value;
    },
  });
  return { out: out.join('\n'), said: said.join('\n'), code };
}

describe('tocsin export --all and tocsin import', () => {
  it('move everything from the embedded store to PostgreSQL, keys included', async () => {
    const folder = await freshFolder();
    const old = await opened(await embedded());
    await old.overrides.add([override('o-1', { reason: 'Zahnärztin 🦷' })], by('alice'), anything);
    const from = await running(old);
    const made = await tocsin(from.url, folder, ['keys', 'create', 'wall', '--scope', 'read']);
    expect([made.code, made.said], made.said).toEqual([0, expect.stringContaining('tocsin keys revoke')]);
    const listed = await tocsin(from.url, folder, ['keys', 'list']);
    expect(listed.out).toMatch(/^[0-9a-f]{12} +wall +read +– +ops +never +good$/m);
    expect(listed.out).toMatch(/^– +second +admin .* apiKeys\.second$/m);

    const exported = await tocsin(from.url, folder, ['export', '--all', '-o', 'tocsin.jsonl']);
    expect([exported.code, exported.out], exported.said).toEqual([0, '']);
    expect(exported.said).toMatch(/^written to tocsin\.jsonl: 4 rows of \d+ tables$/);
    expect(await readdir(folder)).toEqual(['tocsin.jsonl']);
    // Hashes and names of people are in it: for its owner alone.
    expect((await stat(join(folder, 'tocsin.jsonl'))).mode & 0o777).toBe(0o600);
    const text = await readFile(join(folder, 'tocsin.jsonl'), 'utf8');
    expect(text).not.toContain(made.out);
    expect((await tocsin(from.url, folder, ['export', '--all'])).out.split('\n')).toHaveLength(6);

    const fresh = await opened(await freshDatabase(postgres()));
    const to = await running(fresh);
    const unknown = await tocsin(to.url, folder, ['incidents'], made.out);
    expect(unknown.code).toBe(1);
    const imported = await tocsin(to.url, folder, ['import', 'tocsin.jsonl']);
    expect([imported.code, imported.said]).toEqual([0, expect.stringContaining('Put in: 4 rows.')]);
    expect(imported.said).not.toContain('confirmations');
    expect(imported.out).toMatch(/^overrides +1 +0$/m);
    expect((await fresh.overrides.get('o-1'))?.reason).toBe('Zahnärztin 🦷');
    // At once: nobody waits for the next look.
    expect((await tocsin(to.url, folder, ['incidents'], made.out)).code).toBe(0);

    expect((await tocsin(to.url, folder, ['keys', 'list'])).said).toBe('');
    const id = /tocsin keys revoke ([0-9a-f]{12})/.exec(made.said)?.[1] ?? '';
    const revoked = await tocsin(to.url, folder, ['keys', 'revoke', id]);
    expect([revoked.code, revoked.out]).toEqual([0, `Taken back: the key ${id} (wall).`]);
    const late = await tocsin(to.url, folder, ['incidents'], made.out);
    expect([late.code, late.said]).toEqual([1, expect.stringMatching(/The key wall was taken back/)]);
    const rest = await tocsin(to.url, folder, ['keys', 'list']);
    expect([rest.out.includes('wall'), rest.said]).toEqual([false, '1 was taken back: --revoked shows it.']);
    expect((await tocsin(to.url, folder, ['keys', 'list', '--revoked'])).out).toMatch(
      / taken back .* by ops$/m,
    );

    const again = await tocsin(to.url, folder, ['import', 'tocsin.jsonl']);
    expect([again.code, again.said]).toEqual([1, expect.stringContaining('The store is in use')]);
    expect(again.said).toContain('tocsin import --merge');
    const merged = await tocsin(to.url, folder, ['import', 'tocsin.jsonl', '--merge', '--json']);
    expect(merged.code).toBe(0);
    const { tables } = JSON.parse(merged.out) as { tables: { name: string; added: number; kept: number }[] };
    expect(tables.find(({ name }) => name === 'overrides')).toEqual({ name: 'overrides', added: 0, kept: 1 });
  });

  it('warn of confirmations that were made with another secret, or for other addresses', async () => {
    const folder = await freshFolder();
    const store = await opened(await freshDatabase(postgres()));
    const { url } = await running(store);
    const made = { userId: 'alice', methodId: 'sms-1', marks: ['another-secret-s-mark0'] } as const;
    await store.verifiedMethods.askCode({ ...made, id: 'c1', nonce: 'n' }, by('ops'));
    await store.verifiedMethods.confirm({ ...made, isCode: () => true }, by('ops'));
    await tocsin(url, folder, ['export', '--all', '-o', 'x']);
    const imported = await tocsin(url, folder, ['import', 'x', '--merge']);
    expect([imported.code, imported.said], imported.said).toEqual([
      0,
      expect.stringContaining('! 1 of 1 confirmations of contact methods fit no address here: TOCSIN_SECRET'),
    ]);
  });

  it('tell which line is wrong, and change nothing', async () => {
    const folder = await freshFolder();
    const store = await opened(await freshDatabase(postgres()));
    const { url } = await running(store);
    await store.overrides.add([override('o-1'), override('o-2')], by('alice'), anything);
    await tocsin(url, folder, ['export', '--all', '-o', 'whole']);
    const text = await readFile(join(folder, 'whole'), 'utf8');
    await writeFile(join(folder, 'cut'), text.slice(0, text.lastIndexOf('{"end"')));
    await writeFile(join(folder, 'empty'), '');
    await writeFile(join(folder, 'newer'), text.replace('"version":1', '"version":2'));
    const cut = await tocsin(url, folder, ['import', 'cut', '--merge']);
    expect([cut.code, cut.said]).toEqual([
      1,
      expect.stringMatching(/damaged at line 5: .*cut off\. Nothing was changed/),
    ]);
    expect((await tocsin(url, folder, ['import', 'empty'])).said).toContain('the file is empty');
    const newer = await tocsin(url, folder, ['import', 'newer', '--json']);
    expect(JSON.parse(newer.out)).toMatchObject({ error: { code: 'backup-too-new' } });
    expect(await tocsin(url, folder, ['import', 'nowhere'])).toMatchObject({ code: 2 });
    expect(await tocsin(url, folder, ['export'])).toMatchObject({ code: 2 });
    expect(await tocsin(url, folder, ['export', '7KQ2', '--all'])).toMatchObject({ code: 2 });
    expect((await store.audit.list({ limit: 10 })).entries).toHaveLength(2);
    expect((await tocsin(url, folder, ['export', '--all', '-o', 'no/such/folder/x'])).said).toContain(
      "can't be written",
    );
  });

  it('leave no half of a file when the connection breaks, or what comes is no backup', async () => {
    const folder = await freshFolder();
    const head = JSON.stringify({ tables: [{ name: 'overrides', rows: 2 }] });
    const server = createServer((request, response) => {
      response.writeHead(200, { 'content-type': 'application/x-ndjson' });
      response.write(`${head}\n{"table":"overrides","row":{}}\n`);
      if (request.headers['authorization'] === 'Bearer breaks') setTimeout(() => response.destroy(), 50);
      else response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
    const broken = await tocsin(url, folder, ['export', '--all', '-o', 'x'], 'breaks');
    expect([broken.code, await readdir(folder)], broken.said).toEqual([3, []]);
    const short = await tocsin(url, folder, ['export', '--all', '-o', 'x'], 'short');
    expect([short.code, await readdir(folder)], short.said).toEqual([1, []]);
    expect(short.said).toContain('ends too early');
  });

  it('wait for a store that is only being opened', async () => {
    const folder = await freshFolder();
    const store = await opened(await freshDatabase(postgres()));
    let isOpen = true;
    const starting = new StoreAway('starting', 'It is being opened.');
    const once = <T>(call: () => Promise<T>): Promise<T> => (isOpen ? call() : Promise.reject(starting));
    const opening: Store = {
      ...store,
      state: () => ({ ...store.state(), status: isOpen ? 'ready' : 'starting' }),
      untilReady: () => {
        isOpen = true;
        return Promise.resolve();
      },
      backup: {
        save: (...args) => once(() => store.backup.save(...args)),
        restore: (...args) => once(() => store.backup.restore(...args)),
      },
    };
    const { url } = await running(opening);
    for (const args of [
      ['export', '--all', '-o', 'x'],
      ['import', 'x', '--merge'],
    ]) {
      isOpen = false;
      const ended = await tocsin(url, folder, args);
      expect([ended.code, isOpen], ended.said).toEqual([0, true]);
      expect(ended.said).not.toContain('goes again');
    }
  });

  it('say so when there is no store, or it is away', async () => {
    const folder = await freshFolder();
    const store = await opened(await freshDatabase(postgres()));
    const { url } = await running(store);
    await writeFile(join(folder, 'x'), '');
    await tocsin(url, folder, ['export', '--all', '-o', 'whole']);
    await store.close();
    // `import` asks again: test/unit/cli/writes.test.ts.
    const away = await tocsin(url, folder, ['export', '--all', '-o', 'y']);
    expect([away.code, away.said]).toEqual([3, expect.stringContaining('The store is away')]);
    const without = createTestApp();
    const answer = await without.api('GET', '/v1/backup');
    expect([answer.statusCode, answer.json()]).toMatchObject([503, { error: { code: 'no-store' } }]);
  });
});
