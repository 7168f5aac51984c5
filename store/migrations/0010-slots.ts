import { type Kysely, type Migration, sql } from 'kysely';

/**
 * When each number (or whatever else has a rate) is free again. A few rows that are rewritten all the time: the room left in
 * each page lets that happen in place.
 */
export const slots: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table slots (
        key text primary key,
        next_free_at timestamptz not null
      ) with (fillfactor = 50)`.execute(db);
  },
};
