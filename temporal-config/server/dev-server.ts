import { Connection } from '@temporalio/client';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TemporalSetupError } from '../errors.js';
import {
  ensureNamespace,
  ensureSearchAttributes,
  MINIMUM_RETENTION_MS,
  type SearchAttributeTypes,
} from '../namespace.js';
import type { Environment, Progress } from './cache-directory.js';
import { removeClaim, signal, takeOver, writeClaim } from './dev-server-claim.js';
import { withLock } from '../../system/lock.js';
import { acceptsConnections, freePort, isPortTaken, LOOPBACK } from './ports.js';
import { lastLines } from './run-command.js';

export interface DevServerOptions {
  /** Path of a Temporal CLI, see `findTemporalCli`. */
  readonly cli: string;
  /** Folder for the server's log and, unless in memory, its database. It is made. One server per folder. */
  readonly directory: string;
  /** `file` outlives the server; `memory` is for tests. Default `file`. */
  readonly storage?: 'file' | 'memory';
  /** Port of the gRPC service on loopback; 0 takes a free one. */
  readonly port: number;
  /** Port of the web UI on loopback; 0 takes a free one, null runs none. */
  readonly uiPort: number | null;
  /** Created when it isn't there. Default `default`. */
  readonly namespace?: string;
  readonly searchAttributes: SearchAttributeTypes;
  /** The namespace keeps closed workflows at least so long. Default 30 days. */
  readonly minimumRetentionMs?: number;
  /** NORMAL may lose the last instants in a power cut (never in a crash of the process); FULL waits for the disk. Default NORMAL. */
  readonly synchronous?: 'NORMAL' | 'FULL';
  readonly env: Environment;
  readonly onProgress: Progress;
  /** How a person sets the ports, for the sentence about a busy one, e.g. `--temporal-port`. */
  readonly portSetting?: string;
}

/** How the server's process ended. */
export interface DevServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last lines of its log. */
  readonly lastLines: string;
}

/** A running Temporal Server of our own, its namespace ready. */
export interface DevServer {
  /** `host:port` of the gRPC service. */
  readonly address: string;
  readonly namespace: string;
  /** Null when it runs without its web UI. */
  readonly uiUrl: string | null;
  readonly pid: number;
  readonly logFile: string;
  /** Resolves when the process ends, by `stop` or by itself. */
  readonly exited: Promise<DevServerExit>;
  /** Ends the server: SIGTERM, after 10 s SIGKILL. Resolves when it has ended; repeated calls share one end. */
  stop(): Promise<void>;
}

const DATABASE = 'temporal.db';
const LOG = 'temporal-server.log';
const LOG_KEPT_BYTES = 20_000_000;
const STOP_GRACE_MS = 10_000;
/** It takes 1 s on a quiet machine with 2 cores; a loaded one gets sixty times that. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 25;

/**
 * Starts `temporal server start-dev` and waits until its frontend answers and the namespace has its retention and search
 * attributes. The server is the leader of its own process group, so that Ctrl-C in a terminal leaves it alive until the worker
 * has drained; it gets SIGTERM when this process exits without having called `stop`.
 * @throws TemporalSetupError PORT_TAKEN, DATABASE_IN_USE, DATABASE_DAMAGED, SERVER_DIED, SERVER_SLOW, NAMESPACE_REFUSED,
 * SEARCH_ATTRIBUTE_CONFLICT, SEARCH_ATTRIBUTES_REFUSED; each says what to do, and nothing is left running
 */
export async function startDevServer(options: DevServerOptions): Promise<DevServer> {
  await mkdir(options.directory, { recursive: true });
  return withLock(
    join(options.directory, 'temporal-server.lock'),
    (pid) =>
      options.onProgress(`process ${pid} is starting a server on ${options.directory}; waiting for it`),
    async () => {
      await takeOver(options.directory, STOP_GRACE_MS, options.onProgress);
      try {
        return await startOnce(options);
      } catch (error) {
        // A free port may be taken between finding and using it; once more with another.
        const mayRetry = options.port === 0 || options.uiPort === 0;
        if (!(mayRetry && error instanceof TemporalSetupError && error.code === 'PORT_TAKEN')) throw error;
        return startOnce(options);
      }
    },
  );
}

