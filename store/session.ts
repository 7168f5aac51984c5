import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import type { Connection } from './database.js';
import { type Deadline, DeadlinePassed } from './deadline.js';
import { isLost, LinkLost } from './failures.js';
import type { Tables } from './tables.js';

/**
 * A query builder for one call: whatever it asks, it has an answer or an error by the deadline. A session on which a statement
 * outlives its call is thrown away rather than handed to the next.
 */
export function createSession(connect: () => Promise<Connection>, deadline: Deadline): Kysely<Tables> {
  const pool: PostgresPool = {
    connect: async () => {
      const connecting = connect();
      try {
        return clientOf(await deadline.race(connecting), deadline);
      } catch (error) {
        // It may come after all: nobody waits for it any more.
        connecting.then(
          (late) => late.release(false),
          () => undefined,
        );
        throw inKind(error);
      }
    },
    end: () => Promise.resolve(),
  };
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
}

/** The query builder of a session that somebody holds; `release` is theirs to call. */
export function sessionOf(connection: Connection): Kysely<Tables> {
  const kept: Connection = {
    query: (sql, parameters) => connection.query(sql, parameters),
    release: () => undefined,
  };
  const unlimited: Deadline = { race: (work) => work, clear: () => undefined };
  return createSession(() => Promise.resolve(kept), unlimited);
}

function clientOf(connection: Connection, deadline: Deadline): PostgresPoolClient {
  let failure: Error | undefined;
  const query = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
    // After that a rollback has nowhere to go; the first error is the one to tell.
    if (failure !== undefined) throw failure;
    try {
      return await deadline.race(connection.query(sql, parameters));
    } catch (error) {
      const known = inKind(error);
      if (known instanceof DeadlinePassed || known instanceof LinkLost) failure = known;
      throw known;
    }
  };
  return {
    query: query as PostgresPoolClient['query'],
    release: () => connection.release(failure !== undefined),
  };
}

function inKind(error: unknown): Error {
  if (error instanceof DeadlinePassed) return error;
  return isLost(error) ? new LinkLost(error) : (error as Error);
}
