import { readdir } from 'node:fs/promises';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { registerStoreMetrics } from '../../api/store-metrics.js';
import { checkStore } from '../../cli/doctor/check-store.js';
import { createCleanups } from '../../cli/up/cleanups.js';
import { openOwnStore, openSharedStore } from '../../cli/up/own-store.js';
import { checkedEnvironment } from '../../cli/up/settings.js';
import { migrations } from '../../store/migrations/all.js';
import { anything, by, override } from './support/overrides.js';
import { freshDatabase, freshFolder, open, opened, postgresOfFile, until, urlOf } from './support/stores.js';

const postgres = postgresOfFile();

describe('the doctor', () => {
  it('finds a PostgreSQL as it is, and changes nothing in it', async () => {
    const place = await freshDatabase(postgres());
    const look = async () => (await checkStore(place.databaseUrl))[0];
    const pending = { name: 'Store', status: 'warn' };
    expect(await look()).toMatchObject({
      ...pending,
      detail: expect.stringContaining('0001-overrides-and-audit') as string,
    });
    expect(await look()).toMatchObject(pending);
    const store = await opened(place);
    expect(await look()).toEqual({ name: 'Store', status: 'ok', detail: store.state().where });
    await store.close();
    const future = {
      up: async (db: Parameters<(typeof migrations)[string]['up']>[0]) =>
        void (await sql`select 1`.execute(db)),
    };
    await (await opened(place, { migrations: { ...migrations, '0099-future': future } })).close();
    expect(await look()).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('newer Tocsin') as string,
    });
  });

  it('says why one can’t be used, and never the password', async () => {
    for (const [url, why] of [
      [urlOf(postgres(), 'nowhere'), 'database "nowhere" does not exist'],
      ['postgres://tocsin:some-password@127.0.0.1:1/tocsin', 'ECONNREFUSED'],
      ['postgres://tocsin:some-password@no-such-host.invalid/tocsin', 'no-such-host.invalid'],
      [
        'postgres://tocsin:some-password@127.0.0.1:1/t?sslmode=verify-full&sslrootcert=/no/such/file',
        'ENOENT',
      ],
    ] as const) {
      const findings = await checkStore(url);
      expect(findings).toMatchObject([
        { name: 'Store', status: 'fail', detail: expect.stringContaining(why) as string },
      ]);
      expect(JSON.stringify(findings)).not.toContain('some-password');
    }
    expect(await checkStore(undefined)).toEqual([]);
  });
});

describe('a process', () => {
  const cleanups = () => {
    const made = createCleanups(
      () => undefined,
      () => undefined,
    );
    onTestFinished(() => made.run());
    return made;
  };
  const log = pino({ level: 'silent' });

  it('that runs alone has an embedded store in its data folder, given back when it ends', async () => {
    const directory = await freshFolder();
    const environment = checkedEnvironment({ TOCSIN_DATA_DIR: directory }, '/');
    const all = cleanups();
    const store = openOwnStore({ environment, log, cleanups: all });
    expect(store.state()).toMatchObject({ kind: 'pglite', status: 'starting' });
    await store.untilReady(30_000);
    expect(await readdir(`${directory}/store`)).toContain('owner.json');
    await all.run();
    expect(store.state()).toMatchObject({ status: 'away', cause: 'closed' });
    expect(await readdir(`${directory}/store`)).not.toContain('owner.json');
  });

  it('opens it no earlier than it is told to, and can end before', async () => {
    const directory = await freshFolder();
    const environment = checkedEnvironment({ TOCSIN_DATA_DIR: directory }, '/');
    let begin: () => void = () => undefined;
    const after = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const [one, other] = [cleanups(), cleanups()];
    const store = openOwnStore({ environment, log, cleanups: one, after });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await readdir(directory)).toEqual([]);
    begin();
    await store.untilReady(30_000);
    await one.run();
    openOwnStore({ environment, log, cleanups: other, after: new Promise(() => undefined) });
    const began = Date.now();
    await other.run();
    expect(Date.now() - began).toBeLessThan(1_000);
  });

  it('that is one of several has the store of DATABASE_URL, and none without', async () => {
    const { databaseUrl = '', directory } = await freshDatabase(postgres());
    const open = (env: Record<string, string>) =>
      openSharedStore({
        environment: checkedEnvironment({ TOCSIN_DATA_DIR: directory, ...env }, '/'),
        log,
        cleanups: cleanups(),
      });
    expect(open({})).toEqual({});
    const { store } = open({ DATABASE_URL: databaseUrl });
    await store?.untilReady(30_000);
    expect(store?.state()).toMatchObject({ kind: 'postgres', status: 'ready' });
    expect(await readdir(directory)).toEqual([]);
  });
});

it('the metrics tell whether the store answers, and how calls ended', async () => {
  const place = await freshDatabase(postgres());
  const store = open(place);
  const registry = new Registry();
  registerStoreMetrics(registry, store);
  expect(await registry.metrics()).toContain('tocsin_store_ready 0');
  await store.overrides.list().catch(() => undefined);
  await until(() => store.state().status === 'ready');
  await store.overrides.add([override('o-1')], by('alice'), anything);
  await store.overrides.add([override('o-1'), override('o-2')], by('alice'), anything).catch(() => undefined);
  const text = await registry.metrics();
  expect(text).toContain('tocsin_store_ready 1');
  for (const [outcome, count] of [
    ['starting', 1],
    ['done', 1],
    ['failed', 1],
  ] as const)
    expect(text).toContain(`tocsin_store_calls_total{outcome="${outcome}"} ${count}`);
});
