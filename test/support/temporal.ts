import { type Client, type Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import type { NativeConnection } from '@temporalio/worker';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createClientConnection,
  createNativeConnection,
  createTemporalClient,
  plainTarget,
  type TemporalClientOptions,
  type TemporalTarget,
} from '../../temporal-config/connection.js';
import { wireTypes, type SearchAttributeTypes } from '../../temporal-config/namespace.js';
import { searchAttributeTypes } from '../../temporal-config/search-attributes.js';
import { startDevServer, type DevServer } from '../../temporal-config/server/dev-server.js';
import { findTemporalCli } from '../../temporal-config/server/find-cli.js';
import { timeSkippingServer } from '../../temporal-config/server/test-server.js';
import { startClusterServer } from '../cluster/support/cluster-server.js';
import { sharedCluster } from '../cluster/support/shared.js';

/** A real Temporal Server for a test, with Tocsin's search attributes. */
export interface RealServer {
  readonly address: string;
  readonly target: TemporalTarget;
  readonly pid: number;
  readonly server: DevServer;
  /** The folder of its log and database. */
  readonly directory: string;
  /** A client on a connection of its own; closed by `stop`. */
  client(options?: TemporalClientOptions): Promise<Client>;
  /** A worker's connection; closed by `stop`, so stop workers first. */
  nativeConnection(): Promise<NativeConnection>;
  /** Closes the connections and ends the server; a folder that was made for it goes too. */
  stop(): Promise<void>;
}

export interface RealServerOptions {
  /** Keep the database in this folder; without it the server is in memory. */
  readonly directory?: string;
  /** A fixed port, e.g. to come back after a kill. Default: a free one. */
  readonly port?: number;
  readonly searchAttributes?: SearchAttributeTypes;
}

/** Starts a real server on loopback, headless: about 1 s from the cached CLI. */
export async function startRealServer(options: RealServerOptions = {}): Promise<RealServer> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'tocsin-temporal-')));
  const server = await startServerForTests({
    ...options,
    directory,
    isKept: options.directory !== undefined,
  });
  const target = plainTarget(server.address, server.namespace);
  const connections: { close(): Promise<void> }[] = [];
  return {
    address: server.address,
    target,
    pid: server.pid,
    server,
    directory,
    async client(clientOptions = {}) {
      const connection = await createClientConnection(target);
      connections.push(connection);
      return createTemporalClient(target, clientOptions, connection);
    },
    async nativeConnection() {
      const connection = await createNativeConnection(target);
      connections.push(connection);
      return connection;
    },
    async stop() {
      for (const connection of connections.splice(0)) await connection.close();
      await server.stop();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A server's process for tests; `isKept`: with its database in the folder, so that it can be started on it again. */
export interface ServerForTests {
  readonly directory: string;
  readonly isKept: boolean;
  readonly port?: number;
  readonly searchAttributes?: SearchAttributeTypes;
  /** Another CLI than the one that is found. The cluster suite has none. */
  readonly cli?: string;
  /** Settings of the server's dynamic configuration, which only the cluster suite takes here. */
  readonly dynamicConfig?: Readonly<Record<string, number>>;
}

/** A development server; in the cluster suite (test/cluster) `temporal-server` on PostgreSQL. */
export async function startServerForTests(options: ServerForTests): Promise<DevServer> {
  const { directory } = options;
  const searchAttributes = options.searchAttributes ?? searchAttributeTypes;
  const cluster = sharedCluster();
  if (cluster !== null) {
    const { dynamicConfig = {} } = options;
    return startClusterServer({ cluster, directory, searchAttributes, dynamicConfig });
  }
  const { cli, env, onProgress } = await cliForTests();
  return startDevServer({
    cli: options.cli ?? cli,
    directory,
    storage: options.isKept ? 'file' : 'memory',
    port: options.port ?? 0,
    uiPort: null,
    searchAttributes,
    env,
    onProgress,
  });
}

/** The Temporal CLI that tests use, with the environment it was found in; progress goes to stderr. */
export async function cliForTests(): Promise<{
  cli: string;
  env: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
}> {
  const lines: string[] = [];
  const onProgress = (line: string): void => {
    lines.push(line);
    // Only what takes long is worth a line in a test's output.
    if (line.includes('…')) process.stderr.write(`${line}\n`);
  };
  const { path } = await findTemporalCli({ env: process.env, onProgress });
  return { cli: path, env: process.env, onProgress };
}

const STARTS = 3;

/**
 * A time-skipping environment with Tocsin's search attributes. Skipping is global to it: one test at a time. The caller ends it
 * with `teardown()`. The SDK gives the JVM 5 s to start, too few on a machine under load: it is tried three times.
 */
export async function startTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const server = await timeSkippingServer({
    env: process.env,
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  for (let attempt = 1; ; attempt += 1) {
    try {
      const env = await TestWorkflowEnvironment.createTimeSkipping({ server });
      await addAttributes(env.connection);
      return env;
    } catch (error) {
      if (attempt === STARTS) throw error;
    }
  }
}

/** The Java server registers attributes but can't list them: added blindly, on a server that is new. */
async function addAttributes(connection: Connection): Promise<void> {
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(
      Object.entries(searchAttributeTypes).map(([name, type]) => [name, wireTypes[type]]),
    ),
  });
}
