import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IncidentView } from '../../domain/incident/view.js';
import { attributes, searchAttributeTypes } from '../../temporal-config/search-attributes.js';
import { startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast, ROOM } from './support/cast.js';
import {
  allHistories,
  currentDetailsOf,
  personalData,
  readableText,
  summaryIn,
} from './support/histories.js';
import { linkIn, press } from './support/link-page.js';
import { codeKnown, current, entriesOf, openIncident, sound } from './support/stage.js';

const cast = createCast({
  people: {
    alice: [['0s', 'sms', 'email']],
    bob: [
      ['0s', 'voice'],
      ['1s', 'sms'],
    ],
    'a-person-with-a-long-id': [['0s', 'sms']],
  },
  services: {
    shop: [{ to: ['alice'] }, { to: ['bob'] }],
    nobody: [
      { to: ['alice'], timeout: '1s' },
      { to: ['bob'], timeout: '2s' },
    ],
    long: [{ to: ['a-person-with-a-long-id'] }],
  },
  timings: { stability: '1s', recheck: '1s', noProgress: '3s', stillOnItBefore: '2s', retry: '500ms' },
});

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({ config: cast.yaml });
});
afterAll(() => system.stop());

/** Waits until exactly these workflows answer to the query. */
async function found(query: string, ids: readonly string[]): Promise<void> {
  const list = async (): Promise<readonly string[]> => {
    const workflows: string[] = [];
    for await (const { workflowId } of system.client.workflow.list({ query })) workflows.push(workflowId);
    return workflows.sort();
  };
  await expect.poll(list, { timeout: 10_000, message: query }).toEqual([...ids].sort());
}

describe('what the ops team finds in Temporal', () => {
  let view: IncidentView;

  test('an incident is found by every attribute, as it changes', async () => {
    view = await openIncident(system, { service: 'shop', name: 'found' });
    const { workflowId, openingId, code } = view;
    await found('TocsinPhase="triggered"', [workflowId]);
    await found('TocsinPaged="alice"', [workflowId]);
    await found(`TocsinCode="${code}" AND TocsinKind="incident"`, [workflowId]);
    await found(`TocsinOpening="${openingId}"`, [workflowId]);
    await found('TocsinService="shop" AND TocsinSeverity="SEV1"', [workflowId]);
    await found('TocsinOwner="alice"', []);

    await codeKnown(system, code);
    await system.booth.reply(cast.phone('alice'), `ACK ${code}`);
    await found('TocsinPhase="acknowledged" AND TocsinOwner="alice"', [workflowId]);
    await found('TocsinPaged="alice"', []);
    await found('TocsinResponders="alice"', [workflowId]);
    const { typedSearchAttributes } = await system.client.workflow.getHandle(workflowId).describe();
    const ours = typedSearchAttributes
      .getAll()
      .map(({ key }) => key.name)
      .filter((name) => name.startsWith('Tocsin'));
    // The service has no team, and nobody's page is open any more.
    const absent: readonly string[] = [attributes.team.name, attributes.paged.name];
    expect(ours.sort()).toEqual(
      Object.keys(searchAttributeTypes)
        .filter((name) => !absent.includes(name))
        .sort(),
    );
  });

  test('its summary, its details and its memo say what it is about', async () => {
    const handle = system.client.workflow.getHandle(view.workflowId);
    const description = await handle.describe();
    expect(await description.staticSummary()).toBe('SEV1 shop: found is down');
    expect(await description.staticDetails()).toContain('policy: shop');
    expect(description.memo).toMatchObject({ title: 'found is down', service: 'shop', owner: 'Alice' });
    const details = await currentDetailsOf(handle);
    expect(details).toContain(`## SEV1 ${view.code}: found is down`);
    expect(details).toContain('Alice has it since');
    expect(details).toContain('acknowledged by Alice');
  });

  test('after resolution the incident and its review are found apart', async () => {
    await sound(system, { service: 'shop', name: 'found', status: 'resolved' });
    await system.until(view.openingId, 'resolved', ({ phase }) => phase === 'resolved');
    await found(`TocsinOpening="${view.openingId}" AND TocsinKind="incident"`, [view.workflowId]);
    await found(`TocsinOpening="${view.openingId}" AND TocsinKind="review"`, [`review:${view.openingId}`]);
    await found('TocsinPhase="post-incident" AND ExecutionStatus="Running"', [`review:${view.openingId}`]);
    // SQLite compares times as text, without the zeros at their end.
    const [before, after] = [-1, 1].map((ms) => new Date(view.openedAt + ms).toISOString());
    await found(`TocsinOpened > "${before ?? ''}" AND TocsinOpened < "${after ?? ''}"`, [
      view.workflowId,
      `review:${view.openingId}`,
    ]);
    const review = system.client.workflow.getHandle(`review:${view.openingId}`);
    expect(await (await review.describe()).staticSummary()).toBe('review of SEV1 found is down');
    expect(await currentDetailsOf(review)).toContain('The postmortem is due');
  });

  test('a long id becomes a short one that leads to the same person', async () => {
    const { code } = await openIncident(system, { service: 'long', name: 'long-id' });
    const phone = cast.phone('a-person-with-a-long-id');
    await found('TocsinPaged="a-person-with-a-long-id"', []);
    await codeKnown(system, code);
    await expect.poll(() => system.booth.reply(phone, 'ack'), { timeout: 5_000 }).toMatch(/^You have it/);
    await sound(system, { service: 'long', name: 'long-id', status: 'resolved' });
  });
});

