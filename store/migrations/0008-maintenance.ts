import { type Kysely, type Migration, sql } from 'kysely';

/** Maintenance windows that people made while Tocsin runs. Ended ones stay: what was quiet then stays answerable. */
export const maintenance: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table maintenance (
        id text primary key,
        services jsonb not null,
        match jsonb,
        from_at timestamptz not null,
        to_at timestamptz not null check (to_at > from_at),
        reason text not null,
        stop_pages boolean not null,
        by text not null,
        created_at timestamptz not null,
        ended_at timestamptz,
        ended_by text,
        check ((ended_at is null) = (ended_by is null))
      )`.execute(db);
    await sql`create index maintenance_by_end on maintenance (to_at)`.execute(db);
    await sql`insert into versions (name, version) values ('maintenance', 0)`.execute(db);
  },
};
