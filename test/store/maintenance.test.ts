import { describe, expect, it, onTestFinished } from 'vitest';
import { createKnownMaintenance } from '../../store/known-maintenance.js';
import type { StoredWindow } from '../../store/maintenance.js';
import { by, HOUR, NOON, silent } from './support/overrides.js';
import {
  embeddedOfFile,
  freshDatabase,
  freshFolder,
  opened,
  postgresOfFile,
  until,
  type Place,
} from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];

function window(id: string, more: Partial<StoredWindow> = {}): StoredWindow {
  return {
    ...{ id, services: ['payments'], match: { cluster: '/staging-.*/', zone: ['a', 2, true] } },
    ...{ from: NOON, to: NOON + HOUR, reason: 'database upgrade', stopPages: false },
    ...{ by: 'ops', createdAt: NOON - HOUR },
    ...more,
  };
}

describe.each(PLACES)('maintenance windows on %s', (_name, place) => {
  it('are kept as they were made, listed while they matter, and ended once, each with who it was', async () => {
    const { maintenance, audit } = await opened(await place());
    expect(await maintenance.version()).toBe(0);
    const first = window('mw-1');
    const plain = window('mw-2', { services: [], match: null, from: NOON - HOUR, stopPages: true });
    expect(await maintenance.add(first, by('ops'))).toEqual(first);
    expect(await maintenance.add(plain, by('bob'))).toEqual(plain);
    expect(await maintenance.list({ from: NOON })).toEqual([plain, first]);
    expect(await maintenance.list({ from: NOON + HOUR })).toEqual([]);
    expect(await maintenance.version()).toBe(2);

    const gone = { ...first, endedAt: NOON + 60_000, endedBy: 'carol' };
    expect(await maintenance.end('mw-1', by('carol', NOON + 60_000))).toEqual({
      kind: 'ended',
      window: gone,
    });
    expect(await maintenance.end('mw-1', by('dan', NOON + 90_000))).toEqual({
      kind: 'already',
      window: gone,
    });
    expect(await maintenance.end('mw-2', by('dan', NOON + HOUR))).toEqual({ kind: 'over', window: plain });
    expect(await maintenance.end('mw-3', by('dan'))).toEqual({ kind: 'unknown' });
    expect(await maintenance.list({ from: NOON })).toEqual([plain, gone]);
    expect(await maintenance.version()).toBe(3);

    const subject = { kind: 'maintenance', id: 'mw-1' };
    expect((await audit.list({ limit: 10, subject })).entries).toEqual([
      { ...by('carol', NOON + 60_000), action: 'maintenance.end', subject, before: first, after: gone },
      { ...by('ops'), action: 'maintenance.start', subject, before: null, after: first },
    ]);
  });

  it('are made once, though they are asked for twice at the same moment', async () => {
    const { maintenance, audit } = await opened(await place());
    const reasons = ['one', 'two'];
    const made = await Promise.all(
      reasons.map((reason) => maintenance.add(window('mw-1', { reason }), by('ops'))),
    );
    expect(new Set(made.map(({ reason }) => reason)).size).toBe(1);
    expect((await audit.list({ limit: 10 })).entries).toHaveLength(1);
    expect(await maintenance.version()).toBe(1);
  });
});

describe('the windows that a process knows', () => {
  it('are those of the store within two looks, and stay known when it is gone, over a restart too', async () => {
    const where = await embedded();
    const store = await opened(where);
    const file = `${await freshFolder()}/maintenance.json`;
    const options = { store, file, now: () => NOON, log: silent, everyMs: 20 };
    const known = createKnownMaintenance(options);
    onTestFinished(() => known.stop());
    await known.loaded;
    expect(known.current()).toMatchObject({ value: [], isStale: false });
    await store.maintenance.add(window('mw-1'), by('ops'));
    await until(() => known.current().value.length === 1);
    await store.maintenance.end('mw-1', by('carol', NOON + 1));
    await until(() => known.current().value[0]?.endedAt === NOON + 1);
    await known.stop();
    await store.close();
    const after = createKnownMaintenance({ ...options, now: () => NOON + HOUR });
    onTestFinished(() => after.stop());
    await after.loaded;
    expect(after.current()).toMatchObject({ isStale: true, asOf: NOON });
    expect(after.current().value).toEqual([window('mw-1', { endedAt: NOON + 1, endedBy: 'carol' })]);
  });
});
