import { createProviderHealth } from '../../activities/provider-health.js';
import { createProviderSet } from '../../activities/providers/provider-set.js';
import { createHandoffPorts } from '../../api/handoff/handoff-ports.js';
import { createHeartbeatTeller } from '../../api/heartbeats/intake.js';
import { registerConfigMetrics } from '../../api/config-metrics.js';
import { createReadiness } from '../../api/readiness.js';
import { startHealthServer } from '../../api/health-server.js';
import { registerStoreMetrics } from '../../api/store-metrics.js';
import type { Config } from '../../config/types.js';
import { createNativeConnection, createTemporalClient } from '../../temporal-config/connection.js';
import { startWorker, type RunningWorker } from '../../worker/main.js';
import { installRuntime } from '../../worker/runtime.js';
import { answersComeBack, checkPublicUrl } from '../doctor/check-providers.js';
import { CliFailure } from '../failure.js';
import { openProcess, type ProcessOptions } from './one-process.js';
import { followStore } from './follow-store.js';
import { openSharedStore } from './own-store.js';

/** How long a worker that starts waits for what the store knows, e.g. overrides: then it pages by what is known. */
const STORE_FIRST_MS = 2_000;

/** A worker that runs alone. */
export interface StartedWorker {
  /** Where its health is told on this machine. */
  readonly healthUrl: string;
  readonly temporal: { readonly address: string; readonly namespace: string };
}

/**
 * Starts a worker as a process of its own, one of any number.
 * @throws CliFailure and TemporalSetupError as `openProcess`; `no-providers`; ListenError for its health port
 */
export async function startWorkerProcess(options: ProcessOptions): Promise<StartedWorker> {
  const base = await openProcess(options);
  const { environment, target, holder, log } = base;
  const { cleanups, progress, warn } = options;
  const silent = requireProviders(holder.current(), environment.all);
  if (silent.length > 0)
    warn(`No provider is set up for ${silent.join(' and ')}: who can be reached only so is not paged.`);
  const reach = checkPublicUrl(
    environment.publicUrl,
    answersComeBack(environment.all, holder.current().providers),
  );
  if (reach.status !== 'ok') warn(`${reach.detail}. ${reach.remedy ?? ''}`);

  const registry = await installRuntime(log);
  const connection = await createNativeConnection(target);
  cleanups.add('', () => connection.close());
  const client = await createTemporalClient(target, {}, connection);
  registerConfigMetrics(registry, holder);
  const { store } = openSharedStore({ environment, log, cleanups });
  if (store !== undefined) registerStoreMetrics(registry, store);
  const { config, known, apiKeys, nightPages, caughtUp } = followStore({
    ...{ store, dataDir: environment.dataDir, log, cleanups, tokens: base.tokens, now: options.now },
    config: () => holder.current(),
  });
  const providers = createProviderHealth();
  const state: WorkerState = { isDraining: false };
  const readiness = createReadiness({
    client,
    config: holder,
    refusedProviders: () => providers.refused(),
    failingProviders: () => providers.failing(),
    ...(store === undefined ? {} : { store: () => store.state() }),
    // The others are none of this process's readiness: the queue is not asked.
    workerRuns: () => true,
  });
  const health = await startHealthServer({
    host: environment.host,
    port: environment.healthPort,
    config: () => holder.current(),
    ...(apiKeys === undefined ? {} : { apiKeys }),
    log,
    registry,
    readiness: async () => {
      const { checks } = await readiness();
      const own = { name: 'worker', ...readinessOf(state) };
      const all = checks.map((check) => (check.name === 'worker' ? own : check));
      return { ok: all.every(({ ok }) => ok), checks: all };
    },
  });
  // After the worker: whoever watches sees it drain.
  cleanups.add('', () => health.stop());
  await caughtUp(STORE_FIRST_MS);
  options.signal.throwIfAborted();
  progress('starting the worker');
  const running = await startWorker({
    ...base,
    registry,
    client,
    connection,
    config,
    health: providers,
    nightPages,
    handoffs: createHandoffPorts({ client, known }),
    tellHeartbeat: createHeartbeatTeller({ client, config, now: options.now }),
    ...(store === undefined ? {} : { store }),
  });
  state.worker = running;
  cleanups.add('draining the worker: deliveries under way are seen through', async () => {
    state.isDraining = true;
    await running.stop();
  });
  const temporal = { address: target.address, namespace: target.namespace };
  log.info({ health: health.url, temporal, hash: holder.current().hash }, 'the worker is ready');
  return { healthUrl: health.url, temporal };
}

interface WorkerState {
  /** Absent while it is starting. */
  worker?: RunningWorker;
  isDraining: boolean;
}

function readinessOf({ worker, isDraining }: WorkerState): {
  readonly ok: boolean;
  readonly detail?: string;
} {
  if (isDraining) return { ok: false, detail: 'it was told to stop and sees through what it has' };
  if (worker === undefined) return { ok: false, detail: 'it is starting' };
  return worker.isRunning() ? { ok: true } : { ok: false, detail: 'it broke and is started again' };
}

/**
 * The channels by which somebody wants to be reached and that no provider serves.
 * @throws CliFailure `no-providers` when no channel is served: nobody could be paged
 */
function requireProviders(config: Config, env: Readonly<Record<string, string | undefined>>): string[] {
  const served = new Set<string>(createProviderSet(env, () => config)().map(({ channel }) => channel));
  const wanted = new Set<string>(
    [...config.users.values()].flatMap(({ methods }) => methods.map(({ channel }) => channel)),
  );
  const silent = [...wanted].filter((channel) => !served.has(channel));
  if (silent.length < wanted.size) return silent;
  throw new CliFailure('No provider is set up by which anybody could be paged.', {
    code: 'no-providers',
    remedy:
      'Set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM for SMS and calls, SMTP_URL and MAIL_FROM for mail, or add others under `providers` in the configuration. To try Tocsin without, `tocsin up` has a phone booth.',
  });
}
