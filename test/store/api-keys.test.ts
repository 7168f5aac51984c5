import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createKnownApiKeys } from '../../store/known-api-keys.js';
import type { Store } from '../../store/store.js';
import { createTokens } from '../../tokens/signed-token.js';
import { createTestApp, NOW } from '../api/support/test-app.js';
import { API_KEY } from '../api/support/test-config.js';
import { by, HOUR, NOON, silent } from './support/overrides.js';
import {
  embeddedOfFile,
  freshDatabase,
  freshFolder,
  opened,
  postgresOfFile,
  type Place,
} from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];
const HASH = 'ab'.repeat(32);

describe.each(PLACES)('keys on %s', (_name, place) => {
  const one = { id: 'k-1', name: 'wall screen', scope: 'read', hash: HASH } as const;
  const kept = { id: 'k-1', name: 'wall screen', scope: 'read', createdAt: NOON, createdBy: 'ops' } as const;

  it('are kept, listed and taken back, each with who it was', async () => {
    const { apiKeys, audit } = await opened(await place());
    expect(await apiKeys.version()).toBe(0);
    expect(await apiKeys.add(one, by('ops', NOON))).toEqual({ key: kept, hash: HASH });
    const alices = {
      ...{
        id: 'k-2',
        name: 'Alice’s',
        scope: 'integration:x' as const,
        userId: 'alice',
        expiresAt: NOON + HOUR,
      },
    } as const;
    await apiKeys.add({ ...alices, hash: 'cd'.repeat(32) }, by('bob', NOON + 1));
    expect(await apiKeys.list()).toEqual([kept, { ...alices, createdAt: NOON + 1, createdBy: 'bob' }]);
    expect(await apiKeys.hashed()).toEqual([
      { id: 'k-1', name: 'wall screen', scope: 'read', hash: HASH },
      { ...alices, hash: 'cd'.repeat(32) },
    ]);
    expect(await apiKeys.version()).toBe(2);

    const gone = { ...kept, revokedAt: NOON + HOUR, revokedBy: 'carol' };
    expect(await apiKeys.revoke('k-1', by('carol', NOON + HOUR))).toEqual(gone);
    expect((await apiKeys.hashed()).map(({ id, revokedAt }) => [id, revokedAt])).toEqual([
      ['k-1', NOON + HOUR],
      ['k-2', undefined],
    ]);
    expect((await apiKeys.list()).map(({ id }) => id)).toEqual(['k-2']);
    expect((await apiKeys.list({ includeRevoked: true }))[0]).toEqual(gone);
    // Again, or one that there is not: nothing happens.
    expect(await apiKeys.revoke('k-1', by('dan', NOON + 2 * HOUR))).toEqual(gone);
    expect(await apiKeys.revoke('k-9', by('dan'))).toBeNull();
    expect(await apiKeys.version()).toBe(3);

    const subject = { kind: 'api-key', id: 'k-1' };
    const { entries } = await audit.list({ limit: 10, subject });
    expect(entries).toEqual([
      { ...by('carol', NOON + HOUR), action: 'key.revoke', subject, before: kept, after: gone },
      { ...by('ops', NOON), action: 'key.create', subject, before: null, after: kept },
    ]);
    expect(JSON.stringify((await audit.list({ limit: 10 })).entries)).not.toContain(HASH);
  });

  it('remember their last use, which is no change of them', async () => {
    const { apiKeys, audit } = await opened(await place());
    await apiKeys.add(one, by('ops', NOON));
    await apiKeys.used('k-1', NOON + HOUR);
    // A slow write does not undo a newer one.
    await apiKeys.used('k-1', NOON + HOUR - 1);
    expect(await apiKeys.list()).toEqual([{ ...kept, lastUsedAt: NOON + HOUR }]);
    expect(await apiKeys.version()).toBe(1);
    expect((await audit.list({ limit: 10 })).entries).toHaveLength(1);
  });

  it('let in no scope that there is not, and no hash twice', async () => {
    const { apiKeys } = await opened(await place());
    for (const scope of ['write', 'integration:', ''])
      await expect(apiKeys.add({ ...one, scope: scope as 'read' }, by('ops')), scope).rejects.toThrow(
        /check constraint/,
      );
    await apiKeys.add(one, by('ops', NOON));
    expect(await apiKeys.add({ ...one, hash: 'ee'.repeat(32) }, by('bob'))).toEqual({
      key: kept,
      hash: HASH,
    });
    await expect(apiKeys.add({ ...one, id: 'k-2' }, by('ops'))).rejects.toThrow(/duplicate key/);
  });
});

interface Made {
  readonly key: { readonly id: string };
  readonly secret: string;
}

