import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Environment } from '../config/environment.js';
import type { ConfigHolder } from '../config/holder.js';
import { inForce } from '../config/in-force.js';
import type { KnownApiKeys } from '../store/known-api-keys.js';
import type { KnownMaintenance } from '../store/known-maintenance.js';
import type { KnownOverrides } from '../store/known-overrides.js';
import type { KnownVerified } from '../store/known-verified.js';
import type { StoredWindow } from '../store/maintenance.js';
import type { Store } from '../store/store.js';
import type { Tokens } from '../tokens/signed-token.js';
import { registerConfigMetrics } from './config-metrics.js';
import { registerCoverageMetrics } from './coverage-metrics.js';
import { createApp } from './create-app.js';
import type { AppDeps, ReadinessCheck } from './deps.js';
import { createLetters } from './contacts/letters.js';
import { startMarkRenewal } from './contacts/renew-marks.js';
import { registerContactMetrics, unverifiedCheck } from './contacts/unverified.js';
import { createHandoffWorkflows } from './handoff/handoff-workflows.js';
import { createHeartbeatDesk } from './heartbeats/desk.js';
import { createHeartbeatWorkflows } from './heartbeats/heartbeat-workflows.js';
import { countedHeartbeats } from './heartbeats/metrics.js';
import { startHeartbeatPlanner } from './heartbeats/planner.js';
import { countBy, registerIncidentMetrics, registerReadinessMetrics } from './incident-metrics.js';
import { createIncidents } from './incidents/create-incidents.js';
import { withLog } from './incidents/logged-incidents.js';
import { knownBeside } from './known-beside.js';
import { listen, ListenError, shownAddress } from './listen.js';
import { followMaintenance } from './maintenance/follow.js';
import { registerMaintenanceMetrics } from './maintenance/metrics.js';
import { createMetrics } from './metrics.js';
import { createReadiness } from './readiness.js';
import { createRecordRebuilder } from './records/rebuild.js';
import { withRecords } from './records/recorded-incidents.js';
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
  /** The maintenance windows that people made; absent: there are none. */
  readonly maintenance?: KnownMaintenance;
  /** The overrides that paging goes by; absent: there are none. */
  readonly known?: KnownOverrides;
  /** The keys of the store as they were last known; absent: there are none. */
  readonly apiKeys?: KnownApiKeys;
  /** Which contact methods were verified; absent: all of them count. */
  readonly verified?: KnownVerified;
  /** Who was paged for what at night; absent: nobody is known to be past their limit. */
  readonly nightPages?: AppDeps['nightPages'];
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
  const { verified, tokens } = options;
  registerCoverageMetrics(options.registry, {
    config: { current: inForce(() => config.current(), knownBeside(options)) },
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
  const { maintenance } = options;
  const stored = (): readonly StoredWindow[] => maintenance?.current().value ?? [];
  registerMaintenanceMetrics(options.registry, { config: () => config.current(), stored, now });
  const following = followMaintenance({ incidents: createIncidents({ client }), windows: stored, now, log });
  const contacts = {
    config: () => config.current(),
    tokens: options.tokens,
    ...(options.verified === undefined ? {} : { verified: options.verified }),
  };
  registerContactMetrics(options.registry, contacts);
  const renewal =
    store === undefined || verified === undefined
      ? null
      : startMarkRenewal({ config: contacts.config, tokens, verified, store, now, log });
  const app = createApp({
    config: () => config.current(),
    heartbeats,
    handoffs: createHandoffWorkflows({ client }),
    incidents: withLog(
      store === undefined
        ? createIncidents({ client })
        : withRecords(createIncidents({ client }), store.records),
      log,
    ),
    ...(store === undefined
      ? {}
      : {
          records: {
            ...createRecordRebuilder({ client, records: store.records }),
            pages: (span, limits) => store.records.pages(span, limits),
          },
        }),
    tokens: options.tokens,
    twilioAuthTokens: environment.twilioAuthTokens,
    ...(sendText === undefined ? {} : { sendText }),
    ...(store === undefined ? {} : { store }),
    ...(maintenance === undefined ? {} : { maintenance }),
    ...(options.known === undefined ? {} : { known: options.known }),
    ...(options.apiKeys === undefined ? {} : { apiKeys: options.apiKeys }),
    ...(options.nightPages === undefined ? {} : { nightPages: options.nightPages }),
    ...(options.verified === undefined ? {} : { verified: options.verified }),
    letters: createLetters({ client }),
    publicUrl: environment.publicUrl,
    now,
    log,
    metrics: createMetrics(options.registry),
    readiness: async () => {
      const { ok, checks: found } = await readiness();
      const checks = [...found, ...unverifiedCheck(contacts)];
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
        following.stop();
        renewal?.stop();
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
