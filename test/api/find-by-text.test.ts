import { Client, Connection, defaultPayloadConverter } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createIncidents } from '../../api/incidents/create-incidents.js';

const { ListWorkflowExecutionsResponse } = proto.temporal.api.workflowservice.v1;

const connections: Connection[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
});

interface Asked {
  readonly query: string;
  readonly pageSize: number;
  readonly nextPageToken?: Uint8Array;
}

/** Incidents on a server whose incident number n (from 0) has the title `titleOf(n)`; there are `total`. */
function incidentsOf(total: number, titleOf: (index: number) => string) {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  connections.push(connection);
  const asked: Asked[] = [];
  vi.spyOn(connection.workflowService, 'listWorkflowExecutions').mockImplementation((sent) => {
    const request = sent as unknown as Asked;
    asked.push(request);
    const from = Number(Buffer.from(request.nextPageToken ?? []).toString() || 0);
    const to = Math.min(total, from + request.pageSize);
    const executions = Array.from({ length: to - from }, (_, offset) => ({
      execution: {
        workflowId: `incident:${String(from + offset).padStart(20, '0')}`,
        runId: '00c0ffee-0000-4000-8000-0',
      },
      type: { name: 'incident' },
      status: 1,
      startTime: { seconds: 1_764_000_000, nanos: 0 },
      memo: { fields: { title: defaultPayloadConverter.toPayload(titleOf(from + offset)) } },
      searchAttributes: { indexedFields: {} },
    }));
    const nextPageToken = to < total ? Buffer.from(String(to)) : Buffer.alloc(0);
    return Promise.resolve(ListWorkflowExecutionsResponse.fromObject({ executions, nextPageToken }));
  });
  return { incidents: createIncidents({ client: new Client({ connection }) }), asked };
}

describe('incidents with a text in their title', () => {
  it('are looked for page by page until some are found, and go on from there', async () => {
    const { incidents, asked } = incidentsOf(95, (index) =>
      index % 40 === 39 ? `Checkout ${index}` : 'disk full',
    );
    const titles: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await incidents.list({
        text: 'checkOUT',
        limit: 10,
        ...(cursor === undefined ? {} : { cursor }),
      });
      titles.push(...page.incidents.map(({ title }) => title));
      cursor = page.next;
    } while (cursor !== undefined);
    expect(titles).toEqual(['Checkout 39', 'Checkout 79']);
    // Each was read once, in order.
    expect(asked).toHaveLength(10);
  });

  it('are looked for among 1,000 at most: an empty page that has a next one', async () => {
    const { incidents, asked } = incidentsOf(5_000, () => 'disk full');
    const page = await incidents.list({ text: 'checkout', limit: 100 });
    expect(page.incidents).toEqual([]);
    expect(page.next).toBeDefined();
    expect(asked).toHaveLength(10);
  });

  it('are not asked of the server: a title is no search attribute', async () => {
    const { incidents, asked } = incidentsOf(1, () => 'checkout');
    await incidents.list({ text: 'check" OR "', service: 'x" OR 1=1', since: 0, until: 1, limit: 1 });
    expect(asked[0]?.query).not.toContain('check');
    expect(asked[0]?.query).not.toContain('1=1');
    expect(asked[0]?.query).toContain('TocsinOpened >= "1970-01-01T00:00:00.000Z"');
    expect(asked[0]?.query).toContain('TocsinOpened <= "1970-01-01T00:00:00.001Z"');
  });
});
