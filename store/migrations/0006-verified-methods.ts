import { type Kysely, type Migration, sql } from 'kysely';

/**
 * Which numbers and addresses were confirmed by their people, and the codes that were sent for it. No address is in here, only a
 * mark that says whether it is still the same; and no code, only the nonce from which it follows with the secret.
 */
export const verifiedMethods: Migration = {
  up: async (db: Kysely<never>) => {
    await sql`
      create table verified_methods (
        user_id text not null,
        mark text not null,
        method_id text not null,
        at timestamptz not null,
        by text not null,
        primary key (user_id, mark)
      )`.execute(db);
    await sql`
      create table verification_codes (
        id text primary key,
        user_id text not null,
        method_id text not null,
        mark text not null,
        nonce text not null,
        sent_at timestamptz not null,
        wrong_tries integer not null default 0,
        confirmed_at timestamptz
      )`.execute(db);
    await sql`create index verification_codes_by_user on verification_codes (user_id, sent_at)`.execute(db);
    await sql`insert into versions (name, version) values ('verified-methods', 0)`.execute(db);
  },
};
