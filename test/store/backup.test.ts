import { join } from 'node:path';
import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createBackup } from '../../store/backup.js';
import { BACKUP_TABLES, NOT_IN_BACKUP } from '../../store/backup-tables.js';
import { keepOpen, type Call } from '../../store/keep-open.js';
import { migrations } from '../../store/migrations/all.js';
import { pgliteOpener } from '../../store/pglite/open-pglite.js';
import { postgresOpener } from '../../store/postgres/open-postgres.js';
import { by, NOON, silent } from './support/overrides.js';
import { embeddedOfFile, freshDatabase, opened, postgresOfFile, type Place } from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const OF_KIND = { PGlite: embedded, PostgreSQL: () => freshDatabase(postgres()) };
type Kind = keyof typeof OF_KIND;
const KINDS = Object.keys(OF_KIND) as readonly Kind[];

const AT = `'2026-11-21T12:00:00.123456+01:00'`;
const ODD = `$$'); drop table overrides; -- "Zahnärztin" 🦷\\n \\ {"a":1}\n$$`;

/** One row for each table, as SQL: a backup is only shown to have what is in here. */
const ROWS: Readonly<Record<string, string>> = {
  overrides: `('o-1', 'primary', 'primary', 'bob', null, ${AT}, '2027-01-01', ${ODD}, 'alice', ${AT}, null, null, null)`,
  calendars: `('c-1', 'person', 'alice', 'f00d', ${AT}, 'ops', ${AT}, 'bob')`,
  api_keys: `('k-1', ${ODD}, 'ab', 'integration:x', 'alice', ${AT}, 'ops', '2027-01-01', null, null, null)`,
  verified_methods: `('alice', 'mark', 'sms-1', ${AT}, 'alice')`,
  maintenance: `('m-1', '["payments"]', null, ${AT}, '2027-01-01', 'disks', true, 'alice', ${AT}, null, null)`,
  handoff_notes: `('n-1', 'primary', ${ODD}, 'alice', ${AT}, null, null)`,
  first_shifts: `('primary', 'bob', 'a-1', ${AT})`,
  beats: `('nightly', ${AT})`,
  page_counts: `('alice', 'opening', ${AT}, ${AT})`,
  records: `('opening', '7KQ2', ${ODD}, 'payments', null, 'SEV1', 'resolved', ${AT}, null, null, 'hash', 3, 9007199254740993, '{"a": [1, null, "ü"], "b": 1.50}')`,
  record_reviews: `('opening', 'open', 1, '{}')`,
  record_entries: `('opening', 'incident', 0, ${AT}, 'opened', '{"title": "x\\ny"}')`,
  record_pages: `('opening', 1, 'alice', ${AT}, 'step')`,
  record_deliveries: `('opening', 'twilio', 'SM1', 'alice', 'sms', 'page', null, 'delivered', true, 4)`,
};

/** A store of which the database itself can be asked. */
async function place(kind: Kind, where?: Place, known = migrations) {
  const at = where ?? (await OF_KIND[kind]());
  const kept = keepOpen({
    opener:
      at.databaseUrl === undefined
        ? pgliteOpener(join(at.directory, 'store'), () => undefined)
        : postgresOpener(at.databaseUrl),
    migrations,
    now: Date.now,
    log: silent,
    onProgress: () => undefined,
    after: Promise.resolve(),
  });
  onTestFinished(() => kept.close());
  await kept.untilReady(60_000);
  const { call } = kept;
  return { at, call, kept, backup: createBackup(call, Object.keys(known)) };
}

async function fill(call: Call): Promise<void> {
  for (const { name } of BACKUP_TABLES) {
    const row = ROWS[name];
    if (name === 'audit') continue;
    if (row === undefined) throw new Error(`${name} has no row here: nothing would show that it comes back.`);
    await call((db) => sql.raw(`insert into ${name} values ${row}`).execute(db));
  }
  for (const actor of ['alice', 'bob'])
    await call((db) =>
      sql
        .raw(
          `insert into audit (at, actor, action, subject_kind, subject_id, before, after, via, address)
           values (${AT}, '${actor}', 'override.add', 'override', 'o-1', null, '{"reason": "ü"}', 'api', '192.0.2.7')`,
        )
        .execute(db),
    );
}

type Backup = Awaited<ReturnType<typeof place>>['backup'];

