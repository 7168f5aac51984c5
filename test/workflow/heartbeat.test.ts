import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { HeartbeatActivities, TellHeartbeatInput } from '../../activities/heartbeat-contracts.js';
import type { HeartbeatSettings, LastBeat } from '../../domain/heartbeat/heartbeat.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../domain/time/instant.js';
import { HEARTBEAT_WORKFLOW, heartbeatWorkflowId, TASK_QUEUE } from '../../temporal-config/names.js';
import { createWorker } from '../../worker/create-worker.js';
import { beatSignal, heartbeatQuery, heartbeatSettingsSignal } from '../../workflows/messages.js';
import { bundleForTests } from '../support/bundle.js';
import { createRecordedActivities } from '../support/recorded-activities.js';
import { startTimeSkipping } from '../support/temporal.js';

let env: TestWorkflowEnvironment;
let worker: Worker;
let running: Promise<void>;
const told: (TellHeartbeatInput & { readonly at: number })[] = [];
let looks = 0;
let answer: (now: number) => LastBeat = () => ({ kind: 'no-store' });
/** So many calls fail before one gets through. */
let refusals = 0;
let ids = 0;

beforeAll(async () => {
  env = await startTimeSkipping();
  const heartbeats: HeartbeatActivities = {
    lastBeat: async () => {
      looks += 1;
      return answer(await env.currentTimeMs());
    },
    tellHeartbeat: async (input) => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('Temporal is away');
      told.push({ ...input, at: await env.currentTimeMs() });
    },
  };
  worker = await createWorker({
    connection: env.nativeConnection,
    namespace: 'default',
    activities: createRecordedActivities(() => env.currentTimeMs()),
    heartbeats,
    workflowBundle: await bundleForTests(),
  });
  running = worker.run();
});
afterEach(() => {
  told.length = 0;
  looks = 0;
  refusals = 0;
  answer = () => ({ kind: 'no-store' });
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await env.teardown();
});

async function start(
  changes: Partial<HeartbeatSettings> = {},
): Promise<{ readonly handle: WorkflowHandle; readonly settings: HeartbeatSettings; readonly t0: number }> {
  ids += 1;
  const settings: HeartbeatSettings = {
    id: `backup-${ids}`,
    service: 'payments',
    severity: null,
    everyMs: 24 * HOUR,
    graceMs: HOUR,
    zone: 'UTC',
    ...changes,
  };
  const handle = await env.client.workflow.start(HEARTBEAT_WORKFLOW, {
    workflowId: heartbeatWorkflowId(settings.id),
    taskQueue: TASK_QUEUE,
    args: [{ settings }],
  });
  // The clock is one for all: what is over must not go on.
  onTestFinished(async () => {
    await handle.terminate().catch(() => undefined);
  });
  const { dueAt } = await handle.query(heartbeatQuery);
  return { handle, settings, t0: dueAt - settings.everyMs - settings.graceMs };
}

/** What was told, as "fire" or "resolve" with the minutes since `t0`. */
const alarms = (t0: number): string[] =>
  told.map(({ at, command }) => `${Math.round((at - t0) / MINUTE)} ${command.type}`);

async function countOf(handle: WorkflowHandle, type: 'timerStartedEventAttributes'): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((event) => event[type] !== null && event[type] !== undefined).length;
}

test('nothing ever beats: told once, however often telling fails, and resolved by the first beat', async () => {
  const { handle, settings, t0 } = await start();
  refusals = 3;
  await env.sleep(26 * HOUR);
  expect(alarms(t0)).toEqual(['1500 fire']);
  expect(told[0]?.settings).toEqual(settings);
  await env.sleep(DAY);
  expect(told).toHaveLength(1);
  const missed = await handle.query(heartbeatQuery);
  expect(missed.phase).toBe('missed');
  expect(Math.round(((missed.missedAt ?? 0) - t0) / MINUTE)).toBe(25 * 60);
  expect((await handle.describe()).memo?.['heartbeat']).toMatchObject({ phase: 'missed' });

  const now = await env.currentTimeMs();
  await handle.signal(beatSignal, { at: now, from: 'a' });
  await env.sleep(SECOND);
  expect(told.map(({ command }) => command.type)).toEqual(['fire', 'resolve']);
  expect(await handle.query(heartbeatQuery)).toMatchObject({ phase: 'beating', dueAt: now + 25 * HOUR });
  expect((await handle.describe()).memo?.['heartbeat']).toMatchObject({ phase: 'beating', missedAt: null });
});

