import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { BundleMember, PageToMark } from '../../store/bundles.js';
import type { Store } from '../../store/store.js';
import { embeddedOfFile, freshDatabase, opened, postgresOfFile, type Place } from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];
/** Of calls that are not what a test is about. */
const PATIENT = { limitMs: 20_000 };
const LEASE_MS = 60_000;

function toMark(newId: string, changes: Partial<PageToMark> = {}): PageToMark {
  return {
    ...{ userId: 'alice', methodId: 'sms-1', channel: 'sms' },
    ...{ withinMs: 60_000, gatherMs: 60_000, newId },
    ...changes,
  };
}

function member(n: number): BundleMember {
  const page = {
    code: `AB2${n}`,
    title: `number ${n}`,
    service: 'pay',
    severity: 'SEV1',
    validForMs: 60_000,
  };
  return { key: `key-${n}`, openingId: `opening-${n}`, deliveryId: `d${n}`, page };
}

async function withBundle(store: Store, ...numbers: readonly number[]): Promise<string> {
  for (const n of numbers) expect(await store.bundles.join('b-1', member(n), PATIENT)).toBe(true);
  return 'b-1';
}

describe.each(PLACES)('bundles on %s', (_name, place) => {
  it('of pages at one moment one is the first, and the others share a bundle that closes in time', async () => {
    const { bundles } = await opened(await place());
    const marks = await Promise.all(
      Array.from({ length: 8 }, (_none, n) => bundles.mark(toMark(`b-${n}`), PATIENT)),
    );
    const gathered = marks.filter((mark) => mark.kind === 'bundle');
    expect(gathered).toHaveLength(7);
    expect(new Set(gathered.map(({ id }) => id)).size).toBe(1);
    for (const { closesInMs } of gathered) {
      expect(closesInMs).toBeGreaterThan(30_000);
      expect(closesInMs).toBeLessThanOrEqual(60_000);
    }
  });

  it('other people and other methods have marks of their own', async () => {
    const { bundles } = await opened(await place());
    expect(await bundles.mark(toMark('a'), PATIENT)).toEqual({ kind: 'first' });
    expect(await bundles.mark(toMark('b', { userId: 'bob' }), PATIENT)).toEqual({ kind: 'first' });
    expect(await bundles.mark(toMark('c', { methodId: 'sms-2' }), PATIENT)).toEqual({ kind: 'first' });
    expect(await bundles.mark(toMark('d'), PATIENT)).toMatchObject({ kind: 'bundle', id: 'd' });
  });

  it('ten fill a bundle, the next one opens another', async () => {
    const { bundles } = await opened(await place());
    const ids: string[] = [];
    for (let n = 0; n < 22; n += 1) {
      const mark = await bundles.mark(toMark(`b-${n}`), PATIENT);
      ids.push(mark.kind === 'bundle' ? mark.id : 'first');
    }
    expect(ids).toEqual([
      'first',
      ...Array<string>(10).fill('b-1'),
      ...Array<string>(10).fill('b-11'),
      'b-21',
    ]);
  });

  it('after the window the next is a first one again; a bundle that has closed is not joined', async () => {
    const { bundles } = await opened(await place());
    const soon = { withinMs: 250, gatherMs: 50 };
    await bundles.mark(toMark('a', soon), PATIENT);
    expect(await bundles.mark(toMark('b', { ...soon, withinMs: 20_000 }), PATIENT)).toMatchObject({
      id: 'b',
    });
    await delay(100);
    // Within the time after it closed.
    expect(await bundles.mark(toMark('c', { ...soon, withinMs: 20_000 }), PATIENT)).toMatchObject({
      id: 'c',
    });
    await delay(400);
    expect(await bundles.mark(toMark('d', soon), PATIENT)).toEqual({ kind: 'first' });
  });

  it('exactly one of those who ask sends it, with all who are in; nobody joins or leaves any more', async () => {
    const store = await opened(await place());
    const { bundles } = store;
    const id = await withBundle(store, 1, 2, 3, 4);
    expect(await bundles.leave(id, 'key-2', PATIENT)).toBe(true);
    expect(await bundles.leave(id, 'key-2', PATIENT)).toBe(false);
    const turns = await Promise.all([1, 3, 4].map((n) => bundles.take(id, `key-${n}`, LEASE_MS, PATIENT)));
    const senders = turns.filter((turn) => turn.kind === 'sender');
    expect(senders).toEqual([{ kind: 'sender', takes: 1, members: [member(1), member(3), member(4)] }]);
    expect(turns.filter((turn) => turn.kind === 'waiting')).toHaveLength(2);
    expect(await bundles.join(id, member(5), PATIENT)).toBe(false);
    expect(await bundles.leave(id, 'key-1', PATIENT)).toBe(false);
    expect(await bundles.bundleOf('key-1', PATIENT)).toBe(id);
    expect(await bundles.bundleOf('key-2', PATIENT)).toBeNull();
    expect(await bundles.bundleOf('key-5', PATIENT)).toBeNull();
  });

  it('a sender who is not heard of is replaced; one who lives is not, and what the first says later counts no more', async () => {
    const store = await opened(await place());
    const { bundles } = store;
    const id = await withBundle(store, 1, 2);
    await bundles.take(id, 'key-1', 300, PATIENT);
    await bundles.extend(id, 'key-1', 400, PATIENT);
    await bundles.extend(id, 'key-2', LEASE_MS, PATIENT);
    await delay(600);
    expect(await bundles.take(id, 'key-2', LEASE_MS, PATIENT)).toMatchObject({ kind: 'sender', takes: 2 });
    const outcome = (providerId: string) => ({
      report: { provider: 'sms', providerId, status: 'sent' as const },
      ...{ pages: 2, validForMs: 60_000 },
    });
    await bundles.finish(id, 'key-1', outcome('late'), PATIENT);
    expect(await bundles.take(id, 'key-1', LEASE_MS, PATIENT)).toEqual({ kind: 'waiting' });
    await bundles.finish(id, 'key-2', outcome('SM2'), PATIENT);
    expect(await bundles.take(id, 'key-1', LEASE_MS, PATIENT)).toEqual({
      kind: 'over',
      pages: 2,
      report: { provider: 'sms', providerId: 'SM2', status: 'sent' },
    });
    expect(await bundles.take('b-nowhere', 'key-1', LEASE_MS, PATIENT)).toEqual({ kind: 'unknown' });
  });

  it('its sender knows who still wants it, drops who does not, and may give it back as if it had never had it', async () => {
    const store = await opened(await place());
    const { bundles } = store;
    const id = await withBundle(store, 1, 2, 3);
    await bundles.take(id, 'key-1', LEASE_MS, PATIENT);
    await bundles.withdraw(id, { openingId: 'opening-2', deliveryId: 'd2' }, PATIENT);
    expect([...(await bundles.extend(id, 'key-1', LEASE_MS, PATIENT))].sort()).toEqual(['key-1', 'key-3']);
    await bundles.drop(id, 'key-3', ['key-1'], PATIENT);
    expect(await bundles.take(id, 'key-2', LEASE_MS, PATIENT)).toEqual({ kind: 'waiting' });
    await bundles.drop(id, 'key-1', ['key-2'], PATIENT);
    expect(await bundles.take(id, 'key-2', LEASE_MS, PATIENT)).toEqual({ kind: 'left' });
    await bundles.giveBack(id, 'key-3', PATIENT);
    expect(await bundles.take(id, 'key-3', LEASE_MS, PATIENT)).toEqual({ kind: 'waiting' });
    await bundles.giveBack(id, 'key-1', PATIENT);
    expect(await bundles.take(id, 'key-3', LEASE_MS, PATIENT)).toEqual({
      kind: 'sender',
      takes: 1,
      members: [member(1), member(3)],
    });
  });

  it('nobody needs its call once the last page that went out in it is answered', async () => {
    const store = await opened(await place());
    const { bundles } = store;
    const id = await withBundle(store, 1, 2, 3);
    await bundles.leave(id, 'key-3', PATIENT);
    const answered = (n: number) =>
      bundles.withdraw(id, { openingId: `opening-${n}`, deliveryId: `d${n}` }, PATIENT);
    expect(await answered(1)).toBe(false);
    expect(await answered(1)).toBe(false);
    expect(await answered(9)).toBe(false);
    expect(await answered(2)).toBe(true);
    expect(await bundles.withdraw('b-nowhere', { openingId: 'opening-1', deliveryId: 'd1' }, PATIENT)).toBe(
      false,
    );
  });
});
