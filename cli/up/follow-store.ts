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
  /** Where the last that was known is kept. */
  readonly dataDir: string;
  readonly log: Logger;
  /** It ends after whatever is added later. */
  readonly cleanups: Pick<Cleanups, 'add'>;
  readonly config: () => Config;
  readonly now: () => number;
}

/** What paging goes by in this process. */
export interface Followed {
  /** Answers by what is known of the store now; as it was without a store. */
  readonly config: () => Config;
  /** Absent without a store. */
  readonly known?: KnownOverrides;
}

/** Keeps up with what paging needs of the store, and knows the last of it while the store is away, after a restart too. */
export function followStore(options: FollowOptions): Followed {
  const { store, dataDir, log, cleanups, config, now } = options;
  if (store === undefined) return { config };
  makeFolder(dataDir);
  const patient = patientAtFirst(store, now);
  const settings = (what: string) => ({ now, log: log.child({ component: what }) });
  const known = patient(
    createKnownOverrides({ store, file: join(dataDir, 'overrides.json'), ...settings('overrides') }),
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
function patientAtFirst(store: Store, now: () => number) {
  const began = now();
  return <Now extends { readonly isStale: boolean }, Known extends { current(): Now }>(
    known: Known,
  ): Known => ({
    ...known,
    current: () => {
      const current = known.current();
      const isStarting = store.state().status === 'starting' && now() - began <= OVERRIDES_STALE_MS;
      return isStarting ? { ...current, isStale: false } : current;
    },
  });
}
