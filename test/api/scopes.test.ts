import { describe, expect, it } from 'vitest';
import { ACCESS_SCOPES, mayDo, type KeyScope } from '../../domain/access/scope.js';
import type { HashedApiKey } from '../../store/api-keys.js';
import { apiKeyFrom, hashOfApiKey } from '../../tokens/api-key.js';
import type { ContractedRoute } from '../../api/contract/document.js';
import { createTestApp, NOW, type TestApp } from './support/test-app.js';
import { API_KEY, GENERIC_KEY, testConfig } from './support/test-config.js';

const MAKE = (): string => apiKeyFrom();

/** An app that knows these keys of a store, by their texts. */
function appWith(
  keys: Readonly<Record<string, Omit<HashedApiKey, 'id' | 'name' | 'hash'>>>,
  isStale = false,
) {
  const known = Object.entries(keys).map(([text, key], index) => ({
    ...key,
    id: `key-${index}`,
    name: `key ${index}`,
    hash: hashOfApiKey(text),
  }));
  const used: string[] = [];
  const test = createTestApp({
    apiKeys: {
      find: (hash) => known.find((key) => key.hash === hash && key.revokedAt === undefined) ?? null,
      findRevoked: (hash) => {
        const key = known.find((each) => each.hash === hash && each.revokedAt !== undefined);
        return key === undefined ? null : { name: key.name, at: key.revokedAt ?? null };
      },
      isStale: () => isStale,
      used: ({ id }) => void used.push(id),
      revoked: () => undefined,
      refresh: () => Promise.resolve(),
      loaded: Promise.resolve(),
      stop: () => Promise.resolve(),
    },
  });
  return { ...test, used };
}

async function routesOf({ app }: TestApp): Promise<readonly ContractedRoute[]> {
  await app.ready();
  return app.collectedRoutes().described;
}

function ask({ app }: TestApp, { method, url }: Pick<ContractedRoute, 'method' | 'url'>, key?: string) {
  return app.inject({
    method: method as 'GET' | 'POST',
    url: url.replaceAll(/:[A-Za-z]+/g, 'x'),
    headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
  });
}

const codeOf = (answer: Awaited<ReturnType<typeof ask>>): string | undefined =>
  answer.statusCode < 400 || !answer.body.startsWith('{')
    ? undefined
    : answer.json<{ error?: { code: string } }>().error?.code;

describe('every route', () => {
  it('that needs an API key says its scope, and refuses a key of a lower one, and of an integration', async () => {
    const [read, respond, admin, sender] = [MAKE(), MAKE(), MAKE(), MAKE()];
    const keyOf = { read, respond, admin };
    const test = appWith({
      [read]: { scope: 'read' },
      [respond]: { scope: 'respond' },
      [admin]: { scope: 'admin' },
      [sender]: { scope: 'integration:scripts' },
    });
    const keyed = (await routesOf(test)).filter(({ contract }) => contract.auth === 'api-key');
    expect(keyed.length).toBeGreaterThan(30);
    for (const route of keyed) {
      const name = `${route.method} ${route.url}`;
      const needed = route.contract.scope;
      if (needed === undefined) throw new Error(`${name} does not say which scope it needs`);
      // Whoever added a route that changes something would hardly mean it for those who may only look.
      if (route.method !== 'GET') expect(needed, name).not.toBe('read');
      expect(codeOf(await ask(test, route)), name).toBe('missing-key');
      expect(codeOf(await ask(test, route, sender)), name).toBe('key-not-allowed');
      for (const scope of ACCESS_SCOPES) {
        const answer = await ask(test, route, keyOf[scope]);
        const where = `${name} with ${scope}`;
        if (mayDo(scope, needed)) expect(codeOf(answer), where).not.toBe('scope-missing');
        else expect([answer.statusCode, codeOf(answer)], where).toEqual([403, 'scope-missing']);
      }
    }
  });

  it('under /v1 that needs no API key is one of those that senders use', async () => {
    const open = (await routesOf(createTestApp()))
      .filter(({ url, contract }) => url.startsWith('/v1/') && contract.auth !== 'api-key')
      .map(({ method, url }) => `${method} ${url}`);
    for (const name of open) expect(name).toMatch(/^POST \/v1\/alerts\/|^(GET|POST) \/v1\/heartbeats\/:key$/);
  });

  it('for admins is meant so: keys, backups, and what concerns all', async () => {
    const admins = (await routesOf(createTestApp()))
      .filter(({ contract }) => contract.scope === 'admin')
      .map(({ method, url }) => `${method} ${url}`);
    expect(admins).toEqual(
      expect.arrayContaining([
        'POST /v1/keys',
        'GET /v1/keys',
        'POST /v1/keys/:id/revoke',
        'GET /v1/backup',
        'POST /v1/backup',
        'POST /v1/maintenance',
      ]),
    );
  });
});

