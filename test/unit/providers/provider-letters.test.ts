import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNtfy } from '../../../activities/providers/ntfy/provider.js';
import type { Provider, Recipient } from '../../../activities/providers/provider.js';
import { createSmtp } from '../../../activities/providers/smtp/provider.js';
import { createTwilioClient } from '../../../activities/providers/twilio/client.js';
import { createTwilioSms } from '../../../activities/providers/twilio/sms.js';
import { createTwilioVoice } from '../../../activities/providers/twilio/voice.js';
import { createWebhook } from '../../../activities/providers/webhook/provider.js';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
import type { Letter } from '../../../domain/messages/letter.js';
import { createNtfyStandIn } from '../../support/stand-ins/ntfy.js';
import { createWebhookReceiver } from '../../support/stand-ins/webhook-receiver.js';
import { letterOf } from '../messages/fixtures.js';

const FROM = '+15550100200';
const PHONE = '+15550123456';
const ACTION = { label: 'Confirm', url: 'https://tocsin.example.com/h/abc' };
const ICS = [
  'BEGIN:VCALENDAR',
  'VERSION:2.0',
  'PRODID:-//test//EN',
  'METHOD:REQUEST',
  'BEGIN:VEVENT',
  'UID:handoff-4f7a@example.com',
  'DTSTAMP:20261124T080000Z',
  'DTSTART:20261124T083000Z',
  'DTEND:20261124T090000Z',
  'SUMMARY:Hand-over',
  'END:VEVENT',
  'END:VCALENDAR',
  '',
].join('\r\n');

const to = (address: string): Recipient => ({ userId: 'alice', name: 'Alice', address, zone: 'UTC' });

async function write(
  provider: Provider,
  address: string,
  letter: Letter,
  key = 'handoff-4f7a/1/m',
): Promise<string> {
  const result = await provider.sendLetter(letter, to(address), {
    idempotencyKey: key,
    signal: AbortSignal.timeout(5_000),
  });
  if (!result.ok) throw new Error(`Not sent: ${JSON.stringify(result)}`);
  return result.providerId;
}

describe('letters through the booth', () => {
  let booth: Booth;
  beforeAll(async () => {
    booth = createBooth();
    await booth.start();
  });
  beforeEach(() => booth.behave());
  afterAll(() => booth.stop());

  const twilio = () => ({
    client: createTwilioClient({
      accountSid: booth.accountSid,
      authToken: booth.authToken,
      baseUrl: booth.httpUrl,
    }),
    accountSid: booth.accountSid,
    from: [FROM] as const,
    now: () => Date.now(),
  });

  it('by SMS: one line with the address, for as long as it is worth, and nothing is reported back', async () => {
    const mark = booth.mark();
    await write(createTwilioSms(twilio()), PHONE, letterOf({ action: ACTION, validForMs: 600_000 }));
    expect(await booth.nextSms({ after: mark })).toMatchObject({
      body: `You are on call for payments from 09:00. ${ACTION.url}`,
      validityPeriodSeconds: 600,
      statusCallback: undefined,
    });
  });

  it('by call: said twice, asks for nothing and hangs up', async () => {
    const mark = booth.mark();
    await write(createTwilioVoice(twilio()), PHONE, letterOf({ short: 'Your code is 1, 2, 3.' }));
    const call = await booth.nextCall({ after: mark });
    const said = (await call.answer()).join(' ');
    expect(said).toBe('Your code is 1, 2, 3. Once more: Your code is 1, 2, 3. Goodbye.');
    expect(call.gather).toBeUndefined();
    expect(call.status).toBe('completed');
    expect(call.request.statusCallback).toBeUndefined();
  });

  const mail = (): Provider => createSmtp({ url: booth.smtpUrl, from: 'Tocsin <tocsin@example.com>' });

  it('by mail: text and HTML, a thread by its id, each mail its own name', async () => {
    const mark = booth.mark();
    await write(mail(), 'alice@example.com', letterOf({ action: ACTION }), 'a');
    const first = await booth.nextMail({ after: mark });
    await write(mail(), 'alice@example.com', letterOf(), 'b');
    const second = await booth.nextMail({ after: first.seq });
    expect(first.subject).toBe('Hand-over at 09:00');
    expect(first.text).toContain('- 1 incident is open\n- nothing is snoozed');
    expect(first.links).toEqual([ACTION.url]);
    expect(first.headers['references']).toBe('<letter-handoff-4f7a@example.com>');
    expect(second.headers['references']).toBe(first.headers['references']);
    expect(second.headers['message-id']).not.toBe(first.headers['message-id']);
    expect(first.headers['auto-submitted']).toBe('auto-generated');
    expect(first.headers['x-tocsin-letter']).toBe('handoff');
    expect(first.attachments).toEqual([]);
  });

  it('by mail: the invitation is a part that mail programs offer to accept, and a file', async () => {
    const mark = booth.mark();
    const calendar = { fileName: 'hand "over"\r\n.ics', text: ICS };
    await write(mail(), 'alice@example.com', letterOf({ calendar }));
    const received = await booth.nextMail({ after: mark });
    expect(received.attachments.map(({ type }) => type)).toEqual(['text/calendar', 'application/ics']);
    expect(received.attachments.at(-1)?.name).toBe('hand--over---.ics');
    expect(received.attachments[0]?.sizeBytes).toBe(Buffer.byteLength(ICS));
    expect(received.text).toContain('Good luck.');
  });

  it.each(['subject', 'id'] as const)('by mail: a %s with line breaks makes no header', async (field) => {
    const mark = booth.mark();
    const forged = 'x\r\nBcc: everybody@example.com\r\nX-Forged: yes';
    await write(mail(), 'alice@example.com', letterOf({ [field]: forged }));
    const received = await booth.nextMail({ after: mark });
    expect(received.to).toEqual(['alice@example.com']);
    expect(Object.keys(received.headers)).not.toContain('bcc');
    expect(Object.keys(received.headers)).not.toContain('x-forged');
  });
});

