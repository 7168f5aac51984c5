import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import {
  ensureNamespace,
  ensureSearchAttributes,
  type SearchAttributeTypes,
} from '../../../temporal-config/namespace.js';
import type { DevServer, DevServerExit } from '../../../temporal-config/server/dev-server.js';
import { acceptsConnections, freePort, LOOPBACK } from '../../../temporal-config/server/ports.js';
import { lastLines } from '../../../temporal-config/server/run-command.js';
import { serverConfig, type ServerPorts, type ServerSecurity } from './server-config.js';
import type { SharedCluster } from './shared.js';
import { copyTemplate, type Databases } from './template.js';

export interface ClusterServerOptions {
  readonly cluster: SharedCluster;
  /** Of its configuration and log. The same folder again means the same databases and ports. */
  readonly directory: string;
  readonly searchAttributes: SearchAttributeTypes;
  /** Settings of the dynamic configuration beside those that docs/operating.md asks for. */
  readonly dynamicConfig?: Readonly<Record<string, number>>;
  /** Absent: whoever reaches the port may do everything. */
  readonly security?: ServerSecurity;
  /** How the server's own preparation gets in. */
  readonly connection?: Pick<ConnectionOptions, 'tls' | 'apiKey'>;
}

const NAMESPACE = 'default';
const START_TIMEOUT_MS = 90_000;
const STOP_GRACE_MS = 20_000;
const POLL_MS = 100;

/**
 * Starts `temporal-server` with all its services in one process, on databases of its own, and gets its namespace ready with the
 * product's own code. It shows itself as a development server does, so that tests need not know.
 */
export async function startClusterServer(options: ClusterServerOptions): Promise<DevServer> {
  const { directory, cluster } = options;
  await mkdir(join(directory, 'config'), { recursive: true });
  const { ports, databases } = await placeOf(options);
  const dynamic = join(directory, 'config', 'dynamic.yaml');
  const values = Object.entries({ 'system.enableActivityEagerExecution': true, ...options.dynamicConfig });
  await writeFile(dynamic, values.map(([name, value]) => `${name}:\n  - value: ${value}\n`).join(''));
  await writeFile(
    join(directory, 'config', 'cluster.yaml'),
    serverConfig({
      postgres: cluster.postgres,
      databases,
      ports,
      dynamic,
      ...(options.security === undefined ? {} : { security: options.security }),
    }),
  );
  const logFile = join(directory, 'temporal-server.log');
  const log = await open(logFile, 'a');
  const child = spawn(
    cluster.server,
    [
      ...['--root', directory, '--config', 'config', '--env', 'cluster', '--allow-no-auth', 'start'],
      ...servicesOf(options).flatMap((service) => ['--service', service]),
    ],
    { stdio: ['ignore', log.fd, log.fd], env: { PATH: process.env['PATH'] } },
  );
  await log.close();
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const exited = new Promise<DevServerExit>((resolve) => {
    child.once('exit', (code, signal) => {
      process.removeListener('exit', killWithUs);
      void readFile(logFile, 'utf8').then((text) => resolve({ code, signal, lastLines: lastLines(text) }));
    });
  });
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
      await exited;
      clearTimeout(timer);
    })());
  const server: DevServer = {
    address: `${LOOPBACK}:${ports.frontend.grpc}`,
    namespace: NAMESPACE,
    uiUrl: null,
    pid: child.pid ?? 0,
    logFile,
    exited,
    stop,
  };
  try {
    await untilReady(server, ports, options);
    return server;
  } catch (error) {
    await stop();
    const { lastLines: words } = await exited;
    throw new Error(`temporal-server did not get ready; its last words: ${words}`, { cause: error });
  }
}

function servicesOf({ security }: ClusterServerOptions): readonly string[] {
  const always = ['frontend', 'history', 'matching', 'worker'];
  return security === undefined ? always : [...always, 'internal-frontend'];
}

interface Place {
  readonly ports: ServerPorts;
  readonly databases: Databases;
}

async function placeOf({ directory, cluster }: ClusterServerOptions): Promise<Place> {
  const file = join(directory, 'place.json');
  const kept = await readFile(file, 'utf8').catch(() => null);
  if (kept !== null) return JSON.parse(kept) as Place;
  const taken = new Set<number>();
  const next = async (): Promise<number> => {
    const port = await freePort();
    if (taken.has(port)) return next();
    taken.add(port);
    return port;
  };
  const pair = async () => ({ grpc: await next(), membership: await next() });
  const ports: ServerPorts = {
    frontend: await pair(),
    history: await pair(),
    matching: await pair(),
    worker: await pair(),
    internal: await pair(),
  };
  const databases = await copyTemplate(cluster.postgres, `t_${randomUUID().slice(0, 8)}`);
  const place: Place = { ports, databases };
  await writeFile(file, JSON.stringify(place));
  return place;
}

async function untilReady(
  server: DevServer,
  ports: ServerPorts,
  options: Pick<ClusterServerOptions, 'searchAttributes' | 'connection'>,
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let last: unknown;
  let isGone = false;
  void server.exited.then(() => (isGone = true));
  const patience = async (): Promise<void> => {
    if (isGone) throw new Error('temporal-server ended.');
    if (Date.now() > deadline)
      throw new Error(`no answer within ${START_TIMEOUT_MS / 1_000} s`, { cause: last });
    await delay(POLL_MS);
  };
  // The fourth, worker, takes no calls.
  for (const { grpc } of [ports.frontend, ports.history, ports.matching])
    while (!(await acceptsConnections(grpc))) await patience();
  const connection = Connection.lazy({ ...options.connection, address: server.address });
  try {
    const answers = (): Promise<boolean> =>
      connection
        .withDeadline(Date.now() + 1_000, () => connection.workflowService.getClusterInfo({}))
        .then(
          () => true,
          (error: unknown) => {
            last = error;
            return false;
          },
        );
    while (!(await answers())) await patience();
    await ensureNamespace(connection, server.namespace);
    await ensureSearchAttributes(connection, server.namespace, options.searchAttributes);
  } finally {
    await connection.close();
  }
}