describe('a key', () => {
  it('that lacks a scope is told which, and how to get it', async () => {
    const key = MAKE();
    const answer = await ask(appWith({ [key]: { scope: 'read' } }), { method: 'POST', url: '/v1/keys' }, key);
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['www-authenticate']).toContain('error="insufficient_scope", scope="admin"');
    expect(answer.json()).toMatchObject({
      error: {
        code: 'scope-missing',
        message: 'This needs a key with the scope admin; the key key 0 has read.',
        remedy: expect.stringContaining('tocsin keys create <name> --scope admin') as string,
      },
    });
  });

  it('of the configuration is an admin’s, unless it has a scope there', async () => {
    const config = { ...testConfig(), apiKeys: [{ id: 'screen', key: API_KEY, scope: 'read' as const }] };
    const test = createTestApp({ config: () => config });
    expect((await test.api('GET', '/v1/incidents')).statusCode).toBe(200);
    expect(codeOf(await test.api('POST', '/v1/incidents', { title: 'x' }))).toBe('scope-missing');
    expect(codeOf(await createTestApp().api('GET', '/v1/keys'))).toBe('no-store');
  });

  it('that ended opens nothing, and says when it did', async () => {
    const [ended, good] = [MAKE(), MAKE()];
    const test = appWith({
      [ended]: { scope: 'admin', expiresAt: NOW },
      [good]: { scope: 'admin', expiresAt: NOW + 1 },
    });
    const answer = await ask(test, { method: 'GET', url: '/v1/incidents' }, ended);
    expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'wrong-key']);
    expect(answer.json<{ error: { message: string } }>().error.message).toBe(
      'The key key 0 expired at 2026-11-24T10:00:00.000Z.',
    );
    expect((await ask(test, { method: 'GET', url: '/v1/incidents' }, good)).statusCode).toBe(200);
    expect(test.used).toEqual(['key-1']);
  });

  it('that was taken back opens nothing, and says when that was', async () => {
    const [gone, sends] = [MAKE(), MAKE()];
    const test = appWith({
      [gone]: { scope: 'admin', revokedAt: NOW },
      [sends]: { scope: 'integration:generic', revokedAt: NOW },
    });
    const answer = await ask(test, { method: 'GET', url: '/v1/incidents' }, gone);
    expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'wrong-key']);
    expect(answer.json<{ error: { message: string } }>().error.message).toBe(
      'The key key 0 was taken back at 2026-11-24T10:00:00.000Z: it opens nothing any more.',
    );
    const sent = await ask(test, { method: 'POST', url: '/v1/alerts/generic' }, sends);
    expect([sent.statusCode, sent.body]).toEqual([401, expect.stringContaining('key 1 was taken back')]);
    expect(test.used).toEqual([]);
  });

  it('that was cut off is told so, and one that nobody has is not', async () => {
    const test = appWith({});
    const words = async (key: string): Promise<string> =>
      (await ask(test, { method: 'GET', url: '/v1/incidents' }, key)).json<{ error: { message: string } }>()
        .error.message;
    expect(await words(MAKE().slice(0, -3))).toContain('cut off or mistyped');
    expect(await words(MAKE())).toBe('No integration or API key has this key.');
  });

  it('that may have been made since the store was last there is asked to wait, and no other', async () => {
    const test = appWith({}, true);
    const answer = await ask(test, { method: 'GET', url: '/v1/incidents' }, MAKE());
    expect([answer.statusCode, codeOf(answer), answer.headers['retry-after']]).toEqual([
      503,
      'store-away',
      '5',
    ]);
    for (const wrong of ['somebody’s', 'somebodys', MAKE().slice(1)])
      expect((await ask(test, { method: 'GET', url: '/v1/incidents' }, wrong)).statusCode, wrong).toBe(401);
    expect((await ask(test, { method: 'GET', url: '/v1/incidents' }, API_KEY)).statusCode).toBe(200);
  });

  it('of a user acts as that user, and as nobody else', async () => {
    const [alices, gone] = [MAKE(), MAKE()];
    const test = appWith({
      [alices]: { scope: 'respond', userId: 'alice' },
      [gone]: { scope: 'respond', userId: 'zoe' },
    });
    const declare = (key: string, by?: string) =>
      test.app.inject({
        method: 'POST',
        url: '/v1/incidents',
        headers: { authorization: `Bearer ${key}` },
        payload: { title: 'x', ...(by === undefined ? {} : { by }) },
      });
    expect((await declare(alices)).statusCode).toBe(201);
    expect((await declare(alices, 'alice')).statusCode).toBe(201);
    expect(test.incidents.declared.map(({ declaredBy }) => declaredBy)).toEqual([
      { kind: 'user', id: 'alice', name: 'Alice' },
      { kind: 'user', id: 'alice', name: 'Alice' },
    ]);
    const asBob = await declare(alices, 'bob');
    expect([asBob.statusCode, codeOf(asBob)]).toEqual([403, 'key-not-allowed']);
    const asGone = await declare(gone);
    expect([asGone.statusCode, codeOf(asGone)]).toEqual([400, 'unknown-user']);
  });

  it('of an integration sends its alerts by the address of its kind, and nothing else', async () => {
    const scopes: readonly KeyScope[] = [
      'integration:scripts',
      'integration:prometheus',
      'integration:gone',
      'admin',
    ];
    const keys = scopes.map(MAKE);
    const test = appWith(
      Object.fromEntries(keys.map((key, index) => [key, { scope: scopes[index] ?? 'read' }])),
    );
    const send = (key: string, url = '/v1/alerts/generic') =>
      test.app.inject({
        method: 'POST',
        url,
        headers: { authorization: `Bearer ${key}` },
        payload: { summary: 'disk full' },
      });
    const codes = await Promise.all(keys.map(async (key) => codeOf(await send(key)) ?? 'taken'));
    expect(codes).toEqual(['taken', 'key-not-allowed', 'wrong-key', 'key-not-allowed']);
    expect(codeOf(await send(GENERIC_KEY))).toBeUndefined();
    // In the body, as PagerDuty's clients have it.
    const event = { event_action: 'trigger', payload: { summary: 'x', source: 'y', severity: 'critical' } };
    const own = MAKE();
    const pagers = appWith({ [own]: { scope: 'integration:formerly-pagerduty' } });
    const taken = await pagers.app.inject({
      method: 'POST',
      url: '/v2/enqueue',
      payload: { ...event, routing_key: own },
    });
    expect(taken.statusCode).toBe(202);
    expect([test.used, pagers.used]).toEqual([['key-0'], ['key-0']]);
  });
});
