import { type Kysely, type Migration, sql } from 'kysely';

/** The last beat of each heartbeat. Rows are rewritten all the time: the room left in each page lets that happen in place. */
export const beats: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table beats (
        id text primary key,
        at timestamptz not null
      ) with (fillfactor = 50)`.execute(db);
  },
};
