import { z } from 'zod';
import { NIGHT_PAGES_KEPT_MS, type NightPage } from '../domain/oncall/night.js';
import { SECOND, type Instant } from '../domain/time/instant.js';
import { StoreAway, StoreTooNew } from './errors.js';
import { createLastKnown, type LastKnown, type LastKnownOptions } from './known.js';
import { keyOf, type CountedPage, type PageCounts } from './page-counts.js';

/** For how many incidents people were paged at night, as far as this process knows: at once, from memory. */
export interface NightPages {
  /** What the store said last, and what this process noted itself. An incident may be in it twice. */
  current(): readonly NightPage[];
  /** Counts from now on in this process, and soon in the others. Nobody waits for the store; what it misses is written later. */
  note(page: CountedPage): void;
  /** What an earlier process left is read, and the store was asked once. */
  readonly loaded: Promise<void>;
  /** Writes what is left, within a second, and ends. */
  stop(): Promise<void>;
}

export interface NightPagesOptions extends LastKnownOptions {
  /** Absent: what this process notes is all there is, and is forgotten with it. */
  readonly store?: { readonly pageCounts: PageCounts };
  /** Where they are kept for the next start, e.g. `<data>/page-counts.json`. */
  readonly file: string;
  /** What is noted within this time is written together. Default 250 ms. */
  readonly writeAfterMs?: number;
}

/** A thousand incidents a night for each of a hundred people: more is an error of ours. */
const LARGEST = 100_000;
const FIRST_WAIT_MS = SECOND;
const LONGEST_WAIT_MS = 60 * SECOND;
const NONE: readonly NightPage[] = [];
const AT_THE_END_MS = 1_000;

const schema = z.array(z.object({ userId: z.string(), openingId: z.string(), at: z.number().int() }));

/** Begins to look at the store every two seconds, and returns at once. */
export function createNightPages(options: NightPagesOptions): NightPages {
  const { store, file, writeAfterMs = 250, log } = options;
  const known: LastKnown<readonly NightPage[]> | null =
    store === undefined
      ? null
      : createLastKnown<readonly NightPage[]>(
          {
            what: 'page counts',
            file,
            none: NONE,
            schema,
            version: () => store.pageCounts.version(),
            load: (at) => store.pageCounts.since(at - NIGHT_PAGES_KEPT_MS),
          },
          options,
        );
  const own = new Map<string, CountedPage>();
  const waiting = new Map<string, CountedPage>();
  let made: { readonly of: readonly NightPage[]; readonly list: readonly NightPage[] } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let waitMs = FIRST_WAIT_MS;
  let isTold = false;
  let writing: Promise<void> = Promise.resolve();

  function note(page: CountedPage): void {
    const key = keyOf(page);
    if (own.has(key)) return;
    own.set(key, page);
    made = null;
    forget(own, page.at - NIGHT_PAGES_KEPT_MS);
    if (store === undefined) return;
    waiting.set(key, page);
    forget(waiting, page.at - NIGHT_PAGES_KEPT_MS);
    timer ??= setTimeout(() => void write(), writeAfterMs);
  }

  function write(limitMs?: number): Promise<void> {
    clearTimeout(timer);
    // What is noted while this is written waits for the next.
    timer = undefined;
    return (writing = writing.then(() => tryWriting(limitMs)));
  }

  async function tryWriting(limitMs?: number): Promise<void> {
    const pages = [...waiting];
    if (store === undefined || pages.length === 0) return;
    try {
      await store.pageCounts.note(
        pages.map(([, page]) => page),
        limitMs === undefined ? {} : { limitMs },
      );
      for (const [key] of pages) waiting.delete(key);
      waitMs = FIRST_WAIT_MS;
      isTold = false;
      known?.changed();
    } catch (error) {
      // The store tells its own troubles; others are mistakes of ours.
      if (!(error instanceof StoreAway || error instanceof StoreTooNew) && !isTold) {
        log.warn({ err: error }, 'Pages of this night could not be counted in the store; it is tried again.');
        isTold = true;
      }
      if (limitMs !== undefined) return;
      timer ??= setTimeout(() => void write(), waitMs);
      waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
    }
  }

  return {
    loaded: known?.loaded ?? Promise.resolve(),
    note,
    current: () => {
      const of = known?.current().value ?? NONE;
      if (made?.of !== of) made = { of, list: own.size === 0 ? of : [...of, ...own.values()] };
      return made.list;
    },
    stop: async () => {
      await write(AT_THE_END_MS);
      clearTimeout(timer);
      await known?.stop();
    },
  };
}

function forget(pages: Map<string, CountedPage>, before: Instant): void {
  for (const [key, { at }] of pages) {
    // The oldest come first.
    if (at >= before && pages.size <= LARGEST) return;
    pages.delete(key);
  }
}
