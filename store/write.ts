import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.js';

/** A transaction's end: kept, or as if nothing had been. */
type End<T> = { readonly keep: boolean; readonly value: T };
export const commit = <T>(value: T): End<T> => ({ keep: true, value });
export const undo = <T>(value: T): End<T> => ({ keep: false, value });

class Undone<T> extends Error {
  constructor(readonly value: T) {
    super('undone');
  }
}

/**
 * A transaction that sees what others committed up to each of its statements, whatever the server's default: it first waits
 * for the row of `versions` ({@link raiseVersion}), and then looks.
 */
export async function write<T>(
  db: Kysely<Tables>,
  work: (trx: Kysely<Tables>) => Promise<End<T>>,
): Promise<T> {
  try {
    return await db
      .transaction()
      .setIsolationLevel('read committed')
      .execute(async (trx) => {
        const { keep, value } = await work(trx);
        if (!keep) throw new Undone(value);
        return value;
      });
  } catch (error) {
    if (error instanceof Undone) return error.value as T;
    throw error;
  }
}

/** What others watch for changes, each by a row of `versions`. */
export type Versioned =
  'maintenance' | 'overrides' | 'calendars' | 'api-keys' | 'page-counts' | 'handoffs' | 'verified-methods';

/** Also the lock: of two writers at one moment the second waits here, and then sees what the first did. */
export async function raiseVersion(trx: Kysely<Tables>, name: Versioned): Promise<number> {
  const row = await trx
    .updateTable('versions')
    .set({ version: sql<number>`version + 1` })
    .where('name', '=', name)
    .returning('version')
    .executeTakeFirstOrThrow();
  return Number(row.version);
}

/** As the last write left it. */
export async function versionOf(db: Kysely<Tables>, name: Versioned): Promise<number> {
  const row = await db
    .selectFrom('versions')
    .select('version')
    .where('name', '=', name)
    .executeTakeFirstOrThrow();
  return Number(row.version);
}
