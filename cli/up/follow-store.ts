import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { knownBeside } from '../../api/known-beside.js';
import { inForce } from '../../config/in-force.js';
import type { Config } from '../../config/types.js';
import { OVERRIDES_STALE_MS } from '../../domain/oncall/known.js';
import { createKnownApiKeys, type KnownApiKeys } from '../../store/known-api-keys.js';
import { createKnownMaintenance, type KnownMaintenance } from '../../store/known-maintenance.js';
import { createKnownOverrides, type KnownOverrides } from '../../store/known-overrides.js';
import { createNightPages, type NightPages } from '../../store/night-pages.js';
import { isUnwritten } from '../../store/pglite/open-pglite.js';
import { createKnownVerified, type KnownVerified } from '../../store/known-verified.js';
import type { Store } from '../../store/store.js';
import type { Tokens } from '../../tokens/signed-token.js';
import type { Cleanups } from './cleanups.js';

/** What following needs. */
export interface FollowOptions {
  /** Absent: this process has none. */
  readonly store?: Store | undefined;
  /** Where the last that was known is kept. */
  readonly dataDir: string;
  readonly log: Logger;
  /** It ends after whatever is added later. */
  readonly cleanups: Pick<Cleanups, 'add'>;
  readonly config: () => Config;
  /** By their secret addresses are known again. */
  readonly tokens: Pick<Tokens, 'derive'>;
  readonly now: () => number;
}

/** What paging goes by in this process. */
export interface Followed {
  /** Answers by what is known of the store now; as it was without a store, but for the limits of the night. */
  readonly config: () => Config;
  /** Who was paged for what at night. Without a store: by this process. */
  readonly nightPages: NightPages;
  /** Absent without a store. */
  readonly known?: KnownOverrides;
  /** The maintenance windows that people made. Absent without a store. */
  readonly maintenance?: KnownMaintenance;
  /** The keys that were made while Tocsin runs. Absent without a store. */
  readonly apiKeys?: KnownApiKeys;
  /** The contact methods that people have confirmed. Absent without a store: then all of them count. */
  readonly verified?: KnownVerified;
  /**
   * Resolves once the store was asked for all of it, or after `withinMs` whatever it says. For a process that begins to page
   * with an empty data folder: it would go by the files alone. Never rejects.
   */
  readonly caughtUp: (withinMs: number) => Promise<void>;
}

/** Keeps up with what paging needs of the store, and knows the last of it while the store is away, after a restart too. */
export function followStore(options: FollowOptions): Followed {
  const { store, dataDir, log, cleanups, config, tokens, now } = options;
  const settings = (what: string) => ({ now, log: log.child({ component: what }) });
  if (store !== undefined) makeFolder(dataDir);
  const nightPages = createNightPages({
    ...(store === undefined ? {} : { store }),
    file: join(dataDir, 'page-counts.json'),
    ...settings('page counts'),
  });
  cleanups.add('', () => nightPages.stop());
  const pages = { tokens, nightPages: () => nightPages.current() };
  if (store === undefined)
    return { config: inForce(config, knownBeside(pages)), nightPages, caughtUp: () => Promise.resolve() };
  const patient = patientAtFirst(store, now);
  const known = patient(
    createKnownOverrides({ store, file: join(dataDir, 'overrides.json'), ...settings('overrides') }),
  );
  cleanups.add('', () => known.stop());
  const apiKeys = createKnownApiKeys({ store, file: join(dataDir, 'api-keys.json'), ...settings('keys') });
  cleanups.add('', () => apiKeys.stop());
  const verified = createKnownVerified({
    ...{ store, file: join(dataDir, 'verified-methods.json') },
    ...settings('contact methods'),
  });
  cleanups.add('', () => verified.stop());
  const maintenance = createKnownMaintenance({
    ...{ store, file: join(dataDir, 'maintenance.json') },
    ...settings('maintenance'),
  });
  cleanups.add('', () => maintenance.stop());
  const all = [known, apiKeys, verified, maintenance];
  const caughtUp = async (withinMs: number): Promise<void> => {
    const isEnough = new AbortController();
    const asked = store.untilReady(withinMs).then(
      () => Promise.all(all.map((each) => each.refresh())),
      // Away: the last that is known counts, and is marked as old.
      () => undefined,
    );
    await Promise.race([asked, delay(withinMs, null, { signal: isEnough.signal }).catch(() => null)]);
    isEnough.abort();
  };
  const beside = knownBeside({ ...pages, known, verified, maintenance });
  return { known, apiKeys, verified, nightPages, maintenance, caughtUp, config: inForce(config, beside) };
}

/** A worker or an API alone may have no data folder yet. Where it can't be made the log says so when the file is written. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    // Told by whoever writes.
  }
}

/**
 * A store that is only being opened is not away: what was known before is not called old for that. Where nothing was ever known,
 * somebody may have written all the same, e.g. when the data folder was lost; but not to an embedded store that is made now.
 */
function patientAtFirst(store: Store, now: () => number) {
  const began = now();
  const { kind, where } = store.state();
  const isNew = kind === 'pglite' && isUnwritten(where);
  return <
    Now extends { readonly asOf: number | null; readonly isStale: boolean },
    Known extends { current(): Now },
  >(
    known: Known,
  ): Known => ({
    ...known,
    current: () => {
      const current = known.current();
      const isStarting = store.state().status === 'starting' && now() - began <= OVERRIDES_STALE_MS;
      return isStarting && (isNew || current.asOf !== null) ? { ...current, isStale: false } : current;
    },
  });
}
