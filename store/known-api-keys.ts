import { timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { type KeyScope, parseKeyScope } from '../domain/access/scope.js';
import { MINUTE, type Instant } from '../domain/time/instant.js';
import type { ApiKeys, HashedApiKey } from './api-keys.js';
import { createLastKnown, type LastKnown, type LastKnownOptions } from './known.js';

/** The keys as they were last known, whether or not the store answers now: who acknowledges by key does not wait for it. */
export interface KnownApiKeys extends Pick<LastKnown<unknown>, 'loaded' | 'refresh' | 'stop'> {
  /**
   * The key with this SHA-256 (hex); null: there is none, or it was taken back. It may be past its end. Takes the same time
   * whichever it is: all are compared.
   */
  find(hash: string): HashedApiKey | null;
  /** The key with this SHA-256 (hex) that was taken back, and when, where that is known; null: there is no such key. */
  findRevoked(hash: string): { readonly name: string; readonly at: Instant | null } | null;
  /** There may be newer ones: the store has not answered for 30 s, or not yet. */
  isStale(): boolean;
  /** It opened something: kept in the store at most once a minute for each key. Nobody waits for it, and it never throws. */
  used(key: Pick<HashedApiKey, 'id'>, at: Instant): void;
  /** This process took it back: it opens nothing here from now on, even if the store goes away before the next look. */
  revoked(id: string): void;
}

export interface KnownApiKeysOptions extends LastKnownOptions {
  readonly store: { readonly apiKeys: Pick<ApiKeys, 'version' | 'hashed' | 'used'> };
  /** Where they are kept for the next start, e.g. `<data>/api-keys.json`: hashes only. */
  readonly file: string;
}

/** A key that was taken back stops everywhere within two seconds: a look and what it takes fit in. */
const EVERY_MS = 1_000;

const schema = z.array(
  z
    .object({
      id: z.string(),
      name: z.string(),
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      scope: z.string().transform((text, context): KeyScope => {
        const scope = parseKeyScope(text);
        if (scope !== null) return scope;
        context.addIssue({ code: 'custom', message: 'Expected a scope' });
        return z.NEVER;
      }),
      userId: z.string().optional(),
      expiresAt: z.number().int().optional(),
      revokedAt: z.number().int().optional(),
    })
    .transform(({ userId, expiresAt, revokedAt, ...rest }): HashedApiKey => ({
      ...rest,
      ...(userId === undefined ? {} : { userId }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(revokedAt === undefined ? {} : { revokedAt }),
    })),
);

/** Begins to look every second, and returns at once: first with what the file of an earlier process has. */
export function createKnownApiKeys({ store, file, ...options }: KnownApiKeysOptions): KnownApiKeys {
  const last = createLastKnown<readonly HashedApiKey[]>(
    {
      what: 'keys',
      file,
      none: [],
      schema,
      version: () => store.apiKeys.version(),
      load: () => store.apiKeys.hashed(),
    },
    { everyMs: EVERY_MS, ...options },
  );
  const revokedHere = new Set<string>();
  const writtenAt = new Map<string, Instant>();
  let comparedFor: readonly HashedApiKey[] | null = null;
  let compared: readonly (readonly [hash: Buffer, key: HashedApiKey])[] = [];

  function all(): typeof compared {
    const { value } = last.current();
    if (value !== comparedFor) {
      compared = value.map((key) => [Buffer.from(key.hash, 'hex'), key] as const);
      comparedFor = value;
    }
    return compared;
  }

  function known(hash: string): HashedApiKey | null {
    const presented = Buffer.from(hash, 'hex');
    let found: HashedApiKey | null = null;
    for (const [each, key] of all()) {
      if (each.length === presented.length && timingSafeEqual(each, presented)) found = key;
    }
    return found;
  }

  const isRevoked = ({ id, revokedAt }: HashedApiKey): boolean =>
    revokedAt !== undefined || revokedHere.has(id);

  return {
    loaded: last.loaded,
    refresh: () => last.refresh(),
    stop: () => last.stop(),
    isStale: () => last.current().isStale,
    find: (hash) => {
      const key = known(hash);
      return key === null || isRevoked(key) ? null : key;
    },
    findRevoked: (hash) => {
      const key = known(hash);
      return key === null || !isRevoked(key) ? null : { name: key.name, at: key.revokedAt ?? null };
    },
    used: ({ id }, at) => {
      const last = writtenAt.get(id);
      // A clock that was set back must not keep it from being written.
      if (last !== undefined && Math.abs(at - last) < MINUTE) return;
      writtenAt.set(id, at);
      // It is told to people, and decides nothing: the next use after a minute writes it.
      store.apiKeys.used(id, at).catch(() => undefined);
    },
    revoked: (id) => {
      revokedHere.add(id);
      last.changed();
    },
  };
}
