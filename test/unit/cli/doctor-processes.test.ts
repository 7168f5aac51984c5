import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProviderHealth } from '../../../activities/provider-health.js';
import { startHealthServer } from '../../../api/health-server.js';
import type { ReadinessCheck } from '../../../api/deps.js';
import { runProgram } from '../../../cli/program.js';
import { askedProcesses } from '../../../cli/doctor/asked-processes.js';
import { checkProcesses } from '../../../cli/doctor/check-processes.js';
import type { Context } from '../../../cli/context.js';
import { ownDirectory } from '../../../cli/up/run-state.js';
import { yamlWith } from '../config/support.js';
import type { Finding } from '../../../cli/doctor/finding.js';
import { fingerprintOf } from '../../../store/fingerprint.js';
import { shownUrl } from '../../../store/postgres/open-postgres.js';
import { createTestApp } from '../../api/support/test-app.js';
import { testConfig } from '../../api/support/test-config.js';
import { recording } from '../../support/command-line.js';

const TWILIO = { name: 'twilio-sms', channel: 'sms', account: 'twilio', isPerRecipient: false } as const;
/** Nothing listens at port 1 of this machine. */
const NOBODY = 'http://127.0.0.1:1';

/** A worker of its own, as `tocsin worker` tells of its health; `tries` deliveries of it have failed. */
async function worker(tries = 0, ...more: readonly ReadinessCheck[]): Promise<string> {
  const providers = createProviderHealth();
  for (let count = 0; count < tries; count += 1) providers.note(TWILIO, 'unavailable');
  const health = await startHealthServer({
    host: '127.0.0.1',
    port: 0,
    config: testConfig,
    log: pino({ level: 'silent' }),
    registry: new Registry(),
    readiness: () => {
      const detail = providers.failing().join('; ');
      const checks: ReadinessCheck[] = [
        { name: 'worker', ok: true },
        { name: 'providers', ok: true, ...(detail === '' ? {} : { detail }) },
        ...more,
      ];
      return Promise.resolve({ ok: true, checks });
    },
  });
  onTestFinished(() => health.stop());
  return health.url;
}

/** An API; `checks` beside Temporal, where a worker runs in it `providers`. */
async function api(...checks: readonly ReadinessCheck[]): Promise<string> {
  const all = [{ name: 'temporal', ok: true }, ...checks];
  const { app } = createTestApp({
    readiness: () => Promise.resolve({ ok: all.every(({ ok }) => ok), checks: all }),
  });
  onTestFinished(() => app.close());
  return app.listen({ host: '127.0.0.1', port: 0 });
}

function contextOf(env: Readonly<Record<string, string>>, lines: string[] = []): Context {
  return recording({
    env,
    print: (line) => lines.push(line),
    say: (line) => lines.push(line),
    now: () => Date.UTC(2026, 10, 24),
    setExitCode: (code) => lines.push(`exit ${code}`),
  }).context;
}

/** What a process with the store of this address says of it. */
const storeAt = (url: string): ReadinessCheck => ({
  name: 'store',
  ok: true,
  store: { kind: 'postgres', fingerprint: fingerprintOf({ kind: 'postgres', where: shownUrl(url) }) },
});

const process = (url: string) => ({ url, expected: 'process' }) as const;
const shown = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ name, status, detail }) => `${status} ${name}: ${detail}`);

describe('tocsin doctor asks each process', () => {
  it('and tells of the open circuits of a worker beside the API, with its address', async () => {
    const [front, well, troubled] = [await api(), await worker(), await worker(3)];
    expect(shown(await checkProcesses([front, well, troubled].map(process)))).toEqual([
      `ok API: ${front} is ready`,
      `ok Worker: ${well} is ready`,
      `ok Worker: ${troubled} is ready`,
      `warn Deliveries: twilio-sms: unavailable, tried last (the worker at ${troubled})`,
    ]);
    expect(shown(await checkProcesses([front, well].map(process))).at(-1)).toBe(
      `ok Deliveries: no provider fails, say the workers at ${well}`,
    );
  });

  it('and says plainly when no worker was asked, or no API', async () => {
    const front = await api();
    expect(await checkProcesses([{ url: front, expected: 'API' }])).toMatchObject([
      { name: 'API', status: 'ok' },
      {
        name: 'Deliveries',
        status: 'warn',
        detail: expect.stringContaining('no worker was asked') as string,
        remedy: expect.stringContaining('TOCSIN_WORKER_URLS') as string,
      },
    ]);
    expect(shown(await checkProcesses([process(await worker())]))[1]).toMatch(/^warn API: no API was asked/);
  });

  it('and needs nothing more where the worker runs in the API’s process', async () => {
    const all = await api({ name: 'providers', ok: true, detail: 'smtp: credentials refused' });
    expect(shown(await checkProcesses([{ url: all, expected: 'API' }]))).toEqual([
      `ok API: ${all} is ready`,
      `warn Deliveries: smtp: credentials refused (the worker at ${all})`,
    ]);
  });

  it('and compares their stores: one without, or with another, goes by other overrides', async () => {
    const ours = storeAt('postgres://tocsin:secret@db.example.com/tocsin');
    const [front, back] = [
      await api(ours),
      await worker(0, storeAt('postgres://DB.example.com:5432/tocsin')),
    ];
    const of = async (...urls: readonly string[]) =>
      shown(await checkProcesses(urls.map(process))).filter((line) => line.includes('Shared store'));
    const print = fingerprintOf({ kind: 'postgres', where: shownUrl('postgres://db.example.com/tocsin') });
    expect(await of(front, back)).toEqual([`ok Shared store: all 2 processes have PostgreSQL (${print})`]);
    const without = await worker();
    expect(await of(front, back, without)).toEqual([
      `warn Shared store: not all processes have the same: ${front} has PostgreSQL (${print}), ${back} has PostgreSQL (${print}), ${without} has none`,
    ]);
    const another = await worker(0, storeAt('postgres://db.example.com/other'));
    expect((await of(front, another))[0]).toMatch(/^warn Shared store: not all processes have the same: /);
    const [finding] = await checkProcesses([front, without].map(process)).then((all) =>
      all.filter(({ name }) => name === 'Shared store'),
    );
    expect(finding?.remedy).toContain('DATABASE_URL');
    // None at all is fine, and an older version that does not tell is compared with nobody.
    expect(await of(await api(), without)).toEqual([]);
    expect(await of(await api({ name: 'store', ok: true }), back)).toEqual([]);
  });

  it('and says what is not ready, what does not answer, and what is another than it should be', async () => {
    const [front, back] = [await api({ name: 'store', ok: true, detail: 'away since noon' }), await worker()];
    const bad = await api({ name: 'worker', ok: false, detail: 'nobody polls' });
    expect(
      shown(
        await checkProcesses([
          { url: front, expected: 'API' },
          { url: NOBODY, expected: 'Worker' },
        ]),
      ),
    ).toEqual([
      `ok API: ${front} is ready`,
      `warn Store of the API: ${front}: away since noon`,
      `fail Worker: nothing answers at ${NOBODY}`,
    ]);
    expect(shown(await checkProcesses([{ url: back, expected: 'API' }]))[0]).toBe(
      `fail API: ${back} is a worker, no API`,
    );
    expect(shown(await checkProcesses([process(bad)]))[0]).toBe(
      `fail API: ${bad} is not ready: worker (nobody polls)`,
    );
  });
});

