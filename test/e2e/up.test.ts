import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../temporal-config/server/ports.js';
import { identify } from '../../system/process-identity.js';
import { startRealServer } from '../support/temporal.js';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const main = join(root, 'dist', 'cli', 'main.js');
const run = promisify(execFile);
const STOPS_WITHIN_MS = 30_000;

/** Only what a person's shell has: no settings of Tocsin, Temporal or providers. */
const shell = { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1' };

const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  await run(process.execPath, [join(root, 'scripts', 'prepare.mjs'), '--build'], { cwd: root });
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-up-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

interface Place {
  readonly dataDir: string;
  readonly port: number;
  readonly env: Record<string, string | undefined>;
}

async function place(): Promise<Place> {
  const [port, booth, temporal, ui] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  return {
    dataDir: join(await folder(), 'data'),
    port,
    env: {
      ...shell,
      TOCSIN_BOOTH_PORT: String(booth),
      TOCSIN_TEMPORAL_PORT: String(temporal),
      TOCSIN_TEMPORAL_UI_PORT: String(ui),
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly exit: Promise<number | null>;
}

function startUp({ dataDir, port, env }: Place): Running {
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', main, 'up', '--data-dir', dataDir, '--port', String(port)],
    { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  const exit = once(child, 'close').then(() => child.exitCode);
  cleanups.push(async () => {
    const servers = child.exitCode === null ? childrenOf(child.pid ?? 0) : [];
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
    await exit;
    clearTimeout(late);
    for (const pid of servers) if (identify(pid) !== null) process.kill(pid, 'SIGKILL');
  });
  return { child, out: () => out, err: () => err, exit };
}

async function ready(up: Running): Promise<Running> {
  const died = up.exit.then((code) => {
    throw new Error(`tocsin up ended with ${code}: ${up.err()}`);
  });
  died.catch(() => undefined);
  await Promise.race([
    died,
    expect.poll(up.out, { timeout: 120_000, interval: 50 }).toContain('Ctrl-C stops all of it'),
  ]);
  return up;
}

/** The printed command, from `curl` to the empty line after it. */
function printedCurl(up: Running): string {
  const curl = /^curl [\s\S]*?(?=\n\n)/m.exec(up.out())?.[0];
  if (curl === undefined) throw new Error(`no curl was printed: ${up.out()}`);
  return curl;
}

/** Ids of the processes that this one has started (Linux). */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .split(' ')
      .filter((text) => text.trim() !== '')
      .map(Number);
  } catch {
    return [];
  }
}

interface CommandEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function tocsin({ dataDir, env }: Place, ...args: string[]): Promise<CommandEnd> {
  try {
    const { stdout, stderr } = await run(process.execPath, [main, ...args, '--data-dir', dataDir], {
      cwd: root,
      env,
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const failed = error as { code: number; stdout: string; stderr: string };
    return { code: failed.code, out: failed.stdout, err: failed.stderr };
  }
}

interface Listed {
  readonly incidents: { readonly code: string; readonly phase: string; readonly owner?: string }[];
}

async function incidents(at: Place): Promise<Listed['incidents']> {
  const { out, err, code } = await tocsin(at, 'incidents', '--json');
  if (code !== 0) throw new Error(err || out);
  return (JSON.parse(out) as Listed).incidents;
}

async function texts({ env }: Place): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${env['TOCSIN_BOOTH_PORT'] ?? ''}/booth/api/state`);
  const state = (await response.json()) as { messages: { to: string; body: string }[] };
  return state.messages.map(({ to, body }) => `${to} ${body}`);
}

async function firstIncident(at: Place): Promise<{ code: string; phase: string; owner?: string }> {
  let found: Listed['incidents'] = [];
  await expect
    .poll(async () => (found = await incidents(at)), { timeout: 20_000, interval: 200 })
    .toMatchObject([{ code: expect.stringMatching(/^\w{4}$/) as string }]);
  const [incident] = found;
  if (incident === undefined) throw new Error('no incident');
  return incident;
}

async function stopWithin(up: Running, limitMs: number): Promise<number | null> {
  const began = Date.now();
  up.child.kill('SIGTERM');
  const code = await up.exit;
  expect(Date.now() - began).toBeLessThan(limitMs);
  return code;
}

describe('tocsin up', () => {
  it('takes the alert that it prints, pages by SMS, is acknowledged, and goes on after a restart', async () => {
    const at = await place();
    const first = await ready(startUp(at));
    const answer = await run('bash', ['-c', printedCurl(first)], { env: shell });
    expect(JSON.parse(answer.stdout)).toMatchObject({ accepted: 1, incidents: [{ service: 'payments' }] });
    await expect
      .poll(() => texts(at), { timeout: 20_000 })
      .toContainEqual(expect.stringMatching(/^\+12025550101 SEV1 .*5% of checkouts fail/));
    const incident = await firstIncident(at);
    expect(incident.phase).toBe('triggered');

    const acknowledged = await tocsin(at, 'ack', incident.code, '--by', 'alice');
    expect(acknowledged).toMatchObject({ code: 0, out: expect.stringContaining('You have it') as string });
    const shown = await tocsin(at, 'show', incident.code);
    expect(shown.out).toMatch(/who has it +Alice Abel/);
    expect(shown.out).toContain('acknowledged by Alice Abel by command line');
    expect((await tocsin(at, 'oncall')).out).toMatch(/payments +alice +bob/);
    const doctor = await tocsin(at, 'doctor');
    expect(doctor.out).toMatch(/ok +Worker +polls the task queue tocsin/);
    if (doctor.code !== 0) console.log(doctor.out);
    expect(doctor.code).toBe(0);

    const children = childrenOf(first.child.pid ?? 0);
    expect(children).toHaveLength(2);
    expect(await stopWithin(first, STOPS_WITHIN_MS)).toBe(0);
    expect(children.filter((pid) => identify(pid) !== null)).toEqual([]);
    expect(first.err()).toContain('Stopped. Open incidents are kept');

    const second = await ready(startUp(at));
    expect(second.out()).toContain('1 open incident goes on');
    expect(await firstIncident(at)).toMatchObject({ code: incident.code, owner: 'alice' });
    // The keys are kept: yesterday's command still works.
    const again = await run('bash', ['-c', printedCurl(first)], { env: shell });
    expect(JSON.parse(again.stdout)).toMatchObject({ accepted: 1 });
    expect(await incidents(at)).toHaveLength(1);
    const resolved = await tocsin(at, 'resolve', incident.code, '--by', 'alice');
    expect(resolved.code).toBe(0);
    expect(await stopWithin(second, STOPS_WITHIN_MS)).toBe(0);
  }, 240_000);

  it('says in one sentence that it already runs on this folder, and that a port is busy', async () => {
    const at = await place();
    const up = await ready(startUp(at));
    const twice = startUp({ ...at, port: await freePort() });
    expect(await twice.exit).toBe(1);
    expect(twice.err()).toContain(
      `Tocsin already runs here (pid ${up.child.pid}): http://localhost:${at.port}\n`,
    );
    expect(twice.out()).toBe('');

    const other = { ...(await place()), port: at.port };
    const busy = startUp(other);
    expect(await busy.exit).toBe(1);
    expect(busy.err()).toContain(
      `Port ${at.port}, meant for Tocsin's API, is taken by another program: stop that program, or choose another port with --port or PORT.`,
    );
  }, 120_000);

  it('says in one sentence that the port set for Temporal is busy, and leaves nothing running', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    cleanups.push(async () => void (await new Promise((resolve) => blocker.close(resolve))));
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const at = await place();
    const up = startUp({ ...at, env: { ...at.env, TOCSIN_TEMPORAL_PORT: String(port) } });
    expect(await up.exit).toBe(1);
    expect(up.err()).toMatch(new RegExp(`Port ${port} .* is taken by another program`));
    expect(up.err()).toContain('TOCSIN_TEMPORAL_PORT');
    // The folder is free again: a second try gets as far as the first.
    const next = await ready(startUp(at));
    expect(await stopWithin(next, STOPS_WITHIN_MS)).toBe(0);
  }, 120_000);

  it('starts again after kill -9, on what was left', async () => {
    const at = await place();
    const killed = await ready(startUp(at));
    await run('bash', ['-c', printedCurl(killed)], { env: shell });
    const incident = await firstIncident(at);
    killed.child.kill('SIGKILL');
    await killed.exit;
    const next = await ready(startUp(at));
    expect(await firstIncident(at)).toMatchObject({ code: incident.code });
    expect((await tocsin(at, 'ack', incident.code, '--by', 'alice')).code).toBe(0);
    expect(await stopWithin(next, STOPS_WITHIN_MS)).toBe(0);
  }, 240_000);

  it('pages for an alert that was accepted in the moment of the stop before it ends', async () => {
    const at = await place();
    const up = await ready(startUp(at));
    const { stdout } = await run('bash', ['-c', printedCurl(up)], { env: shell });
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 1 });
    expect(await stopWithin(up, STOPS_WITHIN_MS)).toBe(0);
    expect(await readFile(join(at.dataDir, 'tocsin.log'), 'utf8')).toMatch(
      /"channel":"sms".*"outcome":"sent"/,
    );
  }, 120_000);

  it('does not start on a cluster where a search attribute can’t be registered, and says which and how', async () => {
    // On SQL a namespace holds 10 of type Keyword; Tocsin needs 8.
    const others = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`Other${index}`, 'Keyword'] as const),
    );
    const server = await startRealServer({ searchAttributes: others });
    cleanups.push(() => server.stop());
    const at = await place();
    const up = startUp({ ...at, env: { ...at.env, TEMPORAL_ADDRESS: server.address } });
    expect(await up.exit).toBe(1);
    expect(up.out()).toBe('');
    expect(up.err()).toMatch(/The search attributes TocsinKind, .* are missing in the namespace "default"/);
    expect(up.err()).toMatch(
      /^ +temporal operator search-attribute create --namespace default --type Keyword --name TocsinKind .*--name TocsinOwner$/m,
    );
    expect(up.err()).toMatch(/--type Datetime --name TocsinOpened$/m);
    expect(up.err()).toMatch(/--type KeywordList --name TocsinPaged --name TocsinResponders$/m);
    expect(up.err()).not.toContain('starting the worker');
  }, 60_000);

  it('starts on a cluster that has what Tocsin needs', async () => {
    const server = await startRealServer();
    cleanups.push(() => server.stop());
    const at = await place();
    const up = await ready(startUp({ ...at, env: { ...at.env, TEMPORAL_ADDRESS: server.address } }));
    expect(up.out()).toMatch(new RegExp(`Temporal +${server.address} +namespace default`));
    expect(await stopWithin(up, STOPS_WITHIN_MS)).toBe(0);
  }, 60_000);

  it('brings Temporal and the phone booth back when they are killed', async () => {
    const at = await place();
    const up = await ready(startUp(at));
    for (const pid of childrenOf(up.child.pid ?? 0)) process.kill(pid, 'SIGKILL');
    await expect.poll(up.err, { timeout: 60_000 }).toContain('The Temporal Server is back');
    await expect.poll(() => texts(at).catch(() => null), { timeout: 30_000 }).toEqual([]);
    const curl = printedCurl(up);
    await expect
      .poll(async () => (await run('bash', ['-c', curl], { env: shell })).stdout, {
        timeout: 30_000,
        interval: 500,
      })
      .toContain('"accepted":1');
    await expect
      .poll(() => texts(at), { timeout: 30_000 })
      .toContainEqual(expect.stringMatching(/^\+12025550101 SEV1/));
    expect(await stopWithin(up, STOPS_WITHIN_MS)).toBe(0);
  }, 240_000);

  it('works on a half-written data folder: keys cut off, Temporal’s database never finished', async () => {
    const at = await place();
    const first = await ready(startUp(at));
    expect(await stopWithin(first, STOPS_WITHIN_MS)).toBe(0);
    await writeFile(join(at.dataDir, 'secrets.json'), '{"TOCSIN_SECRET": "abc');
    await writeFile(join(at.dataDir, 'run.json'), '{"pid"');
    await writeFile(join(at.dataDir, 'temporal', 'temporal.db'), '');
    for (const name of ['temporal.db-wal', 'temporal.db-shm', 'temporal.db.complete'])
      await rm(join(at.dataDir, 'temporal', name), { force: true });
    const second = await ready(startUp(at));
    expect(second.err()).toContain('secrets.json was damaged, so new keys were made');
    const aside = /database was never finished.* the old files are in (\S+)\. /.exec(second.err())?.[1] ?? '';
    expect(await readdir(aside)).toContain('temporal.db');
    const { stdout } = await run('bash', ['-c', printedCurl(second)], { env: shell });
    expect(JSON.parse(stdout)).toMatchObject({ accepted: 1 });
    const incident = await firstIncident(at);
    expect(await stopWithin(second, STOPS_WITHIN_MS)).toBe(0);

    // A restored backup: the database and its -wal, without our mark beside them.
    await rm(join(at.dataDir, 'temporal', 'temporal.db.complete'));
    const restored = await ready(startUp(at));
    expect(restored.err()).not.toContain('database was never finished');
    expect(await firstIncident(at)).toMatchObject({ code: incident.code });
    expect(await stopWithin(restored, STOPS_WITHIN_MS)).toBe(0);

    // Only half of a backup over a database that was in use: never a new one in silence.
    await writeFile(join(at.dataDir, 'temporal', 'temporal.db'), '');
    for (const name of ['temporal.db-wal', 'temporal.db-shm'])
      await rm(join(at.dataDir, 'temporal', name), { force: true });
    const half = startUp(at);
    expect(await half.exit).toBe(1);
    expect(half.err()).toMatch(
      /database .* is damaged \(no such table: \w+\)\. Restore it from a backup, together/,
    );

    await writeFile(join(at.dataDir, 'temporal', 'temporal.db'), Buffer.alloc(5_000, 7));
    for (const name of ['temporal.db-wal', 'temporal.db-shm'])
      await rm(join(at.dataDir, 'temporal', name), { force: true });
    const third = startUp(at);
    expect(await third.exit).toBe(1);
    expect(third.err()).toMatch(/database .* is damaged \(.*\)\. Restore it from a backup/);
    expect(await readFile(join(at.dataDir, 'secrets.json'), 'utf8')).toContain('TOCSIN_SECRET');
  }, 240_000);
});