async function saved(backup: Backup): Promise<string> {
  let text = '';
  await backup.save((piece) => {
    text += piece;
    return Promise.resolve();
  }, NOON);
  return text;
}

/** Bytes as they come over a network: in pieces that end anywhere. */
function restore(backup: Backup, text: string | Buffer, merge = false, size = 700) {
  const bytes = Buffer.from(text);
  const read = async function* (): AsyncGenerator<Buffer> {
    for (let from = 0; from < bytes.length; from += size)
      yield await Promise.resolve(bytes.subarray(from, from + size));
  };
  return backup.restore(read, { merge }, by('ops', NOON));
}

/** Without what putting in leaves behind, and the numbers that this has. */
function rowsIn(text: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith('{"table"') && !line.includes('backup.import'));
}

describe('a backup', () => {
  it('has every table of the database, or says why not; each by its primary key', async () => {
    const { call } = await place('PostgreSQL');
    const tables = await call(async (db) => {
      const { rows } = await sql<{ table_name: string }>`select table_name from information_schema.tables
        where table_schema = current_schema()`.execute(db);
      return rows.map(({ table_name: name }) => name).sort();
    });
    const listed = [...BACKUP_TABLES.map(({ name }) => name), ...Object.keys(NOT_IN_BACKUP)];
    expect(tables, 'add the table to store/backup-tables.ts').toEqual([...listed].sort());
    const keys = await call(async (db) => {
      const { rows } = await sql<{ table_name: string; columns: string[] }>`
        select c.table_name, array_agg(k.column_name::text order by k.ordinal_position) as columns
        from information_schema.table_constraints c
        join information_schema.key_column_usage k using (constraint_schema, constraint_name)
        where c.constraint_type = 'PRIMARY KEY' and c.table_schema = current_schema() group by 1`.execute(db);
      return new Map(rows.map(({ table_name: name, columns }) => [name, columns]));
    });
    for (const { name, key } of BACKUP_TABLES) expect(keys.get(name), name).toEqual(key);
  });

  it.each(KINDS.flatMap((from) => KINDS.map((to) => [from, to] as const)))(
    'brings everything from %s to %s, to the letter',
    async (from, to) => {
      const source = await place(from);
      await fill(source.call);
      const text = await saved(source.backup);
      expect(rowsIn(text)).toHaveLength(BACKUP_TABLES.length + 1);
      expect(text).toContain('9007199254740993');
      const target = await place(to);
      const { tables } = await restore(target.backup, text);
      expect(tables).toEqual(
        BACKUP_TABLES.map(({ name }) => ({ name, added: name === 'audit' ? 2 : 1, kept: 0 })),
      );
      expect(rowsIn(await saved(target.backup))).toEqual(rowsIn(text));
    },
  );

  it('shows at once, is written down, and the numbers go on after it', async () => {
    const source = await place('PostgreSQL');
    await fill(source.call);
    const target = await place('PostgreSQL');
    const store = await opened(target.at);
    const before = await store.overrides.version();
    await restore(target.backup, await saved(source.backup));
    expect(await store.overrides.version()).toBeGreaterThan(before);
    expect(await store.apiKeys.version()).toBeGreaterThan(0);
    expect((await store.overrides.get('o-1'))?.reason).toContain('🦷');
    const { entries } = await store.audit.list({ limit: 10 });
    expect(entries.map(({ action }) => action)).toEqual(['backup.import', 'override.add', 'override.add']);
    expect(entries[0]).toMatchObject({ ...by('ops', NOON), subject: { kind: 'store', id: 'all' } });
    // Two with one number would be refused.
    await store.overrides.cancel('o-1', by('bob'));
    expect((await store.audit.list({ limit: 10 })).entries).toHaveLength(4);
  });

  it('is not put into a store that is in use, unless the two are to be merged: then what exists stays', async () => {
    const source = await place('PostgreSQL');
    await fill(source.call);
    const text = await saved(source.backup);
    const target = await place('PostgreSQL');
    const store = await opened(target.at);
    await store.apiKeys.add({ id: 'k-1', name: 'mine', scope: 'read', hash: 'cd' }, by('carol', NOON));
    await store.beats.record(new Map([['nightly', NOON + 1]]));
    const before = await saved(target.backup);
    await expect(restore(target.backup, text)).rejects.toMatchObject({
      name: 'BackupRefused',
      reason: 'not-empty',
      message: 'The store is in use: there are rows in api_keys (1), audit (1). Nothing was changed.',
    });
    expect(await saved(target.backup)).toBe(before);

    const { tables } = await restore(target.backup, text, true);
    const by_ = Object.fromEntries(tables.map(({ name, added, kept }) => [name, [added, kept]]));
    expect(by_).toMatchObject({
      overrides: [1, 0],
      api_keys: [0, 1],
      beats: [0, 1],
      audit: [2, 0],
      records: [1, 0],
    });
    expect((await store.apiKeys.list())[0]?.name).toBe('mine');
    expect(await store.beats.last('nightly')).toBe(NOON + 1);
    // The audit of both is there, though both have a first entry.
    const actors = async () => (await store.audit.list({ limit: 20 })).entries.map(({ actor }) => actor);
    expect(await actors()).toEqual(['ops', 'bob', 'alice', 'carol']);
    // Once more, it changes nothing more.
    const again = await restore(target.backup, text, true);
    expect(again.tables.every(({ added }) => added === 0)).toBe(true);
    expect(await actors()).toEqual(['ops', 'ops', 'bob', 'alice', 'carol']);
  });

  it('is put in though what Tocsin fills by itself is there already', async () => {
    const source = await place('PostgreSQL');
    await fill(source.call);
    const target = await place('PostgreSQL');
    const store = await opened(target.at);
    await store.beats.record(new Map([['nightly', NOON + 1]]));
    const { tables } = await restore(target.backup, await saved(source.backup));
    expect(tables.find(({ name }) => name === 'beats')).toEqual({ name: 'beats', added: 0, kept: 1 });
    expect(await store.overrides.list()).toHaveLength(1);
  });

  it('of an older Tocsin, without a column that came later, gets what that column has by default', async () => {
    const source = await place('PostgreSQL');
    await fill(source.call);
    await source.call((db) => sql`alter table maintenance drop column stop_pages`.execute(db));
    const text = await saved(source.backup);
    expect(text).not.toContain('stop_pages');
    const target = await place('PostgreSQL');
    await target.call((db) =>
      sql`alter table maintenance alter column stop_pages set default true`.execute(db),
    );
    await restore(target.backup, text);
    const rows = rowsIn(await saved(target.backup)).filter((line) => line.includes('"stop_pages":true'));
    expect(rows).toHaveLength(1);
  });

  it('takes no more memory for more rows, and is of one moment', async () => {
    const source = await place('PostgreSQL');
    await source.call((db) =>
      sql`insert into record_entries select 'o', 'incident', n, now(), 'note', '{"text": "some words of a note"}'
        from generate_series(1, 20000) as n`.execute(db),
    );
    const store = await opened(source.at);
    let largest = 0;
    let text = '';
    let isFirst = true;
    await source.backup.save(async (piece) => {
      largest = Math.max(largest, piece.length);
      text += piece;
      // Somebody writes in the middle: it is not in it, and not waited for.
      if (isFirst) await store.beats.record(new Map([['late', NOON]]));
      isFirst = false;
    }, NOON);
    expect(rowsIn(text)).toHaveLength(20_000);
    expect(largest).toBeLessThan(100_000);
    const target = await place('PostgreSQL');
    await restore(target.backup, text, false, 65_536);
    expect(rowsIn(await saved(target.backup))).toEqual(rowsIn(text));
  });

  it('may take long on an embedded store: what waits behind it gives up, and does not end it', async () => {
    const { backup, call, kept } = await place('PGlite');
    await fill(call);
    let waiting: Promise<unknown> = Promise.resolve();
    let isFirst = true;
    let text = '';
    await backup.save(async (piece) => {
      text += piece;
      if (!isFirst) return;
      isFirst = false;
      waiting = expect(call((db) => sql`select 1`.execute(db), { limitMs: 200 })).rejects.toMatchObject({
        reason: 'slow',
      });
      // A store that does not answer the smallest question within 5 s counts as lost otherwise.
      await new Promise((resolve) => setTimeout(resolve, 6_000));
    }, NOON);
    await waiting;
    expect(rowsIn(text)).toHaveLength(BACKUP_TABLES.length + 1);
    expect(kept.state().status).toBe('ready');
    await call((db) => sql`select 1`.execute(db));
  });
});

