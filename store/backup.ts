import { type Kysely, sql } from 'kysely';
import type { Instant } from '../domain/time/instant.js';
import { VERSION } from '../domain/version.js';
import { type AuditContext, recordChanges } from './audit.js';
import { checkBackup, createBackupWriter, rowsOf, type BackupHeader, type BackupRow } from './backup-file.js';
import { BACKUP_TABLES, type BackupTable } from './backup-tables.js';
import { BackupRefused } from './errors.js';
import { awayReason, wordsOf } from './failures.js';
import type { Call } from './keep-open.js';
import type { Tables } from './tables.js';

/** What was put in, by table. */
export interface Restored {
  readonly tables: readonly {
    readonly name: string;
    readonly added: number;
    /** Rows of the backup that were there already. */
    readonly kept: number;
  }[];
}

/** Everything that is to be kept of the store, as text. */
export interface Backup {
  /**
   * Writes all of one moment, line by line; whoever writes to the store meanwhile is not waited for, and not in it.
   * @param write is waited for: no more than some rows are in memory at once
   */
  save(write: (text: string) => Promise<void>, at: Instant): Promise<BackupHeader>;
  /**
   * Puts a backup in: all of it or nothing.
   * @param read its bytes from the beginning; called twice, the first time to find whether it is whole
   * @throws BackupRefused
   */
  restore(
    read: () => AsyncIterable<Buffer>,
    options: { readonly merge: boolean },
    audit: AuditContext,
  ): Promise<Restored>;
}

/** So long a backup may take in the store; reading and checking the file is not in it. */
const LIMIT_MS = 15 * 60_000;
/** Rows that are in memory at once: those of records may be 100 kB. */
const ROWS = 100;

/** @param migrations the names of all that this Tocsin does to the tables */
export function createBackup(call: Call, migrations: readonly string[]): Backup {
  return {
    save: (write, at) =>
      call(
        (db) =>
          db
            .transaction()
            // One moment: what others commit meanwhile is not seen.
            .setIsolationLevel('repeatable read')
            .execute((trx) => save(trx, write, at)),
        { limitMs: LIMIT_MS },
      ),
    restore: async (read, { merge }, audit) => {
      const names = BACKUP_TABLES.map(({ name }) => name);
      const header = await checkBackup(read(), { migrations, tables: names });
      return call(
        (db) =>
          db
            .transaction()
            .setIsolationLevel('read committed')
            .execute((trx) => restore(trx, rowsOf(read(), header), { header, merge, audit })),
        { limitMs: LIMIT_MS, writes: true },
      );
    },
  };
}

async function save(
  trx: Kysely<Tables>,
  write: (text: string) => Promise<void>,
  at: Instant,
): Promise<BackupHeader> {
  const writer = createBackupWriter();
  const done = await sql<{ name: string }>`select name from tocsin_migrations order by name`.execute(trx);
  const columns = await columnsOf(trx);
  const tables: BackupHeader['tables'] = [];
  for (const { name } of BACKUP_TABLES) {
    const counted = await sql<{ rows: number }>`select count(*)::int as rows from ${sql.table(name)}`.execute(
      trx,
    );
    tables.push({ name, rows: counted.rows[0]?.rows ?? 0, columns: [...(columns.get(name) ?? [])] });
  }
  const content = {
    tocsin: VERSION,
    at: new Date(at).toISOString(),
    migrations: done.rows.map(({ name }) => name),
    tables,
  };
  await write(writer.header(content));
  for (const { name, key } of BACKUP_TABLES) {
    const all = sql.join((columns.get(name) ?? []).map((column) => sql.ref(column)));
    const order = sql.join(key.map((column) => sql.ref(column)));
    // A cursor: the database, too, has only some rows in memory.
    await sql`declare rows_of_backup no scroll cursor for
      select row_to_json(one)::text as json from (select ${all} from ${sql.table(name)} order by ${order}) as one`.execute(
      trx,
    );
    for (;;) {
      const { rows } = await sql<{ json: string }>`fetch ${sql.lit(ROWS)} from rows_of_backup`.execute(trx);
      if (rows.length === 0) break;
      await write(rows.map(({ json }) => writer.row(name, inOneLine(json))).join(''));
    }
    await sql`close rows_of_backup`.execute(trx);
  }
  await write(writer.end());
  return { format: 'tocsin-backup', version: 1, ...content };
}

