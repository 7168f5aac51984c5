import { TypedSearchAttributes } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { createOpeningsReader } from '../../../activities/openings.js';
import { attributes } from '../../../temporal-config/search-attributes.js';

interface Run {
  readonly openingId?: string;
  readonly start: number;
  readonly close?: number;
}

/** Answers as Temporal's visibility does, with these runs; keeps the query. */
function visibility(runs: readonly Run[]) {
  const queries: (string | undefined)[] = [];
  const list = (options?: { readonly query?: string }) => {
    queries.push(options?.query);
    return (async function* () {
      for (const run of runs) {
        yield await Promise.resolve({
          typedSearchAttributes: new TypedSearchAttributes(
            run.openingId === undefined ? [] : [{ key: attributes.opening, value: run.openingId }],
          ),
          startTime: new Date(run.start),
          ...(run.close === undefined ? {} : { closeTime: new Date(run.close) }),
        });
      }
    })();
  };
  return {
    reader: createOpeningsReader({ list } as unknown as Parameters<typeof createOpeningsReader>[0]),
    queries,
  };
}

describe('the openings of a workflow id', () => {
  it('are listed newest first, continued runs of one incident once', async () => {
    const { reader, queries } = visibility([
      { openingId: 'k-1', start: 10, close: 20 },
      { openingId: 'k-3', start: 50 },
      { openingId: 'k-2', start: 30, close: 35 },
      { openingId: 'k-2', start: 35, close: 40 },
      { start: 1, close: 2 },
    ]);
    expect(await reader.listOpenings('incident:k')).toEqual([
      { openingId: 'k-3', resolvedAt: null },
      { openingId: 'k-2', resolvedAt: 40 },
      { openingId: 'k-1', resolvedAt: 20 },
    ]);
    expect(queries).toEqual(["WorkflowId = 'incident:k'"]);
  });

  it('cannot be asked for with a query of somebody’s own', async () => {
    const { reader, queries } = visibility([]);
    await reader.listOpenings("x' OR WorkflowId != '");
    expect(queries).toEqual(["WorkflowId = 'x\\' OR WorkflowId != \\''"]);
  });
});
