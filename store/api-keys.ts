import type { Kysely, Selectable } from 'kysely';
import type { KeyScope } from '../domain/access/scope.js';
import type { Instant } from '../domain/time/instant.js';
import { type AuditContext, recordChanges } from './audit.js';
import type { Call } from './keep-open.js';
import { iso } from './override-rows.js';
import type { CallOptions } from './store.js';
import type { ApiKeyRow, Tables } from './tables.js';
import { commit, raiseVersion, undo, versionOf, write } from './write.js';

/** A key, without what makes it work. */
export interface StoredApiKey {
  readonly id: string;
  /** What it is for, in the words of whoever made it. */
  readonly name: string;
  readonly scope: KeyScope;
  /** Id of the user as whom it acts; absent: as itself. */
  readonly userId?: string;
  readonly createdAt: Instant;
  readonly createdBy: string;
  /** From then on it opens nothing; absent: it has no end. */
  readonly expiresAt?: Instant;
  /** About when it was used last, a minute late at most; absent: never. */
  readonly lastUsedAt?: Instant;
  /** Present together with `revokedBy`: from then on it opens nothing. */
  readonly revokedAt?: Instant;
  readonly revokedBy?: string;
}

/** A key that is to be made. */
export interface NewApiKey extends Pick<StoredApiKey, 'id' | 'name' | 'scope' | 'userId' | 'expiresAt'> {
  /** SHA-256 of the key, in hex. */
  readonly hash: string;
}

/** A key as requests are compared with it. */
export type HashedApiKey = Pick<StoredApiKey, 'id' | 'name' | 'scope' | 'userId' | 'expiresAt'> & {
  readonly hash: string;
  /** It opens nothing any more: known so that whoever still shows it is told. */
  readonly revokedAt?: Instant;
};

/** The keys that were made while Tocsin runs; those of the configuration are not among them. */
export interface ApiKeys {
  /** By age. Default: those that were not taken back, expired ones included. */
  list(
    query?: { readonly includeRevoked?: boolean },
    options?: CallOptions,
  ): Promise<readonly StoredApiKey[]>;
  /** Made at `audit.at` by `audit.actor`. An id that there is already changes nothing: what is there is answered. */
  add(
    key: NewApiKey,
    audit: AuditContext,
    options?: CallOptions,
  ): Promise<{ readonly key: StoredApiKey; readonly hash: string }>;
  /** Takes one back, from `audit.at` on; one that was taken back before stays as it is. Null: there is none. */
  revoke(id: string, audit: AuditContext, options?: CallOptions): Promise<StoredApiKey | null>;
  /** All of them, those that were taken back too, with what requests are compared with. */
  hashed(options?: CallOptions): Promise<readonly HashedApiKey[]>;
  /** Keeps the later of what is there and what comes. No audit, and no new version: it changes nothing that a key may do. */
  used(id: string, at: Instant, options?: CallOptions): Promise<void>;
  /** Rises with every key that is made or taken back. Ask for it before the others, never after. */
  version(options?: CallOptions): Promise<number>;
}

const NAME = 'api-keys';

export function createApiKeys(call: Call): ApiKeys {
  return {
    list: ({ includeRevoked = false } = {}, options) =>
      call(async (db) => {
        let rows = db.selectFrom('api_keys').selectAll().orderBy('created_at').orderBy('id');
        if (!includeRevoked) rows = rows.where('revoked_at', 'is', null);
        return (await rows.execute()).map(keyOf);
      }, options),
    version: (options) => call((db) => versionOf(db, NAME), options),
    hashed: (options) =>
      call(async (db) => {
        const rows = await db
          .selectFrom('api_keys')
          .selectAll()
          .orderBy('created_at')
          .orderBy('id')
          .execute();
        return rows.map((row) => {
          const { id, name, scope, userId, expiresAt, revokedAt } = keyOf(row);
          return {
            ...{ id, name, scope, hash: row.key_hash },
            ...(userId === undefined ? {} : { userId }),
            ...(expiresAt === undefined ? {} : { expiresAt }),
            ...(revokedAt === undefined ? {} : { revokedAt }),
          };
        });
      }, options),
    used: (id, at, options) =>
      call(
        async (db) => {
          await db
            .updateTable('api_keys')
            .set({ last_used_at: iso(at) })
            .where('id', '=', id)
            .where((where) =>
              where.or([where('last_used_at', 'is', null), where('last_used_at', '<', new Date(at))]),
            )
            .execute();
        },
        { ...options, writes: true },
      ),
    add: (key, audit, options) =>
      call(
        (db) =>
          write(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const before = await byId(trx, key.id);
            if (before !== undefined) return undo({ key: keyOf(before), hash: before.key_hash });
            const { hash, ...rest } = key;
            const made: StoredApiKey = { ...rest, createdAt: audit.at, createdBy: audit.actor };
            await trx
              .insertInto('api_keys')
              .values({
                id: key.id,
                name: key.name,
                key_hash: hash,
                scope: key.scope,
                user_id: key.userId ?? null,
                created_at: iso(audit.at),
                created_by: audit.actor,
                expires_at: key.expiresAt === undefined ? null : iso(key.expiresAt),
                last_used_at: null,
                revoked_at: null,
                revoked_by: null,
              })
              .execute();
            const subject = { kind: 'api-key', id: key.id };
            // Without the hash: who reads the audit log has no need of it.
            await recordChanges(trx, audit, [{ action: 'key.create', subject, before: null, after: made }]);
            return commit({ key: made, hash });
          }),
        { ...options, writes: true },
      ),
    revoke: (id, audit, options) =>
      call(
        (db) =>
          write<StoredApiKey | null>(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const row = await byId(trx, id);
            if (row === undefined) return undo(null);
            const before = keyOf(row);
            if (before.revokedAt !== undefined) return undo(before);
            await trx
              .updateTable('api_keys')
              .set({ revoked_at: iso(audit.at), revoked_by: audit.actor })
              .where('id', '=', id)
              .execute();
            const after = { ...before, revokedAt: audit.at, revokedBy: audit.actor };
            const subject = { kind: 'api-key', id };
            await recordChanges(trx, audit, [{ action: 'key.revoke', subject, before, after }]);
            return commit(after);
          }),
        { ...options, writes: true },
      ),
  };
}

function byId(db: Kysely<Tables>, id: string): Promise<Selectable<ApiKeyRow> | undefined> {
  return db.selectFrom('api_keys').selectAll().where('id', '=', id).executeTakeFirst();
}

function keyOf(row: Selectable<ApiKeyRow>): StoredApiKey {
  return {
    id: row.id,
    name: row.name,
    // The table lets no other in.
    scope: row.scope as KeyScope,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    ...(row.user_id === null ? {} : { userId: row.user_id }),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at.getTime() }),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at.getTime() }),
    ...(row.revoked_at === null ? {} : { revokedAt: row.revoked_at.getTime() }),
    ...(row.revoked_by === null ? {} : { revokedBy: row.revoked_by }),
  };
}