/** A column of type json keeps line breaks of whoever wrote it. */
function inOneLine(json: string): string {
  return json.includes('\n') ? JSON.stringify(JSON.parse(json)) : json;
}

interface RestoreOptions {
  readonly header: BackupHeader;
  readonly merge: boolean;
  readonly audit: AuditContext;
}

async function restore(
  trx: Kysely<Tables>,
  rows: AsyncIterable<BackupRow>,
  { header, merge, audit }: RestoreOptions,
): Promise<Restored> {
  // Every process looks anew, and nobody else writes meanwhile what is watched.
  await sql`update versions set version = version + 1`.execute(trx);
  if (!merge) await requireEmpty(trx);
  const there = await columnsOf(trx);
  const plans = new Map(
    header.tables.map(({ name, columns }) => [name, planOf(name, columns, there.get(name) ?? [], merge)]),
  );
  const added = new Map<string, number>();
  for await (const batch of batchesOf(rows)) {
    const [first] = batch;
    const plan = first === undefined ? undefined : plans.get(first.table);
    if (first === undefined || plan === undefined) continue;
    const count = await putIn(trx, plan, batch);
    added.set(first.table, (added.get(first.table) ?? 0) + count);
  }
  for (const { name, numbered } of BACKUP_TABLES)
    if (numbered !== undefined) await continueNumbers(trx, name, numbered.column);
  const tables = header.tables.map(({ name, rows: all }) => {
    const count = added.get(name) ?? 0;
    return { name, added: count, kept: all - count };
  });
  await recordChanges(trx, audit, [
    {
      action: 'backup.import',
      subject: { kind: 'store', id: 'all' },
      before: null,
      after: { at: header.at, tocsin: header.tocsin, merge, tables },
    },
  ]);
  return { tables };
}

/** How rows of one table are put in. */
interface Plan {
  readonly table: BackupTable;
  readonly columns: readonly string[];
  /** What is there already stays, instead of being an error. */
  readonly keeps: boolean;
  readonly mergesNumbers: boolean;
}

function planOf(name: string, columns: readonly string[], there: readonly string[], merge: boolean): Plan {
  const table = BACKUP_TABLES.find((each) => each.name === name);
  const strange = columns.find((column) => !there.includes(column));
  if (table === undefined || strange !== undefined)
    throw new BackupRefused(
      'damaged',
      `The backup is damaged at line 1: there is no ${strange === undefined ? `table ${name}` : `column ${strange} in ${name}`}. Nothing was changed.`,
      1,
    );
  const mergesNumbers = merge && table.numbered !== undefined;
  return { table, columns, keeps: merge || table.fillsItself === true, mergesNumbers };
}

/** @throws BackupRefused `damaged`, with the line that does not fit; or what the store says when it is away */
async function putIn(trx: Kysely<Tables>, plan: Plan, batch: readonly BackupRow[]): Promise<number> {
  await sql`savepoint before_rows`.execute(trx);
  try {
    const count = await insert(trx, plan, batch);
    await sql`release savepoint before_rows`.execute(trx);
    return count;
  } catch (error) {
    if (awayReason(error) !== null) throw error;
    const [only] = batch;
    if (only === undefined || batch.length === 1)
      throw new BackupRefused(
        'damaged',
        `The backup does not fit the store at line ${only?.line ?? 1}, a row of ${plan.table.name}: ${wordsOf(error)}. Nothing was changed.`,
        only?.line ?? 1,
        error,
      );
    // One of them: the database does not say which.
    await sql`rollback to savepoint before_rows`.execute(trx);
    let count = 0;
    for (const row of batch) count += await putIn(trx, plan, [row]);
    return count;
  }
}

