import { WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Rebuilt } from '../../api/records/rebuild.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import { postgresClient, startPostgres, type Postgres } from '../cluster/support/postgres.js';
import { configOf, PHONES, startSystem, type RunningSystem } from '../support/running-system.js';
import { startRealServer, type RealServer } from '../support/temporal.js';
import { endIncident, entriesOf, openIncident, sound } from './support/stage.js';

/** Real servers: Temporal, PostgreSQL, HTTP. Minutes are seconds. */
let server: RealServer;
let postgres: Postgres;
let store: Store;
let system: RunningSystem;

beforeAll(async () => {
  postgres = await startPostgres({ isDurable: true });
  await postgresClient(postgres, 'createdb', ['tocsin']);
  store = openStore({
    databaseUrl: `postgres://${postgres.user}@127.0.0.1:${postgres.port}/tocsin`,
    directory: '.',
    log: { info: () => undefined, warn: () => undefined },
  });
  server = await startRealServer();
  await store.untilReady(30_000);
  system = await startSystem({ server, store, config: configOf({ ackTimeout: '5s', stability: '1s' }) });
});
afterAll(async () => {
  await system.stop();
  await store.close();
  await server.stop();
  await postgres.stop();
});

async function rebuild(): Promise<{
  readonly pages: number;
  readonly there: number;
  readonly added: number;
}> {
  const sum = { pages: 0, there: 0, added: 0 };
  let cursor: string | undefined;
  do {
    const { status, body } = await system.request('POST', '/v1/records/rebuild', {
      body: cursor === undefined ? {} : { cursor },
    });
    expect([status, body]).toMatchObject([200, { unreadable: [] }]);
    const page = body as Rebuilt;
    sum.pages += 1;
    sum.there += page.there;
    sum.added += page.added;
    cursor = page.next;
  } while (cursor !== undefined);
  return sum;
}

/** What a record says of it: all but what is still promised. */
function recorded(view: IncidentView): IncidentView {
  return { ...view, deadlines: [] };
}

async function workflowEnded({ workflowId }: IncidentView): Promise<void> {
  await expect
    .poll(async () => (await system.client.workflow.getHandle(workflowId).describe()).status.name, {
      timeout: 15_000,
    })
    .toBe('COMPLETED');
}

it('an incident during which the store is killed is paged, answered and ended as ever, and its record is complete; lost records are rebuilt; without Temporal the record answers', async () => {
  const alert = { service: 'payments', name: 'checkout' };
  const opened = await openIncident(system, alert);
  await postgres.kill();
  const call = await system.booth.nextCall({ to: PHONES.bob, timeoutMs: 20_000 });
  expect(call).toBeDefined();
  const acted = await system.request('POST', `/v1/incidents/${opened.openingId}/acknowledge`, {
    body: { by: 'bob' },
  });
  expect([acted.status, acted.body]).toMatchObject([200, { outcome: 'acknowledged' }]);
  await postgres.restart();
  await store.untilReady(30_000);
  await endIncident(system, alert, opened.openingId);
  await workflowEnded(opened);

  const view = await system.view(opened.openingId);
  expect(entriesOf(view, 'paged').map(({ userId }) => userId)).toEqual(['alice', 'bob']);
  expect(await store.records.incident(opened.openingId)).toEqual(recorded(view));
  const deliveries = await store.records.deliveries(opened.openingId);
  expect(deliveries.filter(({ kind }) => kind === 'page')).toMatchObject([
    { userId: 'alice', channel: 'sms', provider: 'twilio-sms' },
    { userId: 'bob', channel: 'voice', provider: 'twilio-voice' },
  ]);
  // No number and no address is in any of it.
  const dump = await postgresClient(postgres, 'psql', [
    ...['-d', 'tocsin', '-Atc'],
    'select * from records; select * from record_entries; select * from record_deliveries; select * from record_pages',
  ]);
  for (const phone of Object.values(PHONES)) expect(dump).not.toContain(phone);
  expect(dump).not.toContain('@example.com');
  expect(dump).toContain(opened.openingId);

  // More than one page of them, open ones too.
  for (let index = 0; index < 10; index += 1)
    expect((await sound(system, { service: 'other', name: `open-${index}` })).status).toBe(202);
  await expect
    .poll(async () => (await system.client.workflow.count('TocsinKind="incident"')).count, {
      timeout: 10_000,
    })
    .toBe(11);
  await postgresClient(postgres, 'psql', [
    ...['-d', 'tocsin', '-c'],
    'truncate records, record_reviews, record_entries, record_pages, record_deliveries',
  ]);
  expect(await store.records.incident(opened.openingId)).toBeNull();
  // The review of the first one owes a postmortem: it is a record, too.
  expect(await rebuild()).toMatchObject({ pages: 2, added: 12 });
  expect(await store.records.incident(opened.openingId)).toEqual(recorded(view));
  expect(await store.records.deliveries(opened.openingId)).toEqual(deliveries);
  expect((await store.records.review(opened.openingId))?.phase).toBe('post-incident');
  const again = await rebuild();
  expect(again.there + again.added).toBe(12);
  expect(again.there).toBeGreaterThanOrEqual(2);

  await system.client.workflowService.deleteWorkflowExecution({
    namespace: server.target.namespace,
    workflowExecution: { workflowId: opened.workflowId },
  });
  await expect
    .poll(
      () =>
        system.client.workflow
          .getHandle(opened.workflowId)
          .describe()
          .then(
            () => 'there',
            (error: unknown) => (error instanceof WorkflowNotFoundError ? 'gone' : String(error)),
          ),
      { timeout: 60_000 },
    )
    .toBe('gone');
  expect(await system.view(opened.openingId)).toEqual({
    ...recorded(view),
    record: { asOf: expect.any(Number) as number },
  });
  await expect
    .poll(async () => (await system.request('GET', `/v1/incidents/${opened.code}`)).status, {
      timeout: 10_000,
    })
    .toBe(200);
  const exported = await system.request('GET', `/v1/incidents/${opened.openingId}/timeline`);
  expect((exported.body as { entries: readonly unknown[] }).entries).toHaveLength(view.timeline.length);
  const fairness = await system.request('GET', '/v1/fairness');
  expect(fairness.body).toMatchObject({
    people: expect.arrayContaining([expect.objectContaining({ userId: 'bob', pages: 1 })]) as unknown,
  });
}, 180_000);
