import { sql } from 'kysely';
import type { Instant } from '../domain/time/instant.js';
import type { Call } from './keep-open.js';
import { iso } from './override-rows.js';
import type { CallOptions } from './store.js';

/** The last beat of each heartbeat. No history is kept, and no audit: beats are thousands a minute. */
export interface Beats {
  /** Keeps the later of what is there and what comes; one that was stamped by a clock that ran ahead gives way. */
  record(beats: ReadonlyMap<string, Instant>, options?: CallOptions): Promise<void>;
  /** Null: none was ever kept. */
  last(id: string, options?: CallOptions): Promise<Instant | null>;
  /** Of every heartbeat that ever beat, by id. */
  all(options?: CallOptions): Promise<ReadonlyMap<string, Instant>>;
}

/** Rows of one statement: PostgreSQL takes 65,535 parameters. */
const ROWS = 1_000;

export function createBeats(call: Call): Beats {
  return {
    record: async (beats, options) => {
      // In one order, whoever writes: two statements that lock the same rows crosswise would end one of them.
      const rows = [...beats]
        .map(([id, at]) => ({ id, at: iso(at) }))
        .sort((one, other) => (one.id < other.id ? -1 : 1));
      for (let from = 0; from < rows.length; from += ROWS) {
        const part = rows.slice(from, from + ROWS);
        await call(
          (db) =>
            db
              .insertInto('beats')
              .values(part)
              .onConflict((conflict) =>
                conflict.column('id').doUpdateSet({
                  // Clocks of several APIs differ by seconds, and a slow write may come after a newer one; what is a minute ahead
                  // of now is neither.
                  at: sql<string>`case
                    when excluded.at > beats.at or beats.at > excluded.at + interval '1 minute' then excluded.at
                    else beats.at end`,
                }),
              )
              .execute(),
          { ...options, writes: true },
        );
      }
    },
    last: (id, options) =>
      call(async (db) => {
        const row = await db.selectFrom('beats').select('at').where('id', '=', id).executeTakeFirst();
        return row === undefined ? null : row.at.getTime();
      }, options),
    all: (options) =>
      call(async (db) => {
        const rows = await db.selectFrom('beats').selectAll().execute();
        return new Map(rows.map(({ id, at }) => [id, at.getTime()]));
      }, options),
  };
}
