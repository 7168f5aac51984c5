import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../../temporal-config/server/ports.js';

/** An alert as Prometheus hands it to Alertmanager. */
export interface PrometheusAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  /** In the past: it is over. */
  readonly endsAt?: string;
  readonly generatorURL?: string;
}

/** A real Alertmanager with one receiver: our webhook, or our stand for PagerDuty. */
export interface Alertmanager {
  post(alerts: readonly PrometheusAlert[]): Promise<void>;
  stop(): Promise<void>;
}

/** How long Alertmanager waits before its first notification, between two flushes of a group, and before it repeats itself. */
export interface AlertmanagerPace {
  readonly groupWait: string;
  readonly groupInterval: string;
  readonly repeatInterval: string;
}

/** What is written for a receiver; of PagerDuty's no more than the URL differs from what sends to PagerDuty. */
const RECEIVERS = {
  webhook: (url: string, key: string) => `    webhook_configs:
      - url: ${url}
        send_resolved: true
        http_config: { authorization: { type: Bearer, credentials: ${key} } }
`,
  pagerduty: (url: string, key: string) => `    pagerduty_configs:
      - url: ${url}
        routing_key: ${key}
        severity: '{{ .CommonLabels.severity }}'
`,
} as const;

const NAMES = ['prometheus-alertmanager', 'alertmanager'];
const START_TIMEOUT_MS = 20_000;

/** The path of an installed Alertmanager; null where there is none. */
export function findAlertmanager(path: string): string | null {
  for (const folder of path.split(delimiter)) {
    for (const name of NAMES) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not here: the next place.
      }
    }
  }
  return null;
}

/** Starts it on a free loopback port, alone (no cluster), with everything it keeps in a folder of its own. */
export async function startAlertmanager(options: {
  readonly program: string;
  /** Our intake. */
  readonly url: string;
  readonly key: string;
  readonly pace: AlertmanagerPace;
  /** Default: webhook. */
  readonly receiver?: 'webhook' | 'pagerduty';
}): Promise<Alertmanager> {
  const { program, url, key, pace, receiver = 'webhook' } = options;
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-alertmanager-'));
  const config = join(directory, 'alertmanager.yml');
  await writeFile(
    config,
    `route:
  receiver: tocsin
  group_by: [alertname, service]
  group_wait: ${pace.groupWait}
  group_interval: ${pace.groupInterval}
  repeat_interval: ${pace.repeatInterval}
receivers:
  - name: tocsin
${RECEIVERS[receiver](url, key)}`,
  );
  const port = await freePort();
  const log: string[] = [];
  const child = spawn(
    program,
    [
      `--config.file=${config}`,
      `--storage.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stdout.on('data', (chunk: Buffer) => log.push(chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => log.push(chunk.toString('utf8')));
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const api = `http://127.0.0.1:${port}`;

  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    await exited;
    await rm(directory, { recursive: true, force: true });
  }

  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const ready = await fetch(`${api}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      const written = await readFile(config, 'utf8');
      await stop();
      throw new Error(`Alertmanager did not start: ${log.join('')}\nIts configuration:\n${written}`);
    }
    await delay(50);
  }

  return {
    async post(alerts) {
      const response = await fetch(`${api}/api/v2/alerts`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(alerts),
      });
      if (!response.ok) throw new Error(`Alertmanager refused: ${response.status} ${await response.text()}`);
    },
    stop,
  };
}
