import { describe, expect, it } from 'vitest';
import type { AppDeps } from '../../api/deps.js';
import { createTestApp, NOW, type TestApp } from '../api/support/test-app.js';
import { testConfig } from '../api/support/test-config.js';
import { createTokens } from '../../tokens/signed-token.js';
import { readCalendar, weekly } from '../unit/calendars/support.js';
import { anything, by, HOUR, NOON, override } from './support/overrides.js';
import { embeddedOfFile, freshDatabase, opened, postgresOfFile, type Place } from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];

describe.each(PLACES)('the addresses of calendars on %s', (_name, place) => {
  const one = { id: 'c-1', kind: 'person', subjectId: 'alice', tokenHash: 'f00d' } as const;
  const kept = { id: 'c-1', kind: 'person', subjectId: 'alice', createdAt: NOON, createdBy: 'ops' } as const;

  it('are kept, listed and taken back, each with who it was', async () => {
    const { calendars, audit } = await opened(await place());
    expect(await calendars.version()).toBe(0);
    expect(await calendars.add(one, by('ops', NOON))).toEqual({ calendar: kept, tokenHash: 'f00d' });
    const other = { ...one, id: 'c-2', kind: 'schedule', subjectId: 'payments', tokenHash: 'beef' } as const;
    await calendars.add(other, by('bob', NOON));
    expect((await calendars.list()).map(({ id }) => id)).toEqual(['c-1', 'c-2']);
    expect(await calendars.list({ kind: 'person', subjectId: 'alice' })).toEqual([kept]);
    expect(await calendars.list({ kind: 'person', subjectId: 'payments' })).toEqual([]);
    expect(await calendars.version()).toBe(2);
    expect([...(await calendars.byTokenHash())].map(([hash, { id }]) => [hash, id]).sort()).toEqual([
      ['beef', 'c-2'],
      ['f00d', 'c-1'],
    ]);

    const gone = { ...kept, revokedAt: NOON + HOUR, revokedBy: 'carol' };
    expect(await calendars.revoke('c-1', by('carol', NOON + HOUR))).toEqual(gone);
    expect([...(await calendars.byTokenHash()).keys()]).toEqual(['beef']);
    expect(await calendars.list({ kind: 'person' })).toEqual([]);
    expect(await calendars.list({ kind: 'person', includeRevoked: true })).toEqual([gone]);
    expect(await calendars.version()).toBe(3);
    // Again, or one that there is not: nothing happens.
    expect(await calendars.revoke('c-1', by('dan', NOON + 2 * HOUR))).toEqual(gone);
    expect(await calendars.revoke('c-9', by('dan'))).toBeNull();
    expect(await calendars.version()).toBe(3);

    const subject = { kind: 'calendar', id: 'c-1' };
    const { entries } = await audit.list({ limit: 10, subject });
    expect(entries).toEqual([
      { ...by('carol', NOON + HOUR), action: 'calendar.revoke', subject, before: kept, after: gone },
      { ...by('ops', NOON), action: 'calendar.create', subject, before: null, after: kept },
    ]);
    expect(JSON.stringify((await audit.list({ limit: 10 })).entries)).not.toContain('f00d');
  });

  it('are made once, though they are asked for twice at the same moment', async () => {
    const { calendars, audit } = await opened(await place());
    const made = await Promise.all(
      ['first', 'second'].map((tokenHash) => calendars.add({ ...one, tokenHash }, by('ops', NOON))),
    );
    expect(made[0]).toEqual(made[1]);
    expect((await audit.list({ limit: 10 })).entries).toHaveLength(1);
    // Nobody has another's token.
    await expect(
      calendars.add({ ...one, id: 'c-2', tokenHash: made[0]?.tokenHash ?? '' }, by('ops')),
    ).rejects.toThrow(/duplicate key/);
  });
});

interface Made {
  readonly calendar: { readonly id: string };
  readonly url: string;
}

/** An API with a store, and a schedule of Alice and Bob. */
async function api(changes: Partial<AppDeps> = {}) {
  const store = await opened(await freshDatabase(postgres()));
  const config = {
    ...testConfig(),
    schedules: new Map([['payments', weekly('payments', ['alice', 'bob'])]]),
  };
  const clock = { now: NOW };
  const test = createTestApp({ store, config: () => config, now: () => clock.now, ...changes });
  return { store, clock, test, ...callsOf(test) };
}

function callsOf(test: TestApp) {
  return {
    create: async (body: object, headers: Record<string, string> = {}): Promise<Made> => {
      const answer = await test.api('POST', '/v1/calendars', body, headers);
      expect([answer.statusCode, answer.headers['cache-control']]).toEqual([201, 'no-store']);
      return answer.json();
    },
    /** As a calendar program does: by the address alone. */
    read: (url: string, headers: Record<string, string> = {}) =>
      test.app.inject({ url: new URL(url).pathname, headers }),
  };
}

const ALICE = { kind: 'person', id: 'alice' };