async function startOnce(options: DevServerOptions): Promise<DevServer> {
  const namespace = options.namespace ?? 'default';
  const port = await choosePort(options.port, 'gRPC service', options);
  const uiPort = options.uiPort === null ? null : await choosePort(options.uiPort, 'web UI', options);
  const logFile = join(options.directory, LOG);
  await rotate(logFile);
  const log = await open(logFile, 'a');
  const logStart = (await log.stat()).size;
  let child: ChildProcess;
  let ended: Promise<Pick<DevServerExit, 'code' | 'signal'>>;
  try {
    child = spawn(options.cli, serverArguments(options, namespace, port, uiPort), {
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
      env: serverEnvironment(options.env),
    });
    ended = new Promise((resolve) => {
      child.once('exit', (code, name) => resolve({ code, signal: name }));
      child.once('error', () => resolve({ code: null, signal: null }));
    });
  } finally {
    await log.close();
  }
  const pid = child.pid;
  if (pid === undefined) {
    throw new TemporalSetupError(
      'SERVER_DIED',
      `The Temporal CLI at ${options.cli} could not be started. Check that the file exists and may be run.`,
    );
  }
  const killWithUs = (): void => signal(pid, 'SIGTERM');
  process.once('exit', killWithUs);
  const exited = ended.then(async (end): Promise<DevServerExit> => {
    process.removeListener('exit', killWithUs);
    await removeClaim(options.directory);
    return { ...end, lastLines: lastLines(await readFrom(logFile, logStart)) };
  });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => (stopping ??= endChild(pid, exited));
  const server: DevServer = {
    address: `${LOOPBACK}:${port}`,
    namespace,
    uiUrl: uiPort === null ? null : `http://${LOOPBACK}:${uiPort}`,
    pid,
    logFile,
    exited,
    stop,
  };
  try {
    await writeClaim(options.directory, pid);
    await untilReady(server, port, options);
    return server;
  } catch (error) {
    await stop();
    throw error;
  }
}

function serverArguments(
  options: DevServerOptions,
  namespace: string,
  port: number,
  uiPort: number | null,
): string[] {
  const pragmas = ['journal_mode=WAL', `synchronous=${options.synchronous ?? 'NORMAL'}`];
  return [
    ...['server', 'start-dev', '--ip', LOOPBACK, '--port', String(port), '--namespace', namespace],
    ...(uiPort === null ? ['--headless'] : ['--ui-port', String(uiPort)]),
    ...(options.storage === 'memory' ? [] : ['--db-filename', join(options.directory, DATABASE)]),
    // Upper-case values only: lower-case ones broke the file (design/temporal.md). They have no meaning in memory.
    ...(options.storage === 'memory' ? [] : pragmas.flatMap((pragma) => ['--sqlite-pragma', pragma])),
    ...['--dynamic-config-value', 'system.enableActivityEagerExecution=true'],
    ...Object.entries(options.searchAttributes).flatMap(([name, type]) => [
      '--search-attribute',
      `${name}=${type}`,
    ]),
    ...['--log-level', 'warn'],
  ];
}

/** Client settings (address, profile, keys) are none of the server's business and must not change what it does. */
function serverEnvironment(env: Environment): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