describe('letters by push', () => {
  const server = createNtfyStandIn();
  beforeAll(() => server.start());
  afterAll(() => server.stop());
  const push = (): Provider => createNtfy({ kind: 'ntfy', id: 'ntfy', url: server.url }, () => Date.now());

  it('come quietly with their action as a button; a repeated try replaces the one before', async () => {
    await write(push(), 'alice-topic', letterOf({ action: ACTION }), 'k1');
    await write(push(), 'alice-topic', letterOf({ action: ACTION }), 'k1');
    const [shown, ...more] = server.shown('alice-topic');
    expect(more).toEqual([]);
    expect(shown).toMatchObject({
      title: 'Hand-over at 09:00',
      message: 'You are on call for payments from 09:00.',
      priority: 3,
      click: ACTION.url,
      actions: [{ action: 'view', ...ACTION }],
    });
  });

  it('ring through when they are a test, and have no button without an action', async () => {
    await write(push(), 'bob-topic', letterOf({ topic: 'test' }), 'k2');
    const shown = await server.next('bob-topic');
    expect(shown).toMatchObject({ priority: 5, actions: [] });
    expect(shown.click).toBeUndefined();
  });
});

describe('letters by webhook', () => {
  const receiver = createWebhookReceiver({ secret: 'the-webhook-secret-of-the-tests' });
  beforeAll(() => receiver.start());
  afterAll(() => receiver.stop());

  it('have the documented body, signed, and count once', async () => {
    const hook = createWebhook(
      { kind: 'webhook', id: 'hooks', secret: 'the-webhook-secret-of-the-tests', names: false },
      () => Date.now(),
    );
    await write(hook, `${receiver.url}/hook`, letterOf({ action: ACTION }), 'k3');
    await write(hook, `${receiver.url}/hook`, letterOf({ action: ACTION }), 'k3');
    expect(receiver.taken.map(({ body }) => body)).toEqual([
      {
        schema: 'tocsin.letter/1',
        kind: 'letter',
        topic: 'handoff',
        id: 'handoff-4f7a',
        user: 'alice',
        subject: 'Hand-over at 09:00',
        text: 'You are on call for payments from 09:00.',
        body: letterOf().body,
        action: ACTION,
      },
    ]);
  });
});
