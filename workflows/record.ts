import { continueAsNew, log, sleep, workflowInfo } from '@temporalio/workflow';
import { waitFor } from '../domain/records/pace.js';
import type { KeepAnswer, RecordBatch } from '../domain/records/batch.js';
import { DAY } from '../domain/time/instant.js';
import { keepAll } from './outbox.js';

/** How an earlier run of it left off. */
export interface RecordCarried {
  readonly began: number;
  readonly tries: number;
}

/** A store that is away for so long does not come back: `tocsin records rebuild` reads what Temporal still has. */
const GIVE_UP_AFTER_MS = 30 * DAY;

/** Keeps the rest of a timeline whose incident or review ended while the store was away: tried at last every half an hour. */
export async function record(batch: RecordBatch, carried?: RecordCarried): Promise<'kept' | 'given-up'> {
  const { openingId } = batch.facts.view;
  const began = carried?.began ?? Date.now();
  let rest = batch;
  let tries = carried?.tries ?? 1;
  let last: KeepAnswer['kind'] = 'away';
  while (Date.now() - began < GIVE_UP_AFTER_MS) {
    await sleep(waitFor(openingId, tries, last), { summary: 'try the store again' });
    last = await keepAll(rest, (through) => {
      rest = { ...rest, entries: rest.entries.filter(({ seq }) => seq >= through) };
    });
    if (last === 'kept') return 'kept';
    tries += 1;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof record>(rest, { began, tries });
  }
  log.warn('the rest of a timeline was never kept: the store was away for too long', { openingId });
  return 'given-up';
}
