import { createServer } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { afterEach, describe, expect, it } from 'vitest';
import { createClientConnection, plainTarget } from '../../temporal-config/connection.js';
import { ensureNamespace, ensureSearchAttributes, wireTypes } from '../../temporal-config/namespace.js';
import { searchAttributeTypes } from '../../temporal-config/search-attributes.js';
import { startDevServer, type DevServer } from '../../temporal-config/server/dev-server.js';
import { identify } from '../../system/process-identity.js';
import { cliForTests, startRealServer, startTimeSkipping } from '../support/temporal.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function folder(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-dev-server-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function start(directory: string, overrides: object = {}): Promise<DevServer> {
  const { cli, env, onProgress } = await cliForTests();
  const server = await startDevServer({
    cli,
    directory,
    port: 0,
    uiPort: null,
    searchAttributes: {},
    env,
    onProgress,
    ...overrides,
  });
  cleanups.push(() => server.stop());
  return server;
}

async function connect(server: DevServer): Promise<Connection> {
  const connection = await createClientConnection(plainTarget(server.address));
  cleanups.push(() => connection.close());
  return connection;
}

describe('our own Temporal Server', () => {
  it('keeps closed workflows for 30 days at least and knows the search attributes', async () => {
    const real = await startRealServer();
    cleanups.push(() => real.stop());
    const { connection } = await real.client();
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(String(config?.workflowExecutionRetentionTtl?.seconds))).toBeGreaterThanOrEqual(
      30 * 86_400,
    );
    const { customAttributes } = await (connection as Connection).operatorService.listSearchAttributes({
      namespace: 'default',
    });
    expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(searchAttributeTypes)));
  });

  it('keeps a workflow over a restart on the same file, and lets it be found by an attribute that the old file lacked', async () => {
    const directory = await folder();
    const first = await startRealServer({ directory, searchAttributes: {} });
    const before = await first.client();
    await before.workflow.start('waits', { workflowId: 'kept', taskQueue: 'nobody' });
    await first.stop();
    const second = await startRealServer({ directory, searchAttributes: { TocsinTestColour: 'Keyword' } });
    cleanups.push(() => second.stop());
    const client = await second.client();
    expect((await client.workflow.getHandle('kept').describe()).status.name).toBe('RUNNING');
    const colour = defineSearchAttributeKey('TocsinTestColour', 'KEYWORD');
    await client.workflow.start('waits', {
      workflowId: 'coloured',
      taskQueue: 'nobody',
      typedSearchAttributes: [{ key: colour, value: 'red' }],
    });
    await expect
      .poll(async () => (await client.workflow.count("TocsinTestColour = 'red'")).count, { timeout: 10_000 })
      .toBe(1);
  });

  it('says in one sentence that a port is taken, and how to choose another', async () => {
    const blocker = createServer();
    blocker.listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    cleanups.push(async () => void (await new Promise((resolve) => blocker.close(resolve))));
    const address = blocker.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const directory = await folder();
    await expect(start(directory, { port, portSetting: '--temporal-port' })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `Port ${port} on 127.0.0.1, meant for the Temporal Server's gRPC service, is taken by another program: stop that program, or choose another port with --temporal-port.`,
    });
    await expect(start(directory, { uiPort: port })).rejects.toThrow(/web UI, is taken by another program/);
  });

  it('says in one sentence that the database is damaged, and leaves the file as it was', async () => {
    const directory = await folder();
    const garbage = Buffer.alloc(5_000, 7);
    await writeFile(join(directory, 'temporal.db'), garbage);
    await expect(start(directory)).rejects.toMatchObject({
      code: 'DATABASE_DAMAGED',
      message: expect.stringContaining(join(directory, 'temporal.db')) as string,
    });
    expect((await readFile(join(directory, 'temporal.db'))).equals(garbage)).toBe(true);
  });

  it('refuses a second server on the same folder while the first one runs', async () => {
    const directory = await folder();
    await start(directory);
    await expect(start(directory)).rejects.toMatchObject({
      code: 'DATABASE_IN_USE',
      message: expect.stringContaining(`process ${process.pid}`) as string,
    });
  });

  it('stops the server that a killed Tocsin left on the folder, and takes its port again', async () => {
    const directory = await folder();
    const { cli } = await cliForTests();
    const owner = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', OWNER_PROGRAM, cli, directory],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    cleanups.push(() => Promise.resolve(owner.kill('SIGKILL')));
    const line = await Promise.race([
      once(owner.stdout, 'data').then(([chunk]) => String(chunk)),
      once(owner, 'exit').then(() => Promise.reject(new Error('the owner died: see its error above'))),
    ]);
    const [pid, address] = line.trim().split(' ') as [string, string];
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    expect(identify(Number(pid))).not.toBeNull();
    const server = await start(directory, { port: Number(address.split(':')[1]) });
    expect(server.address).toBe(address);
    expect(server.pid).not.toBe(Number(pid));
    expect(identify(Number(pid))).toBeNull();
  });

  it('leads its own process group, so that Ctrl-C in a terminal does not reach it', async () => {
    const server = await start(await folder());
    expect(() => process.kill(-server.pid, 0)).not.toThrow();
    await server.stop();
    expect(await server.exited).toMatchObject({ code: expect.anything() as number });
    expect(() => process.kill(server.pid, 0)).toThrow();
  });

  it('tells that the server died, for whoever supervises it', async () => {
    const server = await start(await folder(), { storage: 'memory' });
    process.kill(server.pid, 'SIGKILL');
    expect(await server.exited).toMatchObject({ signal: 'SIGKILL' });
  });

  it('names the CLI that cannot be started', async () => {
    await expect(start(await folder(), { cli: join('/nowhere', 'temporal') })).rejects.toMatchObject({
      code: 'SERVER_DIED',
      message: expect.stringContaining('/nowhere/temporal') as string,
    });
  });
});

