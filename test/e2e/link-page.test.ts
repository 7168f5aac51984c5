import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTokens } from '../../tokens/signed-token.js';
import { usePhones } from '../support/phones.js';
import { startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { personalData } from './support/histories.js';
import { linkIn, look, post, press } from './support/link-page.js';
import { endIncident, entriesOf, openIncident } from './support/stage.js';

const cast = createCast({
  people: { alice: [['0s', 'sms']], bob: [['0s', 'sms', 'email']], carol: [['0s', 'sms']] },
  services: { shop: [{ to: ['alice', 'bob'] }] },
  timings: { stability: '1s' },
});

/** The secret of `startSystem`: what it signs is genuine. */
const genuine = createTokens(['a-secret-of-sixteen-characters']);
const NONCE = 'a-nonce-of-a-form';

let system: RunningSystem;
const phone = usePhones();

beforeAll(async () => {
  system = await startSystem({ config: cast.yaml });
});
afterAll(() => system.stop());

/** Opens an incident and reads both people's links out of their messages. */
async function opened(name: string) {
  const alert = { service: 'shop', name };
  const { openingId, code } = await openIncident(system, alert);
  const links = await Promise.all(
    ['alice', 'bob'].map(async (person) => {
      const sms = await system.booth.nextSms({ to: cast.phone(person), about: `ACK ${code}` });
      return linkIn(sms.body);
    }),
  );
  const [alice = '', bob = ''] = links;
  return { alert, openingId, code, alice, bob };
}

test('opening the link, as scanners and previews do, changes nothing; the button acknowledges; the second hears who has it', async () => {
  const { alert, openingId, code, alice, bob } = await opened('inert');
  await system.until(
    openingId,
    'all delivered',
    (view) => entriesOf(view, 'delivered').length + entriesOf(view, 'sent').length >= 5,
  );
  const before = await system.view(openingId);
  for (let visit = 0; visit < 3; visit += 1) {
    const page = await look(alice);
    expect(page.status).toBe(200);
    expect(page.text).toContain('inert is down');
    expect(page.text).toContain('Acknowledge');
    expect(page.text.match(/<script[^>]*>/gi)).toEqual(['<script src="live.js" defer>']);
  }
  expect((await fetch(alice, { method: 'HEAD' })).status).toBe(200);
  expect(await system.view(openingId)).toEqual(before);

  const pressed = await press(alice, 'acknowledge');
  expect(pressed.status).toBe(200);
  expect(pressed.text).toContain('You have it');
  expect(await system.view(openingId)).toMatchObject({ phase: 'acknowledged', owner: { id: 'alice' } });

  const second = await press(bob, 'acknowledge');
  expect(second.status).toBe(200);
  expect(second.text).toMatch(/Alice has had it since \d\d:\d\d/);
  expect(second.text).toContain(`TAKE ${code}`);
  const view = await system.view(openingId);
  expect(view.owner?.id).toBe('alice');
  expect(entriesOf(view, 'also-acknowledged')).toMatchObject([{ who: 'Bob', via: 'link' }]);
  await endIncident(system, alert, openingId);
});

test('a scanner that runs scripts changes nothing, and whoever looks sees what others do', async () => {
  const { alert, openingId, code, bob } = await opened('watched');
  const before = await system.until(
    openingId,
    'all delivered',
    (view) => entriesOf(view, 'delivered').length + entriesOf(view, 'sent').length >= 5,
  );
  const page = await phone();
  const methods = new Set<string>();
  page.on('request', (request) => methods.add(request.method()));
  const answers: number[] = [];
  page.on('response', (response) => {
    if (response.url().endsWith('/live')) answers.push(response.status());
  });
  await page.goto(bob);
  // The first look brings the tag, the next ones are told that nothing is new.
  await expect.poll(() => answers, { timeout: 20_000 }).toEqual([200, 304]);
  expect(await system.view(openingId)).toEqual(before);

  expect(await system.booth.reply(cast.phone('alice'), `ack ${code}`)).toContain('You have it');
  await expect
    .poll(() => page.locator('.state').textContent(), { timeout: 15_000 })
    .toContain('Alice has it');
  await page.getByText('acknowledged by Alice by SMS').waitFor();
  expect(await page.locator('button.main').textContent()).toContain('Take it over');
  expect([...methods]).toEqual(['GET']);

  // Seen for a moment, then pressed.
  await page.waitForTimeout(800);
  await page.getByRole('button', { name: 'Take it over' }).click();
  await page.locator('.said').waitFor();
  expect((await system.view(openingId)).owner?.id).toBe('bob');
  await page.getByText('Not now…').click();
  await page.getByRole('button', { name: '1 h', exact: true }).click();
  await page.getByText('Left alone until').waitFor();
  expect((await system.view(openingId)).snoozed?.by).toBe('Bob');

  const asked = await system.request('POST', `/v1/incidents/${openingId}/responders`, {
    body: { by: 'alice', users: ['carol'], reason: 'needs a DBA' },
  });
  expect(asked.status).toBe(200);
  const helpers = page.locator('[data-part=helpers]');
  await helpers.getByText('Carol: being paged, not answered yet: SMS', { exact: false }).waitFor();
  await helpers.getByText('Asked by Alice: needs a DBA').waitFor();
  await system.booth.nextSms({ to: cast.phone('carol'), about: `ACK ${code}` });
  expect(await system.booth.reply(cast.phone('carol'), `ack ${code}`)).toContain('You joined');
  await helpers.getByText('Carol joined').waitFor();

  await page.getByText('Not now…').click();
  await page.getByRole('button', { name: 'Give it back' }).click();
  await page.locator('.said', { hasText: 'Nobody has it now' }).waitFor();
  expect((await system.view(openingId)).owner).toBeUndefined();
  await endIncident(system, alert, openingId);
});

test('the link of a mail is the same page, and a form that is sent twice counts once', async () => {
  const { alert, openingId, bob } = await opened('twice');
  const mail = await system.booth.nextMail({ to: cast.mail('bob'), about: /twice is down/ });
  const link = mail.links.find((one) => one.includes('/i/'));
  expect(link).toBeDefined();
  expect((await look(link ?? '')).text).toContain('twice is down');
  const nonce = /name="nonce" value="([^"]+)"/.exec((await look(bob)).text)?.[1] ?? '';
  const answers = await Promise.all([1, 2].map(() => post(bob, { action: 'acknowledge', nonce })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  for (const { text } of answers) expect(text).toContain('You have it');
  const view = await system.view(openingId);
  expect(entriesOf(view, 'acknowledged')).toHaveLength(1);
  expect(entriesOf(view, 'also-acknowledged')).toEqual([]);
  expect(entriesOf(view, 'progress')).toEqual([]);
  await endIncident(system, alert, openingId);
});

test('a forged, an expired, a foreign and a cut-off link do nothing, neither looked at nor pressed', async () => {
  const { alert, openingId, alice } = await opened('forged');
  const token = alice.slice(alice.lastIndexOf('/') + 1);
  const inAnHour = Date.now() + 3_600_000;
  const claims = { p: 'link', o: openingId, u: 'alice', e: inAnHour } as const;
  const bad: readonly (readonly [string, string, number])[] = [
    ['forged', createTokens(['another-secret-of-somebody']).sign(claims), 403],
    ['altered', `${token.slice(0, 20)}${token[20] === 'A' ? 'B' : 'A'}${token.slice(21)}`, 403],
    ['expired', genuine.sign({ ...claims, e: Date.now() - 60_000 }), 410],
    ['made for a call', genuine.sign({ ...claims, p: 'voice', d: 'd1' }), 403],
    ['made for a callback', genuine.sign({ p: 'delivery', o: openingId, d: 'd1', e: inAnHour }), 403],
    ['cut off', token.slice(0, 12), 404],
  ];
  const before = await system.until(openingId, 'paged', (view) => view.paged.length === 2);
  for (const [what, bearer, status] of bad) {
    const link = `${system.url}/i/${bearer}`;
    expect((await look(link)).status, `${what}, looked at`).toBe(status);
    const pressed = await post(link, { action: 'acknowledge', nonce: NONCE });
    expect(pressed.status, `${what}, pressed`).toBe(status);
    expect(pressed.text).toContain('nothing was changed');
  }
  // A genuine link with a form that is none of ours.
  expect((await post(alice, { action: 'acknowledge' })).status).toBe(400);
  expect((await post(alice, { action: 'delete', nonce: NONCE })).status).toBe(400);
  const after = await system.view(openingId);
  expect(after).toMatchObject({ phase: 'triggered', paging: true, paged: before.paged });
  expect(after.owner).toBeUndefined();
  await endIncident(system, alert, openingId);
});

test('the link of an incident that is over says so and takes nothing', async () => {
  const first = await opened('over');
  await endIncident(system, first.alert, first.openingId);
  const next = await opened('over');
  expect(next.openingId).not.toBe(first.openingId);
  const page = await look(first.alice);
  expect(page.text).toContain('Resolved');
  expect(page.text).not.toContain('<form');
  const pressed = await post(first.alice, { action: 'acknowledge', nonce: NONCE });
  expect(pressed.text).toContain('That incident is over; open now: ');
  expect(pressed.text).toContain(next.code);
  expect((await system.view(next.openingId)).owner).toBeUndefined();
  await endIncident(system, next.alert, next.openingId);
});

test('no number and no address is in any history', async () => {
  expect(await personalData(system)).toEqual([]);
});
