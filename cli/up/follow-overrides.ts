import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { withOverrides } from '../../config/overridden.js';
import type { Config } from '../../config/types.js';
import { OVERRIDES_STALE_MS } from '../../domain/oncall/known.js';
import { createKnownOverrides, type KnownOverrides } from '../../store/known-overrides.js';
import type { Store } from '../../store/store.js';
import type { Cleanups } from './cleanups.js';

/** What following needs. */
export interface FollowOptions {
  /** Absent: this process has none. */
  readonly store?: Store | undefined;
  /** Where the last ones that were known are kept. */
  readonly dataDir: string;
  readonly log: Logger;
  /** It ends after whatever is added later. */
  readonly cleanups: Pick<Cleanups, 'add'>;
  readonly config: () => Config;
  readonly now: () => number;
}

/** What paging goes by in this process. */
export interface Followed {
  /** Answers by the overrides that are known now; as it was without a store. */
  readonly config: () => Config;
  /** Absent without a store. */
  readonly known?: KnownOverrides;
}

/** Keeps up with the overrides of the store, and knows the last ones while it is away, after a restart too. */
export function followOverrides(options: FollowOptions): Followed {
  const { store, dataDir, log, cleanups, config, now } = options;
  if (store === undefined) return { config };
  makeFolder(dataDir);
  const known = patientAtFirst(
    createKnownOverrides({
      store,
      file: join(dataDir, 'overrides.json'),
      now,
      log: log.child({ component: 'overrides' }),
    }),
    store,
    now,
  );
  cleanups.add('', () => known.stop());
  return { known, config: withOverrides(config, () => known.current()) };
}

/** A worker or an API alone may have no data folder yet. Where it can't be made the log says so when the file is written. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    // Told by whoever writes.
  }
}

/** A store that is only being opened is not away: what was known before is not called old for that. */
function patientAtFirst(known: KnownOverrides, store: Store, now: () => number): KnownOverrides {
  const began = now();
  return {
    ...known,
    current: () => {
      const current = known.current();
      const isStarting = store.state().status === 'starting' && now() - began <= OVERRIDES_STALE_MS;
      return isStarting ? { ...current, isStale: false } : current;
    },
  };
}
