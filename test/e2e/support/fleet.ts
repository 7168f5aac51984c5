import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
import { freePort } from '../../../temporal-config/server/ports.js';
import { configOf, KEYS } from '../../support/running-system.js';
import type { RealServer } from '../../support/temporal.js';
import { apiRequest, type ApiRequest } from '../../support/api-request.js';
import { startBalancer, type Balancer } from './balancer.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** One `tocsin worker` or `tocsin api`. */
export interface FleetProcess {
  readonly pid: number;
  /** What it said once it was ready. */
  readonly ready: Readonly<Record<string, unknown>>;
  /** Everything it wrote so far: log, sentences. */
  readonly output: () => string;
  signal(name: NodeJS.Signals): void;
  /** Resolves with the exit code when it has ended. */
  readonly ended: Promise<number | null>;
  /** SIGTERM, as a supervisor stops it; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** How a `tocsin` command ended that did not get ready. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const PROGRAM = join('dist', 'cli', 'main.js');

/** Starts `tocsin worker` or `tocsin api`; resolves when it says that it is ready, or how it ended. */
export async function startProcess(
  kind: 'worker' | 'api',
  env: Variables,
  ...args: string[]
): Promise<FleetProcess | Ended> {
  const child = spawn(process.execPath, [PROGRAM, kind, '--json', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  const ready = new Promise<Readonly<Record<string, unknown>>>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output += `${line}\n`;
      if (line.startsWith('{"ready":true')) resolve(JSON.parse(line) as Readonly<Record<string, unknown>>);
    });
  });
  const first = await Promise.race([ready, ended.then(() => null)]);
  if (first === null) return { code: await ended, output };
  return {
    pid: child.pid ?? 0,
    ready: first,
    output: () => output,
    signal: (name) => void child.kill(name),
    ended,
    async stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** One installation of several processes: a booth for the world, a load balancer in front of the APIs. */
export interface Fleet {
  readonly booth: Booth;
  readonly balancer: Balancer;
  readonly directory: string;
  /** The settings that all processes share. */
  readonly env: Variables;
  /** @throws Error with its output when it does not get ready */
  worker(): Promise<FleetProcess>;
  /** The API at one of the balancer's places, the first is 0. */
  api(place: number): Promise<FleetProcess>;
  /** Calls the API through the balancer. */
  readonly request: ApiRequest;
  /** Stops what still runs, and removes what was made. */
  stop(): Promise<void>;
}

/** Prepares an installation on this server, with room for so many APIs. Real settings point at the booth. */
export async function createFleet(options: {
  readonly server: Pick<RealServer, 'target'>;
  readonly config?: string;
  readonly apis?: number;
  readonly env?: Variables;
}): Promise<Fleet> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-fleet-'));
  const ports: number[] = [];
  while (ports.length < (options.apis ?? 1)) ports.push(await freePort());
  const balancer = await startBalancer(ports);
  const booth = createBooth({ inboundUrl: `${balancer.url}/hooks/twilio/sms` });
  await booth.start();
  await writeFile(join(directory, 'tocsin.yaml'), options.config ?? configOf());
  const { address, namespace } = options.server.target;
  const env: Variables = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    KEY_ALERTMANAGER: KEYS.alertmanager,
    KEY_GENERIC: KEYS.generic,
    KEY_API: KEYS.api,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TOCSIN_CONFIG: join(directory, 'tocsin.yaml'),
    TOCSIN_PUBLIC_URL: balancer.url,
    TOCSIN_SECRET: 'a-secret-of-sixteen-characters',
    TOCSIN_HEALTH_PORT: '0',
    TWILIO_ACCOUNT_SID: booth.accountSid,
    TWILIO_AUTH_TOKEN: booth.authToken,
    TWILIO_FROM: '+12025550000',
    TWILIO_BASE_URL: booth.httpUrl,
    // The booth has no rates; those of a real number have a test of their own: test/e2e/pacing.test.ts.
    TWILIO_CALLS_PER_SECOND: 'unlimited',
    TWILIO_SEGMENTS_PER_SECOND: 'unlimited',
    SMTP_URL: booth.smtpUrl,
    MAIL_FROM: 'tocsin@example.com',
    ...options.env,
  };
  const running: FleetProcess[] = [];
  const started = async (kind: 'worker' | 'api', ...args: string[]): Promise<FleetProcess> => {
    const one = await startProcess(kind, env, ...args);
    if ('code' in one) throw new Error(`tocsin ${kind} ended with ${one.code}:\n${one.output}`);
    running.push(one);
    return one;
  };
  return {
    booth,
    balancer,
    directory,
    env,
    worker: () => started('worker'),
    api: (place) => started('api', '--port', String(ports[place])),
    request: apiRequest(() => balancer.url, KEYS.api),
    async stop() {
      await Promise.all(running.map((one) => one.stop()));
      await balancer.stop();
      await booth.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
