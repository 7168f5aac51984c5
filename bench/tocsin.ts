import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { incidentWorkflowId, openingIdOf } from '../temporal-config/names.js';
import type { DevServer } from '../temporal-config/server/dev-server.js';
import { freePort } from '../temporal-config/server/ports.js';
import { now } from './clock.js';
import { post } from './http-post.js';
import { createDoor, type Sent, type Subject } from './subject.js';
import { benchConfig, KEYS } from './tocsin-config.js';

/** Tocsin whole: `tocsin up`, worker and API in one process, as `npm start` runs it. */
export interface Tocsin extends Subject {
  /** Sends an alert of the service `single` or `crowd`. */
  alert(mark: string, service: 'single' | 'crowd'): Promise<Sent>;
  /** The open incident of an accepted alert. */
  openingOf(sent: Sent): Promise<string>;
  /** Acknowledges an incident. */
  acknowledge(
    openingId: string,
    by: string,
  ): Promise<{ readonly askedAt: number; readonly answeredAt: number }>;
  stop(): Promise<void>;
}

/** What `tocsin up --json` prints, as far as it is needed here. */
interface Announced {
  readonly url: string;
  readonly pid: number;
}

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const TOKEN = 'bench-twilio-token-000001';

export interface TocsinOptions {
  readonly server: DevServer;
  readonly providerUrl: string;
  /** For its configuration, data and log. */
  readonly directory: string;
  /** Of the same server, to find openings. */
  readonly client: Client;
  /** PATH and HOME, nothing else: settings of the shell must not change what is measured. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts the compiled product on the given server, with the stand-in for its SMS provider and no mail.
 * @throws Error with its last words when it ends before it is ready
 */
export async function startTocsin(options: TocsinOptions): Promise<Tocsin> {
  const { server, directory } = options;
  const config = join(directory, 'tocsin.yaml');
  await writeFile(config, benchConfig());
  const child = spawn(process.execPath, ['--enable-source-maps', MAIN, 'up', '--json'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...options.inherited,
      ...KEYS,
      PORT: String(await freePort()),
      TOCSIN_CONFIG: config,
      TOCSIN_DATA_DIR: join(directory, 'data'),
      TEMPORAL_ADDRESS: server.address,
      TEMPORAL_NAMESPACE: server.namespace,
      TWILIO_ACCOUNT_SID: `AC${'be'.repeat(16)}`,
      TWILIO_AUTH_TOKEN: TOKEN,
      TWILIO_FROM: '+12025550100',
      TWILIO_BASE_URL: options.providerUrl,
      // Nobody has an address: it is set so that no stand-in for mail is started.
      SMTP_URL: 'smtp://127.0.0.1:9',
      MAIL_FROM: 'bench@example.com',
    },
  });
  const exited = once(child, 'exit');
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => (words = (words + chunk.toString('utf8')).slice(-4_000)));
  const announced = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => JSON.parse(String(line)) as Announced),
    exited.then(() => {
      throw new Error(`\`tocsin up\` ended before it was ready:\n${words}`);
    }),
  ]);

  const knock = createDoor(`${announced.url}/v1/alerts/generic`, {
    contentType: 'application/json',
    headers: { authorization: `Bearer ${KEYS.BENCH_ALERT_KEY}` },
  });
  const agent = new Agent({ keepAlive: true });
  const alert = (mark: string, service: 'single' | 'crowd'): Promise<Sent> =>
    knock(JSON.stringify({ key: mark, summary: mark, service, severity: 'P2', resolves: true }));
  return {
    name: 'tocsin',
    pid: announced.pid,
    send: (mark) => alert(mark, 'single'),
    alert,
    openingOf: async (sent) => {
      const key = (JSON.parse(sent.body) as { incidents: { key: string }[] }).incidents[0]?.key ?? '';
      const { runId } = await options.client.workflow.getHandle(incidentWorkflowId(key)).describe();
      return openingIdOf(key, runId);
    },
    acknowledge: async (openingId, by) => {
      const askedAt = now();
      const answer = await post(
        `${announced.url}/v1/incidents/${openingId}/acknowledge`,
        JSON.stringify({ by }),
        {
          agent,
          contentType: 'application/json',
          headers: { authorization: `Bearer ${KEYS.BENCH_API_KEY}` },
        },
      );
      if (answer.status !== 200) throw new Error(`An ack was answered ${answer.status}: ${answer.body}`);
      return { askedAt, answeredAt: now() };
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
