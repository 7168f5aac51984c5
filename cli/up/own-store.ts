import type { Logger } from 'pino';
import type { Environment } from '../../config/environment.js';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import type { Cleanups } from './cleanups.js';

/** What a store of this process needs around it. */
export interface OwnStoreOptions {
  readonly environment: Environment;
  readonly log: Logger;
  /** It is closed after whatever is added later. */
  readonly cleanups: Cleanups;
  /** It is first opened when this is settled; absent: at once. */
  readonly after?: Promise<unknown>;
}

/** The PostgreSQL of DATABASE_URL, else one embedded in the data folder. Nobody waits for it. */
export function openOwnStore({ environment, log, cleanups, after }: OwnStoreOptions): Store {
  const store = openStore({
    databaseUrl: environment.databaseUrl,
    directory: environment.dataDir,
    log: log.child({ component: 'store' }),
    ...(after === undefined ? {} : { after }),
  });
  cleanups.add('', () => store.close());
  return store;
}

/**
 * The store of a process that is one of several: it must be one that all can share, so there is none without DATABASE_URL.
 */
export function openSharedStore(options: OwnStoreOptions): { readonly store?: Store } {
  return options.environment.databaseUrl === undefined ? {} : { store: openOwnStore(options) };
}
