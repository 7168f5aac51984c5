import { readFile, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { incidentWorkflowId } from '../../temporal-config/names.js';
import { freePort } from '../../temporal-config/server/ports.js';
import { KEYS, PHONES } from '../support/running-system.js';
import { startRealServer, type RealServer } from '../support/temporal.js';
import { buildTocsin } from '../support/tocsin-process.js';
import { createFleet, startProcess, type Fleet, type FleetProcess } from './support/fleet.js';

/** Temporal's number for an activity that a worker has begun. Source: temporal.api.enums.v1.PendingActivityState. */
const STARTED = 2;

let server: RealServer;
let fleet: Fleet | undefined;

beforeAll(async () => {
  await buildTocsin();
  server = await startRealServer();
});
afterAll(() => server.stop());
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});

const url = (of: FleetProcess, path: string): string =>
  `${String(of.ready['url'] ?? of.ready['healthUrl'])}${path}`;

interface Readiness {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[];
}
async function readiness(of: FleetProcess): Promise<Readiness & { readonly status: number }> {
  const response = await fetch(url(of, '/readyz'));
  return { status: response.status, ...((await response.json()) as Readiness) };
}

/** Sends an alert; the key of its incident. */
async function sound(at: Fleet, name: string): Promise<string> {
  const { status, body } = await at.request('POST', '/v1/alerts/generic', {
    key: KEYS.generic,
    body: { key: name, service: 'payments', summary: `${name} is down`, status: 'firing' },
  });
  expect(status).toBe(202);
  return (body as { incidents: { key: string }[] }).incidents[0]?.key ?? '';
}

/** Until a worker has the page of this incident in its hands. */
async function beingDelivered(key: string): Promise<void> {
  const handle = (await server.client()).workflow.getHandle(incidentWorkflowId(key));
  const states = async (): Promise<unknown> =>
    (await handle.describe()).raw.pendingActivities?.map(({ state }) => state);
  await expect.poll(states, { timeout: 10_000, interval: 20 }).toEqual([STARTED]);
}

/** Until the balancer has seen so many APIs ready. */
async function answers(at: Fleet): Promise<void> {
  await expect
    .poll(async () => (await at.request('GET', '/v1/incidents')).status, { timeout: 10_000 })
    .toBe(200);
}

/** How a command ended that must not start. */
async function refused(
  kind: 'worker' | 'api',
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const end = await startProcess(kind, env);
  if ('code' in end) return end;
  await end.stop();
  throw new Error(`tocsin ${kind} started:\n${end.output()}`);
}