/** One API of an installation. */
async function api(
  store: Store,
  { folder, clock = { now: NOW } }: { folder?: string; clock?: { now: number } } = {},
) {
  const directory = folder ?? (await freshFolder());
  const apiKeys = createKnownApiKeys({
    store,
    file: join(directory, 'api-keys.json'),
    now: () => clock.now,
    log: silent,
  });
  onTestFinished(() => apiKeys.stop());
  await apiKeys.loaded;
  const test = createTestApp({ store, apiKeys, now: () => clock.now });
  const withKey = async (
    key: string,
    url = '/v1/incidents',
    method: 'GET' | 'POST' = 'GET',
    payload?: object,
  ) => {
    const answer = await test.app.inject({
      ...{ method, url, headers: { authorization: `Bearer ${key}` } },
      ...(payload === undefined ? {} : { payload }),
    });
    return answer.statusCode;
  };
  const create = async (body: object, headers: Record<string, string> = {}): Promise<Made> => {
    const answer = await test.api('POST', '/v1/keys', body, headers);
    expect([answer.statusCode, answer.headers['cache-control']], answer.body).toEqual([201, 'no-store']);
    return answer.json();
  };
  return { test, apiKeys, directory, withKey, create, clock };
}

const READ = { name: 'wall screen', scope: 'read' };

