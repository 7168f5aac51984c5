import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTwilioClient } from '../../../activities/providers/twilio/client.js';
import { createTwilioVoice, pageTwiml } from '../../../activities/providers/twilio/voice.js';
import type { Provider, Recipient } from '../../../activities/providers/provider.js';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
import { parseVoiceTwiml } from '../../../booth/twiml.js';
import { page } from '../messages/fixtures.js';
import { boothSide, contextOf, describeProvider } from './contract.js';

const FROM = '+15550100200';
const ADDRESS = '+15550123456';

function create(booth: Booth, authToken = booth.authToken): Provider {
  const client = createTwilioClient({
    accountSid: booth.accountSid,
    authToken,
    baseUrl: booth.httpUrl,
  });
  return createTwilioVoice({ client, accountSid: booth.accountSid, from: [FROM], now: () => Date.now() });
}

describe('Twilio voice', () => {
  describeProvider({
    side: boothSide('call', (booth) =>
      booth.calls.map((call) => ({
        text: call.request.twiml ?? '',
        delivery: call.request.statusCallback ?? '',
      })),
    ),
    create: ({ booth }) => create(booth),
    createUnauthorized: ({ booth }) =>
      Promise.resolve({
        provider: create(booth, 'not-the-secret-of-this-account'),
        close: () => Promise.resolve(),
      }),
    address: ADDRESS,
    badAddress: '12',
    saysWhen: true,
  });

  describe('a call', () => {
    let booth: Booth;
    let provider: Provider;
    const to: Recipient = { userId: 'alice', name: 'Alice', address: ADDRESS, zone: 'UTC' };

    beforeAll(async () => {
      booth = createBooth();
      await booth.start();
      provider = create(booth);
    });
    beforeEach(() => booth.behave());
    afterAll(() => booth.stop());

    it('says the page three times, asks for a key each time, and says goodbye', async () => {
      const mark = booth.mark();
      await provider.send(page(), to, contextOf());
      const call = await booth.nextCall({ after: mark });
      const said = await call.answer();
      expect(said.join(' ')).toMatch(
        /Checkout error rate above 14 %\..*code is 7, K, Q, 2\. Press 4 to acknowledge, 6 if it is fixed, 8 to escalate\./,
      );
      expect(call.gather).toMatchObject({ numDigits: 1 });
      expect(await call.waitOut()).toEqual(said);
      expect(await call.waitOut()).toEqual(said);
      expect((await call.waitOut()).join(' ')).toBe('No key was pressed. Goodbye.');
      expect(call.status).toBe('completed');
    });

    it('reports each state and who picked up, without making a person wait for it', async () => {
      const mark = booth.mark();
      await provider.send(page(), to, contextOf());
      expect((await booth.nextCall({ after: mark })).request).toMatchObject({
        from: FROM,
        to: ADDRESS,
        timeoutSeconds: 45,
        url: undefined,
        statusCallback: contextOf().urls.deliveryStatus,
        statusCallbackEvents: ['initiated', 'ringing', 'answered', 'completed'],
        machineDetection: 'Enable',
        asyncAmd: true,
        asyncAmdStatusCallback: contextOf().urls.deliveryStatus,
      });
    });

    it('is withdrawn while it rings', async () => {
      const mark = booth.mark();
      const sent = await provider.send(page(), to, contextOf());
      const call = await booth.nextCall({ after: mark });
      await provider.withdraw?.(sent.ok ? sent.providerId : '', AbortSignal.timeout(5_000));
      expect(call.status).toBe('canceled');
    });

    it('is left alone when somebody took it', async () => {
      const mark = booth.mark();
      const sent = await provider.send(page(), to, contextOf());
      const call = await booth.nextCall({ after: mark });
      await call.answer();
      await provider.withdraw?.(sent.ok ? sent.providerId : '', AbortSignal.timeout(5_000));
      expect(call.status).toBe('in-progress');
      call.hangUp();
    });

    it('that is over or unknown is nothing to withdraw', async () => {
      await expect(
        provider.withdraw?.('CA00000000000000000000000000000000', AbortSignal.timeout(5_000)),
      ).resolves.toBeUndefined();
    });

    it('goes out without callbacks when Twilio does not take ours', async () => {
      const mark = booth.mark();
      booth.misbehave({ kind: 'error-code', code: 21609, channel: 'call' });
      expect(await provider.send(page(), to, contextOf())).toMatchObject({ ok: true });
      expect((await booth.nextCall({ after: mark })).request.statusCallback).toBeUndefined();
    });
  });

  describe('the spoken document', () => {
    const url = 'https://tocsin.example.com/hooks/twilio/voice?t=a&b="c"';

    it('is escaped, whatever a sender wrote', () => {
      const title = '</Say></Gather><Dial>+15550666</Dial> & "quotes" \u0000\u0008\ud800 <!-- ';
      const xml = pageTwiml(page({ title, service: '<Hangup/>' }), url);
      expect(xml).not.toContain('<Dial>');
      expect(xml).not.toMatch(/[\p{Cc}\p{Cs}]/u);
      expect(xml).toContain('t=a&amp;b=&quot;c&quot;');
      const verbs = parseVoiceTwiml(xml);
      expect(verbs.map((verb) => verb.kind)).toEqual(['gather', 'gather', 'gather', 'say', 'hangup']);
      expect(verbs[0]).toMatchObject({
        kind: 'gather',
        numDigits: 1,
        timeoutSeconds: 8,
        action: url,
        method: 'POST',
      });
    });

    it('stays within the 4,000 characters that Twilio takes inline', () => {
      const parts = [
        { type: 'page', reason: 'catch-all', tier: 'x'.repeat(500), round: 2, detail: 'y'.repeat(5_000) },
      ] as const;
      const xml = pageTwiml(page({ title: 'z&'.repeat(5_000), service: 's'.repeat(500), parts }), url);
      expect(xml.length).toBeLessThan(4_000);
    });
  });
});
