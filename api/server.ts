import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Environment } from '../config/environment.js';
import type { ConfigHolder } from '../config/holder.js';
import type { KnownOverrides } from '../store/known-overrides.js';
import type { Store } from '../store/store.js';
import type { Tokens } from '../tokens/signed-token.js';
import { registerConfigMetrics } from './config-metrics.js';
import { registerCoverageMetrics } from './coverage-metrics.js';
import { createApp } from './create-app.js';
import type { AppDeps, ReadinessCheck } from './deps.js';
import { createHeartbeatDesk } from './heartbeats/desk.js';
import { createHeartbeatWorkflows } from './heartbeats/heartbeat-workflows.js';
import { countedHeartbeats } from './heartbeats/metrics.js';
import { startHeartbeatPlanner } from './heartbeats/planner.js';
import { countBy, registerIncidentMetrics, registerReadinessMetrics } from './incident-metrics.js';
import { createIncidents } from './incidents/create-incidents.js';
import { withLog } from './incidents/logged-incidents.js';
import { listen, ListenError, shownAddress } from './listen.js';
import { createMetrics } from './metrics.js';
import { createReadiness } from './readiness.js';
import { registerStoreMetrics } from './store-metrics.js';

/** What the API is made of. */
export interface ApiOptions {
  readonly environment: Environment;
  /** Over a worker's NativeConnection when both share a process: that allows eager starts. */
  readonly client: Client;
  readonly config: ConfigHolder;
  readonly tokens: Tokens;
  readonly log: Logger;
  readonly registry: Registry;
  /** Whether the worker of this process runs; absent: the task queue is asked. */
  readonly workerRuns?: () => boolean;
  /** Providers that refuse our credentials, as the worker of this process sees them; absent: not told. */
  readonly refusedProviders?: () => readonly string[];
  /** Providers that fail again and again, each with why; absent: not told. */
  readonly failingProviders?: () => readonly string[];
  /** Says something back through an SMS gateway: see `AppDeps`. */
  readonly sendText?: AppDeps['sendText'];
  /** Absent: this process has none. */
  readonly store?: Store;
  /** The overrides that paging goes by; absent: there are none. */
  readonly known?: KnownOverrides;
}

/** An API that listens. */
export interface RunningApi {
  /** Where it is reached on this machine. */
  readonly url: string;
  /**
   * Is not ready from now on and goes on for `drainMs`; then answers what it has been asked, takes no new connection, and ends
   * within 5 s. Repeated calls share one end.
   */
  stop(): Promise<void>;
}

/** How long requests may go on when the API is told to end. The longest of ours takes 3 s (an update, then a signal). */
const GRACE_MS = 5_000;
const SWEEP_MS = 100;

const DRAINING: ReadinessCheck = {
  name: 'draining',
  ok: false,
  detail: 'this API was told to stop: send what is new to another',
};

/**
 * Starts the API with everything real behind it.
 * @throws ListenError when the port is taken or the address isn't this machine's
 */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const { environment, client, config, workerRuns, refusedProviders, failingProviders, sendText, store } =
    options;
  const { host, port } = environment;
  registerConfigMetrics(options.registry, config);
  if (store !== undefined) registerStoreMetrics(options.registry, store);
  registerCoverageMetrics(options.registry, {
    config,
    ...(store === undefined ? {} : { store }),
    ...(options.known === undefined ? {} : { known: options.known }),
    now: () => Date.now(),
  });
  const log = options.log.child({ component: 'api' });
  let isDraining = false;
  const readiness = createReadiness({
    client,
    config,
    ...(workerRuns === undefined ? {} : { workerRuns }),
    ...(refusedProviders === undefined ? {} : { refusedProviders }),
    ...(failingProviders === undefined ? {} : { failingProviders }),
    ...(store === undefined ? {} : { store: () => store.state() }),
  });
  registerIncidentMetrics(options.registry, countBy(client));
  registerReadinessMetrics(options.registry, readiness);
  const now = (): number => Date.now();
  const workflows = createHeartbeatWorkflows({ client });
  const watched = { config: () => config.current(), workflows, log };
  const beats = store === undefined ? {} : { beats: store.beats };
  const heartbeats = countedHeartbeats(
    options.registry,
    createHeartbeatDesk({ ...watched, ...beats, now }),
    now,
  );
  const planner = startHeartbeatPlanner(watched);
  const app = createApp({
    config: () => config.current(),
    heartbeats,
    incidents: withLog(createIncidents({ client }), log),
    tokens: options.tokens,
    twilioAuthTokens: environment.twilioAuthTokens,
    ...(sendText === undefined ? {} : { sendText }),
    ...(store === undefined ? {} : { store }),
    ...(options.known === undefined ? {} : { known: options.known }),
    publicUrl: environment.publicUrl,
    now,
    log,
    metrics: createMetrics(options.registry),
    readiness: async () => {
      const { ok, checks } = await readiness();
      return isDraining ? { ok: false, checks: [...checks, DRAINING] } : { ok, checks };
    },
  });
  await listen(app, { host, port, taken: takenWords(port), setting: '--port or PORT' });
  let end: Promise<void> | undefined;
  return {
    url: `http://${shownAddress(host)}:${port}`,
    stop: () =>
      (end ??= (async () => {
        isDraining = true;
        planner.stop();
        await delay(environment.drainMs);
        const late = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
        // Whoever keeps a connection open without asking anything has nothing to wait for.
        const sweep = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
        await app.close();
        await heartbeats.drain();
        clearTimeout(late);
        clearInterval(sweep);
      })()),
  };
}

/** The sentence for a busy API port. */
export function portTaken(port: number, cause?: unknown): ListenError {
  return new ListenError('EADDRINUSE', takenWords(port), cause);
}

function takenWords(port: number): string {
  return `Port ${port}, meant for Tocsin's API, is taken by another program: stop that program, or choose another port with --port or PORT.`;
}
