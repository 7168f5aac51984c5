import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSmtp } from '../../../activities/providers/smtp/provider.js';
import { isAddress, senderOf } from '../../../activities/providers/smtp/config.js';
import type { Provider, Recipient } from '../../../activities/providers/provider.js';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
import { notice, page } from '../messages/fixtures.js';
import { boothSide, contextOf, describeProvider } from './contract.js';

const FROM = 'Tocsin <tocsin@example.com>';
const ADDRESS = 'alice.example@example.com';

/** A mail server that refuses every login. */
async function refusingServer(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onAuth: (_auth, _session, done) => done(new Error('not-the-secret is not a password of alice')),
  });
  server.on('error', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const address = server.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `smtp://alice:not-the-secret@127.0.0.1:${port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

describe('SMTP', () => {
  describeProvider({
    side: boothSide('mail', (booth) =>
      booth.mails.map((mail) => ({
        text: `${mail.subject}\n${mail.text}`,
        delivery: mail.headers['x-tocsin-delivery'] ?? '',
      })),
    ),
    create: ({ booth }) => createSmtp({ url: booth.smtpUrl, from: FROM }),
    createUnauthorized: async () => {
      const server = await refusingServer();
      return { provider: createSmtp({ url: server.url, from: FROM }), close: server.close };
    },
    address: ADDRESS,
    badAddress: 'alice@example.com\r\nBcc: everybody@example.com',
    saysWhen: false,
  });

  describe('a mail', () => {
    let booth: Booth;
    let provider: Provider;
    const to: Recipient = {
      userId: 'alice',
      name: 'Alice "A" Ex, ample',
      address: ADDRESS,
      zone: 'Europe/Berlin',
    };

    beforeAll(async () => {
      booth = createBooth();
      await booth.start();
      provider = createSmtp({ url: booth.smtpUrl, from: FROM });
    });
    beforeEach(() => booth.behave());
    afterAll(() => booth.stop());

    it('says the same in text and HTML, with the link', async () => {
      const mark = booth.mark();
      const result = await provider.send(page(), to, contextOf());
      const mail = await booth.nextMail({ after: mark });
      expect(mail.subject).toBe('SEV1 7KQ2: Checkout error rate above 14 %');
      expect(mail.links).toContain(contextOf().urls.incident);
      expect(mail.html).toContain('Open to acknowledge');
      expect(mail.text).toMatch(/Open since: Tue 24 Nov, 11:00 (CET|GMT\+1)/);
      expect(mail.from).toBe('tocsin@example.com');
      expect(mail.to).toEqual([ADDRESS]);
      expect(result).toEqual({ ok: true, providerId: mail.headers['message-id'] });
    });

    it('forms one thread with the others of its incident', async () => {
      const mark = booth.mark();
      await provider.send(page(), to, contextOf({ deliveryId: 'd1' }));
      const first = await booth.nextMail({ after: mark });
      await provider.send(notice({ type: 'resolved' }), to, contextOf({ deliveryId: 'd2' }));
      const second = await booth.nextMail({ after: first.seq });
      expect(first.headers['message-id']).toBe('<0123456789abcdef0123-89abcdef.d1@example.com>');
      expect(second.headers['message-id']).toBe('<0123456789abcdef0123-89abcdef.d2@example.com>');
      for (const mail of [first, second]) {
        expect(mail.headers['references']).toBe('<0123456789abcdef0123-89abcdef@example.com>');
        expect(mail.headers['in-reply-to']).toBe('<0123456789abcdef0123-89abcdef@example.com>');
      }
      expect(second.subject).toBe(`Re: ${first.subject}`);
    });

    it('cannot be given headers or recipients by a sender, a name or an id', async () => {
      const mark = booth.mark();
      const injected = 'x\r\nBcc: everybody@example.com\r\nX-Injected: yes';
      const sent = await provider.send(
        page({ title: injected, service: injected, openingId: `a>${injected}` }),
        { ...to, name: injected },
        contextOf({ deliveryId: injected }),
      );
      expect(sent).toMatchObject({ ok: true });
      const mail = await booth.nextMail({ after: mark });
      expect(mail.to).toEqual([ADDRESS]);
      expect(Object.keys(mail.headers)).not.toContain('bcc');
      expect(Object.keys(mail.headers)).not.toContain('x-injected');
    });

    it.each([
      [550, '5.1.1 no such user', 'bad-address', false],
      [550, '5.7.1 policy', 'blocked', false],
      [554, '5.3.4 no', 'rejected', false],
      [535, '5.7.8 authenticate first', 'unauthorized', false],
      [450, '4.2.1 busy', 'unavailable', true],
      [452, '4.2.2 full', 'rate-limited', true],
    ] as const)('%d %s is %s (retryable: %s)', async (code, message, reason, retryable) => {
      booth.misbehave({ kind: 'smtp-reject', code, message, channel: 'mail' });
      expect(await provider.send(page(), to, contextOf())).toMatchObject({ ok: false, reason, retryable });
    });

    it('is worth another try when it is greylisted', async () => {
      booth.misbehave({ kind: 'greylist', channel: 'mail' });
      expect(await provider.send(page(), to, contextOf())).toMatchObject({
        ok: false,
        reason: 'unavailable',
        retryable: true,
      });
    });
  });

  it.each([
    ['a@b.example', { name: '', address: 'a@b.example' }],
    ['Tocsin <a@b.example>', { name: 'Tocsin', address: 'a@b.example' }],
    ['"Tocsin, on call" <a@b.example>', { name: 'Tocsin, on call', address: 'a@b.example' }],
    ['Tocsin', null],
    ['a@b.example, c@d.example', null],
    ['T\r\nBcc: x <a@b.example>', null],
  ])('a sender %j is %j', (text, sender) => {
    expect(senderOf(text)).toEqual(sender);
  });

  it.each([
    'a@b.example\r\nBcc: c@d.example',
    'a@b.example,c@d.example',
    'Alice <a@b.example>',
    'a b@c.example',
    '',
  ])('%j is no address to send to', (text) => {
    expect(isAddress(text)).toBe(false);
  });
});
