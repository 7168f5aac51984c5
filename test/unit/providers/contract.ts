import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Provider, Recipient, SendContext } from '../../../activities/providers/provider.js';
import type { Letter } from '../../../domain/messages/letter.js';
import type { Message } from '../../../domain/messages/message.js';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
import type { Channel as BoothChannel } from '../../../booth/types.js';
import type { HttpStandIn, Trouble } from '../../support/stand-ins/http-stand-in.js';
import { letterOf, page } from '../messages/fixtures.js';

/** What can go wrong on the other side of every provider. */
type Fault =
  | { readonly kind: 'http-error'; readonly status: number }
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds?: number }
  | { readonly kind: 'never-answer'; readonly accept: boolean };

/** Whom a provider sends to: the booth, or another stand-in. All of them speak the real protocol over loopback. */
export interface OtherSide {
  start(): Promise<void>;
  stop(): Promise<void>;
  misbehave(fault: Fault): void;
  behave(): void;
  /** Requests to send that came in so far, whatever became of them. */
  attempts(): number;
  /** Waits until there are so many. */
  untilAttempts(count: number): Promise<void>;
  /** Everything that left for the address: as text, with what carries the delivery id. */
  received(): readonly { readonly text: string; readonly delivery: string }[];
  /** Refuses the next message in words that name the address; several ways, one after the other. */
  readonly refusals: readonly (() => void)[];
  /** What must not be said of a failure, beside the address and the name. */
  readonly secrets: readonly string[];
}

/** One provider as the contract test sees it. */
export interface Subject<Side extends OtherSide = OtherSide> {
  readonly side: Side;
  /** A provider that sends to the other side, once it has started. */
  readonly create: (side: Side) => Provider;
  /** The same with credentials that the other side refuses; `close` ends whatever that took. */
  readonly createUnauthorized: (
    side: Side,
  ) => Promise<{ readonly provider: Provider; readonly close: () => Promise<void> }>;
  readonly address: string;
  /** An address that the other side cannot mean anybody by. */
  readonly badAddress: string;
  /** Whether being told to slow down comes with a time (HTTP has one, SMTP does not). */
  readonly saysWhen: boolean;
}

/** The booth as the other side of one of its channels. */
export type BoothSide = OtherSide & { readonly booth: Booth };

export function boothSide(
  channel: BoothChannel,
  received: (booth: Booth) => readonly { readonly text: string; readonly delivery: string }[],
): BoothSide {
  const booth = createBooth();
  return {
    booth,
    start: () => booth.start(),
    stop: () => booth.stop(),
    misbehave: (fault) => void booth.misbehave({ ...fault, channel }),
    behave: () => booth.behave(),
    attempts: () => booth.attempts.length,
    untilAttempts: (count) => booth.until(`${count} attempts`, () => booth.attempts.length >= count),
    received: () => received(booth),
    refusals: [
      () => void booth.misbehave({ kind: 'error-code', code: 21211, channel }),
      () => void booth.misbehave({ kind: 'error-code', code: 29_999, channel }),
    ],
    secrets: [booth.authToken],
  };
}

/** Another stand-in as the other side; `refusals` are answers that name the address. */
export function standInSide(
  standIn: HttpStandIn,
  facts: Pick<OtherSide, 'received' | 'secrets'> & { readonly refusals: readonly Trouble[] },
): OtherSide {
  return {
    start: () => standIn.start(),
    stop: () => standIn.stop(),
    misbehave: (fault) => {
      switch (fault.kind) {
        case 'http-error':
          return standIn.misbehave({ kind: 'status', status: fault.status });
        case 'rate-limited':
          return standIn.misbehave({
            kind: 'rate-limited',
            retryAfterSeconds: fault.retryAfterSeconds ?? 1,
          });
        case 'never-answer':
          return standIn.misbehave({ kind: 'hang', accept: fault.accept });
        default:
          return fault satisfies never;
      }
    },
    behave: () => standIn.behave(),
    attempts: () => standIn.requests.length,
    untilAttempts: (count) => standIn.untilRequests(count),
    ...facts,
    refusals: facts.refusals.map((trouble) => () => standIn.misbehave(trouble)),
  };
}

export const NAME = 'Alice Example';

/** What a provider gets beside the message; ends by itself after 5 s. */
export function contextOf(changes: Partial<SendContext> = {}): SendContext {
  return {
    urls: {
      incident: 'http://127.0.0.1:9/i/link-token',
      deliveryStatus: 'http://127.0.0.1:9/hooks/twilio/status?t=delivery-token-d7',
      voiceAnswer: 'http://127.0.0.1:9/hooks/twilio/voice?t=voice-token&x=1',
      hooks: 'http://127.0.0.1:9/hooks',
      deliveryToken: 'delivery-token-d7',
    },
    idempotencyKey: 'opening/p1/alice/sms-1/d7/1',
    deliveryId: 'd7',
    signal: AbortSignal.timeout(5_000),
    ...changes,
  };
}

