import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { attributes } from '../../temporal-config/search-attributes.js';
import { startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { currentDetailsOf, personalData } from './support/histories.js';
import { linkIn, press } from './support/link-page.js';
import { codeKnown, endIncident, entriesOf, openIncident, openNow, pagesTo, sound } from './support/stage.js';
import { startRestartableServer, type RestartableServer } from './support/temporal.js';

/** The server suggests a new run after so few events; its own number is 4,096. */
const EVENTS = 80;
const ACK_TIMEOUT_MS = 15_000;

const cast = createCast({
  people: {
    alice: [
      ['0s', 'sms'],
      ['9s', 'voice'],
    ],
    bob: [['0s', 'sms']],
  },
  services: {
    shop: [{ to: ['alice'], timeout: `${ACK_TIMEOUT_MS / 1_000}s` }, { to: ['bob'] }],
  },
  timings: { stability: '1s', repage: '0s', joinNotice: '10m' },
});
const ALICE = cast.phone('alice');
const BOB = cast.phone('bob');

let temporal: RestartableServer;
let system: RunningSystem;

beforeAll(async () => {
  temporal = await startRestartableServer({
    dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': EVENTS },
  });
  system = await startSystem({ config: cast.yaml, server: temporal });
});
afterAll(async () => {
  await system.stop();
  await temporal.stop();
});

/** The runs of this incident so far, the first one first. */
async function runsOf(
  view: IncidentView,
): Promise<readonly { runId: string; status: string; startTime: Date }[]> {
  const runs: { runId: string; status: string; startTime: Date }[] = [];
  for await (const { runId, status, startTime } of system.client.workflow.list({
    query: `WorkflowId="${view.workflowId}"`,
  }))
    runs.push({ runId, status: status.name, startTime });
  return runs.sort((one, other) => one.startTime.getTime() - other.startTime.getTime());
}

async function runIdOf(view: IncidentView): Promise<string> {
  return (await system.client.workflow.getHandle(view.workflowId).describe()).runId;
}

/** A message of the same group that changes nothing but the history: the alert is known to fire already. */
async function flood(name: string, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent += 10) {
    const codes = await Promise.all(
      Array.from({ length: 10 }, async () => (await sound(system, { service: 'shop', name })).status),
    );
    expect(codes.every((code) => code === 202)).toBe(true);
  }
}

/** Waits until the list with these filters is these incidents, each with the time at which it opened. */
async function listed(query: string, incidents: readonly IncidentView[]): Promise<void> {
  const list = async (): Promise<unknown> => {
    const { status, body } = await system.request('GET', `/v1/incidents?${query}`);
    expect(status).toBe(200);
    const found = (body as { incidents: { openingId: string; startedAt: number }[] }).incidents;
    return found.map(({ openingId, startedAt }) => ({ openingId, startedAt }));
  };
  await expect
    .poll(list, { timeout: 5_000, message: query })
    .toEqual(incidents.map(({ openingId, openedAt }) => ({ openingId, startedAt: openedAt })));
}

async function act(openingId: string, action: string): Promise<void> {
  const { status } = await system.request('POST', `/v1/incidents/${openingId}/${action}`, {
    body: { by: 'alice' },
  });
  expect(status).toBe(200);
}

test('in the middle of an escalation nothing is lost: state, deadlines, links and answers go on in the new run, nobody is paged twice', async () => {
  const alert = { service: 'shop', name: 'long' };
  const opened = await openIncident(system, alert);
  const { openingId, code } = opened;
  const sms = await system.booth.nextSms({ to: ALICE, about: `ACK ${code}` });
  const before = await system.until(
    openingId,
    'delivered',
    (view) => entriesOf(view, 'delivered').length > 0,
  );
  const firstRun = await runIdOf(before);

  for (let round = 0; round < 10 && (await runIdOf(before)) === firstRun; round += 1) await flood('long', 30);
  expect(await runIdOf(before), 'a new run').not.toBe(firstRun);

  const after = await system.view(openingId);
  expect(after).toMatchObject({
    openingId,
    code,
    phase: 'triggered',
    paging: true,
    openedAt: before.openedAt,
    alerts: { firing: 1, total: 1 },
    paged: before.paged,
  });
  // What was promised is still promised for the same instants.
  const promised = before.deadlines.filter(({ name }) => name === 'ack' || name.startsWith('rule:'));
  expect(promised).toHaveLength(2);
  expect(after.deadlines).toEqual(expect.arrayContaining(promised));
  expect(after.timeline.slice(0, before.timeline.length)).toEqual(before.timeline);
  expect(after.previous).toBeUndefined();

  // Her call comes by her rules, though they were set in an earlier run, and the next tier when her time is over.
  const call = await system.booth.nextCall({ to: ALICE, timeoutMs: 15_000 });
  call.letItRing();
  const next = await system.booth.nextSms({ to: BOB, about: `ACK ${code}`, timeoutMs: 20_000 });
  const late = next.createdAt.getTime() - (before.openedAt + ACK_TIMEOUT_MS);
  expect(late).toBeGreaterThanOrEqual(-50);
  expect(late).toBeLessThan(2_000);

  await flood('long', 60);
  // The code and the link of the first message still lead to it.
  await codeKnown(system, code);
  expect((await press(linkIn(sms.body), 'acknowledge')).text).toContain('You have it');
  expect(await system.view(openingId)).toMatchObject({ phase: 'acknowledged', owner: { id: 'alice' } });
  expect(await system.booth.reply(BOB, `ACK ${code}`)).toMatch(/^Alice has had it since/);

  await endIncident(system, alert, openingId);
  expect(pagesTo(system, ALICE, code)).toHaveLength(1);
  expect(pagesTo(system, BOB, code)).toHaveLength(1);
  expect(system.booth.calls.filter(({ to }) => to === ALICE)).toHaveLength(1);
  expect(entriesOf(await system.view(openingId), 'opened')).toHaveLength(1);
  expect((await system.review(openingId)).code).toBe(code);
});