async function insert(
  trx: Kysely<Tables>,
  { table, columns, keeps, mergesNumbers }: Plan,
  batch: readonly BackupRow[],
): Promise<number> {
  const { name, numbered } = table;
  const json = `[${batch.map((row) => row.json).join(',')}]`;
  const own = mergesNumbers ? columns.filter((column) => column !== numbered?.column) : columns;
  const list = sql.join(own.map((column) => sql.ref(column)));
  const given = sql.join(own.map((column) => sql.ref(`given.${column}`)));
  const from = sql`from json_populate_recordset(null::${sql.table(name)}, ${json}::json) as given`;
  if (mergesNumbers && numbered !== undefined) {
    const same = sql.join(
      numbered.sameBy.map(
        (column) => sql`${sql.ref(`old.${column}`)} is not distinct from ${sql.ref(`given.${column}`)}`,
      ),
      sql` and `,
    );
    const { numAffectedRows } = await sql`insert into ${sql.table(name)} (${list}) select ${given} ${from}
      where not exists (select 1 from ${sql.table(name)} as old where ${same})
      order by ${sql.ref(`given.${numbered.column}`)}`.execute(trx);
    return Number(numAffectedRows ?? 0);
  }
  const numbers = numbered === undefined ? sql`` : sql`overriding system value`;
  const conflict = keeps ? sql`on conflict do nothing` : sql``;
  const { numAffectedRows } =
    await sql`insert into ${sql.table(name)} (${list}) ${numbers} select ${given} ${from} ${conflict}`.execute(
      trx,
    );
  return Number(numAffectedRows ?? 0);
}

async function requireEmpty(trx: Kysely<Tables>): Promise<void> {
  const used: string[] = [];
  for (const { name, fillsItself } of BACKUP_TABLES) {
    if (fillsItself === true) continue;
    const { rows } = await sql<{
      rows: number;
    }>`select count(*)::int as rows from ${sql.table(name)}`.execute(trx);
    const count = rows[0]?.rows ?? 0;
    if (count > 0) used.push(`${name} (${count})`);
  }
  if (used.length > 0)
    throw new BackupRefused(
      'not-empty',
      `The store is in use: there are rows in ${used.join(', ')}. Nothing was changed.`,
      null,
    );
}

/** What is written next gets a number above all that came in. */
async function continueNumbers(trx: Kysely<Tables>, table: string, column: string): Promise<void> {
  await sql`select setval(pg_get_serial_sequence(${table}, ${column}), (select max(${sql.ref(column)}) from ${sql.table(table)}))
    where exists (select 1 from ${sql.table(table)})`.execute(trx);
}

/** Of every table, in their order; those that the database works out itself are left out. */
async function columnsOf(trx: Kysely<Tables>): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await sql<{ table_name: string; column_name: string }>`
    select table_name, column_name from information_schema.columns
    where table_schema = current_schema() and is_generated = 'NEVER'
    order by table_name, ordinal_position`.execute(trx);
  const columns = new Map<string, string[]>();
  for (const { table_name: table, column_name: column } of rows)
    columns.set(table, [...(columns.get(table) ?? []), column]);
  return columns;
}

async function* batchesOf(
  rows: AsyncIterable<BackupRow>,
): AsyncGenerator<readonly BackupRow[], void, undefined> {
  let batch: BackupRow[] = [];
  for await (const row of rows) {
    const [first] = batch;
    if (first !== undefined && (first.table !== row.table || batch.length === ROWS)) {
      yield batch;
      batch = [];
    }
    batch.push(row);
  }
  if (batch.length > 0) yield batch;
}
