import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { createBooth, type Booth } from '../../booth/create-booth.js';
import { freePort } from '../../temporal-config/server/ports.js';
import { apiRequest, type ApiRequest } from './api-request.js';
import { configOf, KEYS } from './running-system.js';

/** Builds what `npm start` runs; quick when nothing changed. */
export async function buildTocsin(): Promise<void> {
  await promisify(execFile)(process.execPath, ['scripts/prepare.mjs', '--build']);
}

/** One `tocsin up` as a process of its own: worker and API in it, the Temporal Server beside it. */
export interface TocsinProcess {
  readonly pid: number;
  /** Everything it wrote so far. */
  output(): string;
  /** `kill -9`: nothing is drained, nobody is told. */
  kill(): Promise<void>;
  /** SIGTERM, as a service manager stops it; resolves with the exit code. */
  stop(): Promise<number | null>;
}

/** A folder in which Tocsin runs, and the phone network around it, which outlives every process. */
export interface TocsinHome {
  readonly url: string;
  readonly booth: Booth;
  readonly directory: string;
  /** Starts `tocsin up` here; resolves when it says that it is ready. */
  start(): Promise<TocsinProcess>;
  /** The process id of the Temporal Server that runs here. */
  serverPid(): Promise<number>;
  readonly request: ApiRequest;
  remove(): Promise<void>;
}

/** Prepares a folder with this configuration. Real settings point at the booth: product code can't tell. */
export async function createTocsinHome(config: string = configOf()): Promise<TocsinHome> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-home-'));
  const [port, temporalPort, uiPort] = [await freePort(), await freePort(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const booth = createBooth({ inboundUrl: `${url}/hooks/twilio/sms` });
  await booth.start();
  await writeFile(join(directory, 'tocsin.yaml'), config);
  const dataDir = join(directory, 'data');
  const env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    KEY_ALERTMANAGER: KEYS.alertmanager,
    KEY_GENERIC: KEYS.generic,
    KEY_API: KEYS.api,
    PORT: String(port),
    TOCSIN_CONFIG: join(directory, 'tocsin.yaml'),
    TOCSIN_DATA_DIR: dataDir,
    TOCSIN_PUBLIC_URL: url,
    TOCSIN_TEMPORAL_PORT: String(temporalPort),
    TOCSIN_TEMPORAL_UI_PORT: String(uiPort),
    TWILIO_ACCOUNT_SID: booth.accountSid,
    TWILIO_AUTH_TOKEN: booth.authToken,
    TWILIO_FROM: '+12025550000',
    TWILIO_BASE_URL: booth.httpUrl,
    // The booth has no rates; those of a real number have a test of their own: test/e2e/pacing.test.ts.
    TWILIO_CALLS_PER_SECOND: 'unlimited',
    TWILIO_SEGMENTS_PER_SECOND: 'unlimited',
    SMTP_URL: booth.smtpUrl,
    MAIL_FROM: 'tocsin@example.com',
  };
  const running = new Set<TocsinProcess>();

  return {
    url,
    booth,
    directory,
    async start() {
      const child = spawn(process.execPath, ['dist/cli/main.js', 'up', '--json'], {
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let output = '';
      child.stderr.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
      const exited = once(child, 'exit');
      const ready = new Promise<void>((resolve) => {
        createInterface({ input: child.stdout }).on('line', (line) => {
          output += `${line}\n`;
          if (line.startsWith('{')) resolve();
        });
      });
      const { pid } = child;
      if (pid === undefined) throw new Error('tocsin up could not be started.');
      const ended = async (): Promise<void> => {
        running.delete(process_);
        await exited;
      };
      const process_: TocsinProcess = {
        pid,
        output: () => output,
        async kill() {
          child.kill('SIGKILL');
          await ended();
        },
        async stop() {
          child.kill('SIGTERM');
          await ended();
          return child.exitCode;
        },
      };
      running.add(process_);
      await Promise.race([
        ready,
        exited.then(() => {
          throw new Error(`tocsin up ended before it was ready:\n${output}`);
        }),
      ]);
      return process_;
    },
    async serverPid() {
      const claim = JSON.parse(await readFile(join(dataDir, 'temporal', 'temporal-server.json'), 'utf8')) as {
        server: { pid: number };
      };
      return claim.server.pid;
    },
    request: apiRequest(() => url, KEYS.api),
    async remove() {
      for (const one of running) await one.stop();
      await booth.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
