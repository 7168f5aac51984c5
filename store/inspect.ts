import { StoreTooNew } from './errors.js';
import { wordsOf } from './failures.js';
import { pendingMigrations } from './migrate.js';
import { migrations } from './migrations/all.js';
import { postgresOpener } from './postgres/open-postgres.js';
import { sessionOf } from './session.js';

/** How a PostgreSQL is found from outside. */
export type Inspection =
  | { readonly kind: 'ready'; readonly where: string }
  /** Migrations that a start of Tocsin would run. */
  | { readonly kind: 'pending'; readonly where: string; readonly migrations: readonly string[] }
  | { readonly kind: 'too-new'; readonly message: string }
  | { readonly kind: 'away'; readonly message: string };

/** Looks whether a PostgreSQL is there (5 s at most), and as this Tocsin needs it. Changes nothing, and never rejects. */
export async function inspectPostgres(url: string): Promise<Inspection> {
  const opener = postgresOpener(url);
  const { where } = opener;
  let pending: readonly string[] = [];
  try {
    const database = await opener.open(async (connection) => {
      pending = await pendingMigrations(sessionOf(connection), migrations, where);
    });
    await database.close();
    return pending.length === 0 ? { kind: 'ready', where } : { kind: 'pending', where, migrations: pending };
  } catch (error) {
    if (error instanceof StoreTooNew) return { kind: 'too-new', message: error.message };
    return { kind: 'away', message: `${where}: ${wordsOf(error)}` };
  }
}