describe('worker and API as processes of their own', () => {
  test('take an alert, page, take the answer, and tell of their health', async () => {
    fleet = await createFleet({ server });
    const api = await fleet.api(0);
    // Alerts are taken before a worker runs, but the API says that nobody would hear of them.
    const lonely = await readiness(api);
    expect(lonely).toMatchObject({ status: 503, ok: false });
    expect(lonely.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['worker']);

    const worker = await fleet.worker();
    expect(await readiness(worker)).toMatchObject({ status: 200, ok: true });
    expect((await readiness(worker)).checks.map(({ name }) => name).sort()).toEqual([
      'config',
      'providers',
      'search-attributes',
      'temporal',
      'worker',
    ]);
    await expect.poll(async () => (await readiness(api)).ok, { timeout: 10_000 }).toBe(true);
    await answers(fleet);

    await sound(fleet, 'separate');
    const sms = await fleet.booth.nextSms({ to: PHONES.alice, about: 'separate is down', timeoutMs: 20_000 });
    const code = /ACK (\w{4})/.exec(sms.body)?.[1] ?? '';
    expect(await fleet.booth.reply(PHONES.alice, `ACK ${code}`)).toContain('You have it');

    const bare = await fetch(url(worker, '/metrics'));
    expect(bare.status).toBe(401);
    const metrics = await fetch(url(worker, '/metrics'), {
      headers: { authorization: `Bearer ${KEYS.api}` },
    });
    expect(await metrics.text()).toMatch(
      /^tocsin_deliveries_total\{kind="page",channel="sms",provider="twilio-sms",outcome="sent"\} [1-9]/m,
    );
    expect((await fetch(url(worker, '/healthz'))).status).toBe(200);
    // Nothing but JSON on stdout, and no number in it.
    for (const line of worker.output().trim().split('\n')) JSON.parse(line);
    expect(worker.output()).not.toContain(PHONES.alice);

    expect(await worker.stop()).toBe(0);
    expect(await api.stop()).toBe(0);
  });

  test('a worker that is told to stop sees through the page in its hands, says that it drains, and ends with 0', async () => {
    fleet = await createFleet({ server });
    const [worker] = await Promise.all([fleet.worker(), fleet.api(0)]);
    await answers(fleet);
    fleet.booth.misbehave({ kind: 'delay', delayMs: 4_000, channel: 'sms', to: PHONES.alice });
    const from = fleet.booth.mark();
    await beingDelivered(await sound(fleet, 'slow-provider'));

    worker.signal('SIGTERM');
    await expect.poll(async () => (await readiness(worker)).status, { timeout: 3_000 }).toBe(503);
    expect((await readiness(worker)).checks).toContainEqual({
      name: 'worker',
      ok: false,
      detail: 'it was told to stop and sees through what it has',
    });
    expect(await worker.ended).toBe(0);
    expect(worker.output()).toMatch(/"channel":"sms".*"outcome":"sent"/);

    // Nobody is paged again for it by the next worker.
    await fleet.worker();
    await delay(1_500);
    expect(fleet.booth.attempts.filter(({ to, seq }) => to === PHONES.alice && seq > from)).toHaveLength(1);
  });

  test('a second signal ends a worker at once', async () => {
    fleet = await createFleet({ server });
    const [worker] = await Promise.all([fleet.worker(), fleet.api(0)]);
    await answers(fleet);
    fleet.booth.misbehave({ kind: 'never-answer', accept: false, channel: 'sms', times: 'always' });
    await beingDelivered(await sound(fleet, 'no-answer'));

    worker.signal('SIGTERM');
    await delay(1_000);
    const began = Date.now();
    worker.signal('SIGTERM');
    expect(await worker.ended).toBe(130);
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  test('an API that is told to stop says so, goes on answering for the time that was set, and ends with 0', async () => {
    fleet = await createFleet({ server, env: { TOCSIN_DRAIN_SECONDS: '2' } });
    const api = await fleet.api(0);
    await fleet.worker();
    await answers(fleet);
    api.signal('SIGTERM');
    await expect.poll(async () => (await readiness(api)).status, { timeout: 2_000 }).toBe(503);
    expect((await readiness(api)).checks.at(-1)).toMatchObject({ name: 'draining', ok: false });
    const direct = await fetch(url(api, '/v1/incidents'), {
      headers: { authorization: `Bearer ${KEYS.api}` },
    });
    expect(direct.status).toBe(200);
    expect(await api.ended).toBe(0);
  });

  test('a changed configuration is taken up while they run, a broken one is refused', async () => {
    fleet = await createFleet({ server });
    const worker = await fleet.worker();
    const path = String(fleet.env['TOCSIN_CONFIG']);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('name: Alice,', 'name: Alicia,'));
    await expect.poll(worker.output, { timeout: 10_000 }).toContain('the configuration was read again');
    await writeFile(path, 'users: 7\n');
    await expect.poll(worker.output, { timeout: 10_000 }).toContain('The changed configuration was refused');
    const state = await readiness(worker);
    expect(state.status).toBe(200);
    expect(state.checks.find(({ name }) => name === 'config')?.detail).toMatch(/refused/);
  });

  test('SIGHUP reads the configuration again at once: a changed one counts, a broken one is refused, both live on', async () => {
    fleet = await createFleet({ server });
    const path = String(fleet.env['TOCSIN_CONFIG']);
    const text = await readFile(path, 'utf8');
    const written = new Date('2026-01-05T09:00:00Z');
    await utimes(path, written, written);
    const both = [await fleet.worker(), await fleet.api(0)];
    // As long as before, and of the same time: whoever looks for changes sees none.
    const changeUnseen = async (changed: string): Promise<void> => {
      expect(changed).toHaveLength(text.length);
      await writeFile(path, changed);
      await utimes(path, written, written);
    };
    const configOf = async (of: FleetProcess): Promise<string> =>
      (await readiness(of)).checks.find(({ name }) => name === 'config')?.detail ?? '';
    const before = await configOf(both[0] as FleetProcess);
    expect(before).toMatch(/^version \w+$/);

    await changeUnseen(text.replace('name: Alice,', 'name: Alica,'));
    await delay(2_500);
    for (const each of both) {
      expect(await configOf(each)).toBe(before);
      each.signal('SIGHUP');
      await expect.poll(() => configOf(each), { timeout: 2_000 }).toMatch(/^version \w+$/);
      await expect.poll(() => configOf(each), { timeout: 2_000 }).not.toBe(before);
    }
    const after = await configOf(both[0] as FleetProcess);
    await changeUnseen('users: 7'.padEnd(text.length, '\n'));
    for (const each of both) {
      each.signal('SIGHUP');
      await expect
        .poll(() => configOf(each), { timeout: 2_000 })
        .toContain(`${after} stays: the changed files were refused`);
      expect(await each.stop()).toBe(0);
    }
  });
});

describe('what stands in the way is said with its remedy', () => {
  test('settings in which all processes must agree', async () => {
    fleet = await createFleet({ server });
    const without = { TOCSIN_SECRET: '', TOCSIN_PUBLIC_URL: '', TOCSIN_CONFIG: '' };
    for (const kind of ['worker', 'api'] as const) {
      const { code, output } = await refused(kind, { ...fleet.env, ...without, PORT: '4999' });
      expect(code).toBe(2);
      for (const name of Object.keys(without)) expect(output).toContain(name);
      expect(output).toContain('openssl rand -hex 32');
    }
  });

  test('no Temporal named, and none that answers', async () => {
    fleet = await createFleet({ server });
    const PORT = String(await freePort());
    const unnamed = await refused('api', { ...fleet.env, TEMPORAL_ADDRESS: '', PORT });
    expect(unnamed.code, unnamed.output).toBe(2);
    expect(unnamed.output).toContain('TEMPORAL_ADDRESS=host:7233');
    const port = await freePort();
    const silent = await refused('worker', { ...fleet.env, TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
    expect(silent.code).toBe(3);
    expect(silent.output).toContain(`Temporal can't be reached at 127.0.0.1:${port}`);
  });

  test('search attributes that can’t be registered, with the commands that register them', async () => {
    const others = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`Other${index}`, 'Keyword'] as const),
    );
    const full = await startRealServer({ searchAttributes: others });
    try {
      fleet = await createFleet({ server: full });
      const { code, output } = await refused('worker', fleet.env);
      expect(code).toBe(1);
      expect(output).toContain('The search attributes TocsinKind');
      expect(output).toContain('temporal operator search-attribute create --namespace');
    } finally {
      await full.stop();
    }
  });

  test('no provider at all, and a health port that is taken', async () => {
    fleet = await createFleet({ server });
    const nobody = await refused('worker', {
      ...fleet.env,
      TWILIO_ACCOUNT_SID: '',
      TWILIO_AUTH_TOKEN: '',
      TWILIO_FROM: '',
      SMTP_URL: '',
      MAIL_FROM: '',
      TWILIO_BASE_URL: '',
    });
    expect(nobody.code).toBe(1);
    expect(nobody.output).toContain('No provider is set up by which anybody could be paged');
    const first = await fleet.worker();
    const taken = new URL(url(first, '')).port;
    const second = await refused('worker', { ...fleet.env, TOCSIN_HEALTH_PORT: taken });
    expect(second.code).toBe(1);
    expect(second.output).toContain(`Port ${taken}, meant for the worker's health, is taken`);
  });
});
