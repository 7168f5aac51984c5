import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { ConfigHolder } from '../config/holder.js';
import { idleQueues, searchAttributeGaps } from '../temporal-config/inspect.js';
import { TASK_QUEUE } from '../temporal-config/names.js';
import { fingerprintOf } from '../store/fingerprint.js';
import type { StoreState } from '../store/store.js';
import type { AppDeps, ReadinessCheck } from './deps.js';

/** A health check that waits longer is a failed one for whoever asks. */
const DEADLINE_MS = 1_500;

/** gRPC's PERMISSION_DENIED and UNIMPLEMENTED: a service that does not let us look. */
const NOT_FOR_US = new Set([7, 12]);

/** What readiness looks at. */
export interface ReadinessDeps {
  readonly client: Client;
  readonly config: Pick<ConfigHolder, 'status'>;
  /** Whether the worker of this process runs; absent: the task queue is asked. */
  readonly workerRuns?: () => boolean;
  /** Providers (`twilio`, `smtp`) that refuse our credentials, as the worker of this process saw last. */
  readonly refusedProviders?: () => readonly string[];
  /** Providers that fail again and again, each with why, as the worker of this process saw last. */
  readonly failingProviders?: () => readonly string[];
  /** How the store is; absent: this process has none. */
  readonly store?: () => StoreState;
}

/**
 * Whether the API can do its work. A refused configuration does not make it unready, since the last good one stays; nor do
 * refused credentials, since another API would meet the same; nor a store that is away, without which paging goes on: all are told. Without a worker, or without a search attribute
 * (every workflow task would fail), alerts are still taken, durably, but nobody is paged: that is not ready.
 */
export function createReadiness(deps: ReadinessDeps): AppDeps['readiness'] {
  const { client, config, workerRuns, refusedProviders } = deps;
  const { connection } = client;
  const { namespace } = client.options;
  const ask = <T>(call: () => Promise<T>): Promise<T> =>
    connection.withDeadline(Date.now() + DEADLINE_MS, call);

  async function temporal(): Promise<ReadinessCheck> {
    try {
      await ask(() => connection.workflowService.describeNamespace({ namespace }));
      return { name: 'temporal', ok: true };
    } catch {
      return { name: 'temporal', ok: false, detail: `namespace ${namespace} does not answer` };
    }
  }

  // Nobody takes them away by accident: seen once is enough.
  let areRegistered = false;
  async function attributes(): Promise<ReadinessCheck> {
    const name = 'search-attributes';
    if (areRegistered) return { name, ok: true };
    try {
      const { missing, wrongType } = await ask(() => searchAttributeGaps(connection, namespace));
      areRegistered = missing.length === 0 && wrongType.length === 0;
      if (areRegistered) return { name, ok: true };
      const said = [
        ...(missing.length === 0 ? [] : [`missing: ${missing.join(', ')}`]),
        ...(wrongType.length === 0 ? [] : [`of another type: ${wrongType.join(', ')}`]),
      ];
      return { name, ok: false, detail: said.join('; ') };
    } catch (error) {
      const mayNot = isGrpcServiceError(error) && NOT_FOR_US.has(Number(error.code));
      return { name, ok: mayNot, detail: `namespace ${namespace} does not tell them` };
    }
  }

  async function worker(): Promise<ReadinessCheck> {
    if (workerRuns?.() === true) return { name: 'worker', ok: true };
    try {
      const idle = await ask(() => idleQueues(connection, namespace));
      if (idle.length === 0) return { name: 'worker', ok: true };
      const tasks = `${idle.join(' and ')} tasks`;
      return {
        name: 'worker',
        ok: false,
        detail: `no worker polls the task queue ${TASK_QUEUE} for ${tasks}`,
      };
    } catch {
      return { name: 'worker', ok: false, detail: `the task queue ${TASK_QUEUE} could not be looked up` };
    }
  }

  function files(): ReadinessCheck {
    const { refused, hash } = config.status();
    if (refused === null) return { name: 'config', ok: true, detail: `version ${hash}` };
    const errors = refused.problems.filter(({ level }) => level === 'error').length;
    const detail = `version ${hash} stays: the changed files were refused (errors: ${errors})`;
    return { name: 'config', ok: true, detail };
  }

  function providers(): readonly ReadinessCheck[] {
    if (refusedProviders === undefined) return [];
    const troubles = [
      ...refusedProviders().map((provider) => `${provider}: credentials refused`),
      ...(deps.failingProviders?.() ?? []),
    ];
    return [
      { name: 'providers', ok: true, ...(troubles.length === 0 ? {} : { detail: troubles.join('; ') }) },
    ];
  }

  // Its sentence names hosts and folders: it is for the log, and this is for whoever asks.
  function store(): readonly ReadinessCheck[] {
    if (deps.store === undefined) return [];
    const state = deps.store();
    const { status, cause, since, kind } = state;
    const same = { name: 'store', ok: true, store: { kind, fingerprint: fingerprintOf(state) } } as const;
    if (status === 'ready' && cause === null) return [same];
    const words = cause === null || cause === status ? status : `${status} (${cause})`;
    const detail = `${words} since ${new Date(since).toISOString()}: paging goes on without`;
    return [{ ...same, detail }];
  }

  return async () => {
    const asked = await Promise.all([temporal(), attributes(), worker()]);
    const checks: readonly ReadinessCheck[] = [...asked, files(), ...providers(), ...store()];
    return { ok: checks.every(({ ok }) => ok), checks };
  };
}
