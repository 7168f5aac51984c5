import type { Pool, PoolClient, PoolConfig } from 'pg';
import type { Answer, Connection, Database, Opener } from '../database.js';
import { createDeadline } from '../deadline.js';
import { StoreAway } from '../errors.js';

/** Few: every call is short, and each process of an installation has as many. */
const CONNECTIONS = 5;
/** Names and TLS included. */
const CONNECT_MS = 5_000;
/** The server ends what a caller has long stopped waiting for. */
const STATEMENT_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 30_000;
const KEEP_ALIVE_AFTER_MS = 10_000;
/** Tables of today are made within a second; the others of an installation wait for whoever does it. */
const PREPARE_MS = 600_000;
const END_MS = 1_000;
/** PostgreSQL 14, as `server_version_num` tells it. */
const OLDEST = 140_000;

/** A PostgreSQL that somebody else runs, by its URL (`postgres://…`, TLS as in the URL). */
export function postgresOpener(url: string): Opener {
  const where = shownUrl(url);
  return {
    kind: 'postgres',
    where,
    open: async (prepare) => {
      // Loaded here: who has no store pays nothing.
      const pg = await import('pg');
      const settings: PoolConfig = {
        connectionString: url,
        application_name: 'tocsin',
        connectionTimeoutMillis: CONNECT_MS,
        keepAlive: true,
        keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      };
      const client = new pg.Client(settings);
      const limit = createDeadline(PREPARE_MS);
      // A session that breaks between two statements says so here; the next statement says it again.
      client.on('error', () => undefined);
      try {
        await limit.race(client.connect());
        const connection: Connection = {
          query: async (sql, parameters) => answerOf(await client.query(sql, [...parameters])),
          release: () => undefined,
        };
        await limit.race(requireVersion(connection, where).then(() => prepare(connection)));
      } finally {
        limit.clear();
        await withPatience(client.end());
      }
      return poolOf(
        new pg.Pool({
          ...settings,
          max: CONNECTIONS,
          statement_timeout: STATEMENT_MS,
          idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
        }),
      );
    },
  };
}

/** For a good-bye to somebody who may not hear it any more. */
async function withPatience(ended: Promise<void>): Promise<void> {
  const patience = createDeadline(END_MS);
  await patience.race(ended).catch(() => undefined);
  patience.clear();
}

function poolOf(pool: Pool): Database {
  const inUse = new Set<PoolClient>();
  let lost: ((error: Error) => void) | undefined;
  // An idle session broke: most often all of them do.
  pool.on('error', (error) => lost?.(error));
  return {
    connect: async () => {
      const client = await pool.connect();
      inUse.add(client);
      // One that breaks while it is in use says so to its statement.
      const ignore = (): void => undefined;
      client.on('error', ignore);
      return {
        query: async (sql, parameters) => answerOf(await client.query(sql, [...parameters])),
        release: (broken) => {
          if (!inUse.delete(client)) return;
          client.removeListener('error', ignore);
          client.release(broken);
        },
      };
    },
    close: async () => {
      const ended = pool.end();
      for (const client of inUse) client.release(true);
      inUse.clear();
      await withPatience(ended);
    },
    onLost: (listener) => {
      lost = listener;
    },
  };
}

function answerOf({
  command,
  rowCount,
  rows,
}: {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: unknown[];
}): Answer {
  return { command, rowCount, rows };
}

async function requireVersion(connection: Connection, where: string): Promise<void> {
  const { rows } = await connection.query(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as words`,
    [],
  );
  const [version] = rows as readonly { readonly number: number; readonly words: string }[];
  if (version === undefined || version.number >= OLDEST) return;
  throw new StoreAway(
    'refused',
    `The store (${where}) is PostgreSQL ${version.words}: Tocsin needs 14 or newer.`,
  );
}

/** Host, port and database of a URL: what people need to find it, and no password. */
export function shownUrl(url: string): string {
  try {
    const { hostname, port, pathname, searchParams } = new URL(url);
    const host = hostname === '' ? (searchParams.get('host') ?? 'localhost') : hostname;
    return `PostgreSQL at ${host}:${port === '' ? '5432' : port}${decodeURIComponent(pathname)}`;
  } catch {
    return 'PostgreSQL';
  }
}
