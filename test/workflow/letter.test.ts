import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LetterReport, SendLetterInput } from '../../activities/letter-contracts.js';
import { MINUTE, SECOND } from '../../domain/time/instant.js';
import { LETTER_WORKFLOW, TASK_QUEUE } from '../../temporal-config/names.js';
import { createWorker } from '../../worker/create-worker.js';
import type { letter } from '../../workflows/letter.js';
import { bundleForTests } from '../support/bundle.js';
import { createRecordedActivities } from '../support/recorded-activities.js';
import { startTimeSkipping } from '../support/temporal.js';
import { letterOf } from '../unit/messages/fixtures.js';

let env: TestWorkflowEnvironment;
let worker: Worker;
let running: Promise<void>;
let answers: LetterReport[] = [];
let asked: { readonly at: number; readonly input: SendLetterInput }[] = [];
let ids = 0;

const SENT: LetterReport = {
  status: 'sent',
  methodId: 'sms-1',
  channel: 'sms',
  provider: 'texts',
  providerId: 'SM1',
};
const failed = (retryable: boolean, retryAfterMs?: number): LetterReport => ({
  status: 'failed',
  tries: [
    {
      methodId: 'sms-1',
      channel: 'sms',
      reason: retryable ? 'unavailable' : 'bad-address',
      retryable,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    },
  ],
});

beforeAll(async () => {
  env = await startTimeSkipping();
  worker = await createWorker({
    connection: env.nativeConnection,
    namespace: 'default',
    activities: createRecordedActivities(() => env.currentTimeMs()),
    letters: {
      sendLetter: async (input) => {
        asked.push({ at: await env.currentTimeMs(), input });
        return answers.shift() ?? SENT;
      },
    },
    workflowBundle: await bundleForTests(),
  });
  running = worker.run();
});
afterEach(() => {
  answers = [];
  asked = [];
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await env.teardown();
});

async function write(forMs: number): Promise<LetterReport> {
  ids += 1;
  return env.client.workflow.execute<typeof letter>(LETTER_WORKFLOW, {
    workflowId: `letter:test-${ids}`,
    taskQueue: TASK_QUEUE,
    args: [
      {
        userId: 'alice',
        letter: letterOf(),
        by: { kind: 'notice' },
        idempotencyKey: `test-${ids}`,
        until: (await env.currentTimeMs()) + forMs,
      },
    ],
  });
}

/** Seconds between tries. */
const waits = (): number[] =>
  asked.slice(1).map(({ at }, index) => Math.round((at - (asked[index]?.at ?? 0)) / SECOND));

test('a letter that leaves at once is reported as it was', async () => {
  expect(await write(MINUTE)).toEqual(SENT);
  expect(asked.map(({ input }) => input)).toEqual([
    { userId: 'alice', letter: letterOf(), by: { kind: 'notice' }, idempotencyKey: `test-${ids}` },
  ]);
});

test('a provider that is down is tried again, ever more rarely, with the same key', async () => {
  answers = [failed(true), failed(true), failed(true, 30_000), SENT];
  expect(await write(10 * MINUTE)).toEqual(SENT);
  expect(waits()).toEqual([2, 4, 30]);
  expect(new Set(asked.map(({ input }) => input.idempotencyKey)).size).toBe(1);
});

test('it ends with the last report when its time is over, and is tried once even when it is over already', async () => {
  answers = Array.from({ length: 50 }, () => failed(true));
  expect(await write(20 * SECOND)).toEqual(failed(true));
  expect(waits()).toEqual([2, 4, 8]);
  asked = [];
  expect(await write(-MINUTE)).toEqual(failed(true));
  expect(asked).toHaveLength(1);
});

test('what cannot help is not tried again', async () => {
  answers = [failed(false)];
  expect(await write(10 * MINUTE)).toEqual(failed(false));
  expect(asked).toHaveLength(1);
  answers = [{ status: 'failed', tries: [] }];
  expect(await write(10 * MINUTE)).toEqual({ status: 'failed', tries: [] });
  expect(asked).toHaveLength(2);
});
