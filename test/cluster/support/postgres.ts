import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chown, mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { acceptsConnections, freePort, LOOPBACK } from '../../../temporal-config/server/ports.js';

/** A PostgreSQL of our own on loopback: own data folder, own port, never the system's service. */
export interface Postgres {
  readonly port: number;
  readonly user: string;
  /** Folder of its programs (`createdb` …). */
  readonly programs: string;
  readonly version: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root: then it runs as the user of Debian's package, else as nobody. */
interface RunAs {
  readonly uid?: number;
  readonly gid?: number;
}

const DEBIAN = '/usr/lib/postgresql';
const USER = 'tocsin';
const START_TIMEOUT_MS = 60_000;
const run = promisify(execFile);

/**
 * Makes a data folder and starts PostgreSQL on it. Nothing in it outlives `stop`.
 * @throws Error that says what to install when its programs are nowhere
 */
export async function startPostgres(): Promise<Postgres> {
  const programs = await findPrograms();
  const as = await runAs();
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-postgres-'));
  if (as.uid !== undefined) await chown(folder, as.uid, as.gid ?? as.uid);
  const data = join(folder, 'data');
  const settings = { cwd: folder, env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' }, ...as };
  await run(
    join(programs, 'initdb'),
    ['-D', data, '-U', USER, '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    settings,
  );
  const port = await freePort();
  const logFile = join(folder, 'log');
  const log = await open(logFile, 'a');
  const child = spawn(
    join(programs, 'postgres'),
    [
      ...['-D', data, '-p', String(port), '-c', `listen_addresses=${LOOPBACK}`],
      ...['-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
      // Nothing here is to outlive the machine: what the tests look at does not depend on the disk.
      ...['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'],
    ],
    { ...settings, stdio: ['ignore', log.fd, log.fd] },
  );
  await log.close();
  const exited = once(child, 'exit');
  const killWithUs = (): void => void child.kill('SIGQUIT');
  process.once('exit', killWithUs);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', killWithUs);
    // Fast shutdown: clients are disconnected.
    child.kill('SIGINT');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady(programs, port))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      const words = await readFile(logFile, 'utf8');
      await stop();
      throw new Error(`PostgreSQL did not start: ${words}`);
    }
    await delay(100);
  }
  const { stdout } = await run(join(programs, 'postgres'), ['--version'], settings);
  return { port, user: USER, programs, version: stdout.trim(), stop };
}

async function isReady(programs: string, port: number): Promise<boolean> {
  if (!(await acceptsConnections(port))) return false;
  return run(join(programs, 'pg_isready'), ['-q', '-h', LOOPBACK, '-p', String(port)]).then(
    () => true,
    () => false,
  );
}

/** The newest of Debian's, which are not on PATH; elsewhere what PATH has. */
async function findPrograms(): Promise<string> {
  const versions = (await readdir(DEBIAN).catch(() => [])).sort((a, b) => Number(b) - Number(a));
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
  ];
  for (const folder of folders) {
    const all = ['initdb', 'postgres', 'pg_isready', 'createdb', 'psql'].map((name) => join(folder, name));
    const areHere = await Promise.all(
      all.map((path) =>
        access(path).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (areHere.every(Boolean)) return dirname(all[0] ?? '');
  }
  throw new Error(
    'The cluster tests need PostgreSQL: install it with apt-get install -y --no-install-recommends postgresql (elsewhere put initdb, postgres, pg_isready, createdb and psql on PATH). Its service need not run.',
  );
}

async function runAs(): Promise<RunAs> {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const id = async (flag: string): Promise<number> => Number((await run('id', [flag, name])).stdout.trim());
    try {
      return { uid: await id('-u'), gid: await id('-g') };
    } catch {
      // There is no such user here: the next.
    }
  }
  return {};
}

/** Runs one of PostgreSQL's client programs against it. */
export async function postgresClient(
  postgres: Pick<Postgres, 'port' | 'user' | 'programs'>,
  program: 'createdb' | 'psql',
  args: readonly string[],
): Promise<string> {
  const { stdout } = await run(join(postgres.programs, program), [
    ...['-h', LOOPBACK, '-p', String(postgres.port), '-U', postgres.user, '-w'],
    ...args,
  ]);
  return stdout;
}
