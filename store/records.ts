import type { RecordedDelivery } from '../domain/records/deliveries.js';
import type { RecordBatch } from '../domain/records/batch.js';
import type { IncidentView, ReviewView } from '../domain/incident/view.js';
import type { Instant } from '../domain/time/instant.js';
import type { Call } from './keep-open.js';
import { iso } from './override-rows.js';
import { keepDeliveries, keepEntries, keepFacts } from './record-rows.js';
import {
  deliveriesOf,
  pagesBetween,
  recordedIncident,
  recordedReview,
  recordsByCode,
  type RecordedPage,
  type RecordSummary,
} from './record-reading.js';
import type { CallOptions } from './store.js';
import { commit, write } from './write.js';

/** Incidents with all that happened in them, kept for good. */
export interface Records {
  /**
   * Keeps a part of a record, all of it or nothing. The same again changes nothing, in whatever order parts come; what is older
   * than what is there adds its entries and changes nothing else. Resolves to how many entries were new.
   */
  keep(batch: RecordBatch, options?: CallOptions): Promise<number>;
  /** As it was last recorded, without deadlines; `timelineDropped` counts entries that were never kept. Null: no record. */
  incident(openingId: string, options?: CallOptions): Promise<IncidentView | null>;
  review(openingId: string, options?: CallOptions): Promise<ReviewView | null>;
  /** Those with this code (4 characters, upper case), the latest first; at most 50. */
  byCode(code: string, options?: CallOptions): Promise<readonly RecordSummary[]>;
  /** By when a provider had them; those of whom that was not recorded last. */
  deliveries(openingId: string, options?: CallOptions): Promise<readonly RecordedDelivery[]>;
  /** Every time that somebody was called on within `[from, to)`, in order. Those who were only told something don't count. */
  pages(
    span: { readonly from: Instant; readonly to: Instant },
    options?: CallOptions,
  ): Promise<readonly RecordedPage[]>;
}

export function createRecords(call: Call): Records {
  return {
    keep: (batch, options) =>
      call(
        (db) =>
          write(db, async (trx) => {
            // Its row is also the lock: of two that keep the same record the second waits here.
            await keepFacts(trx, batch.facts);
            const added = await keepEntries(trx, batch);
            await keepDeliveries(trx, batch);
            return commit(added);
          }),
        { ...options, writes: true },
      ),
    incident: (openingId, options) => call((db) => recordedIncident(db, openingId), options),
    review: (openingId, options) => call((db) => recordedReview(db, openingId), options),
    byCode: (code, options) => call((db) => recordsByCode(db, code), options),
    deliveries: (openingId, options) => call((db) => deliveriesOf(db, openingId), options),
    pages: ({ from, to }, options) => call((db) => pagesBetween(db, iso(from), iso(to)), options),
  };
}
