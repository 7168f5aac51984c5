import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { createHeartbeatActivities } from '../../activities/heartbeat-activities.js';
import { createHeartbeatTeller } from '../../api/heartbeats/intake.js';
import { createHeartbeatWorkflows } from '../../api/heartbeats/heartbeat-workflows.js';
import { forEachAtMost } from '../../api/intake/batches.js';
import { loadConfigFiles } from '../../config/load.js';
import type { HeartbeatPhase, HeartbeatSettings } from '../../domain/heartbeat/heartbeat.js';
import { MINUTE, SECOND } from '../../domain/time/instant.js';
import { openStore } from '../../store/open-store.js';
import { heartbeatWorkflowId } from '../../temporal-config/names.js';
import { createWorker } from '../../worker/create-worker.js';
import { heartbeatQuery } from '../../workflows/messages.js';
import { bundleForTests } from '../support/bundle.js';
import { createRecordedActivities } from '../support/recorded-activities.js';
import { configOf, KEYS } from '../support/running-system.js';
import { startRealServer } from '../support/temporal.js';
import { saveHistory } from './save-history.js';

const SETTINGS: HeartbeatSettings = {
  id: 'nightly-backup',
  service: 'payments',
  severity: null,
  everyMs: 4 * SECOND,
  graceMs: SECOND,
  zone: 'UTC',
};

/** As many events as a run has at most before it continues as new (workflows/heartbeat.ts). */
const BEATS = 1_000;

/**
 * Two runs of one heartbeat. The first: nothing beats, it is missed, a beat in the store resolves it, and so many come by signal
 * that it continues as new. The second has the state of the first, falls silent, and ends while it is missed.
 */
export async function recordHeartbeats(): Promise<void> {
  const server = await startRealServer();
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-record-'));
  const log = pino({ level: 'silent' });
  const store = openStore({ databaseUrl: undefined, directory, log });
  try {
    await store.untilReady(MINUTE);
    const name = 'tocsin.yaml';
    const loaded = loadConfigFiles([{ name, text: configOf() }], name, {
      KEY_ALERTMANAGER: KEYS.alertmanager,
      KEY_GENERIC: KEYS.generic,
      KEY_API: KEYS.api,
    });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    const client = await server.client();
    const config = () => loaded.config;
    const worker = await createWorker({
      connection: await server.nativeConnection(),
      namespace: server.target.namespace,
      activities: createRecordedActivities(() => Promise.resolve(Date.now())),
      heartbeats: createHeartbeatActivities({
        store,
        tell: createHeartbeatTeller({ client, config, now: () => Date.now() }),
        log,
      }),
      workflowBundle: await bundleForTests(),
    });
    const workflows = createHeartbeatWorkflows({ client });
    const handle = client.workflow.getHandle(heartbeatWorkflowId(SETTINGS.id));

    async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
      console.log(`until ${what}`);
      for (const deadline = Date.now() + MINUTE; !(await holds()); await delay(500))
        if (Date.now() > deadline) throw new Error(`Waited a minute until the heartbeat is ${what}.`);
    }
    const isIn = async (phase: HeartbeatPhase): Promise<boolean> =>
      (await handle.query(heartbeatQuery)).phase === phase;
    const runNow = async (): Promise<string> => (await handle.describe()).runId;

    await worker.runUntil(async () => {
      await workflows.ensure(SETTINGS);
      const first = await runNow();
      await until('missed', () => isIn('missed'));
      await until('beating', async () => {
        await store.beats.record(new Map([[SETTINGS.id, Date.now()]]));
        return isIn('beating');
      });
      const beats = Array.from({ length: BEATS }, (_, index) => index);
      await forEachAtMost(beats, 10, () => workflows.beat(SETTINGS, { at: Date.now(), from: 'recorder' }));
      await until('continued as new', async () => (await runNow()) !== first);
      await until('missed again', () => isIn('missed'));
      const second = await runNow();
      await workflows.end(SETTINGS.id);
      await handle.result();
      const { id } = SETTINGS;
      await saveHistory(client.workflow.getHandle(heartbeatWorkflowId(id), first), 'heartbeat', 'missed');
      await saveHistory(client.workflow.getHandle(heartbeatWorkflowId(id), second), 'heartbeat', 'carried');
    });
  } finally {
    await store.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
