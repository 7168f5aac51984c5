import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Provider, Recipient, SendContext } from '../../../activities/providers/provider.js';
import type { Message } from '../../../domain/messages/message.js';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
import type { Channel as BoothChannel } from '../../../booth/types.js';
import { page } from '../messages/fixtures.js';

/** One provider as the contract test sees it. */
export interface Subject {
  /** A provider that sends to the booth. */
  readonly create: (booth: Booth) => Provider;
  /** The same with credentials that the other side refuses; `close` ends whatever that took. */
  readonly createUnauthorized: (
    booth: Booth,
  ) => Promise<{ readonly provider: Provider; readonly close: () => Promise<void> }>;
  readonly channel: BoothChannel;
  readonly address: string;
  /** An address that the other side cannot mean anybody by. */
  readonly badAddress: string;
  /** Everything that left for the address: as text, with what carries the delivery id. */
  readonly received: (booth: Booth) => readonly { readonly text: string; readonly delivery: string }[];
  /** Whether being told to slow down comes with a time (HTTP has one, SMTP does not). */
  readonly saysWhen: boolean;
}

export const NAME = 'Alice Example';

/** What a provider gets beside the message; ends by itself after 5 s. */
export function contextOf(changes: Partial<SendContext> = {}): SendContext {
  return {
    urls: {
      incident: 'http://127.0.0.1:9/i/link-token',
      deliveryStatus: 'http://127.0.0.1:9/hooks/twilio/status?t=delivery-token-d7',
      voiceAnswer: 'http://127.0.0.1:9/hooks/twilio/voice?t=voice-token&x=1',
    },
    idempotencyKey: 'opening/p1/alice/sms-1/d7/1',
    deliveryId: 'd7',
    signal: AbortSignal.timeout(5_000),
    ...changes,
  };
}

/** What every provider has to do, whatever it sends through. Runs against the booth over loopback. */
export function describeProvider(subject: Subject): void {
  const { channel } = subject;
  let booth: Booth;
  let provider: Provider;
  const to: Recipient = { userId: 'alice', name: NAME, address: subject.address, zone: 'Europe/Berlin' };
  const send = (changes: Partial<SendContext> = {}, message: Message = page()) =>
    provider.send(message, to, contextOf(changes));

  beforeAll(async () => {
    booth = createBooth();
    await booth.start();
    provider = subject.create(booth);
  });
  beforeEach(() => booth.behave());
  afterAll(() => booth.stop());

  describe('every provider', () => {
    it('hands the message over and gives the other side’s id', async () => {
      const before = subject.received(booth).length;
      const result = await send();
      expect(result).toEqual({ ok: true, providerId: expect.stringMatching(/.{8}/) as string });
      const [received, ...more] = subject.received(booth).slice(before);
      expect(more).toEqual([]);
      expect(received?.text).toContain('Checkout error rate above 14 %');
      expect(received?.text.replaceAll(', ', '')).toContain('7KQ2');
      expect(received?.delivery).toContain('d7');
    });

    it('calls 503 unavailable, worth another try', async () => {
      booth.misbehave({ kind: 'http-error', status: 503, channel });
      expect(await send()).toMatchObject({ ok: false, reason: 'unavailable', retryable: true });
      expect(await send()).toMatchObject({ ok: true });
    });

    it('slows down when told to', async () => {
      booth.misbehave({ kind: 'rate-limited', retryAfterSeconds: 7, channel });
      expect(await send()).toMatchObject({
        ok: false,
        reason: 'rate-limited',
        retryable: true,
        ...(subject.saysWhen ? { retryAfterMs: 7_000 } : {}),
      });
    });

    it('gives up on an answer that never comes, and says that it may have gone out', async () => {
      booth.misbehave({ kind: 'never-answer', accept: true, channel });
      const before = subject.received(booth).length;
      const began = performance.now();
      expect(await send({ signal: AbortSignal.timeout(300) })).toMatchObject({
        ok: false,
        reason: 'timed-out',
        retryable: true,
        ambiguous: true,
      });
      expect(performance.now() - began).toBeLessThan(2_000);
      expect(subject.received(booth)).toHaveLength(before + 1);
    });

    it('stops when it is called off under way', async () => {
      booth.misbehave({ kind: 'never-answer', accept: false, channel });
      const calledOff = new AbortController();
      const mark = booth.mark();
      const sending = send({ signal: calledOff.signal });
      await booth.nextAttempt({ to: subject.address, after: mark });
      calledOff.abort();
      expect(await sending).toMatchObject({ ok: false, ambiguous: true });
    });

    it('sends nothing that was called off beforehand', async () => {
      const before = booth.attempts.length;
      expect(await send({ signal: AbortSignal.abort() })).toMatchObject({ ok: false });
      expect(booth.attempts).toHaveLength(before);
    });

    it('does not try a bad address again', async () => {
      const result = await provider.send(page(), { ...to, address: subject.badAddress }, contextOf());
      expect(result).toMatchObject({ ok: false, reason: 'bad-address', retryable: false });
    });

    it('says that its credentials are refused, and names no secret', async () => {
      const refused = await subject.createUnauthorized(booth);
      const result = await refused.provider.send(page(), to, contextOf()).finally(refused.close);
      expect(result).toMatchObject({ ok: false, reason: 'unauthorized', retryable: false });
      expect(JSON.stringify(result)).not.toContain('not-the-secret');
    });

    it('is unavailable, and surely sent nothing, while nobody listens', async () => {
      await booth.stop();
      try {
        const result = await send();
        expect(result).toMatchObject({ ok: false, reason: 'unavailable', retryable: true });
        expect(result, JSON.stringify(result)).not.toHaveProperty('ambiguous');
      } finally {
        await booth.start();
      }
      expect(await send()).toMatchObject({ ok: true });
    });

    it('lets no address, name or secret into what it says of a failure', async () => {
      const faults = [
        { kind: 'error-code', code: 21211, channel },
        { kind: 'error-code', code: 29_999, channel },
        { kind: 'http-error', status: 500, channel },
        { kind: 'rate-limited', channel },
      ] as const;
      for (const fault of faults) {
        booth.misbehave(fault);
        const result = await send();
        expect(result.ok).toBe(false);
        const said = JSON.stringify(result);
        for (const secret of [
          subject.address,
          subject.address.slice(1, 9),
          NAME,
          booth.authToken,
          'Checkout',
        ]) {
          expect(said).not.toContain(secret);
        }
      }
    });
  });
}
