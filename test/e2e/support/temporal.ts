import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createClientConnection,
  createNativeConnection,
  createTemporalClient,
  plainTarget,
} from '../../../temporal-config/connection.js';
import type { DevServer } from '../../../temporal-config/server/dev-server.js';
import { freePort } from '../../../temporal-config/server/ports.js';
import { sharedCluster } from '../../cluster/support/shared.js';
import { cliForTests, startServerForTests, type RealServer } from '../../support/temporal.js';

/** A Temporal Server that can go away and come back with all it knew, on the same port. */
export interface RestartableServer extends RealServer {
  /** Ends the process; connections stay as they are, broken. */
  goAway(): Promise<void>;
  /** Starts it anew on the same file and port. */
  comeBack(): Promise<void>;
}

export interface RestartableOptions {
  /** Settings of the server's dynamic configuration, e.g. `{ 'limit.historyCount.suggestContinueAsNew': 60 }`. */
  readonly dynamicConfig?: Readonly<Record<string, number>>;
}

/** A real server with its database in a file of its own. */
export async function startRestartableServer(options: RestartableOptions = {}): Promise<RestartableServer> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-temporal-'));
  const dynamicConfig = options.dynamicConfig ?? {};
  const cli =
    sharedCluster() === null
      ? { cli: await withSettings((await cliForTests()).cli, directory, dynamicConfig) }
      : {};
  const port = await freePort();
  const start = (): Promise<DevServer> =>
    startServerForTests({ directory, isKept: true, port, dynamicConfig, ...cli });
  let server = await start();
  const target = plainTarget(server.address, server.namespace);
  const connections: { close(): Promise<void> }[] = [];
  return {
    address: server.address,
    target,
    directory,
    get pid() {
      return server.pid;
    },
    get server() {
      return server;
    },
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
    goAway: () => server.stop(),
    async comeBack() {
      server = await start();
    },
    async stop() {
      for (const connection of connections.splice(0)) await connection.close();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The CLI itself, or a script in front of it that adds settings to whatever it is told. */
async function withSettings(
  cli: string,
  directory: string,
  settings: Readonly<Record<string, number>>,
): Promise<string> {
  const words = Object.entries(settings).map(([name, value]) => ` --dynamic-config-value ${name}=${value}`);
  if (words.length === 0) return cli;
  const script = join(directory, 'temporal-with-settings.sh');
  await writeFile(script, `#!/bin/sh\nexec '${cli.replaceAll("'", "'\\''")}' "$@"${words.join('')}\n`);
  await chmod(script, 0o755);
  return script;
}
