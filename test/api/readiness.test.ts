import { Client, Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { Registry } from 'prom-client';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { registerConfigMetrics } from '../../api/config-metrics.js';
import { createReadiness, type ReadinessDeps } from '../../api/readiness.js';
import type { ConfigStatus } from '../../config/holder.js';
import type { StoreState } from '../../store/store.js';
import { wireTypes } from '../../temporal-config/namespace.js';
import { searchAttributeTypes } from '../../temporal-config/search-attributes.js';
import { NOW } from './support/test-app.js';

const { DescribeTaskQueueResponse, DescribeNamespaceResponse } = proto.temporal.api.workflowservice.v1;
const { ListSearchAttributesResponse } = proto.temporal.api.operatorservice.v1;

const connections: Connection[] = [];
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close();
});

const REGISTERED = Object.fromEntries(
  Object.entries(searchAttributeTypes).map(([name, type]) => [name, wireTypes[type]]),
);

interface Server {
  /** Registered attributes, or what the service throws. */
  registered: Record<string, number> | Error;
  /** How long ago a poller of each kind of task was seen, in seconds. */
  seen: Record<1 | 2, number | null>;
  looks: number;
}

const status: ConfigStatus = {
  hash: 'c0ffee',
  loadedAt: NOW,
  refused: null,
  warnings: [],
  loads: 1,
  refusals: 0,
};
const problem = { level: 'error', file: 'a', line: 1, column: 1, path: '', message: '', remedy: '' } as const;

function ready(changes: Partial<Server> = {}, deps: Partial<ReadinessDeps> = {}) {
  const server: Server = { registered: REGISTERED, seen: { 1: 5, 2: 5 }, looks: 0, ...changes };
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  connections.push(connection);
  const { workflowService, operatorService } = connection;
  vi.spyOn(workflowService, 'describeNamespace').mockImplementation(() =>
    Promise.resolve(DescribeNamespaceResponse.fromObject({})),
  );
  vi.spyOn(workflowService, 'describeTaskQueue').mockImplementation((request) => {
    const ago = server.seen[(request as { taskQueueType: 1 | 2 }).taskQueueType];
    const pollers =
      ago === null ? [] : [{ lastAccessTime: { seconds: Math.floor(Date.now() / 1_000) - ago } }];
    return Promise.resolve(DescribeTaskQueueResponse.fromObject({ pollers }));
  });
  vi.spyOn(operatorService, 'listSearchAttributes').mockImplementation(() => {
    server.looks += 1;
    if (server.registered instanceof Error) return Promise.reject(server.registered);
    return Promise.resolve(ListSearchAttributesResponse.fromObject({ customAttributes: server.registered }));
  });
  const readiness = createReadiness({
    client: new Client({ connection }),
    config: { status: () => status },
    ...deps,
  });
  return { readiness, server };
}

function grpcError(code: number): Error {
  return Object.assign(new Error('refused'), { code, details: 'refused', metadata: {} });
}

