import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { incidentWorkflowId, openingIdOf } from '../temporal-config/names.js';
import type { DevServer } from '../temporal-config/server/dev-server.js';
import { freePort } from '../temporal-config/server/ports.js';
import { now } from './clock.js';
import { post } from './http-post.js';
import { createDoor, type Sent, type Subject } from './subject.js';
import { benchConfig, eachService, KEYS } from './tocsin-config.js';

/** Tocsin: `tocsin up`, worker and API in one process, as `npm start` runs it; or a `tocsin worker` and a `tocsin api`. */
export interface Tocsin extends Subject {
  /** Of the API, where it is a process of its own; else that of both. */
  readonly apiPid: number;
  /** Sends an alert of one of the services. */
  alert(mark: string, service: 'single' | 'crowd' | 'late'): Promise<Sent>;
  /** Sends alerts of one group, by these names, as Alertmanager does. */
  storm(mark: string, names: readonly string[]): Promise<Sent>;
  /** Whether every process of it has its store now. */
  hasStore(): Promise<boolean>;
  /** The key of the incident that an accepted alert belongs to. */
  keyOf(sent: Sent): string;
  /** The open incident of an accepted alert. */
  openingOf(sent: Sent): Promise<string>;
  /** Acknowledges an incident. */
  acknowledge(
    openingId: string,
    by: string,
  ): Promise<{ readonly askedAt: number; readonly answeredAt: number }>;
  /** Kills the process without a warning. */
  kill(): Promise<void>;
  /** Starts it anew where it was, and waits until it says that it runs. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

/** What a command that runs until it is stopped prints with `--json`, as far as it is needed here. */
interface Announced {
  /** Of the API; a worker has none. */
  readonly url?: string;
  /** Of a worker alone. */
  readonly healthUrl?: string;
  readonly pid: number;
}

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const TOKEN = 'bench-twilio-token-000001';
/** What `up` makes up by itself, and processes of their own have to be told. */
const SHARED = { TOCSIN_SECRET: 'be'.repeat(32), TOCSIN_PUBLIC_URL: 'http://127.0.0.1' };

export interface TocsinOptions {
  readonly server: DevServer;
  readonly providerUrl: string;
  /** For its configuration, data and log. */
  readonly directory: string;
  /** Of the same server, to find openings. */
  readonly client: Client;
  /** PATH and HOME, and what a measure sets: settings of the shell must not change what is measured. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** Worker and API as processes of their own, `inherited` for the worker only. */
  readonly apart?: boolean;
  /** Settings of all of its processes. */
  readonly shared?: Readonly<Record<string, string>>;
  /**
   * So many people beside those of the other services, each with a service of their own; `send` goes round among them, so that
   * nobody gets several pages at a time. Default: none, and pages are not gathered.
   */
  readonly people?: number;
}

/**
 * Starts the compiled product on the given server, with the stand-in for its SMS provider and no mail.
 * @throws Error with its last words when it ends before it is ready
 */
export async function startTocsin(options: TocsinOptions): Promise<Tocsin> {
  const { server, directory } = options;
  const config = join(directory, 'tocsin.yaml');
  await writeFile(config, benchConfig(options.people));
  const port = await freePort();
  const env = {
    ...KEYS,
    PORT: String(port),
    TOCSIN_CONFIG: config,
    TOCSIN_DATA_DIR: join(directory, 'data'),
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: server.namespace,
    TWILIO_ACCOUNT_SID: `AC${'be'.repeat(16)}`,
    TWILIO_AUTH_TOKEN: TOKEN,
    TWILIO_FROM: '+12025550100',
    TWILIO_BASE_URL: options.providerUrl,
    // What is measured is Tocsin, not what one number lets through.
    TWILIO_CALLS_PER_SECOND: 'unlimited',
    TWILIO_SEGMENTS_PER_SECOND: 'unlimited',
    // Nobody has an address: it is set so that no stand-in for mail is started.
    SMTP_URL: 'smtp://127.0.0.1:9',
    MAIL_FROM: 'bench@example.com',
    ...options.shared,
  };
  const program = (name: string, settings: Readonly<Record<string, string | undefined>>) => () =>
    launch(name, directory, { ...env, ...settings });
  const both = program('up', options.inherited);
  const worker = program('worker', { ...options.inherited, ...SHARED, TOCSIN_HEALTH_PORT: '0' });
  const start = options.apart === true ? worker : both;
  let running = await start();
  const api =
    options.apart === true
      ? await program('api', {
          PATH: options.inherited['PATH'],
          HOME: options.inherited['HOME'],
          ...SHARED,
        })()
      : null;
  const url = (api ?? running).announced.url ?? '';
  const door = (path: string, key: string) =>
    createDoor(`${url}${path}`, {
      contentType: 'application/json',
      headers: { authorization: `Bearer ${key}` },
    });
  const knock = door('/v1/alerts/generic', KEYS.BENCH_ALERT_KEY);
  const knockAsAlertmanager = door('/v1/alerts/alertmanager', KEYS.BENCH_STORM_KEY);
  const agent = new Agent({ keepAlive: true });
  const alert = (mark: string, service: string): Promise<Sent> =>
    knock(JSON.stringify({ key: mark, summary: mark, service, severity: 'P2', resolves: true }));
  let turn = 0;
  const alertNext = (mark: string): Promise<Sent> => alert(mark, eachService(turn++ % (options.people ?? 1)));
  const keyOf = (sent: Sent): string =>
    (JSON.parse(sent.body) as { incidents: { key: string }[] }).incidents[0]?.key ?? '';
  return {
    name: 'tocsin',
    get pid() {
      return running.announced.pid;
    },
    get apiPid() {
      return (api ?? running).announced.pid;
    },
    send: (mark) => (options.people === undefined ? alert(mark, 'single') : alertNext(mark)),
    alert,
    hasStore: async () => {
      const places = [api?.announced.url ?? running.announced.url, running.announced.healthUrl];
      const texts = await Promise.all(
        places.flatMap((place) => (place === undefined ? [] : [metricsOf(place)])),
      );
      return texts.every((text) => /^tocsin_store_ready 1$/m.test(text));
    },
    storm: (mark, names) => knockAsAlertmanager(groupOf(mark, names)),
    keyOf,
    openingOf: async (sent) => {
      const key = keyOf(sent);
      const { runId } = await options.client.workflow.getHandle(incidentWorkflowId(key)).describe();
      return openingIdOf(key, runId);
    },
    acknowledge: async (openingId, by) => {
      const askedAt = now();
      const answer = await post(`${url}/v1/incidents/${openingId}/acknowledge`, JSON.stringify({ by }), {
        agent,
        contentType: 'application/json',
        headers: { authorization: `Bearer ${KEYS.BENCH_API_KEY}` },
      });
      if (answer.status !== 200) throw new Error(`An ack was answered ${answer.status}: ${answer.body}`);
      return { askedAt, answeredAt: now() };
    },
    kill: async () => {
      running.child.kill('SIGKILL');
      await running.exited;
    },
    startAgain: async () => {
      running = await start();
    },
    stop: async () => {
      for (const each of [api, running]) {
        each?.child.kill('SIGTERM');
        await each?.exited;
      }
    },
  };
}

async function metricsOf(url: string): Promise<string> {
  const answer = await fetch(`${url}/metrics`, {
    headers: { authorization: `Bearer ${KEYS.BENCH_API_KEY}` },
  });
  if (!answer.ok) throw new Error(`${url}/metrics answered ${answer.status}.`);
  return answer.text();
}

interface Launched {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly announced: Announced;
}

/** Starts a command of the compiled CLI and waits until it says that it is ready. */
async function launch(
  command: string,
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Launched> {
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN, command, '--json'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  const exited = once(child, 'exit');
  let words = '';
  // With --json, what went wrong is said on stdout.
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (words = (words + chunk.toString('utf8')).slice(-4_000)));
  const announced = await Promise.race([
    readyLine(createInterface(child.stdout)),
    exited.then(() => {
      throw new Error(`\`tocsin ${command}\` ended before it was ready:\n${words}`);
    }),
  ]);
  return { child, exited, announced };
}

/** A process of its own logs to stdout as well: its lines are read on, so that it never waits for us. */
function readyLine(lines: Interface): Promise<Announced> {
  return new Promise((resolve) => {
    lines.on('line', (line) => {
      const said = JSON.parse(line) as Partial<Announced> & { readonly ready?: boolean };
      if (said.ready === true && said.pid !== undefined) resolve({ ...said, pid: said.pid });
    });
  });
}

/** One group as Alertmanager posts it, with labels and annotations as rules commonly have them: about 450 bytes an alert. */
function groupOf(mark: string, names: readonly string[]): string {
  const common = { alertname: 'InstanceDown', job: 'node', service: 'single', severity: 'P2' };
  return JSON.stringify({
    version: '4',
    groupKey: mark,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tocsin',
    groupLabels: {},
    commonLabels: common,
    commonAnnotations: { summary: mark },
    externalURL: 'http://alertmanager.example.com',
    alerts: names.map((name) => ({
      status: 'firing',
      labels: { ...common, instance: `${name}.example.com:9100` },
      annotations: { summary: mark, description: `${name} has been down for more than a minute.` },
      startsAt: '2026-11-21T10:00:00.000Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example.com/graph?g0.expr=up+%3D%3D+0&g0.tab=1',
      fingerprint: name,
    })),
  });
}
