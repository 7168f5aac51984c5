import { type Kysely, type Migration, sql } from 'kysely';

/** What people leave for whoever comes next, and whose shifts of a schedule were announced before. */
export const handoffs: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table handoff_notes (
        id text primary key,
        schedule text not null,
        text text not null,
        by text not null,
        created_at timestamptz not null,
        removed_at timestamptz,
        removed_by text,
        check ((removed_at is null) = (removed_by is null))
      )`.execute(db);
    await sql`create index handoff_notes_by_schedule on handoff_notes (schedule, created_at)`.execute(db);
    await sql`
      create table first_shifts (
        schedule text not null,
        user_id text not null,
        announcement text not null,
        at timestamptz not null,
        primary key (schedule, user_id)
      )`.execute(db);
    await sql`insert into versions (name, version) values ('handoffs', 0)`.execute(db);
  },
};
