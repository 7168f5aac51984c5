import type { WorkflowClient } from '@temporalio/client';
import type { Instant } from '../domain/time/instant.js';
import { attributes } from '../temporal-config/search-attributes.js';

/** One incident that an alert group has opened. */
export interface Opening {
  readonly openingId: string;
  /** When its workflow ended; null while it runs. */
  readonly resolvedAt: Instant | null;
}

/** Looks up what a workflow id has opened, newest first. */
export interface OpeningsReader {
  listOpenings(workflowId: string): Promise<readonly Opening[]>;
}

/** Runs looked at: continued runs of one incident count singly. */
const LOOKED_AT = 50;

/** Reads the openings from Temporal's visibility, as far back as the namespace's retention goes. */
export function createOpeningsReader(client: Pick<WorkflowClient, 'list'>): OpeningsReader {
  return {
    listOpenings: async (workflowId) => {
      const openings = new Map<string, Opening & { readonly startedAt: Instant }>();
      let seen = 0;
      for await (const run of client.list({
        query: `WorkflowId = ${quoted(workflowId)}`,
        pageSize: LOOKED_AT,
      })) {
        const openingId = run.typedSearchAttributes.get(attributes.opening);
        if (openingId !== undefined) {
          const known = openings.get(openingId);
          const startedAt = run.startTime.getTime();
          // Of the runs of one incident the last says when it ended.
          if (known === undefined || known.startedAt < startedAt) {
            openings.set(openingId, { openingId, resolvedAt: run.closeTime?.getTime() ?? null, startedAt });
          }
        }
        seen += 1;
        if (seen >= LOOKED_AT) break;
      }
      return [...openings.values()]
        .sort((a, b) => b.startedAt - a.startedAt)
        .map(({ openingId, resolvedAt }) => ({ openingId, resolvedAt }));
    },
  };
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, (character) => `\\${character}`)}'`;
}
