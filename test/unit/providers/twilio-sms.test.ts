import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTwilioClient } from '../../../activities/providers/twilio/client.js';
import { createTwilioSms } from '../../../activities/providers/twilio/sms.js';
import type { Provider, Recipient } from '../../../activities/providers/provider.js';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
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
  return createTwilioSms({ client, from: [FROM], now: () => Date.now() });
}

describe('Twilio SMS', () => {
  describeProvider({
    side: boothSide('sms', (booth) =>
      booth.messages.map((message) => ({ text: message.body, delivery: message.statusCallback ?? '' })),
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

  describe('beyond the contract', () => {
    let booth: Booth;
    let provider: Provider;
    const to: Recipient = { userId: 'alice', name: 'Alice', address: ADDRESS, zone: 'Europe/Berlin' };

    beforeAll(async () => {
      booth = createBooth();
      await booth.start();
      provider = create(booth);
    });
    beforeEach(() => booth.behave());
    afterAll(() => booth.stop());

    it.each([
      [300_000, 300],
      [1_000, 60],
      [86_400_000, 36_000],
      [Number.NaN, 60],
    ])('a message worth %d ms waits at most %d s in the queue', async (validForMs, seconds) => {
      const mark = booth.mark();
      await provider.send(page({ validForMs }), to, contextOf());
      expect(await booth.nextSms({ after: mark })).toMatchObject({
        from: FROM,
        to: ADDRESS,
        validityPeriodSeconds: seconds,
      });
    });

    it('carries the link to the incident', async () => {
      const mark = booth.mark();
      await provider.send(page(), to, contextOf());
      expect((await booth.nextSms({ after: mark })).body).toContain('http://127.0.0.1:9/i/link-token');
    });

    it('writes times in the zone of the reader', async () => {
      const mark = booth.mark();
      const message = page({
        kind: 'notice',
        parts: [{ type: 'acknowledged-by', who: 'bob', at: Date.UTC(2026, 10, 24, 10, 6) }],
      });
      await provider.send(message, to, contextOf());
      expect((await booth.nextSms({ after: mark })).body).toMatch(/bob has it since 11:06 (CET|GMT\+1)\./);
    });

    it('sends without a callback when Twilio does not take ours', async () => {
      const mark = booth.mark();
      booth.misbehave({ kind: 'error-code', code: 21609, channel: 'sms' });
      expect(await provider.send(page(), to, contextOf())).toMatchObject({ ok: true });
      expect(await booth.nextSms({ after: mark })).toMatchObject({ statusCallback: undefined });
    });

    it.each([
      [21610, 'opted-out', false],
      [21408, 'blocked', false],
      [21608, 'blocked', false],
      [21614, 'bad-address', false],
      [21606, 'not-configured', false],
      [20429, 'rate-limited', true],
      [20500, 'unavailable', true],
      [29999, 'rejected', false],
    ] as const)('code %d is %s (retryable: %s)', async (code, reason, retryable) => {
      booth.misbehave({ kind: 'error-code', code, channel: 'sms' });
      expect(await provider.send(page(), to, contextOf())).toMatchObject({
        ok: false,
        reason,
        retryable,
        detail: expect.stringContaining(String(code)) as string,
      });
    });

    it('knows a person who said STOP', async () => {
      booth.optOut(ADDRESS);
      expect(await provider.send(page(), to, contextOf())).toMatchObject({ ok: false, reason: 'opted-out' });
      booth.optIn(ADDRESS);
    });

    it('keeps the signals of messages sent at the same time apart', async () => {
      booth.misbehave({ kind: 'never-answer', accept: false, channel: 'sms', to: '+15550199999' });
      const other = { ...to, address: '+15550199999' };
      const [stuck, sent] = await Promise.all([
        provider.send(page(), other, contextOf({ signal: AbortSignal.timeout(200) })),
        provider.send(page(), to, contextOf()),
      ]);
      expect(stuck).toMatchObject({ ok: false, reason: 'timed-out' });
      expect(sent).toMatchObject({ ok: true });
    });
  });
});
