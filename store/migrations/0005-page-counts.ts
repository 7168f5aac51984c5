import { type Kysely, type Migration, sql } from 'kysely';

/**
 * For how many incidents each person was paged in which night: one row for each, however many messages it took. `night_from` is
 * when the night of that person began.
 */
export const pageCounts: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table page_counts (
        user_id text not null,
        opening_id text not null,
        night_from timestamptz not null,
        at timestamptz not null,
        primary key (user_id, night_from, opening_id)
      )`.execute(db);
    await sql`create index page_counts_by_time on page_counts (at)`.execute(db);
    await sql`insert into versions (name, version) values ('page-counts', 0)`.execute(db);
  },
};
