import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareCluster } from '../../cli/up/cluster.js';
import { searchAttributeGaps } from '../../temporal-config/inspect.js';
import { ensureNamespace, MINIMUM_RETENTION_MS } from '../../temporal-config/namespace.js';
import { plainTarget } from '../../temporal-config/connection.js';
import { attributes } from '../../temporal-config/search-attributes.js';
import { startRealServer, type RealServer } from '../support/temporal.js';
import { SERVER_VERSION } from './support/build-server.js';

let server: RealServer;

beforeAll(async () => {
  server = await startRealServer();
});
afterAll(() => server?.stop());

describe('a cluster on PostgreSQL', () => {
  test('is what this suite runs on', async () => {
    const { connection } = await server.client();
    const info = await connection.workflowService.getClusterInfo({});
    expect(info).toMatchObject({
      serverVersion: SERVER_VERSION,
      persistenceStore: 'postgres12',
      visibilityStore: 'postgres12',
    });
  });

  test('gets its namespace from whichever process comes first, also when several come at once', async () => {
    const namespace = `tocsin-${randomUUID().slice(0, 8)}`;
    const target = plainTarget(server.address, namespace);
    const warnings: string[] = [];
    await Promise.all([1, 2, 3].map(() => prepareCluster(target, (words) => warnings.push(words))));
    expect(warnings).toEqual([]);
    const { connection } = await server.client();
    expect(await searchAttributeGaps(connection, namespace)).toEqual({ missing: [], wrongType: [] });
    const { config } = await connection.workflowService.describeNamespace({ namespace });
    expect(Number(String(config?.workflowExecutionRetentionTtl?.seconds)) * 1_000).toBeGreaterThanOrEqual(
      MINIMUM_RETENTION_MS,
    );
    // What was registered can be asked for at once: a namespace's cache must not make the first incidents fail.
    const query = `${attributes.kind.name}="incident" AND ${attributes.paged.name}="alice"`;
    const found = await connection.workflowService.countWorkflowExecutions({ namespace, query });
    expect(Number(String(found.count))).toBe(0);
  });

  test('has its retention raised and never lowered', async () => {
    const connection = (await server.client()).connection as Parameters<typeof ensureNamespace>[0];
    const namespace = `kept-${randomUUID().slice(0, 8)}`;
    const day = 24 * 3_600_000;
    await ensureNamespace(connection, namespace, 3 * day);
    expect(await ensureNamespace(connection, namespace, 40 * day)).toBe(40 * day);
    expect(await ensureNamespace(connection, namespace, 30 * day)).toBe(40 * day);
  });
});
