import { type Kysely, type Migration, sql } from 'kysely';

/**
 * Incidents as they are kept for good. `revision` is how many entries there had been when the rest of the row was true: what
 * comes later with a lower one is old news. Entries are numbered by whoever they happened to, so that the same one never counts
 * twice; `record_pages` repeats those that are pages, for counting.
 */
export const records: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table records (
        opening_id text primary key,
        code text not null,
        title text not null,
        service_id text not null,
        team text,
        severity text not null,
        phase text not null,
        opened_at timestamptz not null,
        resolved_at timestamptz,
        owner_id text,
        policy_hash text not null,
        rules integer not null,
        revision bigint not null,
        view jsonb not null
      )`.execute(db);
    await sql`create index records_by_code on records (code, opened_at)`.execute(db);
    await sql`create index records_by_opening on records (opened_at)`.execute(db);
    await sql`
      create table record_reviews (
        opening_id text primary key,
        phase text not null,
        revision bigint not null,
        view jsonb not null
      )`.execute(db);
    await sql`
      create table record_entries (
        opening_id text not null,
        part text not null check (part in ('incident', 'review')),
        seq bigint not null,
        at timestamptz not null,
        type text not null,
        entry jsonb not null,
        primary key (opening_id, part, seq)
      )`.execute(db);
    await sql`
      create table record_pages (
        opening_id text not null,
        seq bigint not null,
        user_id text not null,
        at timestamptz not null,
        reason text not null,
        primary key (opening_id, seq)
      )`.execute(db);
    await sql`create index record_pages_by_time on record_pages (at)`.execute(db);
    await sql`
      create table record_deliveries (
        opening_id text not null,
        provider text not null,
        provider_id text not null,
        user_id text not null,
        channel text not null,
        kind text not null check (kind in ('page', 'notice')),
        sent_at timestamptz,
        outcome text not null,
        possible_duplicate boolean not null,
        revision bigint not null,
        primary key (opening_id, provider, provider_id)
      )`.execute(db);
  },
};
