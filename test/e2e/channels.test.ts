import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startSystem, type RunningSystem } from '../support/running-system.js';
import { createNtfyStandIn } from '../support/stand-ins/ntfy.js';
import { createSmsGatewayStandIn, gatewayYaml } from '../support/stand-ins/sms-gateway.js';
import { createWebhookReceiver } from '../support/stand-ins/webhook-receiver.js';
import { createCast, topicOf } from './support/cast.js';
import { allHistories, personalData, readableText } from './support/histories.js';
import { endIncident, entriesOf, openIncident, pagesTo } from './support/stage.js';

const KEYS = {
  SMS_KEY: 'the-gateway-key-of-the-tests',
  SMS_HOOK_KEY: 'the-hook-key-of-the-tests',
  NTFY_TOKEN: 'tk_of-the-end-to-end-tests',
  HOOK_SECRET: 'the-webhook-secret-of-the-tests',
  TOPIC_MIA: topicOf('mia'),
} as const;

const LATER = '5m';
const cast = createCast({
  people: {
    gina: [['0s', 'sms']],
    hans: [['0s', 'sms']],
    ines: [['0s', 'sms']],
    paul: [
      ['0s', 'sms', 'push'],
      [LATER, 'voice'],
    ],
  },
  services: {
    failover: [{ to: ['gina'] }],
    reply: [{ to: ['hans'] }],
    both: [{ to: ['ines'] }],
    push: [{ to: ['mia'] }],
    down: [{ to: ['paul'] }],
    hook: [{ to: ['rob'] }],
  },
  timings: { stability: '1s', retry: '500ms' },
});

const gateway = createSmsGatewayStandIn({ key: KEYS.SMS_KEY });
const ntfy = createNtfyStandIn({ token: KEYS.NTFY_TOKEN });
const receiver = createWebhookReceiver({ secret: KEYS.HOOK_SECRET });
let system: RunningSystem;

beforeAll(async () => {
  await Promise.all([gateway.start(), ntfy.start(), receiver.start()]);
  const yaml = cast.yaml.replace(
    '\ngroups:',
    `\n  rob: { name: Rob, methods: [{ channel: webhook, to: '${receiver.url}/rob' }] }\n  mia: { name: Mia, push: { env: TOPIC_MIA } }\ngroups:`,
  );
  system = await startSystem({
    config: `${yaml}
providers:
  twilio: { kind: twilio }
  eu: ${gatewayYaml(gateway.url)}
  ntfy: { kind: ntfy, url: '${ntfy.url}', token: { env: NTFY_TOKEN } }
  hooks: { kind: webhook, secret: { env: HOOK_SECRET } }
`,
    env: KEYS,
  });
});
afterEach(() => {
  system.booth.behave();
  gateway.behave();
  gateway.say(null);
  ntfy.behave();
});
afterAll(async () => {
  await system.stop();
  await Promise.all([gateway.stop(), ntfy.stop(), receiver.stop()]);
});

/** Presses a button of the page behind a link, as a browser does. */
async function answerByLink(link: string, action: string): Promise<number> {
  const response = await fetch(link, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ action, nonce: `test-${Date.now()}` }).toString(),
  });
  await response.text();
  return response.status;
}

test('Twilio answers 503: the gateway sends at once, and the answer by its link acknowledges', async () => {
  const phone = cast.phone('gina');
  system.booth.misbehave({ kind: 'http-error', status: 503, channel: 'sms', to: phone, times: 'always' });
  const alert = { service: 'failover', name: 'twilio-away' };
  const began = Date.now();
  const { openingId, code } = await openIncident(system, alert);
  const sms = await gateway.next(phone);
  expect(Date.now() - began).toBeLessThan(5_000);
  expect(sms.text).toContain(`ACK ${code}`);
  const link = /https?:\/\/\S+$/.exec(sms.text)?.[0] ?? '';
  expect(await answerByLink(link, 'acknowledge')).toBe(200);
  const view = await system.until(openingId, 'acknowledged', ({ phase }) => phase === 'acknowledged');
  expect(view.owner).toMatchObject({ id: 'gina' });
  expect(entriesOf(view, 'sent')).toMatchObject([{ channel: 'sms', provider: 'eu', providerId: sms.id }]);
  // Nothing failed for the incident: it is not tried again when Twilio is back.
  expect(entriesOf(view, 'delivery-failed')).toEqual([]);
  system.booth.behave();
  await endIncident(system, alert, openingId);
  expect(pagesTo(system, phone, code)).toEqual([]);
  expect(
    gateway.messages.filter(({ to, text }) => to === phone && text.includes(`ACK ${code}`)),
  ).toHaveLength(1);
});

