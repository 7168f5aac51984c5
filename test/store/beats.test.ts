import { describe, expect, it } from 'vitest';
import { embeddedOfFile, freshDatabase, opened, postgresOfFile, type Place } from './support/stores.js';

const postgres = postgresOfFile();
const embedded = embeddedOfFile();
const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['PGlite', embedded],
  ['PostgreSQL', () => freshDatabase(postgres())],
];

const T = Date.UTC(2026, 10, 20, 3, 2, 1, 234);

describe.each(PLACES)('beats on %s', (_name, place) => {
  it('keeps the last of each, to the millisecond, over a restart', async () => {
    const where = await place();
    const before = await opened(where);
    expect(await before.beats.last('a')).toBeNull();
    await before.beats.record(
      new Map([
        ['b', T],
        ['a', T + 1],
      ]),
    );
    await before.beats.record(new Map([['a', T + 5]]));
    await before.close();
    const after = await opened(where);
    expect(await after.beats.last('a')).toBe(T + 5);
    expect(await after.beats.all()).toEqual(
      new Map([
        ['a', T + 5],
        ['b', T],
      ]),
    );
  });

  it('a slow write does not undo a newer one; a clock that ran ahead gives way to the right one', async () => {
    const { beats } = await opened(await place());
    const kept = async (at: number): Promise<number | null> => {
      await beats.record(new Map([['a', at]]));
      return beats.last('a');
    };
    expect(await kept(T)).toBe(T);
    expect(await kept(T - 59_000)).toBe(T);
    expect(await kept(T + 86_400_000)).toBe(T + 86_400_000);
    expect(await kept(T + 10)).toBe(T + 10);
  });

  it('takes 2,500 heartbeats in one call, and two writers of the same ones at once', async () => {
    const { beats } = await opened(await place());
    const all = (at: number, isReversed: boolean): ReadonlyMap<string, number> => {
      const rows = Array.from({ length: 2_500 }, (_none, index) => [`beat-${index}`, at] as const);
      return new Map(isReversed ? rows.reverse() : rows);
    };
    await Promise.all(
      [0, 1, 2, 3].map((writer) => beats.record(all(T + writer, writer % 2 === 1), { limitMs: 20_000 })),
    );
    const kept = await beats.all();
    expect(kept.size).toBe(2_500);
    expect(new Set(kept.values())).toEqual(new Set([T + 3]));
  });
});