async function untilReady(server: DevServer, port: number, options: DevServerOptions): Promise<void> {
  const died = server.exited.then((exit) => {
    throw explainDeath(exit, options, server.logFile);
  });
  died.catch(() => undefined);
  const late = new AbortController();
  const slow = delay(START_TIMEOUT_MS, undefined, { signal: late.signal }).then(() => {
    throw new TemporalSetupError(
      'SERVER_SLOW',
      `The Temporal Server did not answer on ${server.address} within ${START_TIMEOUT_MS / 1_000} s. Its log is ${server.logFile}; a machine under heavy load needs another try.`,
    );
  });
  slow.catch(() => undefined);
  // The child may die between two steps: what was begun then must not go on for ever.
  let over = false;
  const ready = async (): Promise<void> => {
    while (!over && !(await acceptsConnections(port))) await delay(POLL_MS);
    const connection = Connection.lazy({ address: server.address });
    try {
      while (!over && !(await answers(connection))) await delay(POLL_MS);
      if (over) return;
      await ensureNamespace(connection, server.namespace, options.minimumRetentionMs ?? MINIMUM_RETENTION_MS);
      await ensureSearchAttributes(connection, server.namespace, options.searchAttributes);
    } finally {
      await connection.close();
    }
  };
  try {
    await Promise.race([ready(), died, slow]);
  } finally {
    over = true;
    late.abort();
  }
}

async function answers(connection: Connection): Promise<boolean> {
  return connection
    .withDeadline(Date.now() + 1_000, () => connection.workflowService.getSystemInfo({}))
    .then(
      () => true,
      () => false,
    );
}

/** Puts the log's words for the usual causes into one sentence. Seen on server 1.29.1 (CLI 1.5.1). */
function explainDeath(exit: DevServerExit, options: DevServerOptions, logFile: string): TemporalSetupError {
  const database = join(options.directory, DATABASE);
  if (/address already in use/i.test(exit.lastLines)) {
    const port = /(?:port |:)(\d+)\b(?=: (?:listen|bind))/.exec(exit.lastLines)?.[1];
    return portTaken(port === undefined ? 'A port' : `Port ${port}`, 'Temporal Server', options.portSetting);
  }
  if (/database is locked|SQLITE_BUSY/i.test(exit.lastLines)) {
    return new TemporalSetupError(
      'DATABASE_IN_USE',
      `Temporal's database ${database} is locked by another program. Close that program (a second Tocsin, a SQLite browser, a backup), and start again.`,
    );
  }
  const damage = /not a database|no such table: \w+|malformed|SQLITE_CORRUPT|SQLITE_NOTADB/i.exec(
    exit.lastLines,
  )?.[0];
  if (damage !== undefined) {
    return new TemporalSetupError(
      'DATABASE_DAMAGED',
      `Temporal's database ${database} is damaged (${damage}). Restore it from a backup, together with its -wal file, or move it and its -wal and -shm files away to start with an empty one; the incidents in it are then unknown to Temporal.`,
    );
  }
  const how = exit.signal === null ? `with code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
  return new TemporalSetupError(
    'SERVER_DIED',
    `The Temporal Server ended ${how} before it was ready. Its last words: ${exit.lastLines || 'none'}. The log is ${logFile}.`,
  );
}

async function choosePort(wanted: number, what: string, options: DevServerOptions): Promise<number> {
  if (wanted === 0) return freePort();
  if (await isPortTaken(wanted)) {
    throw portTaken(`Port ${wanted}`, `Temporal Server's ${what}`, options.portSetting);
  }
  return wanted;
}

function portTaken(port: string, what: string, setting: string | undefined): TemporalSetupError {
  const mend = setting === undefined ? 'choose another port' : `choose another port with ${setting}`;
  return new TemporalSetupError(
    'PORT_TAKEN',
    `${port} on ${LOOPBACK}, meant for the ${what}, is taken by another program: stop that program, or ${mend}.`,
  );
}

async function endChild(pid: number, exited: Promise<DevServerExit>): Promise<void> {
  signal(pid, 'SIGTERM');
  const timer = setTimeout(() => signal(pid, 'SIGKILL'), STOP_GRACE_MS);
  await exited;
  clearTimeout(timer);
}

async function rotate(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_KEPT_BYTES) await rename(logFile, `${logFile}.1`);
}

async function readFrom(file: string, start: number): Promise<string> {
  try {
    return (await readFile(file)).subarray(start).toString('utf8');
  } catch (error) {
    return messageOf(error);
  }
}