test('answers and alerts that arrive all the while count exactly once, over several runs', async () => {
  const view = await openIncident(system, { service: 'shop', name: 'busy' });
  const { openingId } = view;
  await system.until(openingId, 'delivered', (seen) => entriesOf(seen, 'delivered').length > 0);
  // From here on nothing but answers and alerts wakes the workflow.
  await expect
    .poll(
      async () => (await system.client.workflow.getHandle(view.workflowId).describe()).raw.pendingActivities,
    )
    .toHaveLength(0);
  const notes = Array.from({ length: 60 }, (_, index) => `note ${index}`);
  const posted = (async () => {
    for (let index = 0; index < notes.length; index += 4) {
      const answers = await Promise.all(
        notes
          .slice(index, index + 4)
          .map((text) =>
            system.request('POST', `/v1/incidents/${openingId}/notes`, { body: { text, by: 'alice' } }),
          ),
      );
      expect(answers.filter(({ status }) => status !== 200 && status !== 202)).toEqual([]);
    }
  })();
  await Promise.all([posted, flood('busy', 60)]);
  await expect.poll(async () => (await runsOf(view)).length, { timeout: 5_000 }).toBeGreaterThanOrEqual(3);
  const runs = await runsOf(view);
  expect(runs.slice(0, -1).every(({ status }) => status === 'CONTINUED_AS_NEW')).toBe(true);
  const after = await system.until(
    openingId,
    'all notes',
    (seen) => entriesOf(seen, 'note').length >= notes.length,
  );
  expect(
    entriesOf(after, 'note')
      .map(({ text }) => text)
      .sort(),
  ).toEqual([...notes].sort());
  expect(after.openingId).toBe(openingId);

  // To people it stays one incident.
  await expect
    .poll(
      async () =>
        (await system.incidents()).filter((each) => JSON.stringify(each).includes(openingId)).length,
    )
    .toBe(1);
  // Temporal carries no static summary into a new run; what the ops team finds and reads it by is there all the same.
  const handle = system.client.workflow.getHandle(view.workflowId);
  const { memo, typedSearchAttributes } = await handle.describe();
  expect(memo).toMatchObject({ title: 'busy is down', service: 'shop' });
  expect(typedSearchAttributes.get(attributes.code)).toBe(view.code);
  expect(await currentDetailsOf(handle)).toContain('busy is down');
  await endIncident(system, { service: 'shop', name: 'busy' }, openingId);
});

test('an incident that opened anew in a run that went on is read by its own id', async () => {
  const alert = { service: 'shop', name: 'long', startsAt: '2026-11-21T12:00:00Z' };
  const { status, key } = await sound(system, alert);
  expect(status).toBe(202);
  const fresh = await openNow(system, key);
  const linked = await system.until(fresh.openingId, 'linked', ({ previous }) => previous !== undefined);
  const earlier = await system.view(linked.previous ?? '');
  expect(earlier).toMatchObject({ phase: 'resolved', code: expect.any(String) as string });
  expect(entriesOf(earlier, 'acknowledged')).toMatchObject([{ who: 'Alice', via: 'link' }]);
  await endIncident(system, alert, fresh.openingId);
});

test('a list goes by when an incident opened, not by its newest run; one that opens anew in the next run has its own time', async () => {
  const alert = { service: 'shop', name: 'old' };
  const old = await openIncident(system, alert);
  await act(old.openingId, 'acknowledge');
  for (let round = 0; round < 10 && (await runsOf(old)).length === 1; round += 1) await flood('old', 30);
  const wentOn = (await runsOf(old)).at(-1)?.startTime.getTime() ?? 0;
  expect(wentOn, 'a new run').toBeGreaterThan(old.openedAt);

  await listed(`open=true&since=${old.openedAt}&until=${old.openedAt}`, [old]);
  await listed(`open=true&until=${wentOn - 1}`, [old]);
  await listed(`open=true&since=${wentOn}`, []);

  // While what is told at its end waits for the provider, a new alert does not: the same workflow goes on with it.
  system.booth.misbehave({ kind: 'delay', delayMs: 5_000, channel: 'sms', to: ALICE });
  await endIncident(system, alert, old.openingId);
  const { key } = await sound(system, { ...alert, startsAt: '2026-11-21T12:00:00Z' });
  const fresh = await openNow(system, key);
  expect(fresh.openingId).not.toBe(old.openingId);
  expect((await runsOf(old)).at(-2)?.status, 'how the run before ended').toBe('CONTINUED_AS_NEW');
  await listed(`service=shop&since=${fresh.openedAt}`, [fresh]);
  await listed(`service=shop&since=${old.openedAt}&until=${fresh.openedAt - 1}`, [old]);
  await endIncident(system, { ...alert, startsAt: '2026-11-21T12:00:00Z' }, fresh.openingId);
});

test('no number and no address is in any history', async () => {
  expect(await personalData(system)).toEqual([]);
});