describe('/v1/keys', () => {
  const fresh = async (): Promise<Store> => opened(await freshDatabase(postgres()));

  it('makes a key that opens at once what its scope says, and is told once', async () => {
    const store = await fresh();
    const { create, withKey, test, directory, clock } = await api(store);
    const { secret, key } = await create({ ...READ, by: 'alice' });
    expect(secret).toMatch(/^tocsin_[0-9A-Za-z]{49}$/);
    expect(key).toEqual({ id: key.id, ...READ, createdAt: NOW, createdBy: 'alice' });
    expect([await withKey(secret), await withKey(secret, '/v1/keys')]).toEqual([200, 403]);
    clock.now += 1;
    expect((await create(READ)).secret).not.toBe(secret);
    const file = await readFile(join(directory, 'api-keys.json'), 'utf8');
    const list = await test.api('GET', '/v1/keys');
    expect(list.json()).toMatchObject({
      keys: [{ id: key.id }, {}],
      configured: [{ id: 'ops', scope: 'admin' }, {}],
    });
    const everything = [
      ...[list.body, file, JSON.stringify(await store.apiKeys.hashed())],
      ...[JSON.stringify(await store.audit.list({ limit: 100 })), ...test.logged],
    ].join('\n');
    expect(everything).toContain(key.id);
    // Not even a part of it.
    expect(everything).not.toContain(secret.slice(7, 20));
    expect(everything).not.toContain(secret.slice(-20));
  });

  it('makes one for a request that is sent twice, and tells it again', async () => {
    const store = await fresh();
    const { create, test } = await api(store);
    const first = await create(READ, { 'idempotency-key': 'once' });
    expect(await create(READ, { 'idempotency-key': 'once' })).toEqual(first);
    expect((await create(READ, { 'idempotency-key': 'twice' })).secret).not.toBe(first.secret);
    const other = await test.api(
      'POST',
      '/v1/keys',
      { ...READ, scope: 'admin' },
      { 'idempotency-key': 'once' },
    );
    expect(other.statusCode).toBe(409);
    expect(await store.apiKeys.list()).toHaveLength(2);
    // Another secret of the installation, and the key is not known any more: it is told so, instead of another key.
    const rotated = createTestApp({ store, tokens: createTokens('another secret, long enough') });
    const again = await rotated.api('POST', '/v1/keys', READ, { 'idempotency-key': 'once' });
    expect([again.statusCode, again.body]).toEqual([
      409,
      expect.stringContaining('TOCSIN_SECRET was changed'),
    ]);
  });

  it('stops a key that was taken back: here at once, elsewhere within two seconds', async () => {
    const store = await fresh();
    const [here, there] = [await api(store), await api(store)];
    const { secret, key } = await here.create({ ...READ, scope: 'respond' });
    await vi.waitFor(async () => expect(await there.withKey(secret)).toBe(200), {
      timeout: 2_000,
      interval: 20,
    });
    const answer = await here.test.api('POST', `/v1/keys/${key.id}/revoke`, { by: 'bob' });
    const began = performance.now();
    expect([answer.statusCode, answer.json()]).toMatchObject([200, { key: { revokedBy: 'bob' } }]);
    expect(await here.withKey(secret)).toBe(401);
    await vi.waitFor(async () => expect(await there.withKey(secret)).toBe(401), {
      timeout: 5_000,
      interval: 20,
    });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect((await here.test.api('GET', '/v1/keys')).json()).toMatchObject({ keys: [] });
    const all = await here.test.api('GET', '/v1/keys?revoked=true');
    expect(all.json()).toMatchObject({ keys: [{ id: key.id, revokedBy: 'bob' }] });
    expect((await here.test.api('POST', '/v1/keys/nobody/revoke')).json()).toMatchObject({
      error: { code: 'key-not-found' },
    });
  });

  it('goes on with the keys known last when the store is gone, after a restart too, and makes none', async () => {
    const store = await fresh();
    const first = await api(store);
    const { secret } = await first.create({ ...READ, scope: 'respond' });
    const gone = await first.create(READ);
    await store.close();
    expect(await first.withKey(secret, '/v1/incidents', 'POST', { title: 'x' })).toBe(201);
    const made = await first.test.api('POST', '/v1/keys', READ);
    expect([made.statusCode, made.headers['retry-after'], made.json()]).toMatchObject([
      503,
      '5',
      { error: { code: 'store-away' } },
    ]);
    // What this process could not write, it does not claim.
    const back = await first.test.api('POST', `/v1/keys/${gone.key.id}/revoke`);
    expect([back.statusCode, await first.withKey(gone.secret)]).toEqual([503, 200]);
    await first.apiKeys.stop();
    const restarted = await api(store, { folder: first.directory, clock: { now: NOW + 60 * 60_000 } });
    expect(await restarted.withKey(secret, '/v1/incidents', 'POST', { title: 'y' })).toBe(201);
    // One that it never heard of may have been made since.
    const elsewhere = await api(store);
    expect(await elsewhere.withKey(secret)).toBe(503);
    expect(await elsewhere.withKey(API_KEY)).toBe(200);
  });

  it('writes the last use at most once a minute, and lets nobody wait for it', async () => {
    const store = await fresh();
    const written: number[] = [];
    const used: Store['apiKeys']['used'] = (id, at) => {
      written.push(at);
      return store.apiKeys.used(id, at);
    };
    const { create, withKey, clock } = await api({ ...store, apiKeys: { ...store.apiKeys, used } });
    const { secret, key } = await create(READ);
    const lastUse = async () => (await store.apiKeys.list()).find(({ id }) => id === key.id)?.lastUsedAt;
    expect(await lastUse()).toBeUndefined();
    await withKey(secret);
    await vi.waitFor(async () => expect(await lastUse()).toBe(NOW), { interval: 20 });
    clock.now += 59_000;
    await withKey(secret);
    clock.now += 1_000;
    await withKey(secret);
    await vi.waitFor(async () => expect(await lastUse()).toBe(NOW + 60_000), { interval: 20 });
    // Refused for lack of scope, it was not used.
    clock.now += 60_000;
    expect(await withKey(secret, '/v1/keys')).toBe(403);
    expect(await lastUse()).toBe(NOW + 60_000);
    expect(written).toEqual([NOW, NOW + 60_000]);
  });

  it('lets a key end by itself', async () => {
    const { create, withKey, clock } = await api(await fresh());
    const forNinety = await create({ ...READ, for: '90d' });
    const until = await create({ ...READ, expires: '2026-11-25' });
    expect(until.key).toMatchObject({ expiresAt: Date.parse('2026-11-25T00:00:00Z') });
    expect([await withKey(forNinety.secret), await withKey(until.secret)]).toEqual([200, 200]);
    clock.now += 24 * HOUR;
    expect([await withKey(forNinety.secret), await withKey(until.secret)]).toEqual([200, 401]);
  });

  it.each([
    [{ scope: 'read' }, 'name'],
    [{ name: 'x' }, 'scope'],
    [{ name: 'x', scope: 'write' }, 'scope'],
    [{ name: 'x', scope: 'integration:nothing' }, 'scope'],
    [{ name: 'x', scope: 'integration:scripts', user: 'alice' }, 'user'],
    [{ name: 'x', scope: 'read', user: 'zoe' }, 'user'],
    [{ name: 'x', scope: 'read', expires: '2020-01-01' }, 'expires'],
    [{ name: 'x', scope: 'read', expires: 'soon' }, 'expires'],
    [{ name: 'x', scope: 'read', for: '0d' }, 'for'],
    [{ name: 'x', scope: 'read', for: '1d', expires: '2030-01-01' }, 'for'],
  ])('refuses %j, and names %s', async (body, path) => {
    const store = await fresh();
    const answer = await createTestApp({ store }).api('POST', '/v1/keys', body);
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { error: { problems: [{ path }] } }]);
    expect(await store.apiKeys.list()).toEqual([]);
  });
});
