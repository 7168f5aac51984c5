import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { createTemporalClient, plainTarget } from '../temporal-config/connection.js';
import { searchAttributeTypes } from '../temporal-config/search-attributes.js';
import { startDevServer, type DevServer } from '../temporal-config/server/dev-server.js';
import { findTemporalCli } from '../temporal-config/server/find-cli.js';
import { startBare, type Bare } from './bare.js';
import { startProvider, type ProviderStandIn } from './provider.js';
import { startTocsin, type Tocsin } from './tocsin.js';

/** Everything a measure needs: one server, the two that are compared on it, and the provider that both reach. */
export interface Stage {
  readonly server: DevServer;
  /** E.g. `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`. */
  readonly serverVersion: string;
  readonly client: Client;
  readonly provider: ProviderStandIn;
  readonly bare: Bare;
  readonly tocsin: Tocsin;
  /** Marks of requests that were accepted, of all measures. */
  readonly accepted: string[];
  readonly say: (line: string) => void;
  /** Kills the server and starts it anew on the same database and port; resolves when it answers. */
  restartServer(): Promise<void>;
  stop(): Promise<void>;
}

export interface StageOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  /** Settings of Tocsin's process beside those that it needs. */
  readonly settings?: Readonly<Record<string, string>>;
  /** See `TocsinOptions`. */
  readonly people?: number;
  /** Tocsin's worker and API as processes of their own; the settings are the worker's. */
  readonly apart?: boolean;
}

/** Starts all of it on loopback, the server's database in a new temporary folder with the settings of `npm start`. */
export async function setStage({
  env,
  say,
  settings = {},
  apart = false,
  people,
}: StageOptions): Promise<Stage> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const clean of cleanups.splice(0).reverse()) await clean();
  };
  try {
    const cli = await findTemporalCli({ env, onProgress: say });
    const directory = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
    cleanups.push(() => rm(directory, { recursive: true, force: true }));
    say('starting the server, the provider stand-in, the bare workflow and Tocsin');
    const start = (port: number): Promise<DevServer> =>
      startDevServer({
        cli: cli.path,
        directory: join(directory, 'temporal'),
        port,
        uiPort: null,
        searchAttributes: searchAttributeTypes,
        env,
        onProgress: say,
      });
    let server = await start(0);
    cleanups.push(() => server.stop());
    const client = await createTemporalClient(plainTarget(server.address, server.namespace));
    cleanups.push(() => client.connection.close());
    const provider = await startProvider();
    cleanups.push(() => provider.stop());
    const bare = await startBare(server, provider.url);
    cleanups.push(() => bare.stop());
    const inherited = { PATH: env['PATH'], HOME: env['HOME'], ...settings };
    const tocsin = await startTocsin({
      server,
      providerUrl: provider.url,
      directory,
      client,
      inherited,
      apart,
      ...(people === undefined ? {} : { people }),
    });
    cleanups.push(() => tocsin.stop());
    const restartServer = async (): Promise<void> => {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
      server = await start(Number(server.address.split(':').at(-1)));
    };
    return {
      get server() {
        return server;
      },
      serverVersion: cli.version,
      client,
      provider,
      bare,
      tocsin,
      accepted: [],
      say,
      restartServer,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
