import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { OVERRIDES_STALE_MS } from '../domain/oncall/known.js';
import type { Instant } from '../domain/time/instant.js';
import { writeAtomically } from '../system/atomic-file.js';
import { StoreAway, StoreTooNew } from './errors.js';

/** One kind of thing in the store that paging goes by, and how it is found and kept. */
export interface Subject<T> {
  /** What people read: "overrides". Also the name of its field in the file. */
  readonly what: string;
  /** Where it is kept for the next start, e.g. `<data>/overrides.json`. */
  readonly file: string;
  /** What is known before the store was ever asked. */
  readonly none: T;
  /** Reads it from the file; what does not fit counts as damaged. */
  readonly schema: z.ZodType<T>;
  /** Rises with every write. Asked every time, before `load`. */
  version(): Promise<number>;
  /** All of it that matters at `at`. Only asked when something was written. */
  load(at: Instant): Promise<T>;
}

/** What the store said last, whether or not it answers now. */
export interface AsOf<T> {
  /** The same value as long as nothing changed: what is worked out from it may be kept by it. */
  readonly value: T;
  /** When the store was asked last and answered; null: never, and nothing is known. */
  readonly asOf: Instant | null;
  /** There may be newer ones: the store has not answered for 30 s. */
  readonly isStale: boolean;
}

/** The last that was known, whether or not the store answers now. */
export interface LastKnown<T> {
  /** At once, from memory. */
  current(): AsOf<T>;
  /** Looks now. Never rejects. */
  refresh(): Promise<void>;
  /** This process wrote: looks soon, without anybody waiting for it. */
  changed(): void;
  /** Resolves once the file of before was read, and the store was asked for the first time (whatever it said). */
  readonly loaded: Promise<void>;
  stop(): Promise<void>;
}

/** How often and by whose clock. */
export interface LastKnownOptions {
  readonly now: () => Instant;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Default 2000 ms. */
  readonly everyMs?: number;
}

const EVERY_MS = 2_000;
/** The file tells of a look that old at most, as long as looks succeed. */
const KEEP_EVERY_MS = 60_000;

/** Begins to look every two seconds, and returns at once: first with what the file of an earlier process has. */
export function createLastKnown<T>(subject: Subject<T>, options: LastKnownOptions): LastKnown<T> {
  const { what, file } = subject;
  const { now, log, everyMs = EVERY_MS } = options;
  let value = subject.none;
  let asOf: Instant | null = null;
  let version: number | null = null;
  let keptAt: Instant = -Infinity;
  let cannotKeep = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const began = now();
    try {
      // Before the list: what is written in between shows at the next look.
      const found = await subject.version();
      const isNew = found !== version;
      if (isNew) {
        value = await subject.load(began);
        version = found;
      }
      asOf = began;
      if (isNew || Math.abs(began - keptAt) >= KEEP_EVERY_MS) await keep(began);
    } catch (error) {
      // The store tells its own troubles; others are mistakes of ours.
      if (!(error instanceof StoreAway || error instanceof StoreTooNew))
        log.warn({ err: error }, `The ${what} could not be looked up; the last ones that were known stay.`);
    }
  }

  async function keep(at: Instant): Promise<void> {
    try {
      await writeAtomically(file, `${JSON.stringify({ asOf: at, [what]: value })}\n`, 0o600);
      keptAt = at;
      cannotKeep = false;
    } catch (error) {
      if (!cannotKeep)
        log.warn(
          { err: error },
          `The ${what} can't be kept in ${file}: after a restart without the store they would not be known. Make room there, or make it writable.`,
        );
      cannotKeep = true;
    }
  }

  async function read(): Promise<void> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch {
      return;
    }
    try {
      const kept = z.object({ asOf: z.number().int(), [what]: z.unknown() }).parse(JSON.parse(text));
      value = subject.schema.parse(kept[what]);
      asOf = z.number().parse(kept['asOf']);
    } catch {
      log.warn(`${file} is damaged and not used: ${what} are known once the store answers.`);
    }
  }

  // One look at a time; whoever asks for another during one has the next.
  let looking: Promise<void> = read();
  const refresh = (): Promise<void> => (looking = looking.then(look));
  const again = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => void refresh().then(again), everyMs);
  };
  const loaded = refresh();
  void loaded.then(again);
  return {
    loaded,
    refresh,
    changed: () => void refresh(),
    current: () => ({
      value,
      asOf,
      // A clock that was set back must not make old news new.
      isStale: asOf === null || Math.abs(now() - asOf) > OVERRIDES_STALE_MS,
    }),
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