test('two years of nights in the store: a look a night, short histories, no alarm; then the nights stop', async () => {
  const { handle, t0 } = await start();
  const lastNight = (now: number): number => t0 + Math.floor((now - t0) / DAY) * DAY;
  answer = (now) => ({ kind: 'known', at: lastNight(now) });
  const first = (await handle.describe()).runId;
  await env.sleep(730 * DAY);
  expect(told).toEqual([]);
  expect(looks).toBeGreaterThan(700);
  expect(looks).toBeLessThanOrEqual(731);
  const now = await handle.describe();
  expect(now.runId).not.toBe(first);
  expect(now.historyLength).toBeLessThan(1_100);

  const stopped = lastNight(await env.currentTimeMs());
  answer = () => ({ kind: 'known', at: stopped });
  await env.sleep(3 * DAY);
  expect(told.map(({ at, command }) => `${Math.round((at - stopped) / HOUR)} ${command.type}`)).toEqual([
    '25 fire',
  ]);
});

test('two hundred beats by signal start no timer', async () => {
  const { handle } = await start();
  for (let beat = 0; beat < 200; beat += 1)
    await handle.signal(beatSignal, { at: await env.currentTimeMs(), from: 'a' });
  expect(await handle.query(heartbeatQuery)).toMatchObject({ phase: 'beating' });
  // One at the start, and one when the first beat made it beating.
  expect(await countOf(handle, 'timerStartedEventAttributes')).toBeLessThanOrEqual(2);
  expect(told).toEqual([]);
});

test('the store is away at the deadline: one interval more, noted, then it counts as missed', async () => {
  const { handle, t0 } = await start();
  answer = () => ({ kind: 'away', reason: 'unreachable' });
  await env.sleep(26 * HOUR);
  expect(told).toEqual([]);
  const away = await handle.query(heartbeatQuery);
  expect(away.phase).toBe('waiting');
  expect(Math.round(((away.storeAwaySince ?? 0) - t0) / MINUTE)).toBe(25 * 60);
  await env.sleep(30 * HOUR);
  expect(alarms(t0)).toEqual(['3000 fire']);
  expect(told[0]?.command).toMatchObject({ storeAwaySince: away.storeAwaySince });
});

test('an activity that breaks is a store that is away: never silent', async () => {
  const { t0 } = await start({ everyMs: 10 * MINUTE, graceMs: MINUTE });
  answer = () => {
    throw new Error('broken');
  };
  await env.sleep(HOUR);
  expect(alarms(t0)).toEqual(['22 fire']);
});

test('a shorter interval starts now: no alarm for the time before', async () => {
  const { handle, settings, t0 } = await start();
  await handle.signal(beatSignal, { at: t0, from: 'a' });
  await env.sleep(20 * HOUR);
  const changed = { ...settings, everyMs: HOUR, graceMs: MINUTE };
  await handle.signal(heartbeatSettingsSignal, changed);
  await env.sleep(30 * MINUTE);
  expect(told).toEqual([]);
  expect((await handle.describe()).memo?.['heartbeat']).toMatchObject({ settings: changed });
  // The same again, by another API, moves nothing.
  await handle.signal(heartbeatSettingsSignal, changed);
  await env.sleep(HOUR);
  expect(alarms(t0)).toEqual([`${21 * 60 + 1} fire`]);
});

test('what the configuration no longer has ends, and resolves what it opened; asked to cancel, it goes on', async () => {
  const { handle, t0 } = await start();
  await handle.cancel();
  await env.sleep(26 * HOUR);
  expect(alarms(t0)).toEqual(['1500 fire']);
  await handle.signal(heartbeatSettingsSignal, null);
  await handle.result();
  expect(told.map(({ command }) => command.type)).toEqual(['fire', 'resolve']);
});
