import { sql } from 'kysely';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreAway } from '../../store/errors.js';
import { migrations } from '../../store/migrations/all.js';
import { postgresClient } from '../cluster/support/postgres.js';
import { anything, by, override } from './support/overrides.js';
import { freshDatabase, freshFolder, open, opened, postgresOfFile, until, urlOf } from './support/stores.js';

const postgres = postgresOfFile();

/** What a call says, and how long it took. */
async function timed<T>(call: Promise<T>): Promise<{ readonly error: unknown; readonly tookMs: number }> {
  const began = Date.now();
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  return { error, tookMs: Date.now() - began };
}

describe('a store on a PostgreSQL that', () => {
  it('is killed in the middle: calls say so within their limit, work again afterwards, and nothing is lost', async () => {
    const store = await opened(await freshDatabase(postgres()));
    const kept: string[] = [];
    const errors: unknown[] = [];
    let isOver = false;
    let longestMs = 0;
    const writer = (async () => {
      for (let n = 0; !isOver; n += 1) {
        const id = `o-${n}`;
        const { error, tookMs } = await timed(store.overrides.add([override(id)], by('alice'), anything));
        longestMs = Math.max(longestMs, tookMs);
        if (error === null) kept.push(id);
        else errors.push(error);
        if (error !== null) await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    await until(() => kept.length >= 20);
    await postgres().kill();
    await until(() => store.state().status === 'away' && errors.length >= 5);
    const before = kept.length;
    await postgres().restart();
    await until(() => kept.length >= before + 20);
    isOver = true;
    await writer;
    expect(errors.every((error) => error instanceof StoreAway && error.reason === 'unreachable')).toBe(true);
    // 2 s, and what a loaded machine adds.
    expect(longestMs).toBeLessThan(4_000);
    const listed = new Set((await store.overrides.list()).map(({ id }) => id));
    expect(kept.filter((id) => !listed.has(id))).toEqual([]);
    expect(store.state()).toMatchObject({ status: 'ready', reason: null });
    expect(store.calls().get('unreachable')).toBe(errors.length);
  });

  it('answers nothing any more: each call ends at its limit, later ones at once, and all is well when it goes on', async () => {
    const store = await opened(await freshDatabase(postgres()));
    await store.overrides.add([override('o-1')], by('alice'), anything);
    const goOn = await postgres().freeze();
    try {
      const slow = await timed(store.overrides.list({}, { limitMs: 300 }));
      expect(slow.error).toMatchObject({ name: 'StoreAway', reason: 'slow' });
      expect(slow.tookMs).toBeGreaterThanOrEqual(290);
      expect(slow.tookMs).toBeLessThan(1_500);
      // More than there are sessions: none of them waits for another's turn beyond its limit.
      const many = await Promise.all(
        Array.from({ length: 12 }, () => timed(store.overrides.version({ limitMs: 500 }))),
      );
      for (const { error, tookMs } of many) {
        expect(error).toBeInstanceOf(StoreAway);
        expect(tookMs).toBeLessThan(2_000);
      }
      await until(() => store.state().status === 'away');
      expect((await timed(store.overrides.list())).tookMs).toBeLessThan(100);
    } finally {
      goOn();
    }
    await store.untilReady(35_000);
    expect(await store.overrides.list()).toHaveLength(1);
  });

  it('is slow for as many calls as there are sessions still has one for the next', async () => {
    const dawdle = {
      up: async (db: Parameters<(typeof migrations)[string]['up']>[0]) => {
        await sql`create function dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(5); return new; end'`.execute(
          db,
        );
        await sql`create trigger dawdle before insert on overrides for each row execute function dawdle()`.execute(
          db,
        );
      },
    };
    const store = await opened(await freshDatabase(postgres()), {
      migrations: { ...migrations, '0090-dawdle': dawdle },
    });
    const slow = await Promise.all(
      Array.from({ length: 5 }, (_, n) =>
        timed(store.overrides.add([override(`o-${n}`)], by('alice'), anything, { limitMs: 500 })),
      ),
    );
    for (const { error } of slow) expect(error).toMatchObject({ reason: 'slow' });
    expect(await store.overrides.version()).toBe(0);
    expect(store.state().status).toBe('ready');
  });

  it('ends one session, or all idle ones, is not lost for it', async () => {
    const place = await freshDatabase(postgres());
    const store = await opened(place);
    await store.overrides.version();
    const name = new URL(place.databaseUrl ?? '').pathname.slice(1);
    const ended = await postgresClient(postgres(), 'psql', [
      ...['-d', name, '-Atc'],
      `select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = 'tocsin' and datname = '${name}'`,
    ]);
    expect(Number(ended)).toBeGreaterThan(0);
    await until(() => store.state().status === 'ready');
    const answers = await Promise.all(Array.from({ length: 5 }, () => timed(store.overrides.version())));
    // At most those whose session was being taken away fail; then none.
    expect(answers.filter(({ error }) => error === null).length).toBeGreaterThan(0);
    expect(await store.overrides.version()).toBe(0);
  });

  it('is not there at first: the store is ready soon after it is', async () => {
    const place = await freshDatabase(postgres());
    await postgres().kill();
    const lines: string[] = [];
    const store = open(place, { lines });
    await until(() => store.state().status === 'away');
    expect(store.state().reason).toMatch(
      /can't be reached: connect ECONNREFUSED 127\.0\.0\.1:\d+\. Paging goes on/,
    );
    await postgres().restart();
    await store.untilReady(35_000);
    expect(lines.filter((line) => line.includes('ECONNREFUSED'))).toHaveLength(1);
    expect(lines.at(-1)).toContain('the store is back');
  });

  it('does not let us in says why, and no password is told anywhere', async () => {
    const lines: string[] = [];
    const place = { databaseUrl: urlOf(postgres(), 'no-such-database'), directory: await freshFolder() };
    const store = open(place, { lines });
    await until(() => store.state().status === 'away');
    const { error } = await timed(store.overrides.list());
    expect(error).toMatchObject({ reason: 'refused' });
    expect(store.state()).toMatchObject({
      kind: 'postgres',
      reason: expect.stringContaining('does not exist') as string,
    });
    const told = `${JSON.stringify([store.state(), lines])} ${String(error)} ${JSON.stringify(error)}`;
    expect(told).toContain('no-such-database');
    expect(told).not.toContain('some-password');
  });

  it('is new is brought up to date once by four that start at the same moment', async () => {
    const place = await freshDatabase(postgres());
    let runs = 0;
    const stores = Array.from({ length: 4 }, () =>
      open(place, {
        migrations: {
          ...migrations,
          '0090-counted': {
            up: async (db) => {
              runs += 1;
              await sql`create table counted (id int)`.execute(db);
              await sql`select pg_sleep(0.3)`.execute(db);
            },
          },
        },
      }),
    );
    await Promise.all(stores.map((store) => store.untilReady(20_000)));
    expect(runs).toBe(1);
    expect(await Promise.all(stores.map((store) => store.overrides.version()))).toEqual([0, 0, 0, 0]);
    // Nobody stumbled on the way.
    for (const store of stores) expect([...store.calls().keys()]).toEqual(['done']);
  });

  it('is shared: what one process writes, another reads', async () => {
    const place = await freshDatabase(postgres());
    const [one, other] = [await opened(place), await opened(place)];
    await one?.overrides.add([override('o-1')], by('alice'), anything);
    expect(await other?.overrides.get('o-1')).toEqual(override('o-1'));
    expect(await other?.overrides.version()).toBe(1);
  });
});

it('closing a store does not wait for what hangs', async () => {
  const store = await opened(await freshDatabase(postgres()));
  // Two sessions: one will hang, one is idle.
  await Promise.all([store.overrides.version(), store.overrides.version()]);
  const goOn = await postgres().freeze();
  onTestFinished(goOn);
  const hanging = timed(store.overrides.version({ limitMs: 30_000 }));
  const began = Date.now();
  await store.close();
  expect(Date.now() - began).toBeLessThan(3_000);
  expect((await hanging).error).toBeInstanceOf(StoreAway);
});
