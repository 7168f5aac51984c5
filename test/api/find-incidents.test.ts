import { Client, Connection, defaultPayloadConverter } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createIncidents } from '../../api/incidents/create-incidents.js';
import { MINUTE } from '../../domain/time/instant.js';
import { opaqueId } from '../../temporal-config/search-attributes.js';
import { NOW, OPENING } from './support/test-app.js';

const { ListWorkflowExecutionsResponse } = proto.temporal.api.workflowservice.v1;
const LONG_ID = 'alexandra.schmidt-hoffmann';

const connections: Connection[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
});

function valueOf(value: string, type = 'Keyword') {
  const payload = defaultPayloadConverter.toPayload(value);
  return { ...payload, metadata: { ...payload.metadata, type: Buffer.from(type) } };
}

/** Incidents on a server that lists this one running workflow. */
function incidentsOf(attributes: Record<string, string>, memo: Record<string, string>) {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  connections.push(connection);
  const asked: string[] = [];
  const fields = Object.entries(attributes).map(
    ([name, value]) => [name, valueOf(value, name === 'TocsinOpened' ? 'Datetime' : 'Keyword')] as const,
  );
  const notes = Object.entries(memo).map(
    ([name, value]) => [name, defaultPayloadConverter.toPayload(value)] as const,
  );
  vi.spyOn(connection.workflowService, 'listWorkflowExecutions').mockImplementation((request) => {
    asked.push(String((request as { query?: string }).query));
    return Promise.resolve(
      ListWorkflowExecutionsResponse.fromObject({
        executions: [
          {
            execution: { workflowId: 'incident:0123456789abcdef0123', runId: '00c0ffee-0000-4000-8000-0' },
            type: { name: 'incident' },
            status: 1,
            historyLength: 12,
            startTime: { seconds: NOW / 1_000, nanos: 0 },
            memo: { fields: Object.fromEntries(notes) },
            searchAttributes: { indexedFields: Object.fromEntries(fields) },
          },
        ],
      }),
    );
  });
  return { incidents: createIncidents({ client: new Client({ connection }) }), asked };
}

describe('an incident in a list', () => {
  const attributes = { TocsinOpening: OPENING, TocsinCode: '7KQ2', TocsinPhase: 'acknowledged' };

  it('names its owner for people, though the id that is searched by is hashed', async () => {
    const owner = opaqueId(LONG_ID);
    expect(owner).not.toBe(LONG_ID);
    const { incidents, asked } = incidentsOf(
      { ...attributes, TocsinOwner: owner },
      { title: 'checkout is down', service: 'Payments', owner: 'Alexandra Schmidt-Hoffmann' },
    );
    const [found] = await incidents.ownedBy(LONG_ID);
    expect(found).toMatchObject({ openingId: OPENING, owner, ownerName: 'Alexandra Schmidt-Hoffmann' });
    expect(asked[0]).toContain(`TocsinOwner="${owner}"`);
  });

  it('has neither id nor name of an owner when nobody has it', async () => {
    const { incidents } = incidentsOf(attributes, { title: 'checkout is down', owner: '' });
    const [found] = (await incidents.list({ limit: 1 })).incidents;
    expect(found).toMatchObject({ code: '7KQ2', phase: 'acknowledged', open: true, startedAt: NOW });
    expect(found).not.toHaveProperty('owner');
    expect(found).not.toHaveProperty('ownerName');
  });

  it('began when it opened, though the run that is listed began later', async () => {
    const opened = NOW - 90 * MINUTE;
    const { incidents, asked } = incidentsOf(
      { ...attributes, TocsinOpened: new Date(opened).toISOString() },
      { title: 'checkout is down' },
    );
    const found = await incidents.list({ limit: 1, since: opened, until: NOW });
    expect(found.incidents[0]?.startedAt).toBe(opened);
    expect(asked[0]).toContain(`TocsinOpened >= "${new Date(opened).toISOString()}"`);
    expect(asked[0]).toContain(`TocsinOpened <= "${new Date(NOW).toISOString()}"`);
    expect(asked[0]).not.toContain('StartTime');
  });

  it('has the id for a name where an earlier run noted none', async () => {
    const { incidents } = incidentsOf({ ...attributes, TocsinOwner: 'alice' }, { title: 'checkout is down' });
    expect((await incidents.ownedBy('alice'))[0]).toMatchObject({ owner: 'alice', ownerName: 'alice' });
  });
});
