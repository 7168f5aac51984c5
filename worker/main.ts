import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createActivities } from '../activities/create-activities.js';
import { createHeartbeatActivities, type TellHeartbeat } from '../activities/heartbeat-activities.js';
import { createProviderHealth, type ProviderHealth } from '../activities/provider-health.js';
import { createOpeningsReader } from '../activities/openings.js';
import { createProviderSet } from '../activities/providers/provider-set.js';
import type { Environment } from '../config/environment.js';
import type { Config } from '../config/types.js';
import type { Store } from '../store/store.js';
import type { Tokens } from '../tokens/signed-token.js';
import { registerCircuitMetrics } from './circuit-metrics.js';
import { createWorker } from './create-worker.js';
import { createDeliveryMetrics } from './delivery-metrics.js';
import { createIncidentMetrics } from './incident-metrics.js';
import { createWatchSinks } from './watch-sinks.js';
import { workflowBundle } from './workflow-bundle.js';

/** What a worker is made of. Install the SDK's runtime before making the connection: worker/runtime.ts. */
export interface WorkerOptions {
  readonly environment: Environment;
  readonly connection: NativeConnection;
  /** Of the same namespace; over the same connection or another. */
  readonly client: Client;
  /** The configuration in force now. */
  readonly config: () => Config;
  readonly tokens: Tokens;
  readonly log: Logger;
  readonly registry: Registry;
  /** Opens and ends the incident of a heartbeat. */
  readonly tellHeartbeat: TellHeartbeat;
  /** Absent: this process has none. */
  readonly store?: Store;
  /** Told of providers that refuse our credentials. */
  readonly health?: ProviderHealth;
}

/** A worker that polls. It is started again by itself when it breaks. */
export interface RunningWorker {
  /** Whether it takes tasks at this moment. */
  readonly isRunning: () => boolean;
  /**
   * Resolves when no workflow has had anything to do for half a second, at most after 3 s; at once when it does not run. Call
   * it before `stop`, once nothing new can come in, so that what was just accepted is paged by this process.
   */
  settle(): Promise<void>;
  /** Takes nothing new, sees through what it has (at most 20 s), and ends. Repeated calls share one end. */
  stop(): Promise<void>;
}

/** The first wait before a broken worker is started again, doubled each time up to half a minute. */
const FIRST_BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 30_000;
/** A worker that ran for so long had recovered. */
const STABLE_MS = 60_000;
/** A signal reaches the worker within 40 ms on a quiet machine (design/temporal.md); a loaded one gets ten times that. */
const QUIET_MS = 500;
const LONGEST_SETTLING_MS = 3_000;
const SAMPLE_MS = 20;

/**
 * Starts a worker with everything real behind it.
 * @throws ProviderSetupError when a provider is set up by half; Error when the workflow bundle was not built
 */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { environment, connection, client, log } = options;
  const health = options.health ?? createProviderHealth();
  const providers = createProviderSet(environment.all, options.config);
  registerCircuitMetrics(options.registry, health, providers);
  const activities = createActivities({
    config: options.config,
    providers,
    tokens: options.tokens,
    publicUrl: environment.publicUrl,
    openings: createOpeningsReader(client.workflow),
    clock: () => Date.now(),
    log: log.child({ component: 'worker' }),
    metrics: createDeliveryMetrics(options.registry),
    health,
  });
  const heartbeats = createHeartbeatActivities({
    ...(options.store === undefined ? {} : { store: options.store }),
    tell: options.tellHeartbeat,
    log: log.child({ component: 'worker' }),
  });
  const bundle = workflowBundle();
  const sinks = createWatchSinks(createIncidentMetrics(options.registry), log.child({ component: 'worker' }));
  const create = (): Promise<Worker> =>
    createWorker({
      ...(environment.cachedIncidents === undefined
        ? {}
        : { maxCachedWorkflows: environment.cachedIncidents }),
      connection,
      namespace: client.options.namespace,
      activities,
      heartbeats,
      workflowBundle: bundle,
      sinks,
    });

  const stopping = new AbortController();
  let worker = await create();
  const runForEver = async (): Promise<void> => {
    let backOffMs = FIRST_BACK_OFF_MS;
    for (;;) {
      const began = Date.now();
      try {
        await worker.run();
        return;
      } catch (error) {
        if (stopping.signal.aborted) throw error;
        if (Date.now() - began > STABLE_MS) backOffMs = FIRST_BACK_OFF_MS;
        log.error({ err: error, backOffMs }, 'The worker broke and is started again.');
      }
      for (let next: Worker | null = null; next === null;) {
        await delay(backOffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
        if (stopping.signal.aborted) return;
        backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS);
        next = await create().catch((error: unknown) => {
          log.error({ err: error, backOffMs }, 'The worker could not be started again yet.');
          return null;
        });
        if (next !== null) worker = next;
      }
      if (stopping.signal.aborted) {
        // It must be run to be ended.
        const running = worker.run();
        worker.shutdown();
        return running;
      }
    }
  };
  const ended = runForEver();
  ended.catch(() => undefined);
  let end: Promise<void> | undefined;
  return {
    isRunning: () => worker.getState() === 'RUNNING',
    settle: () => settled(() => worker),
    stop: () =>
      (end ??= (async () => {
        stopping.abort();
        if (worker.getState() === 'RUNNING') worker.shutdown();
        await ended;
      })()),
  };
}

async function settled(worker: () => Pick<Worker, 'getState' | 'getStatus'>): Promise<void> {
  const began = Date.now();
  let busyAt = began;
  for (let now = began; now - busyAt < QUIET_MS && now - began < LONGEST_SETTLING_MS; now = Date.now()) {
    if (worker().getState() !== 'RUNNING') return;
    if (worker().getStatus().numInFlightWorkflowActivations > 0) busyAt = now;
    await delay(SAMPLE_MS);
  }
}
