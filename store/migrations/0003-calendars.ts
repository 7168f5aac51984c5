import { type Kysely, type Migration, sql } from 'kysely';

/** Addresses of calendars that people subscribe to, without what makes them work: of a token only its hash is here. */
export const calendars: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table calendars (
        id text primary key,
        kind text not null check (kind in ('person', 'schedule')),
        subject_id text not null,
        token_hash text not null unique,
        created_at timestamptz not null,
        created_by text not null,
        revoked_at timestamptz,
        revoked_by text,
        check ((revoked_at is null) = (revoked_by is null))
      )`.execute(db);
    await sql`create index calendars_by_subject on calendars (kind, subject_id, created_at)`.execute(db);
    await sql`insert into versions (name, version) values ('calendars', 0)`.execute(db);
  },
};
