import { type Kysely, type Migration, sql } from 'kysely';

/** Keys of the API and of integrations that were made while Tocsin runs, without what makes them work: of a key only its hash is here. */
export const apiKeys: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table api_keys (
        id text primary key,
        name text not null,
        key_hash text not null unique,
        scope text not null check (scope in ('read', 'respond', 'admin') or scope like 'integration:_%'),
        user_id text,
        created_at timestamptz not null,
        created_by text not null,
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz,
        revoked_by text,
        check ((revoked_at is null) = (revoked_by is null))
      )`.execute(db);
    await sql`insert into versions (name, version) values ('api-keys', 0)`.execute(db);
  },
};
