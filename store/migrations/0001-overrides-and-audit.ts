import { type Kysely, type Migration, sql } from 'kysely';

/**
 * Overrides of schedules, and who changed what. `versions` has one row for each kind of thing that others watch: every write
 * raises it in its own transaction, so that a reader who sees a new number also sees what it stands for (a sequence would not
 * do: it shows before the commit).
 */
export const overridesAndAudit: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table overrides (
        id text primary key,
        schedule text not null,
        slot text not null check (slot in ('primary', 'secondary')),
        user_id text not null,
        instead_of text,
        from_at timestamptz not null,
        to_at timestamptz not null check (to_at > from_at),
        reason text not null,
        by text not null,
        created_at timestamptz not null,
        swap_id text,
        cancelled_at timestamptz,
        cancelled_by text,
        check ((cancelled_at is null) = (cancelled_by is null))
      )`.execute(db);
    await sql`create index overrides_by_schedule on overrides (schedule, to_at)`.execute(db);
    await sql`create index overrides_by_end on overrides (to_at)`.execute(db);
    await sql`create table versions (name text primary key, version bigint not null)`.execute(db);
    await sql`insert into versions (name, version) values ('overrides', 0)`.execute(db);
    await sql`
      create table audit (
        id bigint generated always as identity primary key,
        at timestamptz not null,
        actor text not null,
        action text not null,
        subject_kind text not null,
        subject_id text not null,
        before jsonb,
        after jsonb,
        via text not null,
        address text
      )`.execute(db);
    await sql`create index audit_by_subject on audit (subject_kind, subject_id, id)`.execute(db);
    await sql`create index audit_by_actor on audit (actor, id)`.execute(db);
  },
};
