import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { LetterReport, SendLetterInput } from '../../activities/letter-contracts.js';
import type { LoadActivities } from '../../activities/load-contracts.js';
import { createLoadActivities } from '../../activities/load.js';
import type { FoundPeople } from '../../domain/incident/event.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../domain/time/instant.js';
import {
  INCIDENT_WORKFLOW,
  incidentWorkflowId,
  MORNING_MAIL_WORKFLOW,
  morningMailWorkflowId,
  TASK_QUEUE,
} from '../../temporal-config/names.js';
import { createWorker } from '../../worker/create-worker.js';
import { createMorningMails } from '../../worker/morning-mails.js';
import { alertsSignal, incidentQuery } from '../../workflows/messages.js';
import { bundleForTests } from '../support/bundle.js';
import { alertOf, batchOf, inputOf } from '../support/plans.js';
import { createRecordedActivities, type RecordedActivities } from '../support/recorded-activities.js';
import { startTimeSkipping } from '../support/temporal.js';
import { configOf } from '../unit/config/support.js';

const ERIN_ZONE = 'America/New_York';
const config = configOf({
  users: `
  alice: { name: Alice, phone: "+12025550101", manager: erin }
  bob: { name: Bob, phone: "+12025550102" }
  dan: { name: Dan, phone: "+12025550103", manager: erin }
  erin: { name: Erin, phone: "+12025550105", email: erin@example.com, zone: ${ERIN_ZONE} }`,
  groups: `
  ops-room: { name: Ops room, contacts: [{ channel: sms, to: "+12025550199" }] }`,
  severities: '{ override: { SEV1: { managementAfter: off }, SEV0: { executives: false } } }',
});

let env: TestWorkflowEnvironment;
let worker: Worker;
let running: Promise<void>;
let activities: RecordedActivities;
const letters: (SendLetterInput & { readonly at: number })[] = [];
let becomes: () => LetterReport = () => sent;
/** So many notes fail before one gets through. */
let refusals = 0;
const past = new Set<string>();
let ids = 0;

const sent: LetterReport = {
  status: 'sent',
  methodId: 'email-1',
  channel: 'email',
  provider: 'test',
  providerId: 'm-1',
};

beforeAll(async () => {
  env = await startTimeSkipping();
  activities = createRecordedActivities(() => env.currentTimeMs());
  const none = (): void => undefined;
  const real = createLoadActivities({
    config: () => config,
    nightPages: () => [],
    addToMorningMail: createMorningMails(env.client),
    log: { info: none, warn: none, error: none },
  });
  const load: LoadActivities = {
    ...real,
    noteSpared: async (input) => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('Temporal is away');
      return real.noteSpared(input);
    },
  };
  worker = await createWorker({
    connection: env.nativeConnection,
    namespace: 'default',
    activities: {
      ...activities,
      findPeople: async (input): Promise<FoundPeople> => {
        const found = await activities.findPeople(input);
        const people = found.people.map((person) =>
          past.has(person.userId) ? { ...person, overLimit: { count: 3, limit: 3 } } : person,
        );
        return { ...found, people };
      },
    },
    load,
    letters: {
      sendLetter: async (input) => {
        letters.push({ ...input, at: await env.currentTimeMs() });
        return becomes();
      },
    },
    workflowBundle: await bundleForTests(),
  });
  running = worker.run();
});
afterEach(() => {
  letters.length = 0;
  activities.delivered.length = 0;
  refusals = 0;
  past.clear();
  becomes = () => sent;
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await env.teardown();
});

async function open(title: string, changes: Parameters<typeof inputOf>[0] = {}) {
  ids += 1;
  const input = inputOf({ key: String(ids).padStart(20, '0'), title, ...changes });
  const handle = await env.client.workflow.signalWithStart(INCIDENT_WORKFLOW, {
    workflowId: incidentWorkflowId(input.key),
    taskQueue: TASK_QUEUE,
    args: [input],
    signal: alertsSignal,
    signalArgs: [batchOf([alertOf()])],
  });
  // The clock is one for all: what is over must not go on, and nobody answers these for days.
  const end = async (): Promise<void> => {
    await handle.terminate().catch(() => undefined);
  };
  onTestFinished(end);
  return { view: () => handle.query<IncidentView, []>(incidentQuery), end };
}

/** Goes to this hour of New York's clock, on the next day on which it comes. */
async function sleepUntilHour(hour: number): Promise<void> {
  const clock = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: ERIN_ZONE, hour: '2-digit', minute: '2-digit', second: '2-digit' },
    hourCycle: 'h23',
  });
  const now = await env.currentTimeMs();
  const [hours = 0, minutes = 0, seconds = 0] = clock.format(now).split(':').map(Number);
  const wait = (hour - hours) * HOUR - minutes * MINUTE - seconds * SECOND;
  await env.sleep(wait > 0 ? wait : wait + DAY);
}

const hourOf = (at: number): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: ERIN_ZONE, timeStyle: 'short' }).format(at);