describe('which processes are asked', () => {
  const urls = async (env: Readonly<Record<string, string>>, ...url: readonly string[]) =>
    (await askedProcesses(url.length === 0 ? {} : { url }, contextOf(env), null)).map(
      (one) => `${one.expected} ${one.url}`,
    );

  it('are those of the settings, or those of --url in their place', async () => {
    const env = {
      TOCSIN_URL: 'http://api/',
      TOCSIN_WORKER_URLS: 'http://w1:3002, http://w2:3002/,http://w1:3002',
    };
    expect(await urls(env)).toEqual(['API http://api', 'Worker http://w1:3002', 'Worker http://w2:3002']);
    expect(await urls(env, 'http://a', 'http://b', 'http://a/')).toEqual([
      'process http://a',
      'process http://b',
    ]);
    expect(await urls({ TOCSIN_WORKER_URLS: 'http://w1:3002' })).toEqual(['Worker http://w1:3002']);
    expect(await urls({})).toEqual([]);
  });

  it('must be addresses', async () => {
    await expect(urls({ TOCSIN_WORKER_URLS: 'w1:3002' })).rejects.toMatchObject({
      exitCode: 2,
      remedy: expect.stringContaining('TOCSIN_WORKER_URLS') as string,
    });
    await expect(urls({}, 'http://a', 'b')).rejects.toMatchObject({ code: 'bad-setting' });
  });

  it('are named on the command line, as often as there are processes', async () => {
    const [front, troubled] = [await api(), await worker(3)];
    const lines: string[] = [];
    const env = { TOCSIN_DATA_DIR: join(tmpdir(), 'no-tocsin-here'), TOCSIN_CONFIG: 'examples/small' };
    const context = { ...contextOf(env, lines), cwd: join(import.meta.dirname, '../../..') };
    await runProgram(['doctor', '--json', '--url', front, '--url', troubled], context);
    const { findings } = JSON.parse(lines.find((line) => line.startsWith('{')) ?? '{}') as {
      findings: readonly Finding[];
    };
    expect(shown(findings)).toEqual(
      expect.arrayContaining([
        `ok API: ${front} is ready`,
        `ok Worker: ${troubled} is ready`,
        `warn Deliveries: twilio-sms: unavailable, tried last (the worker at ${troubled})`,
      ]),
    );
  });

  it('and takes the word of one that runs on the configuration for the variables that only its environment has', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-doctor-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const config = join(folder, 'tocsin.yaml');
    const integrations = '{ pd: { kind: pagerduty, key: { env: KEY_PD } } }';
    await writeFile(config, yamlWith({ integrations }));
    const look = async (): Promise<readonly string[]> => {
      const lines: string[] = [];
      const env = { TOCSIN_DATA_DIR: join(folder, 'data'), TOCSIN_CONFIG: config };
      await runProgram(['doctor', '--json'], contextOf(env, lines));
      const { findings } = JSON.parse(lines.find((line) => line.startsWith('{')) ?? '{}') as {
        findings: readonly Finding[];
      };
      return shown(findings);
    };
    expect((await look()).join('\n')).toMatch(/^fail Configuration: .* KEY_PD is not set$/m);
    const directory = await ownDirectory(join(folder, 'data'));
    onTestFinished(() => directory.release());
    const url = await api();
    await directory.announce({ url, config, given: ['KEY_PD'] });
    const running = await look();
    expect(running).toContain(`ok API: ${url} is ready`);
    expect(running).toContain(
      'warn Environment: KEY_PD is not set in this shell; the Tocsin that runs has it, or it would not have started',
    );
    expect(running.filter((line) => line.startsWith('fail'))).toEqual([]);
  });
});