describe('a backup that is not whole changes nothing, and tells where:', () => {
  it('every way', async () => {
    const source = await place('PostgreSQL');
    await fill(source.call);
    const text = await saved(source.backup);
    const lines = text.trimEnd().split('\n');
    const last = lines.length;
    const target = await place('PostgreSQL');
    await target.call((db) => sql`insert into beats values ('nightly', now())`.execute(db));
    const before = await saved(target.backup);
    const changed = (line: number, change: (line: string) => string): string =>
      `${lines.map((each, index) => (index === line - 1 ? change(each) : each)).join('\n')}\n`;
    const without = (line: number): string =>
      `${lines.filter((_each, index) => index !== line - 1).join('\n')}\n`;
    const head = (change: (header: Record<string, unknown>) => void): string =>
      changed(1, (line) => {
        const header = JSON.parse(line) as Record<string, unknown>;
        change(header);
        return JSON.stringify(header);
      });
    const cases: readonly (readonly [
      what: string,
      text: string | Buffer,
      reason: string,
      line: number | null,
      words: RegExp,
    ])[] = [
      ['empty', '', 'damaged', 1, /empty/],
      ['no backup', 'hello\n', 'damaged', 1, /not the first line/],
      [
        'cut off in a row',
        text.slice(0, text.indexOf(lines[4] ?? '') + 20),
        'damaged',
        5,
        /is no row|cut off/,
      ],
      ['cut off between rows', `${lines.slice(0, 5).join('\n')}\n`, 'damaged', 5, /cut off/],
      ['without its last line', without(last), 'damaged', last - 1, /cut off/],
      ['cut off in its last line', text.slice(0, -20), 'damaged', last, /not the last line/],
      ['a row missing', without(3), 'damaged', 3, /no row of calendars|missing/],
      [
        'the last row missing',
        without(last - 1),
        'damaged',
        last - 1,
        /rows are missing before it \(of audit\)/,
      ],
      [
        'a letter changed',
        changed(2, (line) => line.replace('"primary"', '"primarx"')),
        'damaged',
        last,
        /checksum/,
      ],
      ['a row broken', changed(2, (line) => line.replace('"id":', '"id"')), 'damaged', 2, /not JSON/],
      ['two lines exchanged', changed(2, () => lines[2] ?? ''), 'damaged', 2, /no row of overrides/],
      [
        'no UTF-8',
        Buffer.concat([Buffer.from(`${lines[0] ?? ''}\n`), Buffer.from([0xff, 10])]),
        'damaged',
        2,
        /UTF-8/,
      ],
      ['something after its end', `${text}{}\n`, 'damaged', last + 1, /follows its last line/],
      [
        'a newer format',
        head((header) => (header['version'] = 2)),
        'too-new',
        1,
        /newer Tocsin.*version 2 of its format/,
      ],
      [
        'a migration of tomorrow',
        head((header) => (header['migrations'] as string[]).push('0099-tomorrow')),
        'too-new',
        1,
        /newer Tocsin.*0099-tomorrow/,
      ],
      [
        'a table of nowhere',
        head((header) =>
          (header['tables'] as object[]).push({ name: 'pg_class', rows: 0, columns: ['oid'] }),
        ),
        'damaged',
        1,
        /no table "pg_class"/,
      ],
    ];
    for (const [what, broken, reason, line, words] of cases) {
      const error: unknown = await restore(target.backup, broken, true).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error, what).toMatchObject({ name: 'BackupRefused', reason, line });
      expect((error as Error).message, what).toMatch(words);
      expect((error as Error).message, what).toMatch(/Nothing was changed\.$/);
    }
    expect(await saved(target.backup)).toBe(before);
  });

  it.each(KINDS)('a row that the table does not take, after others that it took, on %s', async (kind) => {
    const source = await place(kind);
    await fill(source.call);
    // As a hand that meant well would leave it: whole, and yet not what the table allows.
    await source.call((db) => sql`alter table api_keys drop constraint api_keys_scope_check`.execute(db));
    await source.call((db) => sql`update api_keys set scope = 'everything'`.execute(db));
    const text = await saved(source.backup);
    const line = text.split('\n').findIndex((each) => each.includes('"everything"')) + 1;
    const target = await place(kind);
    const before = await saved(target.backup);
    await expect(restore(target.backup, text)).rejects.toMatchObject({
      name: 'BackupRefused',
      reason: 'damaged',
      line,
      message: expect.stringMatching(
        /at line 4, a row of api_keys: .*check constraint.*Nothing was changed/,
      ) as string,
    });
    expect(await saved(target.backup)).toBe(before);
  });
});