test('a reply to the gateway acknowledges, is answered through it, and a report says that the page arrived', async () => {
  const phone = cast.phone('hans');
  system.booth.misbehave({ kind: 'http-error', status: 503, channel: 'sms', to: phone, times: 'always' });
  const alert = { service: 'reply', name: 'by-reply' };
  const { openingId, code } = await openIncident(system, alert);
  const sms = await gateway.next(phone);
  expect(await gateway.report(sms, 'DELIVERED')).toBe(204);
  const hook = `${system.url}/hooks/sms/eu?key=${KEYS.SMS_HOOK_KEY}`;
  expect(await gateway.reply(hook, phone, `ack ${code}`)).toBe(204);
  expect((await gateway.next(phone, 1)).text).toMatch(/you have it/i);
  const view = await system.until(openingId, 'acknowledged', ({ phase }) => phase === 'acknowledged');
  expect(view.owner).toMatchObject({ id: 'hans' });
  expect(entriesOf(view, 'delivered')).toMatchObject([{ name: 'Hans', channel: 'sms', provider: 'eu' }]);
  await endIncident(system, alert, openingId);
});

test('both are away: the page is tried again, and goes out once when the gateway is back', async () => {
  const phone = cast.phone('ines');
  system.booth.misbehave({ kind: 'http-error', status: 503, channel: 'sms', to: phone, times: 'always' });
  gateway.say('7');
  const alert = { service: 'both', name: 'nobody-sends' };
  const { openingId, code } = await openIncident(system, alert);
  await system.until(openingId, 'failed', (view) => entriesOf(view, 'delivery-failed').length > 0);
  gateway.say(null);
  const sms = await gateway.next(phone);
  expect(sms.text).toContain(code);
  await system.until(openingId, 'sent', (view) =>
    entriesOf(view, 'sent').some(({ channel }) => channel === 'sms'),
  );
  await system.request('POST', `/v1/incidents/${openingId}/acknowledge`, { body: { by: 'ines' } });
  await endIncident(system, alert, openingId);
  expect(
    gateway.messages.filter(({ to, text }) => to === phone && text.includes(`ACK ${code}`)),
  ).toHaveLength(1);
});

test('a push message rings, and its button acknowledges; the next one tells how it ended', async () => {
  const alert = { service: 'push', name: 'by-button' };
  const { openingId, code } = await openIncident(system, alert);
  const page = await ntfy.next(topicOf('mia'));
  expect(page).toMatchObject({ priority: 5, title: expect.stringContaining(code) as string });
  expect(await ntfy.press(page, 'Acknowledge')).toBe(200);
  const view = await system.until(openingId, 'acknowledged', ({ phase }) => phase === 'acknowledged');
  expect(view.owner).toMatchObject({ id: 'mia' });
  // Pressed again, as by a phone that did not see the answer, it counts once.
  expect(await ntfy.press(page, 'Acknowledge')).toBe(200);
  const after = await system.view(openingId);
  expect(entriesOf(after, 'acknowledged')).toHaveLength(1);
  expect(await ntfy.press(page, 'Escalate')).toBe(200);
  await system.until(openingId, 'escalated', (seen) => entriesOf(seen, 'escalated').length > 0);
  await system.request('POST', `/v1/incidents/${openingId}/acknowledge`, { body: { by: 'mia' } });
  const before = ntfy.published.filter(({ topic }) => topic === topicOf('mia')).length;
  await endIncident(system, alert, openingId);
  expect(await ntfy.next(topicOf('mia'), before)).toMatchObject({
    priority: 3,
    actions: [{ action: 'view', label: 'Open' }],
  });
});

test('without a second provider everything else of that person goes out at once', async () => {
  const phone = cast.phone('paul');
  system.booth.misbehave({ kind: 'http-error', status: 503, channel: 'any', to: phone, times: 'always' });
  gateway.misbehave({ kind: 'status', status: 503, times: 'always' });
  const alert = { service: 'down', name: 'no-phone-at-all' };
  const began = Date.now();
  const { openingId } = await openIncident(system, alert);
  await ntfy.next(topicOf('paul'));
  await system.booth.nextMail({ to: cast.mail('paul'), about: /no-phone-at-all/ });
  expect(Date.now() - began).toBeLessThan(10_000);
  await system.request('POST', `/v1/incidents/${openingId}/acknowledge`, { body: { by: 'paul' } });
  system.booth.behave();
  gateway.behave();
  await endIncident(system, alert, openingId);
});

test('somebody with nothing but a webhook is paged, and answers by the address in it', async () => {
  const alert = { service: 'hook', name: 'by-webhook' };
  const { openingId } = await openIncident(system, alert);
  await receiver.untilRequests(1);
  const body = receiver.taken.at(-1)?.body ?? {};
  expect(body).toMatchObject({ schema: 'tocsin.message/1', kind: 'page', user: 'rob' });
  const { url } = body['answer'] as { readonly url: string };
  expect(await answerByLink(url, 'acknowledge')).toBe(200);
  const view = await system.until(openingId, 'acknowledged', ({ phase }) => phase === 'acknowledged');
  expect(view.owner).toMatchObject({ id: 'rob' });
  await endIncident(system, alert, openingId);
});

test('no number, address, topic or key is in any history', async () => {
  expect(await personalData(system)).toEqual([]);
  const texts = (await allHistories(system)).map(({ history }) => readableText(history));
  expect(texts.some((text) => text.includes('push-1'))).toBe(true);
  for (const secret of [...Object.values(KEYS), topicOf('paul'), receiver.url]) {
    expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  }
});
