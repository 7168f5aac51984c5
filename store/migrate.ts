import { type Kysely, type Migration, Migrator, sql } from 'kysely';
import { StoreAway, StoreTooNew } from './errors.js';
import { awayReason, wordsOf } from './failures.js';
import type { Tables } from './tables.js';

const TABLE = 'tocsin_migrations';
const LOCK_TABLE = 'tocsin_migrations_lock';

/** What brings a store's tables up to date. */
export interface MigrateOptions {
  /** One session. */
  readonly db: Kysely<Tables>;
  readonly migrations: Readonly<Record<string, Migration>>;
  /** The store, for people. */
  readonly where: string;
  readonly onProgress: (line: string) => void;
}

/**
 * Brings the tables up to date, each migration in a transaction of its own; of several processes that start at once one does
 * it (an advisory lock) and the others wait.
 * @throws StoreTooNew before anything is touched; StoreAway `migration`, with nothing left of the one that failed
 */
export async function migrate({ db, migrations, where, onProgress }: MigrateOptions): Promise<void> {
  const names = Object.keys(migrations);
  const pending = await pendingMigrations(db, migrations, where);
  if (pending.length === 0) return;
  onProgress(`the store’s tables are brought up to date: ${pending.join(', ')}`);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableName: TABLE,
    migrationLockTableName: LOCK_TABLE,
    nameComparator: (one, other) => (one < other ? -1 : one > other ? 1 : 0),
  });
  for (;;) {
    const { error, results } = await migrator.migrateUp();
    if (error === undefined) {
      if (results === undefined || results.length === 0) return;
      continue;
    }
    // A newer Tocsin may have come first while we waited for the lock.
    requireKnown(await executed(db).catch(() => []), names, where);
    const failed = results?.find(({ status }) => status === 'Error')?.migrationName;
    // Nothing wrong with the migration itself: the database went away, or has no room.
    const reason = awayReason(error) ?? 'migration';
    throw new StoreAway(
      reason,
      `The store’s tables (${where}) could not be brought up to date${failed === undefined ? '' : `: migration ${failed} failed and nothing of it was kept`}: ${wordsOf(error)}`,
      error,
    );
  }
}

/**
 * What is left to be done. Changes nothing.
 * @throws StoreTooNew
 */
export async function pendingMigrations(
  db: Kysely<Tables>,
  migrations: MigrateOptions['migrations'],
  where: string,
): Promise<readonly string[]> {
  const names = Object.keys(migrations);
  const done = await executed(db);
  requireKnown(done, names, where);
  return names.filter((name) => !done.includes(name));
}

async function executed(db: Kysely<Tables>): Promise<readonly string[]> {
  const found = await sql<{ found: string | null }>`select to_regclass(${TABLE})::text as found`.execute(db);
  if ((found.rows[0]?.found ?? null) === null) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(TABLE)}`.execute(db);
  return rows.map(({ name }) => name);
}

function requireKnown(done: readonly string[], names: readonly string[], where: string): void {
  const unknown = done.filter((name) => !names.includes(name)).sort();
  if (unknown.length > 0) throw new StoreTooNew(where, unknown);
}
