import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { z } from 'zod';
import { OVERRIDES_STALE_MS } from '../domain/oncall/known.js';
import type { Override } from '../domain/oncall/override.js';
import { DAY, type Instant } from '../domain/time/instant.js';
import { writeAtomically } from '../system/atomic-file.js';
import { StoreAway, StoreTooNew } from './errors.js';
import type { Overrides } from './overrides.js';

/** What paging goes by. */
export interface Known {
  /** Those that counted within the last day, count now, or will; also those that were taken back, up to when they were. */
  readonly overrides: readonly Override[];
  /** When the store was asked last and answered; null: never, and nothing is known. */
  readonly asOf: Instant | null;
  /** There may be newer ones: the store has not answered for 30 s. */
  readonly isStale: boolean;
}

/** The last overrides that were known, whether or not the store answers now. */
export interface KnownOverrides {
  /** At once, from memory. */
  current(): Known;
  /** Looks now. Never rejects. */
  refresh(): Promise<void>;
  /** This process wrote: looks soon, without anybody waiting for it. */
  changed(): void;
  /** Resolves once the file of before was read, and the store was asked for the first time (whatever it said). */
  readonly loaded: Promise<void>;
  stop(): Promise<void>;
}

export interface KnownOverridesOptions {
  readonly store: { readonly overrides: Pick<Overrides, 'version' | 'list'> };
  /** Where they are kept for the next start, e.g. `<data>/overrides.json`. */
  readonly file: string;
  readonly now: () => Instant;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  /** Default 2000 ms. */
  readonly everyMs?: number;
}

const EVERY_MS = 2_000;
/** The file tells of a look that old at most, as long as looks succeed. */
const KEEP_EVERY_MS = 60_000;

const instant = z.number().int();
const schema = z.object({
  asOf: instant,
  overrides: z.array(
    z
      .object({
        id: z.string(),
        schedule: z.string(),
        slot: z.enum(['primary', 'secondary']),
        userId: z.string(),
        insteadOf: z.string().nullable(),
        from: instant,
        to: instant,
        reason: z.string(),
        by: z.string(),
        createdAt: instant,
        swapId: z.string().nullable(),
        cancelledAt: instant.optional(),
      })
      .transform(({ cancelledAt, ...rest }): Override => ({
        ...rest,
        ...(cancelledAt === undefined ? {} : { cancelledAt }),
      })),
  ),
});

/** Begins to look every two seconds, and returns at once: first with what the file of an earlier process has. */
export function createKnownOverrides(options: KnownOverridesOptions): KnownOverrides {
  const { store, file, now, log, everyMs = EVERY_MS } = options;
  let overrides: readonly Override[] = [];
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
      const found = await store.overrides.version();
      const isNew = found !== version;
      if (isNew) {
        overrides = await store.overrides.list({ from: began - DAY, includeCancelled: true });
        version = found;
      }
      asOf = began;
      if (isNew || Math.abs(began - keptAt) >= KEEP_EVERY_MS) await keep(began);
    } catch (error) {
      // The store tells its own troubles; others are mistakes of ours.
      if (!(error instanceof StoreAway || error instanceof StoreTooNew))
        log.warn({ err: error }, 'The overrides could not be looked up; the last ones that were known stay.');
    }
  }

  async function keep(at: Instant): Promise<void> {
    try {
      await writeAtomically(file, `${JSON.stringify({ asOf: at, overrides })}\n`, 0o600);
      keptAt = at;
      cannotKeep = false;
    } catch (error) {
      if (!cannotKeep)
        log.warn(
          { err: error },
          `The overrides can't be kept in ${file}: after a restart without the store they would not be known. Make room there, or make it writable.`,
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
      const kept = schema.parse(JSON.parse(text));
      ({ overrides, asOf } = kept);
    } catch {
      log.warn(`${file} is damaged and not used: overrides are known once the store answers.`);
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
      overrides,
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