/** What every provider has to do, whatever it sends through. Runs against its other side over loopback. */
export function describeProvider<Side extends OtherSide>(subject: Subject<Side>): void {
  const { side } = subject;
  let provider: Provider;
  // Asked for late: a stand-in's address is known once it has started.
  const to = (): Recipient => ({
    userId: 'alice',
    name: NAME,
    address: subject.address,
    zone: 'Europe/Berlin',
  });
  const send = (changes: Partial<SendContext> = {}, message: Message = page()) =>
    provider.send(message, to(), contextOf(changes));

  beforeAll(async () => {
    await side.start();
    provider = subject.create(side);
  });
  beforeEach(() => side.behave());
  afterAll(() => side.stop());

  describe('every provider', () => {
    it('hands the message over and gives the other side’s id', async () => {
      const before = side.received().length;
      const result = await send();
      expect(result).toEqual({ ok: true, providerId: expect.stringMatching(/.{8}/) as string });
      const [received, ...more] = side.received().slice(before);
      expect(more).toEqual([]);
      expect(received?.text).toContain('Checkout error rate above 14 %');
      expect(received?.text.replaceAll(', ', '')).toContain('7KQ2');
      expect(received?.delivery).toContain('d7');
    });

    it('calls 503 unavailable, worth another try', async () => {
      side.misbehave({ kind: 'http-error', status: 503 });
      expect(await send()).toMatchObject({ ok: false, reason: 'unavailable', retryable: true });
      expect(await send()).toMatchObject({ ok: true });
    });

    it('slows down when told to', async () => {
      side.misbehave({ kind: 'rate-limited', retryAfterSeconds: 7 });
      expect(await send()).toMatchObject({
        ok: false,
        reason: 'rate-limited',
        retryable: true,
        ...(subject.saysWhen ? { retryAfterMs: 7_000 } : {}),
      });
    });

    it('gives up on an answer that never comes, and says that it may have gone out', async () => {
      side.misbehave({ kind: 'never-answer', accept: true });
      const before = side.received().length;
      const began = performance.now();
      expect(await send({ signal: AbortSignal.timeout(300) })).toMatchObject({
        ok: false,
        reason: 'timed-out',
        retryable: true,
        ambiguous: true,
      });
      expect(performance.now() - began).toBeLessThan(2_000);
      expect(side.received()).toHaveLength(before + 1);
    });

    it('stops when it is called off under way', async () => {
      side.misbehave({ kind: 'never-answer', accept: false });
      const calledOff = new AbortController();
      const before = side.attempts();
      const sending = send({ signal: calledOff.signal });
      await side.untilAttempts(before + 1);
      calledOff.abort();
      expect(await sending).toMatchObject({ ok: false, ambiguous: true });
    });

    it('sends nothing that was called off beforehand', async () => {
      const before = side.attempts();
      expect(await send({ signal: AbortSignal.abort() })).toMatchObject({ ok: false });
      expect(side.attempts()).toBe(before);
    });

    it('does not try a bad address again', async () => {
      const result = await provider.send(page(), { ...to(), address: subject.badAddress }, contextOf());
      expect(result).toMatchObject({ ok: false, reason: 'bad-address', retryable: false });
    });

    it('says that its credentials are refused, and names no secret', async () => {
      const refused = await subject.createUnauthorized(side);
      const result = await refused.provider.send(page(), to(), contextOf()).finally(refused.close);
      expect(result).toMatchObject({ ok: false, reason: 'unauthorized', retryable: false });
      expect(JSON.stringify(result)).not.toContain('not-the-secret');
    });

    it('is unavailable, and surely sent nothing, while nobody listens', async () => {
      await side.stop();
      try {
        const result = await send();
        expect(result).toMatchObject({ ok: false, reason: 'unavailable', retryable: true });
        expect(result, JSON.stringify(result)).not.toHaveProperty('ambiguous');
      } finally {
        await side.start();
      }
      expect(await send()).toMatchObject({ ok: true });
    });

    const write = (changes: Partial<Letter> = {}, address = subject.address) =>
      provider.sendLetter(
        letterOf(changes),
        { ...to(), address },
        { idempotencyKey: 'handoff-4f7a/sms-1', signal: AbortSignal.timeout(5_000) },
      );

    it('hands a letter over: its words, and nothing of an incident', async () => {
      const before = side.received().length;
      const result = await write({ short: 'Bring the blue folder.', body: ['Bring the blue folder.'] });
      expect(result).toEqual({ ok: true, providerId: expect.stringMatching(/.{8}/) as string });
      const [received, ...more] = side.received().slice(before);
      expect(more).toEqual([]);
      expect(received?.text).toContain('Bring the blue folder.');
      expect(received?.text).not.toContain('7KQ2');
      expect(received?.text).not.toMatch(/\/i\/|hooks/);
    });

    it('reports what became of a letter as of a page', async () => {
      side.misbehave({ kind: 'http-error', status: 503 });
      expect(await write()).toMatchObject({ ok: false, reason: 'unavailable', retryable: true });
      side.behave();
      expect(await write({}, subject.badAddress)).toMatchObject({
        ok: false,
        reason: 'bad-address',
        retryable: false,
      });
    });

    it('lets no address, name or secret into what it says of a failure', async () => {
      const faults = [
        ...side.refusals,
        () => side.misbehave({ kind: 'http-error', status: 500 }),
        () => side.misbehave({ kind: 'rate-limited' }),
      ];
      for (const misbehave of faults) {
        misbehave();
        const result = await send();
        expect(result.ok).toBe(false);
        const said = JSON.stringify(result);
        for (const secret of [
          subject.address,
          subject.address.slice(1, 9),
          NAME,
          ...side.secrets,
          'Checkout',
        ]) {
          expect(said).not.toContain(secret);
        }
      }
    });
  });
}