describe('what is written into histories', () => {
  test('every timer and every activity has a label that a person understands', async () => {
    await longIncident();
    const labels: string[] = [];
    const unlabelled: string[] = [];
    for (const { workflowId, history } of await allHistories(system)) {
      for (const event of history.events ?? []) {
        const { timerStartedEventAttributes: timer, activityTaskScheduledEventAttributes: activity } = event;
        // How the SDK records a local activity.
        const isLocal = event.markerRecordedEventAttributes?.markerName === 'core_local_activity';
        if (!timer && !activity && !isLocal) continue;
        const summary = summaryIn(event.userMetadata);
        if (summary === '') unlabelled.push(`${workflowId} event ${String(event.eventId)}`);
        labels.push(summary);
      }
    }
    expect(unlabelled).toEqual([]);
    for (const label of [
      /^page Alice by SMS \(tier 1\b/,
      /^page Alice by email \(tier 1\b/,
      /^page Bob by phone call \(tier 2\b/,
      /^ack timeout: Alice \(tier 1\b.*\), then tier 2\b/,
      /^tell Alice by SMS$/,
      /^find the earlier incident of this alert$/,
      /^resolved, if all stays quiet for 1 second$/,
      /^ask Alice: still on it\?$/,
    ])
      expect(labels, String(label)).toContainEqual(expect.stringMatching(label));
    expect(labels.filter((label) => Buffer.byteLength(label) > 400)).toEqual([]);
  });

  test('no number, no address and no secret is in any of them, failures and answers included', async () => {
    expect(await personalData(system)).toEqual([]);
    const texts = (await allHistories(system)).map(({ history }) => readableText(history)).join('\n');
    // Proof that it is all readable: the words of people, alerts and providers are there.
    for (const word of ['longest is down', 'looking into it', 'Twilio', 'acknowledge'])
      expect(texts).toContain(word);
    for (const secret of [system.booth.authToken, system.booth.accountSid, 'key-of-', '/i/', 'a-secret-of'])
      expect(texts).not.toContain(secret);
  });
});

/** An incident in which as much as possible happens: failures, the catch-all, every way to answer. */
async function longIncident(): Promise<void> {
  const { booth } = system;
  const phone = cast.phone('bob');
  booth.misbehave({ kind: 'error-code', code: 21211, channel: 'sms', to: phone, times: 'always' });
  booth.misbehave({ kind: 'http-error', status: 503, channel: 'sms', to: cast.phone('alice') });
  booth.misbehave({
    kind: 'smtp-reject',
    code: 550,
    message: `no such user ${cast.mail('alice')}`,
    channel: 'mail',
    to: cast.mail('alice'),
  });
  const alert = { service: 'nobody', name: 'longest' };
  const { key } = await sound(system, alert);
  const { openingId, code } = await current(system, key);
  const call = await booth.nextCall({ to: phone });
  await call.answer();
  await call.press('5');
  call.hangUp();
  const room = await booth.nextSms({ to: ROOM, about: `ACK ${code}`, timeoutMs: 15_000 });
  expect((await press(linkIn(room.body), 'escalate')).text).toContain('Escalated');
  await codeKnown(system, code);
  expect(await booth.reply(cast.phone('alice'), `ACK ${code}`)).toMatch(/^You have it/);
  expect(await booth.reply(cast.phone('alice'), `UPDATE ${code} looking into it`)).toMatch(/^Update posted/);
  await booth.nextSms({ to: cast.phone('alice'), about: /Still on it\?/ });
  await system.until(openingId, 'no progress', (view) => entriesOf(view, 'no-progress').length > 0);
  expect(
    (await system.request('POST', `/v1/incidents/${openingId}/resolve`, { body: { by: 'alice' } })).status,
  ).toBe(200);
  booth.behave();
  await sound(system, { ...alert, status: 'resolved' });
  await system.until(openingId, 'resolved', ({ phase }) => phase === 'resolved');
}