describe('the other commands', () => {
  let at: Place;
  const own: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    at = await place();
    own.push(...cleanups.splice(0));
  });
  afterAll(async () => {
    for (const cleanup of own) await cleanup();
  });

  it('say that nothing runs, with exit code 3', async () => {
    const nothing = await tocsin(
      { ...at, env: { ...at.env, TOCSIN_URL: `http://localhost:${at.port}`, TOCSIN_API_KEY: 'x' } },
      'incidents',
    );
    expect(nothing.code).toBe(3);
    expect(nothing.err).toContain(`Tocsin does not answer at http://localhost:${at.port}`);
    expect(nothing.err).toContain('npm start');
  });

  it('check a configuration, with exit code 1 for errors', async () => {
    const bad = join(await folder(), 'tocsin.yaml');
    await writeFile(bad, 'users:\n  alice: { name: Alice, zone: Mars/Olympus }\n');
    const check = (path: string, ...flags: string[]) =>
      run(process.execPath, [main, 'check', path, ...flags], { cwd: root, env: shell }).then(
        ({ stdout }) => ({ code: 0, out: stdout }),
        (error: { code: number; stdout: string }) => ({ code: error.code, out: error.stdout }),
      );
    const refused = await check(bad);
    expect(refused.code).toBe(1);
    expect(refused.out).toMatch(/tocsin\.yaml:2:\d+ {2}error {2}users\.alice\.zone/);
    const good = await check(join(root, 'examples', 'small'), '--json');
    expect(good.code).toBe(0);
    expect(JSON.parse(good.out)).toMatchObject({ ok: true, summary: { users: 5 } });
  });
});
