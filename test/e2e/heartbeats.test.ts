import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Worker } from '@temporalio/worker';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createActivities } from '../../activities/create-activities.js';
import { createHeartbeatActivities } from '../../activities/heartbeat-activities.js';
import { createProviderSet } from '../../activities/providers/provider-set.js';
import { createHeartbeatTeller } from '../../api/heartbeats/intake.js';
import { startApi, type RunningApi } from '../../api/server.js';
import { createBooth, type Booth } from '../../booth/create-booth.js';
import { loadEnvironment } from '../../config/environment.js';
import { createConfigHolder, type ConfigHolder } from '../../config/holder.js';
import type { Config } from '../../config/types.js';
import { SECOND } from '../../domain/time/instant.js';
import { openStore } from '../../store/open-store.js';
import type { Store } from '../../store/store.js';
import { heartbeatWorkflowId } from '../../temporal-config/names.js';
import { freePort } from '../../temporal-config/server/ports.js';
import { createTokens } from '../../tokens/signed-token.js';
import { createWorker } from '../../worker/create-worker.js';
import { apiRequest, type ApiRequest } from '../support/api-request.js';
import { bundleForTests } from '../support/bundle.js';
import { configOf, KEYS, PHONES } from '../support/running-system.js';
import { startRealServer, type RealServer } from '../support/temporal.js';

const BEATS = { 'nightly-backup': 'beat-key-of-the-nightly-1', queue: 'beat-key-of-the-queue-002' } as const;
const ENV = {
  KEY_ALERTMANAGER: KEYS.alertmanager,
  KEY_GENERIC: KEYS.generic,
  KEY_API: KEYS.api,
  KEY_NIGHTLY: BEATS['nightly-backup'],
  KEY_QUEUE: BEATS.queue,
};
const NIGHTLY = 'nightly-backup: { service: payments, every: 4m, grace: 1m, key: { env: KEY_NIGHTLY } }';
const QUEUE = 'queue: { service: payments, every: 4m, grace: 1m, key: { env: KEY_QUEUE } }';
const yaml = (...heartbeats: readonly string[]): string =>
  `${configOf({ ackTimeout: '60s', stability: '2s' })}heartbeats:\n${heartbeats.map((line) => `  ${line}\n`).join('')}`;

let server: RealServer;
let booth: Booth;
let directory: string;
let holder: ConfigHolder;
let store: Store;
let worker: Worker;
let running: Promise<void>;
let api: RunningApi;
let client: Client;
let request: ApiRequest;

/** The minutes of the file are seconds here. */
const fast = new WeakMap<Config, Config>();
function current(): Config {
  const config = holder.current();
  const known = fast.get(config) ?? {
    ...config,
    heartbeats: config.heartbeats.map(({ key, settings }) => ({
      key,
      settings: { ...settings, everyMs: settings.everyMs / 60, graceMs: settings.graceMs / 60 },
    })),
  };
  fast.set(config, known);
  return known;
}

