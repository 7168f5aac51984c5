import { join } from 'node:path';
import type { Migration } from 'kysely';
import type { Logger } from 'pino';
import { createApiKeys } from './api-keys.js';
import { createAuditLog } from './audit.js';
import { createBackup } from './backup.js';
import { createBeats } from './beats.js';
import { createBundles } from './bundles.js';
import { createCalendars } from './calendars.js';
import { createHandoffs } from './handoffs.js';
import { keepOpen } from './keep-open.js';
import { migrations as allMigrations } from './migrations/all.js';
import { createMaintenance } from './maintenance.js';
import { createOverrides } from './overrides.js';
import { createPageCounts } from './page-counts.js';
import { pgliteOpener } from './pglite/open-pglite.js';
import { postgresOpener } from './postgres/open-postgres.js';
import { createSlots } from './slots.js';
import { createRecords } from './records.js';
import type { Store } from './store.js';
import { createVerifiedMethods } from './verified-methods.js';

/** Where the store is, and whom it tells. */
export interface OpenStoreOptions {
  /** A PostgreSQL, `postgres://…`; absent: PGlite in the folder. */
  readonly databaseUrl: string | undefined;
  /** The data folder; PGlite keeps its files in `store` beneath it. */
  readonly directory: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  /** A step begins or ends, for a person. */
  readonly onProgress?: (line: string) => void;
  /** It is first opened when this is settled, e.g. once everything else has started. Default: at once. */
  readonly after?: Promise<unknown>;
  readonly now?: () => number;
  /** Tests bring their own. */
  readonly migrations?: Readonly<Record<string, Migration>>;
}

/**
 * A store, at once: it is reached and brought up to date in the background, and again whenever it is lost (0.5 s to 30 s
 * between tries). Never throws; `state` and every call tell.
 */
export function openStore(options: OpenStoreOptions): Store {
  const { databaseUrl, directory, log, onProgress, after, now, migrations } = options;
  const opener =
    databaseUrl === undefined
      ? pgliteOpener(join(directory, 'store'), (sentence) => log.warn(sentence))
      : postgresOpener(databaseUrl);
  const { call, ...kept } = keepOpen({
    opener,
    migrations: migrations ?? allMigrations,
    now: now ?? Date.now,
    log,
    onProgress: onProgress ?? (() => undefined),
    after: after ?? Promise.resolve(),
  });
  return {
    ...kept,
    overrides: createOverrides(call),
    audit: createAuditLog(call),
    beats: createBeats(call),
    bundles: createBundles(call),
    calendars: createCalendars(call),
    handoffs: createHandoffs(call),
    records: createRecords(call),
    pageCounts: createPageCounts(call),
    apiKeys: createApiKeys(call),
    backup: createBackup(call, Object.keys(migrations ?? allMigrations)),
    slots: createSlots(call),
    maintenance: createMaintenance(call),
    verifiedMethods: createVerifiedMethods(call),
  };
}