describe('readiness', () => {
  it('is Temporal, its search attributes, a worker and the config', async () => {
    const { readiness } = ready();
    expect(await readiness()).toEqual({
      ok: true,
      checks: [
        { name: 'temporal', ok: true },
        { name: 'search-attributes', ok: true },
        { name: 'worker', ok: true },
        { name: 'config', ok: true, detail: 'version c0ffee' },
      ],
    });
  });

  it('needs every search attribute, each of its type, and looks no more once all are there', async () => {
    const { TocsinCode: _gone, ...rest } = REGISTERED;
    const { readiness, server } = ready({
      registered: { ...rest, TocsinPaged: wireTypes.Keyword },
    });
    const { ok, checks } = await readiness();
    expect(ok).toBe(false);
    expect(checks).toContainEqual({
      name: 'search-attributes',
      ok: false,
      detail: 'missing: TocsinCode; of another type: TocsinPaged',
    });
    server.registered = REGISTERED;
    expect((await readiness()).ok).toBe(true);
    expect((await readiness()).ok).toBe(true);
    expect(server.looks).toBe(2);
  });

  it('cannot be held up by a service that does not let us look, but by one that does not answer', async () => {
    expect((await ready({ registered: grpcError(7) }).readiness()).ok).toBe(true);
    expect((await ready({ registered: grpcError(14) }).readiness()).ok).toBe(false);
  });

  it.each([
    [{ 1: null, 2: 5 }, 'workflow'],
    [{ 1: 5, 2: 600 }, 'activity'],
    [{ 1: null, 2: null }, 'workflow and activity'],
  ])('needs a worker that was seen lately for each kind of task: %j', async (seen, kinds) => {
    const { readiness } = ready({ seen });
    expect(await readiness()).toMatchObject({
      ok: false,
      checks: expect.arrayContaining([
        { name: 'worker', ok: false, detail: `no worker polls the task queue tocsin for ${kinds} tasks` },
      ]) as unknown,
    });
    expect((await ready({ seen }, { workerRuns: () => true }).readiness()).ok).toBe(true);
  });

  it('tells of a refused config and goes on, since the last good one stays', async () => {
    const refused = { at: NOW, problems: [problem, { ...problem, level: 'warning' } as const] };
    const { readiness } = ready({}, { config: { status: () => ({ ...status, refused }) } });
    const { ok, checks } = await readiness();
    expect(ok).toBe(true);
    expect(checks).toContainEqual({
      name: 'config',
      ok: true,
      detail: 'version c0ffee stays: the changed files were refused (errors: 1)',
    });
  });

  it('tells of credentials that a provider refuses', async () => {
    let refused: readonly string[] = ['twilio'];
    const { readiness } = ready({}, { refusedProviders: () => refused });
    const told = await readiness();
    expect(told.ok).toBe(true);
    expect(told.checks).toContainEqual({
      name: 'providers',
      ok: true,
      detail: 'twilio: credentials refused',
    });
    refused = [];
    expect((await readiness()).checks).toContainEqual({ name: 'providers', ok: true });
  });

  it('tells of a provider that fails again and again, and stays ready: alerts still come in', async () => {
    const failing = ['twilio-sms: unavailable, tried last'];
    const { readiness } = ready({}, { refusedProviders: () => ['smtp'], failingProviders: () => failing });
    const { ok, checks } = await readiness();
    expect(ok).toBe(true);
    expect(checks).toContainEqual({
      name: 'providers',
      ok: true,
      detail: 'smtp: credentials refused; twilio-sms: unavailable, tried last',
    });
  });

  it('tells of a store that is away and stays ready, without its hosts and folders', async () => {
    let state: StoreState = {
      kind: 'postgres',
      where: 'PostgreSQL at db.internal',
      status: 'ready',
      since: NOW,
      cause: null,
      reason: null,
    };
    const { readiness } = ready({}, { store: () => state });
    const store = async () => (await readiness()).checks.find(({ name }) => name === 'store');
    const same = { kind: 'postgres', fingerprint: expect.stringMatching(/^[0-9a-f]{8}$/) as string };
    expect(await store()).toEqual({ name: 'store', ok: true, store: same });
    const since = new Date(NOW).toISOString();
    const words = {
      starting: [null, `starting since ${since}: paging goes on without`],
      away: ['unreachable', `away (unreachable) since ${since}: paging goes on without`],
      'too-new': ['too-new', `too-new since ${since}: paging goes on without`],
      ready: ['disk-full', `ready (disk-full) since ${since}: paging goes on without`],
    } as const;
    for (const [status, [cause, detail]] of Object.entries(words)) {
      state = {
        ...state,
        status: status as StoreState['status'],
        cause,
        reason: 'db.internal does not answer',
      };
      expect(await store()).toEqual({ name: 'store', ok: true, store: same, detail });
      expect((await readiness()).ok).toBe(true);
    }
    expect((await ready().readiness()).checks.some(({ name }) => name === 'store')).toBe(false);
  });
});

describe('the metrics of the config', () => {
  it('count loads and show a refusal for as long as it lasts', async () => {
    const registry = new Registry();
    let now: ConfigStatus = status;
    registerConfigMetrics(registry, { status: () => now });
    const before = await registry.metrics();
    expect(before).toContain('tocsin_config_refused 0');
    expect(before).toContain('tocsin_config_loads_total{result="accepted"} 1');
    expect(before).toContain('tocsin_config_loads_total{result="refused"} 0');
    now = { ...status, loads: 3, refusals: 2, refused: { at: NOW, problems: [problem] } };
    const after = await registry.metrics();
    expect(after).toContain('tocsin_config_refused 1');
    expect(after).toContain('tocsin_config_loads_total{result="accepted"} 3');
    expect(after).toContain('tocsin_config_loads_total{result="refused"} 2');
  });
});