beforeAll(async () => {
  server = await startRealServer();
  directory = await mkdtemp(join(tmpdir(), 'tocsin-heartbeats-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  booth = createBooth({ inboundUrl: `${url}/hooks/twilio/sms` });
  await booth.start();
  const path = join(directory, 'tocsin.yaml');
  await writeFile(path, yaml(NIGHTLY));
  const made = await createConfigHolder({ path, env: ENV, now: () => Date.now(), lookEveryMs: 0 });
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  holder = made.holder;
  const log = pino({ level: 'silent' });
  store = openStore({ databaseUrl: undefined, directory, log });
  await store.untilReady(60_000);
  client = await server.client();
  const tokens = createTokens(['a-secret-of-sixteen-characters']);
  const loaded = loadEnvironment({ PORT: String(port) });
  if (!loaded.ok) throw new Error(loaded.problems.join());
  worker = await createWorker({
    connection: await server.nativeConnection(),
    namespace: server.target.namespace,
    activities: createActivities({
      config: current,
      providers: createProviderSet(
        {
          TWILIO_ACCOUNT_SID: booth.accountSid,
          TWILIO_AUTH_TOKEN: booth.authToken,
          TWILIO_FROM: '+12025550000',
          TWILIO_BASE_URL: booth.httpUrl,
        },
        current,
      ),
      tokens,
      publicUrl: url,
      clock: () => Date.now(),
      log,
    }),
    heartbeats: createHeartbeatActivities({
      store,
      tell: createHeartbeatTeller({ client, config: current, now: () => Date.now() }),
      log,
    }),
    workflowBundle: await bundleForTests(),
  });
  running = worker.run();
  api = await startApi({
    environment: loaded.environment,
    client,
    config: { ...holder, current },
    tokens,
    log,
    registry: new Registry(),
    store,
  });
  request = apiRequest(() => url, KEYS.api);
});
afterAll(async () => {
  await api.stop();
  worker.shutdown();
  await running;
  await store.close();
  await booth.stop();
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function beat(id: keyof typeof BEATS): Promise<void> {
  const { status } = await request('POST', `/v1/heartbeats/${BEATS[id]}`);
  expect(status).toBe(202);
}

async function beatFor(id: keyof typeof BEATS, ms: number): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await delay(1_000)) await beat(id);
}

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly lastBeat: number | null;
}
async function listed(id: string): Promise<Listed | undefined> {
  const { body } = await request('GET', '/v1/heartbeats');
  return (body as { heartbeats: Listed[] }).heartbeats.find((one) => one.id === id);
}

async function incidents(): Promise<readonly { readonly title: string; readonly phase: string }[]> {
  const { body } = await request('GET', '/v1/incidents');
  return (body as { incidents: { title: string; phase: string }[] }).incidents;
}

const status = async (id: string): Promise<string> =>
  (await client.workflow.getHandle(heartbeatWorkflowId(id)).describe()).status.name;

test('beats keep silence; the first that is missed pages; the next one resolves', async () => {
  await expect.poll(async () => (await listed('nightly-backup'))?.state, { timeout: 10_000 }).toBe('waiting');
  await beatFor('nightly-backup', 12 * SECOND);
  expect(await incidents()).toEqual([]);
  expect(await listed('nightly-backup')).toMatchObject({ state: 'beating' });
  // Beats go to the store: its workflow hears nothing of them.
  const { events } = await client.workflow.getHandle(heartbeatWorkflowId('nightly-backup')).fetchHistory();
  const signals = (events ?? []).flatMap(
    (event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? [],
  );
  expect(signals).toEqual(['settings']);

  const sms = await booth.nextSms({ to: PHONES.alice, timeoutMs: 15_000 });
  expect(sms.body).toMatch(/heartbeat nightly-backup missed/);
  const [incident] = await incidents();
  expect(incident?.title).toMatch(
    /^heartbeat nightly-backup missed: last beat \d\d:\d\d UTC, expected every 4 s \(\+1 s\)$/,
  );
  await expect.poll(async () => (await listed('nightly-backup'))?.state).toBe('missed');

  await beatFor('nightly-backup', 8 * SECOND);
  await expect
    .poll(
      async () => {
        await beat('nightly-backup');
        return (await incidents())[0]?.phase;
      },
      { timeout: 15_000, interval: 1_000 },
    )
    .toBe('resolved');
  expect(await listed('nightly-backup')).toMatchObject({ state: 'beating' });
  expect(await incidents()).toHaveLength(1);
});

test('a reload starts what is new and ends what is gone', async () => {
  await writeFile(join(directory, 'tocsin.yaml'), yaml(QUEUE));
  expect((await holder.reload()).ok).toBe(true);
  await expect.poll(() => status('nightly-backup'), { timeout: 10_000 }).toBe('COMPLETED');
  await expect.poll(async () => (await listed('queue'))?.state, { timeout: 10_000 }).toBe('waiting');
  expect((await request('POST', `/v1/heartbeats/${BEATS['nightly-backup']}`)).status).toBe(404);
});

test('the store goes away: beats go to Temporal, nobody is paged; then it falls silent and somebody is', async () => {
  await beat('queue');
  await store.close();
  await beatFor('queue', 15 * SECOND);
  const lastBeat = Date.now();
  expect((await incidents()).filter(({ title }) => title.includes('queue'))).toEqual([]);
  const sms = await booth.nextSms({ to: PHONES.alice, about: /queue/, timeoutMs: 40_000 });
  expect(sms.body).toMatch(/heartbeat queue missed/);
  // 4 s and 1 s of grace, and as long again since nobody could look; promises of beats (10 s) and the page come on top.
  expect(Date.now() - lastBeat).toBeLessThan(30 * SECOND);
  expect((await listed('queue'))?.state).toBe('missed');
  await beat('queue');
  await expect.poll(async () => (await listed('queue'))?.state, { timeout: 5_000 }).toBe('beating');
});
