import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreAway } from '../../store/errors.js';
import { createNightPages, type NightPagesOptions } from '../../store/night-pages.js';
import type { CountedPage, PageCounts } from '../../store/page-counts.js';
import { HOUR, NOON, silent } from './support/overrides.js';
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
const DAY = 24 * HOUR;

function page(userId: string, openingId: string, at = NOON, nightFrom = NOON - HOUR): CountedPage {
  return { userId, openingId, at, nightFrom };
}

describe.each(PLACES)('page counts on %s', (_name, place) => {
  it('count each person, night and incident once, to the millisecond, over a restart', async () => {
    const where = await place();
    const before = await opened(where);
    expect(await before.pageCounts.version()).toBe(0);
    await before.pageCounts.note([page('alice', 'a', NOON + 1), page('bob', 'a', NOON + 2)]);
    expect(await before.pageCounts.version()).toBe(1);
    // A second message, and a second worker that says the same: nothing is new.
    await before.pageCounts.note([page('alice', 'a', NOON + 500)]);
    expect(await before.pageCounts.version()).toBe(1);
    // The next night counts anew.
    await before.pageCounts.note([page('alice', 'a', NOON + DAY, NOON + DAY - HOUR)]);
    await before.close();
    const after = await opened(where);
    expect(await after.pageCounts.since(0)).toEqual([
      { userId: 'alice', openingId: 'a', at: NOON + 1 },
      { userId: 'bob', openingId: 'a', at: NOON + 2 },
      { userId: 'alice', openingId: 'a', at: NOON + DAY },
    ]);
    expect(await after.pageCounts.since(NOON + 2)).toHaveLength(2);
    expect(await after.pageCounts.version()).toBe(2);
  });

  it('forget what is older than three days when something new comes', async () => {
    const { pageCounts } = await opened(await place());
    await pageCounts.note([page('alice', 'old', NOON), page('alice', 'kept', NOON + 1)]);
    await pageCounts.note([page('alice', 'new', NOON + 3 * DAY + 1)]);
    expect((await pageCounts.since(0)).map(({ openingId }) => openingId)).toEqual(['kept', 'new']);
  });

  it('take 2,500 pages at once, from several writers with the same ones', async () => {
    const { pageCounts } = await opened(await place());
    const all = Array.from({ length: 2_500 }, (_none, index) => page(`user-${index % 50}`, `o-${index}`));
    await Promise.all(
      [all, [...all].reverse(), all].map((pages) => pageCounts.note(pages, { limitMs: 30_000 })),
    );
    expect(await pageCounts.since(0)).toHaveLength(2_500);
  });
});

describe('what a process knows of the pages of the night', () => {
  function known(options: Partial<NightPagesOptions> & Pick<NightPagesOptions, 'file'>) {
    const made = createNightPages({
      ...{ now: () => NOON, log: silent, everyMs: 20, writeAfterMs: 5 },
      ...options,
    });
    onTestFinished(() => made.stop());
    return made;
  }
  const openings = (made: ReturnType<typeof known>) =>
    [...new Set(made.current().map(({ openingId }) => openingId))].sort();
  const file = async (): Promise<string> => join(await freshFolder(), 'page-counts.json');

  it('counts at once where it was noted, and soon in the other processes', async () => {
    const store = await opened(await embedded());
    const [here, there] = [known({ store, file: await file() }), known({ store, file: await file() })];
    here.note(page('alice', 'a'));
    expect(openings(here)).toEqual(['a']);
    await until(() => openings(there).length === 1, 3_000);
    there.note(page('alice', 'b'));
    await until(() => openings(here).length === 2, 3_000);
    expect(await store.pageCounts.since(0)).toHaveLength(2);
  });

  it('is kept for the next start, which has it without the store', async () => {
    const store = await opened(await embedded());
    const path = await file();
    const first = known({ store, file: path });
    first.note(page('alice', 'a'));
    // What is noted last is written on the way out.
    await first.stop();
    expect(await store.pageCounts.since(0)).toHaveLength(1);
    const second = known({ store, file: path });
    await second.loaded;
    await until(() => openings(second).length === 1);
    await second.stop();
    const away = gone();
    const third = known({ store: { pageCounts: away.pageCounts }, file: path });
    await third.loaded;
    expect(openings(third)).toEqual(['a']);
  });

  it('goes by a file only as long as it is whole', async () => {
    const path = await file();
    await writeFile(path, '{"asOf":1,"page counts":[{"userId":1}]}');
    const made = known({ store: { pageCounts: gone().pageCounts }, file: path });
    await made.loaded;
    expect(made.current()).toEqual([]);
    expect(await readFile(path, 'utf8')).toContain('userId');
  });

  /** A store that is away until it is told to be there. */
  function gone() {
    const state = { isAway: true, tries: 0, noted: [] as CountedPage[] };
    const refuse = () => Promise.reject(new StoreAway('unreachable', 'away'));
    const pageCounts: PageCounts = {
      note: (pages) => {
        state.tries += 1;
        if (state.isAway) return refuse();
        state.noted.push(...pages);
        return Promise.resolve();
      },
      since: () => (state.isAway ? refuse() : Promise.resolve(state.noted)),
      version: () => (state.isAway ? refuse() : Promise.resolve(state.noted.length)),
    };
    return { state, pageCounts };
  }

  it('waits for a store that is away, and writes each page once when it is back', async () => {
    const { state, pageCounts } = gone();
    const made = known({ store: { pageCounts }, file: await file() });
    made.note(page('alice', 'a'));
    made.note(page('alice', 'a', NOON + 5));
    await until(() => state.tries === 1);
    made.note(page('alice', 'b'));
    expect(openings(made)).toEqual(['a', 'b']);
    state.isAway = false;
    await until(() => state.noted.length === 2, 5_000);
    expect(state.noted).toEqual([page('alice', 'a'), page('alice', 'b')]);
  });

  it('is what it noted itself where there is no store', async () => {
    const made = known({ file: await file() });
    made.note(page('alice', 'a'));
    made.note(page('alice', 'b', NOON + DAY));
    expect(openings(made)).toEqual(['a', 'b']);
    // Four nights on they count no more.
    made.note(page('bob', 'c', NOON + 3 * DAY + 1));
    expect(openings(made)).toEqual(['b', 'c']);
  });
});
