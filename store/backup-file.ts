import { createHash } from 'node:crypto';
import { z } from 'zod';
import { BackupRefused } from './errors.js';

/**
 * A backup is text, one JSON in a line: first a header, then the rows of one table after the other, at last a line with a
 * checksum of all before. It is read in pieces: no part of it is larger than a line.
 */

/** Rises when what older Tocsins read is no longer enough. */
const VERSION = 1;
/** A row of the store is some kilobytes; no line is as large as this. */
const LONGEST_LINE = 64 * 1024 * 1024;

const header = z.object({
  format: z.literal('tocsin-backup'),
  version: z.int().min(1),
  /** The Tocsin that wrote it. */
  tocsin: z.string(),
  /** When, ISO 8601. */
  at: z.string(),
  /** The names of all that was done to the tables. */
  migrations: z.array(z.string()),
  /** In the order in which they follow. */
  tables: z.array(z.object({ name: z.string(), rows: z.int().min(0), columns: z.array(z.string()).min(1) })),
});

const end = z.object({ end: z.literal(true), rows: z.int(), sha256: z.string() });

/** The first line of a backup. */
export type BackupHeader = z.output<typeof header>;

/** One row as its line has it. */
export interface BackupRow {
  readonly table: string;
  /** From 1. */
  readonly line: number;
  /** The row as JSON: not parsed, so that no number loses digits. */
  readonly json: string;
}

/** Lines of a backup as they are written. */
export interface BackupWriter {
  header(header: Omit<BackupHeader, 'format' | 'version'>): string;
  row(table: string, json: string): string;
  end(): string;
}

export function createBackupWriter(): BackupWriter {
  const sum = createHash('sha256');
  let rows = 0;
  const summed = (line: string): string => {
    sum.update(line);
    return line;
  };
  return {
    header: (content) =>
      summed(`${JSON.stringify({ format: 'tocsin-backup', version: VERSION, ...content })}\n`),
    row: (table, json) => {
      rows += 1;
      return summed(`${prefixOf(table)}${json}}\n`);
    },
    end: () => `${JSON.stringify({ end: true, rows, sha256: sum.digest('hex') })}\n`,
  };
}

function prefixOf(table: string): string {
  return `{"table":${JSON.stringify(table)},"row":`;
}

/** What a Tocsin knows of its own store. */
export interface KnownStore {
  readonly migrations: readonly string[];
  readonly tables: readonly string[];
}

/**
 * Reads all of a backup and finds whether it is whole, without touching a store.
 * @throws BackupRefused `damaged` with the line, or `too-new`
 */
export async function checkBackup(pieces: AsyncIterable<Buffer>, known: KnownStore): Promise<BackupHeader> {
  const sum = createHash('sha256');
  let head: BackupHeader | null = null;
  let expected: Expected[] = [];
  let rows = 0;
  let last = 0;
  let isEnded = false;
  for await (const { number, text } of linesOf(pieces)) {
    last = number;
    if (isEnded) throw damaged(number, 'something follows its last line');
    if (head === null) {
      head = headerOf(text, known);
      expected = head.tables.map(({ name, rows: count }) => ({ name, left: count }));
      sum.update(`${text}\n`);
      continue;
    }
    if (text.startsWith('{"end":')) {
      requireEnd(text, number, rows, sum.digest('hex'), expected);
      isEnded = true;
      continue;
    }
    while (expected[0]?.left === 0) expected.shift();
    const [table] = expected;
    if (table === undefined) throw damaged(number, 'there are more rows than the first line tells');
    rowIn(text, table.name, number);
    table.left -= 1;
    rows += 1;
    sum.update(`${text}\n`);
  }
  if (head === null) throw damaged(1, 'the file is empty');
  if (!isEnded) throw damaged(last, 'the file ends here, without its last line: it was cut off');
  return head;
}

interface Expected {
  readonly name: string;
  left: number;
}

/** The rows of a backup that {@link checkBackup} has found whole. */
export async function* rowsOf(
  pieces: AsyncIterable<Buffer>,
  { tables }: BackupHeader,
): AsyncGenerator<BackupRow, void, undefined> {
  const expected = tables.map(({ name, rows }): Expected => ({ name, left: rows }));
  for await (const { number, text } of linesOf(pieces)) {
    if (number === 1) continue;
    while (expected[0]?.left === 0) expected.shift();
    const [table] = expected;
    // The last line.
    if (table === undefined) return;
    table.left -= 1;
    yield { table: table.name, line: number, json: rowIn(text, table.name, number) };
  }
}

function headerOf(text: string, known: KnownStore): BackupHeader {
  const parsed = header.safeParse(jsonIn(text));
  if (!parsed.success) throw damaged(1, 'it is not the first line of a backup of Tocsin');
  const { version, tocsin, migrations, tables } = parsed.data;
  const news = migrations.filter((name) => !known.migrations.includes(name));
  if (version > VERSION || news.length > 0)
    throw new BackupRefused(
      'too-new',
      `This backup was made by a newer Tocsin (${tocsin}): this one does not know ${version > VERSION ? `version ${version} of its format` : news.join(', ')}. Nothing was changed.`,
      1,
    );
  const strange = tables.find(({ name }) => !known.tables.includes(name));
  if (strange !== undefined) throw damaged(1, `there is no table ${JSON.stringify(strange.name)}`);
  return parsed.data;
}

function requireEnd(
  text: string,
  number: number,
  rows: number,
  sha256: string,
  expected: readonly Expected[],
): void {
  const parsed = end.safeParse(jsonIn(text));
  if (!parsed.success) throw damaged(number, 'it is not the last line of a backup');
  const short = expected.find(({ left }) => left > 0);
  if (short !== undefined || parsed.data.rows !== rows)
    throw damaged(number, `rows are missing before it${short === undefined ? '' : ` (of ${short.name})`}`);
  if (parsed.data.sha256 !== sha256)
    throw damaged(
      number,
      'its checksum does not fit what stands before it: something was changed on the way',
    );
}

/** @throws BackupRefused `damaged` */
function rowIn(text: string, table: string, number: number): string {
  const prefix = prefixOf(table);
  if (!text.startsWith(prefix) || !text.endsWith('}}')) throw damaged(number, `it is no row of ${table}`);
  const row = text.slice(prefix.length, -1);
  if (!isObject(jsonIn(row))) throw damaged(number, 'it is not JSON');
  return row;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function damaged(line: number, why: string): BackupRefused {
  return new BackupRefused(
    'damaged',
    `The backup is damaged at line ${line}: ${why}. Nothing was changed.`,
    line,
  );
}

async function* linesOf(
  pieces: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly number: number; readonly text: string }, void, undefined> {
  let number = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (): { readonly number: number; readonly text: string } => {
    number += 1;
    const text = decode(Buffer.concat(parts), number);
    [parts, length] = [[], 0];
    return { number, text };
  };
  for await (const piece of pieces) {
    let from = 0;
    for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, from)) {
      parts.push(piece.subarray(from, at));
      from = at + 1;
      yield take();
    }
    if (from === piece.length) continue;
    parts.push(piece.subarray(from));
    length += piece.length - from;
    if (length > LONGEST_LINE)
      throw damaged(number + 1, `it is longer than ${LONGEST_LINE / 1024 / 1024} MB`);
  }
  // An editor may have taken the last line break.
  if (length > 0) yield take();
}

function decode(bytes: Buffer, line: number): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damaged(line, 'it is not UTF-8');
  }
}
