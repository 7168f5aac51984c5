import type { KeepAnswer } from '../domain/records/batch.js';
import { StoreAway, StoreTooNew } from '../store/errors.js';
import type { Store } from '../store/store.js';
import type { Log } from './create-activities.js';
import { scrub } from './failures.js';
import type { RecordActivities } from './record-contracts.js';

export interface RecordActivityDeps {
  /** Absent: this worker has none. */
  readonly store?: Pick<Store, 'records'>;
  readonly log: Log;
}

/** The workflow waits 10 s: an answer that says why comes before that. */
const LIMIT_MS = 5_000;

/** What keeps timelines for good. */
export function createRecordActivities({ store, log }: RecordActivityDeps): RecordActivities {
  return {
    keepRecord: async (batch): Promise<KeepAnswer> => {
      if (store === undefined) return { kind: 'no-store' };
      const { part, view } = batch.facts;
      const fields = { openingId: view.openingId, part, entries: batch.entries.length };
      try {
        await store.records.keep(batch, { limitMs: LIMIT_MS });
        return { kind: 'kept' };
      } catch (error) {
        if (error instanceof StoreAway || error instanceof StoreTooNew) {
          const why = error instanceof StoreAway ? error.reason : 'too-new';
          log.warn({ ...fields, why }, 'a timeline could not be kept yet');
          return { kind: 'away', why };
        }
        // The store refused what we said: a mistake of ours, which a later version may mend. The timeline is not lost meanwhile.
        const why = scrub(error instanceof Error ? error.message : String(error));
        log.error({ ...fields, why }, 'the store refused a timeline: please report this');
        return { kind: 'away', why: 'refused' };
      }
    },
  };
}