describe('/v1/calendars', () => {
  it('makes an address that nobody can guess, under which a calendar program reads the shifts', async () => {
    const { create, read } = await api();
    const { url } = await create(ALICE);
    expect(url).toMatch(/^https:\/\/tocsin\.example\.com\/calendars\/[\w-]{43}\.ics$/);
    expect((await create(ALICE)).url).not.toBe(url);
    const answer = await read(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'text/calendar; charset=utf-8',
      'cache-control': 'private, no-cache',
      'last-modified': 'Tue, 24 Nov 2026 10:00:00 GMT',
    });
    const { events, properties } = readCalendar(answer.body);
    expect(properties['x-wr-calname']).toBe('On call: Alice');
    expect(events.length).toBeGreaterThan(50);
    // Of the schedule: Bob's, too.
    const team = await create({ kind: 'schedule', id: 'payments' });
    expect((await read(team.url)).body).toContain('SUMMARY:Bob: payments (primary)');
  });

  it('keeps no token, logs none, and tells it once', async () => {
    const { create, read, store, test } = await api();
    const { url, calendar } = await create({ ...ALICE, by: 'bob' });
    await read(url);
    const token = /calendars\/(.*)\.ics/.exec(url)?.[1] ?? '';
    expect(token).not.toBe('');
    const list = await test.api('GET', '/v1/calendars');
    expect(list.json()).toEqual({
      calendars: [{ id: calendar.id, subject: ALICE, createdAt: NOW, createdBy: 'bob' }],
    });
    const everything = [
      list.body,
      JSON.stringify([...(await store.calendars.byTokenHash())]),
      JSON.stringify(await store.audit.list({ limit: 100 })),
      ...test.logged,
    ].join('\n');
    expect(everything).toContain(calendar.id);
    expect(everything).not.toContain(token);
    expect(test.logged.join('\n')).toContain('/calendars/:token.ics');
  });

  it('shows an override with its reason, at the next look', async () => {
    const { create, read, store, clock } = await api();
    const { url } = await create(ALICE);
    const before = readCalendar((await read(url)).body).events;
    const reason = 'Zahnarzt, „kurz“';
    const [from, to] = [NOW + 30 * HOUR, NOW + 34 * HOUR];
    await store.overrides.add(
      [override('o-1', { schedule: 'payments', userId: 'alice', from, to, reason })],
      by('bob'),
      anything,
    );
    clock.now += 2_000;
    const after = readCalendar((await read(url)).body).events;
    expect(after.filter(({ description }) => description !== null)).toMatchObject([
      { from, to, description: `Override by Alice: ${reason}` },
    ]);
    const kept = new Set(after.map(({ uid }) => uid));
    expect(before.filter(({ uid }) => !kept.has(uid)).length).toBeLessThanOrEqual(1);
  });

  it('is not sent again to a program that has it', async () => {
    const { create, read, store, clock } = await api();
    const { url } = await create(ALICE);
    const { headers } = await read(url);
    const etag = String(headers['etag']);
    expect(etag).toMatch(/^W\/"[\w-]{22}"$/);
    const since = String(headers['last-modified']);
    const statusOf = async (sent: Record<string, string>): Promise<number> =>
      (await read(url, sent)).statusCode;
    expect((await read(url, { 'if-none-match': etag })).body).toBe('');
    expect(await statusOf({ 'if-none-match': `"x", ${etag}` })).toBe(304);
    expect(await statusOf({ 'if-modified-since': since })).toBe(304);
    expect(await statusOf({ 'if-none-match': '"x"', 'if-modified-since': since })).toBe(200);
    expect(await statusOf({ 'if-modified-since': 'yesterday' })).toBe(200);
    expect((await read(url, { 'if-modified-since': 'Tue, 24 Nov 2026 09:59:59 GMT' })).statusCode).toBe(200);
    await store.overrides.add(
      [override('o-1', { schedule: 'payments', from: NOW, to: NOW + HOUR })],
      by('bob'),
      anything,
    );
    clock.now += 2_000;
    expect(await statusOf({ 'if-none-match': etag })).toBe(200);
    expect(await statusOf({ 'if-modified-since': since })).toBe(200);
  });

  it('takes an address back at once, and answers as if it had never been', async () => {
    const { create, read, test, store } = await api();
    const { url, calendar } = await create(ALICE);
    expect((await read(url)).statusCode).toBe(200);
    const revoked = await test.api('POST', `/v1/calendars/${calendar.id}/revoke`, { by: 'bob' });
    expect(revoked.json()).toMatchObject({ calendar: { id: calendar.id, revokedBy: 'bob', revokedAt: NOW } });
    const [gone, never] = [await read(url), await read('https://x/calendars/never-was.ics')];
    expect([gone.statusCode, never.statusCode]).toEqual([404, 404]);
    const { requestId: _one, ...words } = gone.json<{ error: Record<string, unknown> }>().error;
    const { requestId: _other, ...same } = never.json<{ error: Record<string, unknown> }>().error;
    expect(words).toEqual(same);
    expect(words).toMatchObject({ code: 'calendar-not-found' });
    // Again changes nothing, and a new one can be made.
    const again = await test.api('POST', `/v1/calendars/${calendar.id}/revoke`);
    expect(again.json()).toMatchObject({ calendar: { revokedBy: 'bob' } });
    expect((await read((await create(ALICE)).url)).statusCode).toBe(200);
    expect((await test.api('POST', '/v1/calendars/nothing/revoke')).statusCode).toBe(404);
    const { entries } = await store.audit.list({ limit: 10 });
    expect(entries.map(({ action, actor, via }) => [action, actor, via])).toEqual([
      ['calendar.create', 'ops', 'api'],
      ['calendar.revoke', 'bob', 'api'],
      ['calendar.create', 'ops', 'api'],
    ]);
  });

  it('makes one for a request that is sent twice, and tells its address again', async () => {
    const { create, test, store } = await api();
    const headers = { 'idempotency-key': 'mine' };
    const first = await create(ALICE, headers);
    expect(await create(ALICE, headers)).toEqual(first);
    expect((await store.calendars.list()).length).toBe(1);
    for (const other of [
      { kind: 'person', id: 'bob' },
      { ...ALICE, by: 'bob' },
    ]) {
      const answer = await test.api('POST', '/v1/calendars', other, headers);
      expect([answer.statusCode, answer.json<{ error: { code: string } }>().error.code]).toEqual([
        409,
        'idempotency-key-reused',
      ]);
    }
    // Also after a new secret was put in front; but not without the one that made it.
    const withSecrets = (...secrets: string[]) =>
      createTestApp({ store, tokens: createTokens(secrets), now: () => NOW });
    const rotated = withSecrets('a new secret of the tests', 'a secret of the tests, long enough');
    expect(await callsOf(rotated).create(ALICE, headers)).toEqual(first);
    const forgotten = await withSecrets('a new secret of the tests').api(
      'POST',
      '/v1/calendars',
      ALICE,
      headers,
    );
    expect(forgotten.statusCode).toBe(409);
    expect(forgotten.body).toContain(first.calendar.id);
  });

  it('refuses what there is not, and says where it stands', async () => {
    const { test, store } = await api();
    const wrong = [
      [{ kind: 'person', id: 'nobody' }, 'unknown-user', 'id'],
      [{ kind: 'schedule', id: 'alice' }, 'unknown-schedule', 'id'],
      [{ ...ALICE, by: 'nobody' }, 'unknown-user', 'by'],
      [{ kind: 'team', id: 'alice' }, 'invalid-body', 'kind'],
      [{ kind: 'person', id: '' }, 'invalid-body', 'id'],
    ] as const;
    for (const [body, code, path] of wrong) {
      const answer = await test.api('POST', '/v1/calendars', body);
      expect(answer.statusCode).toBe(400);
      expect(answer.json()).toMatchObject({ error: { code, problems: [{ path }] } });
    }
    expect(await store.calendars.version()).toBe(0);
  });

  it('lists by what they are of, and those that were taken back when asked', async () => {
    const { create, test } = await api();
    const { calendar } = await create(ALICE);
    await create({ kind: 'schedule', id: 'payments' });
    await test.api('POST', `/v1/calendars/${calendar.id}/revoke`);
    const of = async (query: string): Promise<readonly string[]> =>
      (await test.api('GET', `/v1/calendars${query}`))
        .json<{ calendars: { subject: { kind: string; id: string } }[] }>()
        .calendars.map(({ subject }) => `${subject.kind} ${subject.id}`);
    expect(await of('')).toEqual(['schedule payments']);
    expect(await of('?revoked=true')).toEqual(['person alice', 'schedule payments']);
    expect(await of('?kind=person&revoked=true')).toEqual(['person alice']);
    expect(await of('?kind=person&id=bob')).toEqual([]);
    expect((await test.api('GET', '/v1/calendars?kind=team')).statusCode).toBe(400);
  });

  it('needs a key, and a calendar none', async () => {
    const { test, create, read } = await api();
    for (const [method, url] of [
      ['GET', '/v1/calendars'],
      ['POST', '/v1/calendars'],
      ['POST', '/v1/calendars/x/revoke'],
    ] as const)
      expect((await test.app.inject({ method, url })).statusCode).toBe(401);
    const { url } = await create(ALICE);
    const head = await test.app.inject({ method: 'HEAD', url: new URL(url).pathname });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    expect((await read(`${url}?x=1`)).statusCode).toBe(200);
  });

  it('goes on reading when the store is gone, and says so to whoever writes', async () => {
    const { create, read, store, test, clock } = await api();
    const { url } = await create(ALICE);
    await read(url);
    await store.close();
    clock.now += 59 * 60_000;
    expect((await read(url)).statusCode).toBe(200);
    const written = await test.api('POST', '/v1/calendars', ALICE);
    expect([written.statusCode, written.headers['retry-after']]).toEqual([503, '5']);
    expect(written.json()).toMatchObject({ error: { code: 'store-away' } });
    clock.now += 60_000;
    const late = await read(url);
    expect([late.statusCode, late.headers['retry-after']]).toEqual([503, '5']);
    expect(late.json()).toMatchObject({ error: { code: 'store-away' } });
  });
});
