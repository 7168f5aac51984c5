import { cp, mkdtemp, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest';
import { openStore, type OpenStoreOptions } from '../../../store/open-store.js';
import type { Store } from '../../../store/store.js';
import { silent } from './overrides.js';
import { postgresClient, startPostgres, type Postgres } from '../../cluster/support/postgres.js';

/** One place for a store; opening it again finds the same data. */
export interface Place {
  readonly databaseUrl: string | undefined;
  readonly directory: string;
}

/** A PostgreSQL for the tests of a file: `current()` once they run. */
export function postgresOfFile(): () => Postgres {
  let postgres: Postgres | undefined;
  beforeAll(async () => {
    postgres = await startPostgres({ isDurable: true });
  });
  afterAll(() => postgres?.stop());
  return () => {
    if (postgres === undefined) throw new Error('PostgreSQL is not started yet.');
    return postgres;
  };
}

/** Looks again and again until it is so. */
export function until(isSo: () => boolean, withinMs = 15_000): Promise<void> {
  return vi.waitFor(() => expect(isSo()).toBe(true), { timeout: withinMs, interval: 20 });
}

export async function freshFolder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-store-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A database of its own. */
export async function freshDatabase(postgres: Postgres): Promise<Place> {
  const name = `t_${randomUUID().slice(0, 8)}`;
  await postgresClient(postgres, 'createdb', [name]);
  return { databaseUrl: urlOf(postgres, name), directory: await freshFolder() };
}

export function urlOf({ port, user }: Postgres, database: string): string {
  return `postgres://${user}:some-password@127.0.0.1:${port}/${database}`;
}

/** An embedded store that was opened once, for the tests of a file to copy: making one takes seconds. */
export function embeddedOfFile(): () => Promise<Place> {
  let template = '';
  beforeAll(async () => {
    template = await mkdtemp(join(tmpdir(), 'tocsin-store-'));
    const store = openStore({ databaseUrl: undefined, directory: template, log: silent });
    await store.untilReady(60_000);
    await store.close();
  });
  afterAll(() => rm(template, { recursive: true, force: true }));
  return async () => {
    const directory = await freshFolder();
    await cp(template, directory, { recursive: true });
    return { databaseUrl: undefined, directory };
  };
}

/** Opens it; it is closed when the test ends. */
export function open(
  place: Place,
  options: Partial<OpenStoreOptions> & { readonly lines?: string[] } = {},
): Store {
  const { lines = [], ...rest } = options;
  const write = (first: unknown, second?: string): void =>
    void lines.push(typeof first === 'string' ? first : `${JSON.stringify(first)} ${second ?? ''}`);
  const store = openStore({
    ...place,
    log: { info: write, warn: write } as OpenStoreOptions['log'],
    ...rest,
  });
  onTestFinished(() => store.close());
  return store;
}

/** Opens it and waits until it is ready. */
export async function opened(place: Place, options: Parameters<typeof open>[1] = {}): Promise<Store> {
  const store = open(place, options);
  await store.untilReady(30_000);
  return store;
}
