import { execFile, spawn, type ChildProcess } from 'node:child_process';
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
  /** `kill -9` of the postmaster; its other processes end by themselves. */
  kill(): Promise<void>;
  /** After `kill`: the same data on the same port. */
  restart(): Promise<void>;
  /** SIGSTOP of all its processes: it is there, and answers nothing. The returned function lets it go on. */
  freeze(): Promise<() => void>;
}

export interface PostgresOptions {
  /** What it said yes to outlives a kill (of the process; never of the machine). Default: false, which is faster. */
  readonly isDurable?: boolean;
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
export async function startPostgres({ isDurable = false }: PostgresOptions = {}): Promise<Postgres> {
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
  const args = [
    ...['-D', data, '-p', String(port), '-c', `listen_addresses=${LOOPBACK}`],
    ...['-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
    // Nothing here is to outlive the machine: what the tests look at does not depend on the disk.
    ...['-c', 'fsync=off', '-c', 'full_page_writes=off'],
    ...['-c', `synchronous_commit=${isDurable ? 'on' : 'off'}`],
  ];
  const launch = async (): Promise<Running> => {
    const log = await open(logFile, 'a');
    const child = spawn(join(programs, 'postgres'), args, { ...settings, stdio: ['ignore', log.fd, log.fd] });
    await log.close();
    return { child, exited: once(child, 'exit') };
  };
  const isUp = async (child: ChildProcess, deadline: number): Promise<boolean> => {
    while (!(await isReady(programs, port))) {
      if (child.exitCode !== null || Date.now() > deadline) return false;
      await delay(100);
    }
    return true;
  };
  let running = await launch();
  const killWithUs = (): void => void running.child.kill('SIGQUIT');
  process.once('exit', killWithUs);
  const stop = async (): Promise<void> => {
    process.removeListener('exit', killWithUs);
    // Fast shutdown: clients are disconnected.
    running.child.kill('SIGINT');
    await running.exited;
    await rm(folder, { recursive: true, force: true });
  };
  if (!(await isUp(running.child, Date.now() + START_TIMEOUT_MS))) {
    const words = await readFile(logFile, 'utf8');
    await stop();
    throw new Error(`PostgreSQL did not start: ${words}`);
  }
  const kill = async (): Promise<void> => {
    running.child.kill('SIGKILL');
    await running.exited;
  };
  const restart = async (): Promise<void> => {
    const deadline = Date.now() + START_TIMEOUT_MS;
    // It refuses as long as processes of the killed one still end.
    do {
      if (Date.now() > deadline)
        throw new Error(`PostgreSQL did not start again: ${await readFile(logFile, 'utf8')}`);
      running = await launch();
    } while (!(await isUp(running.child, deadline)));
  };
  const freeze = async (): Promise<() => void> => {
    const postmaster = running.child.pid ?? 0;
    const pids = [postmaster, ...(await childrenOf(postmaster))];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    return () => {
      for (const pid of pids) process.kill(pid, 'SIGCONT');
    };
  };
  const { stdout } = await run(join(programs, 'postgres'), ['--version'], settings);
  return { port, user: USER, programs, version: stdout.trim(), stop, kill, restart, freeze };
}

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
}

/** proc(5). */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text
    .split(' ')
    .filter((part) => part.trim() !== '')
    .map(Number);
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
    'These tests need PostgreSQL: install it with apt-get install -y --no-install-recommends postgresql (elsewhere put initdb, postgres, pg_isready, createdb and psql on PATH). Its service need not run.',
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
