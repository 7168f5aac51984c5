import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { NativeConnection, Worker } from '@temporalio/worker';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { createActivities } from '../activities/create-activities.js';
import { createHandoffActivities } from '../activities/handoff-activities.js';
import { createHeartbeatActivities, type TellHeartbeat } from '../activities/heartbeat-activities.js';
import { createLetterActivities } from '../activities/letters.js';
import { countingPages, createLoadActivities } from '../activities/load.js';
import { createProviderHealth, type ProviderHealth } from '../activities/provider-health.js';
import { createOpeningsReader } from '../activities/openings.js';
import { createPacer } from '../activities/pacing/pacer.js';
import { createSharedSlots } from '../activities/pacing/shared-slots.js';
import { createRecordActivities } from '../activities/records.js';
import { createProviderSet } from '../activities/providers/provider-set.js';
import type { Environment } from '../config/environment.js';
import type { Config } from '../config/types.js';
import type { HandoffStarter, HandoffWorld } from '../domain/handoff/ports.js';
import type { OverridesAsOf } from '../domain/oncall/known.js';
import type { NightPages } from '../store/night-pages.js';
import type { Store } from '../store/store.js';
import type { Tokens } from '../tokens/signed-token.js';
import { registerCircuitMetrics } from './circuit-metrics.js';
import { createWorker } from './create-worker.js';
import { createDeliveryMetrics } from './delivery-metrics.js';
import { createMorningMails } from './morning-mails.js';
import { keepHandoffSchedule } from './handoff-schedule.js';
import { createIncidentMetrics } from './incident-metrics.js';
import { registerPacingMetrics } from './pacing-metrics.js';
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
  /** What hand-overs of shifts need of the world. */
  readonly handoffs: {
    readonly world: HandoffWorld;
    readonly starter: HandoffStarter;
    readonly overrides: () => OverridesAsOf;
  };
  /** Opens and ends the incident of a heartbeat. */
  readonly tellHeartbeat: TellHeartbeat;
  /** Absent: this process has none. */
  readonly store?: Store;
  /** Who was paged for what at night: limits go by it. */
  readonly nightPages: Pick<NightPages, 'current' | 'note'>;
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
  // The embedded store is of one process alone, which knows what it sends.
  const isShared = options.store?.state().kind === 'postgres';
  const pacer = createPacer(
    options.store === undefined || !isShared ? {} : { shared: createSharedSlots(options.store.slots) },
  );
  registerPacingMetrics(options.registry, pacer);
  const sending = {
    config: options.config,
    providers,
    tokens: options.tokens,
    clock: () => Date.now(),
    log: log.child({ component: 'worker' }),
    metrics: createDeliveryMetrics(options.registry),
    health,
    pacer,
  };
  const { nightPages } = options;
  const activities = countingPages(
    createActivities({
      ...sending,
      publicUrl: environment.publicUrl,
      ...(options.store === undefined ? {} : { bundles: options.store.bundles, isStoreShared: isShared }),
      openings: createOpeningsReader(client.workflow),
    }),
    { ...sending, note: (page) => nightPages.note(page) },
  );
  const load = createLoadActivities({
    ...sending,
    nightPages: () => nightPages.current(),
    addToMorningMail: createMorningMails(client),
  });
  const letters = createLetterActivities(sending);
  const handoffs = createHandoffActivities({
    ...options.handoffs,
    config: options.config,
    sendLetter: (input) => letters.sendLetter(input),
    ...(options.store === undefined ? {} : { store: options.store }),
    tokens: options.tokens,
    publicUrl: environment.publicUrl,
    clock: () => Date.now(),
    log: log.child({ component: 'worker' }),
  });
  const heartbeats = createHeartbeatActivities({
    ...(options.store === undefined ? {} : { store: options.store }),
    tell: options.tellHeartbeat,
    log: log.child({ component: 'worker' }),
  });
  const records = createRecordActivities({
    ...(options.store === undefined ? {} : { store: options.store }),
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
      handoffs,
      heartbeats,
      records,
      letters,
      load,
      workflowBundle: bundle,
      sinks,
    });

  const stopping = new AbortController();
  const planned = keepHandoffSchedule({ client, log: log.child({ component: 'worker' }) });
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
        planned.stop();
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
