import type { KeepAnswer, RecordBatch } from '../domain/records/batch.js';

/** What workflows that keep records ask of the world. */
export interface RecordActivities {
  /** Puts a part of a record into the store; again changes nothing. Failures of the store are an answer, within 5 s. */
  keepRecord(batch: RecordBatch): Promise<KeepAnswer>;
}
