import {
  QueryNotRegisteredError,
  QueryRejectedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import { inPieces } from '../../domain/records/batch.js';
import { attributes } from '../../temporal-config/search-attributes.js';
import type { Records } from '../../store/records.js';
import { recordQuery } from '../../workflows/messages.js';
import { TemporalUnavailable } from '../incidents/incidents.js';
import { askingAWorker, withinDeadline } from '../incidents/temporal-call.js';
import { cursorOf, tokenOf } from '../incidents/find-incidents.js';
import { asked } from '../store-errors.js';

/** What came of reading some of what Temporal has. */
export interface Rebuilt {
  /** Incidents and reviews that the store had already, with all of their entries. */
  readonly there: number;
  /** Those of which it lacked something. */
  readonly added: number;
  /** Entries that were added. */
  readonly entries: number;
  readonly unreadable: readonly { readonly workflowId: string; readonly why: string }[];
  /** Where to go on; absent: that was all. */
  readonly next?: string;
}

/** Fills the store from Temporal. */
export interface RecordRebuilder {
  /**
   * Reads a page of incidents and reviews, open and closed, and keeps what the store lacks. Done again it changes nothing.
   * @throws ApiError `store-away`, `store-too-new`, `invalid-query` for a cursor that is none; TemporalUnavailable
   */
  rebuild(cursor?: string): Promise<Rebuilt>;
}

/** A worker replays the history of each: a page takes a few seconds at most. */
const PAGE = 10;

/** The last run of each incident and of each review. Of a run that went on, only the one with which its opening ended. */
const QUERY = `(${attributes.kind.name}="incident" OR ${attributes.kind.name}="review") AND (ExecutionStatus != "ContinuedAsNew" OR ${attributes.phase.name}="resolved")`;

export function createRecordRebuilder({
  client,
  records,
}: {
  readonly client: Client;
  readonly records: Pick<Records, 'keep'>;
}): RecordRebuilder {
  async function page(token: Uint8Array | undefined) {
    const { namespace } = client.options;
    const found = await withinDeadline(client, 'finding incidents', () =>
      client.connection.workflowService.listWorkflowExecutions({
        namespace,
        query: QUERY,
        pageSize: PAGE,
        ...(token === undefined ? {} : { nextPageToken: token }),
      }),
    );
    const runs = await Promise.all(
      found.executions.map((raw) =>
        executionInfoFromRaw(raw, client.options.loadedDataConverter, raw, namespace),
      ),
    );
    return { runs, next: found.nextPageToken };
  }

  /** How many entries were new; null: there is nothing to record. */
  async function keep({ workflowId, runId }: WorkflowExecutionInfo): Promise<number | null> {
    const batch = await askingAWorker(client, 'reading a timeline', () =>
      client.workflow.getHandle(workflowId, runId).query(recordQuery),
    );
    if (batch === null) return null;
    let added = 0;
    for (const piece of inPieces(batch)) added += await asked(records.keep(piece), 'write');
    return added;
  }

  return {
    rebuild: async (cursor) => {
      const { runs, next } = await page(tokenOf(cursor, QUERY));
      const unreadable: { workflowId: string; why: string }[] = [];
      let [there, added, entries] = [0, 0, 0];
      // That no worker answers is the fault of one of them where others can be read, and of none where none can.
      let isAnswered = false;
      let away: TemporalUnavailable | null = null;
      for (const run of runs) {
        try {
          const kept = await keep(run);
          isAnswered = true;
          if (kept === 0) there += 1;
          else if (kept !== null) added += 1;
          entries += kept ?? 0;
        } catch (error) {
          const why = unreadableBecause(error);
          if (why === null) throw error;
          if (error instanceof TemporalUnavailable) away = error;
          unreadable.push({ workflowId: run.workflowId, why });
        }
      }
      if (!isAnswered && away !== null) throw away;
      return {
        ...{ there, added, entries, unreadable },
        ...(next.length === 0 ? {} : { next: cursorOf(next, QUERY) }),
      };
    },
  };
}

/** Why one of them can't be read; null: it is no fault of this one. */
function unreadableBecause(error: unknown): string | null {
  if (error instanceof WorkflowNotFoundError) return 'Temporal has just let go of it';
  if (error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError)
    return 'it does not tell its timeline: it is of another version of Tocsin';
  if (error instanceof TemporalUnavailable && error.what === 'worker')
    return 'no worker could replay its history in time';
  return null;
}
