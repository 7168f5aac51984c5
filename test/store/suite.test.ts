import { sql, type Kysely, type Migration } from 'kysely';
import { describe, expect, it } from 'vitest';
import { StoreAway, StoreTooNew } from '../../store/errors.js';
import { migrations } from '../../store/migrations/all.js';
import {
  embeddedOfFile,
  freshDatabase,
  open,
  opened,
  postgresOfFile,
  until,
  type Place,
} from './support/stores.js';
import { anything, by, HOUR, NOON, override } from './support/overrides.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];

/** A migration that is not one of ours. */
function planted(up: (db: Kysely<never>) => Promise<void>): Migration {
  return { up };
}

describe.each(PLACES)('a store on %s', (_name, place) => {
  it('is there at once, refuses while it is starting, and is ready by itself', async () => {
    const store = open(await place());
    expect(store.state()).toMatchObject({ status: 'starting', reason: null });
    await expect(store.overrides.list()).rejects.toMatchObject({ name: 'StoreAway', reason: 'starting' });
    await store.untilReady(30_000);
    expect(store.state()).toMatchObject({ status: 'ready', reason: null });
    expect(await store.overrides.list()).toEqual([]);
    expect(await store.overrides.version()).toBe(0);
    expect(await store.overrides.get('none')).toBeNull();
    expect(Object.fromEntries(store.calls())).toEqual({ starting: 1, done: 3 });
  });

  it('keeps overrides to the millisecond and to the letter, over a restart', async () => {
    const where = await place();
    const before = await opened(where);
    const odd = override('o-1', {
      reason: `'); drop table overrides; -- "Zahnärztin" 🦷\n\\`,
      from: Date.parse('2027-03-28T01:59:59.999Z'),
      to: Date.parse('2027-10-31T01:00:00.001Z'),
      createdAt: NOON + 0.0,
      insteadOf: 'carol',
      swapId: 'swap-1',
      slot: 'secondary',
    });
    const added = await before.overrides.add([odd], by('alice'), anything);
    expect(added).toEqual({ kind: 'added', overrides: [odd], version: 1 });
    await before.close();
    await expect(before.overrides.list()).rejects.toMatchObject({ reason: 'closed' });
    const after = await opened(where);
    expect(await after.overrides.get('o-1')).toEqual(odd);
    expect(await after.overrides.version()).toBe(1);
  });

  it('lists by schedule and by the time in which they count', async () => {
    const store = await opened(await place());
    const all = [
      override('early', { from: NOON, to: NOON + HOUR }),
      override('late', { from: NOON + 2 * HOUR, to: NOON + 3 * HOUR }),
      override('other', { schedule: 'secondary', from: NOON + HOUR, to: NOON + 2 * HOUR }),
      override('cut', { from: NOON, to: NOON + 9 * HOUR }),
    ];
    await store.overrides.add(all, by('alice'), anything);
    await store.overrides.cancel('cut', by('bob', NOON + HOUR));
    const ids = async (query: Parameters<typeof store.overrides.list>[0]): Promise<string[]> =>
      (await store.overrides.list(query)).map(({ id }) => id);
    expect(await ids({})).toEqual(['early', 'other', 'late']);
    expect(await ids({ schedule: 'primary' })).toEqual(['early', 'late']);
    expect(await ids({ includeCancelled: true })).toEqual(['cut', 'early', 'other', 'late']);
    // Ends are not included: what ends at an instant does not count at it.
    expect(await ids({ from: NOON + HOUR })).toEqual(['other', 'late']);
    expect(await ids({ from: NOON + HOUR, includeCancelled: true })).toEqual(['other', 'late']);
    expect(await ids({ from: NOON + HOUR - 1, includeCancelled: true })).toEqual([
      'cut',
      'early',
      'other',
      'late',
    ]);
    expect(await ids({ to: NOON + 2 * HOUR })).toEqual(['early', 'other']);
    expect(await ids({ to: NOON + 2 * HOUR + 1 })).toEqual(['early', 'other', 'late']);
  });

  it('writes down who changed what, in the same breath', async () => {
    const store = await opened(await place());
    const made = override('o-1');
    await store.overrides.add([made], by('alice'), anything);
    const cancelled = await store.overrides.cancel('o-1', by('bob', NOON));
    const gone = { ...made, cancelledAt: NOON, cancelledBy: 'bob' };
    expect(cancelled).toEqual({ cancelled: [gone], already: [], unknown: [], version: 2 });
    expect(await store.overrides.get('o-1')).toEqual(gone);
    const subject = { kind: 'override', id: 'o-1' };
    expect(await store.audit.list({ limit: 10 })).toEqual({
      entries: [
        { ...by('bob', NOON), action: 'override.cancel', subject, before: made, after: gone },
        { ...by('alice'), action: 'override.add', subject, before: null, after: made },
      ],
      next: null,
    });
    // Again, or of one that there is not: nothing happens.
    expect(await store.overrides.cancel('o-1', by('carol'))).toEqual({
      cancelled: [],
      already: [gone],
      unknown: [],
      version: 2,
    });
    expect(await store.overrides.cancel(['o-1', 'o-2'], by('carol'))).toMatchObject({
      cancelled: [],
      unknown: ['o-2'],
    });
    expect((await store.audit.list({ limit: 10 })).entries).toHaveLength(2);
    expect(await store.overrides.version()).toBe(2);
  });

  it('takes both halves of a swap back together, or none', async () => {
    const store = await opened(await place());
    const halves = ['a', 'b'].map((id) => override(id, { swapId: 's' }));
    await store.overrides.add(halves, by('alice'), anything);
    expect((await store.overrides.cancel(['a', 'x'], by('bob'))).unknown).toEqual(['x']);
    expect(await store.overrides.list()).toHaveLength(2);
    expect((await store.overrides.cancel(['a', 'b'], by('bob'))).cancelled).toHaveLength(2);
    expect(await store.overrides.list()).toEqual([]);
    const actions = (await store.audit.list({ limit: 10 })).entries.map(({ action }) => action);
    expect(actions).toEqual(['override.cancel', 'override.cancel', 'override.swap', 'override.swap']);
  });

  it('keeps nothing of what is refused, or fails half-way', async () => {
    const store = await opened(await place());
    await store.overrides.add([override('o-1')], by('alice'), anything);
    const refused = await store.overrides.add([override('o-2')], by('bob'), (existing, wanted) => [
      existing,
      wanted,
    ]);
    expect(refused).toEqual({
      kind: 'refused',
      refusal: [[override('o-1')], [override('o-2', { createdAt: NOON - HOUR + 1 })]],
    });
    // The first is new, the second has an id that is taken.
    await expect(
      store.overrides.add([override('o-3'), override('o-1')], by('bob'), anything),
    ).rejects.toThrow(/duplicate key/);
    await expect(
      store.overrides.add([override('o-4'), override('o-5', { to: NOON })], by('bob'), anything),
    ).rejects.toThrow(/check constraint/);
    await expect(
      store.overrides.add([override('o-6')], by('bob'), () => {
        throw new Error('the check broke');
      }),
    ).rejects.toThrow('the check broke');
    expect((await store.overrides.list()).map(({ id }) => id)).toEqual(['o-1']);
    expect((await store.audit.list({ limit: 10 })).entries).toHaveLength(1);
    expect(await store.overrides.version()).toBe(1);
    expect(store.state().status).toBe('ready');
  });

  it('lets one of ten people win who add conflicting overrides at the same moment', async () => {
    const where = await place();
    const first = await opened(where);
    const second = where.databaseUrl === undefined ? first : await opened(where);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? first : second).overrides.add(
          [override(`o-${index}`)],
          by(`user-${index}`),
          (existing) => (existing.length > 0 ? existing.map(({ id }) => id) : null),
          { limitMs: 10_000 },
        ),
      ),
    );
    const [kept] = await first.overrides.list();
    expect(answers.filter(({ kind }) => kind === 'added')).toHaveLength(1);
    for (const answer of answers) if (answer.kind === 'refused') expect(answer.refusal).toEqual([kept?.id]);
    expect((await first.audit.list({ limit: 20 })).entries).toHaveLength(1);
  });

  it('does the same again only once', async () => {
    const store = await opened(await place());
    const both = [override('o-1'), override('o-2', { schedule: 'other' })];
    const first = await store.overrides.add(both, by('alice'), anything);
    const again = await store.overrides.add(both, by('alice'), () => 'it overlaps itself');
    expect(again).toEqual(first);
    expect((await store.audit.list({ limit: 10 })).entries).toHaveLength(2);
  });

  it('lets the newest win though a clock was set back', async () => {
    const store = await opened(await place());
    await store.overrides.add([override('o-1', { createdAt: NOON })], by('alice'), anything);
    const late = override('o-2', { createdAt: NOON - 24 * HOUR });
    const elsewhere = override('o-3', { schedule: 'other', createdAt: NOON - 24 * HOUR });
    const added = await store.overrides.add([late, elsewhere], by('bob'), anything);
    expect(added).toMatchObject({ overrides: [{ ...late, createdAt: NOON + 1 }, elsewhere] });
    expect(await store.overrides.get('o-2')).toEqual({ ...late, createdAt: NOON + 1 });
  });

  it('tells the audit log in pages, by subject and by who it was', async () => {
    const store = await opened(await place());
    for (const n of [1, 2, 3, 4, 5])
      await store.overrides.add([override(`o-${n}`)], by(n % 2 === 0 ? 'even' : 'odd'), anything);
    const ids = ({ entries }: Awaited<ReturnType<typeof store.audit.list>>): string[] =>
      entries.map(({ subject }) => subject.id);
    const first = await store.audit.list({ limit: 2 });
    expect(ids(first)).toEqual(['o-5', 'o-4']);
    const second = await store.audit.list({ limit: 2, before: first.next ?? '' });
    expect(ids(second)).toEqual(['o-3', 'o-2']);
    const third = await store.audit.list({ limit: 2, before: second.next ?? '' });
    expect(ids(third)).toEqual(['o-1']);
    expect(third.next).toBeNull();
    expect(ids(await store.audit.list({ limit: 9, actor: 'even' }))).toEqual(['o-4', 'o-2']);
    expect(ids(await store.audit.list({ limit: 9, subject: { kind: 'override', id: 'o-3' } }))).toEqual([
      'o-3',
    ]);
    expect(ids(await store.audit.list({ limit: 9, subject: { kind: 'key', id: 'o-3' } }))).toEqual([]);
    for (const wrong of [
      { limit: 0 },
      { limit: 501 },
      { limit: 1, before: '' },
      { limit: 1, before: '1; --' },
    ])
      await expect(store.audit.list(wrong)).rejects.toThrow(RangeError);
  });

  it('leaves nothing of a migration that fails half-way, says so, and goes on once it is mended', async () => {
    const where = await place();
    const half = planted(async (db) => {
      await sql`create table half (id int)`.execute(db);
      await sql`alter table audit drop column via`.execute(db);
      await sql`select 1 / 0`.execute(db);
    });
    const broken = open(where, { migrations: { ...migrations, '0090-half': half } });
    await until(() => broken.state().status === 'away');
    await expect(broken.untilReady(0)).rejects.toMatchObject({ name: 'StoreAway', reason: 'migration' });
    expect(broken.state()).toMatchObject({
      status: 'away',
      reason: expect.stringMatching(
        /migration 0090-half failed and nothing of it was kept: division by zero/,
      ) as string,
    });
    await expect(broken.overrides.list()).rejects.toBeInstanceOf(StoreAway);
    await broken.close();
    const mended = await opened(where, {
      migrations: {
        ...migrations,
        '0090-half': planted(async (db) => {
          // Fails if anything of the first try were left.
          await sql`create table half (id int)`.execute(db);
        }),
      },
    });
    await mended.overrides.add([override('o-1')], by('alice'), anything);
    expect((await mended.audit.list({ limit: 1 })).entries).toMatchObject([{ via: 'api' }]);
  });

  it('touches nothing that a newer Tocsin has brought up to date', async () => {
    const where = await place();
    const newer = await opened(where, {
      migrations: {
        ...migrations,
        '0099-future': planted(async (db) => void (await sql`create table future (id int)`.execute(db))),
      },
    });
    await newer.overrides.add([override('o-1')], by('alice'), anything);
    await newer.close();
    let ran = false;
    const older = open(where, {
      migrations: { ...migrations, '0098-own': planted(() => Promise.resolve(void (ran = true))) },
    });
    await expect(older.untilReady(10_000)).rejects.toMatchObject({
      name: 'StoreTooNew',
      unknown: ['0099-future'],
    });
    expect(older.state()).toMatchObject({
      status: 'too-new',
      reason: expect.stringMatching(/Start that newer version, or restore/) as string,
    });
    await expect(older.overrides.version()).rejects.toBeInstanceOf(StoreTooNew);
    expect(ran).toBe(false);
    await older.close();
    // Nor when it has nothing to bring itself.
    const plain = open(where);
    await expect(plain.untilReady(10_000)).rejects.toBeInstanceOf(StoreTooNew);
  });

  it('answers within its limit when a write is slow, and does it once', async () => {
    const store = await opened(await place(), {
      migrations: {
        ...migrations,
        '0090-slow': planted(async (db) => {
          await sql`create function dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(3); return new; end'`.execute(
            db,
          );
          await sql`create trigger dawdle before insert on overrides for each row execute function dawdle()`.execute(
            db,
          );
        }),
      },
    });
    const began = Date.now();
    const call = store.overrides.add([override('o-1')], by('alice'), anything, { limitMs: 300 });
    await expect(call).rejects.toMatchObject({ name: 'StoreAway', reason: 'slow' });
    expect(Date.now() - began).toBeLessThan(1_500);
    const again = await store.overrides.add([override('o-1')], by('alice'), anything, { limitMs: 20_000 });
    expect(again).toMatchObject({ kind: 'added' });
    expect((await store.audit.list({ limit: 10 })).entries).toHaveLength(1);
  });
});
