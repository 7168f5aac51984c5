import { type Kysely, type Migration, sql } from 'kysely';

/**
 * Several pages to one person that go out as one message. `page_marks`: by person and method, when the last message left or will
 * leave, and the bundle that gathers or was the last; its rows are rewritten all the time. `bundle_pages.key` names one try of one
 * delivery. Titles of incidents are kept here for some days, addresses never.
 */
export const bundles: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table page_marks (
        user_id text not null,
        method_id text not null,
        channel text not null,
        last_at timestamptz not null,
        bundle_id text,
        previous_id text,
        closes_at timestamptz,
        pages integer not null,
        primary key (user_id, method_id)
      ) with (fillfactor = 50)`.execute(db);
    await sql`
      create table bundles (
        id text primary key,
        joined integer not null,
        opened_at timestamptz not null,
        sender text,
        lease_until timestamptz,
        takes integer not null,
        report jsonb,
        sent_at timestamptz,
        valid_until timestamptz,
        pages integer
      ) with (fillfactor = 50)`.execute(db);
    await sql`create index bundles_by_age on bundles (opened_at)`.execute(db);
    await sql`
      create table bundle_pages (
        key text primary key,
        bundle_id text not null references bundles (id) on delete cascade,
        opening_id text not null,
        delivery_id text not null,
        page jsonb not null,
        joined_at timestamptz not null,
        left_at timestamptz,
        withdrawn_at timestamptz
      )`.execute(db);
    await sql`create index bundle_pages_by_bundle on bundle_pages (bundle_id)`.execute(db);
  },
};
