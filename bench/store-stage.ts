import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTemporalClient, plainTarget } from '../temporal-config/connection.js';
import { searchAttributeTypes } from '../temporal-config/search-attributes.js';
import { startDevServer } from '../temporal-config/server/dev-server.js';
import { findTemporalCli } from '../temporal-config/server/find-cli.js';
import { startPostgres } from '../test/cluster/support/postgres.js';
import { startProvider, type ProviderStandIn } from './provider.js';
import { startStoreProxy, type StoreProxy } from './store-proxy.js';
import { startTocsin, type Tocsin } from './tocsin.js';

/** Tocsin without a store, and beside it the same with one that can be made slow or unreachable; a worker and an API each. */
export interface StoreStage {
  readonly provider: ProviderStandIn;
  readonly without: Tocsin;
  readonly kept: Tocsin;
  readonly store: StoreProxy;
  /** Of both servers and all four processes. */
  readonly pids: readonly number[];
  readonly serverVersion: string;
  readonly accepted: string[];
  readonly say: (line: string) => void;
  stop(): Promise<void>;
}

export interface StoreStageOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  /** So many people, each with a service of their own: nobody gets several pages at a time. */
  readonly people: number;
}

/** Starts all of it on loopback: a Temporal Server for each of the two, one PostgreSQL. */
export async function setStoreStage({ env, say, people }: StoreStageOptions): Promise<StoreStage> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const clean of cleanups.splice(0).reverse()) await clean();
  };
  try {
    const cli = await findTemporalCli({ env, onProgress: say });
    const directory = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
    cleanups.push(() => rm(directory, { recursive: true, force: true }));
    say('starting two servers, PostgreSQL, the provider stand-in, and Tocsin with and without a store');
    const postgres = await startPostgres();
    cleanups.push(() => postgres.stop());
    const store = await startStoreProxy(postgres.port);
    cleanups.push(() => store.stop());
    const provider = await startProvider();
    cleanups.push(() => provider.stop());
    const pids: number[] = [];
    const start = async (name: string, shared: Readonly<Record<string, string>>): Promise<Tocsin> => {
      const own = join(directory, name);
      await mkdir(own);
      const server = await startDevServer({
        cli: cli.path,
        directory: join(own, 'temporal'),
        port: 0,
        uiPort: null,
        searchAttributes: searchAttributeTypes,
        env,
        onProgress: say,
      });
      cleanups.push(() => server.stop());
      const client = await createTemporalClient(plainTarget(server.address, server.namespace));
      cleanups.push(() => client.connection.close());
      const tocsin = await startTocsin({
        server,
        providerUrl: provider.url,
        directory: own,
        client,
        inherited: { PATH: env['PATH'], HOME: env['HOME'] },
        apart: true,
        shared,
        people,
      });
      cleanups.push(() => tocsin.stop());
      pids.push(server.pid, tocsin.pid, tocsin.apiPid);
      return tocsin;
    };
    const without = await start('without', {});
    const kept = await start('kept', {
      DATABASE_URL: `postgres://${postgres.user}@127.0.0.1:${store.port}/postgres`,
    });
    return { provider, without, kept, store, pids, serverVersion: cli.version, accepted: [], say, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
