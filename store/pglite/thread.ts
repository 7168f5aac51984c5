import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import type { Asked, SentError, ThreadData, Told } from './messages.js';

/**
 * PGlite on a thread of its own: each of its statements, its file access included, holds the thread that it runs on, and
 * nobody's page waits for that.
 */
const { directory } = workerData as ThreadData;
const port = parentPort;
if (port === null) throw new Error('This file is the program of a worker thread.');
const tell = (told: Told): void => port.postMessage(told);

/**
 * With PostgreSQL's own defaults (128 MB of buffers) a process is 170 MB larger, and the folder may grow by 1 GB of log; the
 * store is a few megabytes.
 */
const SETTINGS = { shared_buffers: '16MB', min_wal_size: '32MB', max_wal_size: '64MB' };

const db = new PGlite({
  dataDir: directory,
  startParams: [
    ...PGlite.defaultStartParams,
    ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ],
});
db.waitReady.then(
  () => tell({ kind: 'ready' }),
  (error: unknown) => tell({ kind: 'failed', error: sent(error) }),
);

port.on('message', (asked: Asked) => {
  switch (asked.kind) {
    case 'query':
      return void query(asked.id, asked.sql, asked.parameters);
    case 'close':
      return void close();
    default:
      return asked satisfies never;
  }
});

async function query(id: number, sql: string, parameters: unknown[]): Promise<void> {
  try {
    const { rows, affectedRows } = await db.query(sql, parameters);
    // PGlite does not tell the command; Kysely wants to know which ones change rows.
    const command = /^\s*(\w+)/.exec(sql)?.[1]?.toUpperCase() ?? '';
    tell({ kind: 'answer', id, answer: { command, rowCount: affectedRows ?? rows.length, rows } });
  } catch (error) {
    tell({ kind: 'error', id, error: sent(error) });
  }
}

async function close(): Promise<void> {
  // A database that broke can't be closed well; what it had said yes to is in its files.
  await db.close().catch(() => undefined);
  tell({ kind: 'closed' });
  port?.close();
}

function sent(error: unknown): SentError {
  const { message, code, severity } = error as Partial<Record<'message' | 'code' | 'severity', unknown>>;
  return {
    message: typeof message === 'string' ? message : String(error),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof severity === 'string' ? { severity } : {}),
  };
}