test('bob is paged first, and at nine by her own clock erin has one mail about the whole night', async () => {
  await sleepUntilHour(22);
  past.add('alice');
  const first = await open('disk is full');
  await env.sleep(6 * MINUTE);
  expect(activities.delivered.slice(0, 2).map(({ userId }) => userId)).toEqual(['bob', 'bob']);
  expect(activities.delivered.some(({ userId }) => userId === 'alice')).toBe(true);
  const { timeline, deadlines } = await first.view();
  expect(timeline).toContainEqual(
    expect.objectContaining({ type: 'spared', tier: 'primary', instead: 'secondary' }),
  );
  expect(timeline.some(({ type }) => type === 'problem')).toBe(false);
  expect(deadlines.find(({ name }) => name === 'ack')?.label).toBe(
    'ack timeout: alice (primary), then tier 2',
  );

  await first.end();
  await sleepUntilHour(3);
  const second = await open('queue is long');
  await env.sleep(MINUTE);
  await second.end();
  expect(letters).toEqual([]);
  await sleepUntilHour(10);
  expect(letters).toHaveLength(1);
  const [{ at, userId, by, letter, idempotencyKey } = letters[0] as never] = letters;
  expect(hourOf(at)).toBe('09:00');
  expect({ userId, by, topic: letter.topic }).toEqual({
    userId: 'erin',
    by: { kind: 'notice', first: 'email' },
    topic: 'morning',
  });
  expect(letter.body.filter((line) => line.startsWith('- '))).toEqual([
    expect.stringMatching(
      / 22:0\d .*: SEV1 disk is full \(payments, \w{4}\): secondary was paged before primary$/,
    ),
    expect.stringMatching(/ 03:0\d .*: SEV1 queue is long /),
  ]);
  // Ids are hashes: nobody can be read out of them.
  expect(idempotencyKey).toMatch(/^morning-mail:[0-9a-f]{20}\/1$/);
  await env.sleep(2 * DAY);
  expect(letters).toHaveLength(1);
});

test('whoever leads nobody and has no management is named in the timeline; the pages go out all the same', async () => {
  past.add('bob').add('carol');
  const severe = await open('disk is full', { plan: { ...inputOf().plan, management: [] } });
  await env.sleep(5 * MINUTE + SECOND);
  // Bob and carol both had their share: he is paged in his turn, and nobody is noted.
  expect((await severe.view()).timeline.some(({ type }) => type === 'spared')).toBe(false);
  await severe.end();
  past.delete('carol');
  const other = await open('queue is long', { plan: { ...inputOf().plan, management: [] } });
  await env.sleep(5 * MINUTE + SECOND);
  const { timeline } = await other.view();
  expect(timeline).toContainEqual(
    expect.objectContaining({ type: 'spared', tier: 'secondary', instead: 'tier 2' }),
  );
  expect(timeline).toContainEqual(
    expect.objectContaining({
      type: 'problem',
      text: 'nobody hears in the morning that bob had their share of pages: give them a manager in the configuration (users), or name defaults.management',
    }),
  );
  await other.end();
  await env.sleep(2 * DAY);
  expect(letters).toEqual([]);
});

test('a note that fails at first is made later, once, and holds up no page', async () => {
  refusals = 4;
  past.add('alice');
  const { view, end } = await open('disk is full');
  await env.sleep(SECOND);
  expect(activities.delivered.map(({ userId }) => userId)).toEqual(['bob']);
  await env.sleep(2 * MINUTE);
  expect(refusals).toBe(-1);
  expect((await view()).timeline.some(({ type }) => type === 'problem')).toBe(false);
  await end();
  await env.sleep(26 * HOUR);
  expect(letters).toHaveLength(1);
  expect(letters[0]?.letter.body.filter((line) => line.startsWith('- '))).toHaveLength(1);
});

test('a mail that is refused for now is tried again; what is noted after it has a mail of its own', async () => {
  await sleepUntilHour(4);
  const at = (await env.currentTimeMs()) + 5 * HOUR;
  const add = createMorningMails(env.client);
  const spared = (openingId: string) => ({
    ...{ openingId, code: 'AB12', title: 'disk', service: 'payments', severity: 'SEV1', at: at - HOUR },
    ...{ tier: 'primary', instead: 'secondary' },
    person: { userId: 'alice', name: 'Alice', count: 3, limit: 3 },
  });
  const mail = { key: 'f'.repeat(20), userId: 'erin', at };
  let tries = 0;
  becomes = () => {
    tries += 1;
    return tries < 3
      ? {
          status: 'failed',
          tries: [{ methodId: 'email-1', channel: 'email', reason: 'unavailable', retryable: true }],
        }
      : sent;
  };
  await add(mail, spared('o-1'));
  // The same again, as an activity that is tried again would.
  await add(mail, spared('o-1'));
  await env.sleep(6 * HOUR);
  expect(letters.map(({ idempotencyKey }) => idempotencyKey)).toEqual(
    Array.from({ length: 3 }, () => `morning-mail:${'f'.repeat(20)}/1`),
  );
  expect(letters[0]?.letter.body.filter((line) => line.startsWith('- '))).toHaveLength(1);
  // Late, after an outage of ours: at once.
  await add(mail, spared('o-2'));
  await env.sleep(MINUTE);
  expect(letters).toHaveLength(4);
});

test('its workflow says what is in it, under names of ours', async () => {
  const at = (await env.currentTimeMs()) + HOUR;
  await createMorningMails(env.client)(
    { key: 'a'.repeat(20), userId: 'erin', at },
    {
      ...{ openingId: 'o-1', code: 'AB12', title: 'disk', service: 'payments', severity: 'SEV1', at },
      ...{ tier: 'primary', instead: 'secondary' },
      person: { userId: 'alice', name: 'Alice', count: 3, limit: 3 },
    },
  );
  const handle = env.client.workflow.getHandle(morningMailWorkflowId('a'.repeat(20)));
  const { type } = await handle.describe();
  expect(type).toBe(MORNING_MAIL_WORKFLOW);
  await env.sleep(2 * HOUR);
  expect(await handle.result()).toBe(1);
});