describe('a namespace', () => {
  it('is created with its retention when it is missing, and a longer retention is left alone', async () => {
    const server = await start(await folder(), { storage: 'memory' });
    const connection = await connect(server);
    const day = 86_400_000;
    expect(await ensureNamespace(connection, 'fresh', 40 * day)).toBe(40 * day);
    expect(await ensureNamespace(connection, 'fresh', 30 * day)).toBe(40 * day);
    expect(await ensureNamespace(connection, 'fresh', 50 * day)).toBe(50 * day);
  });

  it('refuses a search attribute that exists with another type', async () => {
    const server = await start(await folder(), { storage: 'memory' });
    const connection = await connect(server);
    await ensureSearchAttributes(connection, 'default', { TocsinTestKind: 'Keyword' });
    await ensureSearchAttributes(connection, 'default', { TocsinTestKind: 'Keyword' });
    await expect(
      ensureSearchAttributes(connection, 'default', { TocsinTestKind: 'Int' }),
    ).rejects.toMatchObject({
      code: 'SEARCH_ATTRIBUTE_CONFLICT',
      message: expect.stringContaining('TocsinTestKind exists') as string,
    });
  });
});

describe('the time-skipping server', () => {
  it('skips two days in seconds and knows the search attributes', async () => {
    const env = await startTimeSkipping();
    cleanups.push(() => env.teardown());
    const before = await env.currentTimeMs();
    await env.sleep('2 days');
    expect((await env.currentTimeMs()) - before).toBeGreaterThanOrEqual(2 * 86_400_000);
    await expect(addAgain(env.connection, Object.keys(searchAttributeTypes)[0] ?? '')).rejects.toThrow(
      /already exist/i,
    );
  });
});

/** The Java server has no list of attributes; adding one that it has is how it tells. */
async function addAgain(connection: Connection, name: string): Promise<void> {
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: { [name]: wireTypes.Keyword },
  });
}

const OWNER_PROGRAM = `
import { startDevServer } from '${new URL('../../temporal-config/server/dev-server.ts', import.meta.url).href}';
const [cli, directory] = process.argv.slice(1);
const server = await startDevServer({ cli, directory, port: 0, uiPort: null, searchAttributes: {}, env: process.env, onProgress() {} });
console.log(server.pid + ' ' + server.address);
setInterval(() => {}, 60_000);
`;
