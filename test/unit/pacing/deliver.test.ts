import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FAILURES_TO_OPEN, FIRST_OPEN_MS } from '../../../activities/circuit.js';
import type { DeliverInput } from '../../../activities/contracts.js';
import { createActivities, type ActivityDeps } from '../../../activities/create-activities.js';
import { createLetterActivities } from '../../../activities/letters.js';
import { createPacer, type Pacer } from '../../../activities/pacing/pacer.js';
import { createProviderHealth } from '../../../activities/provider-health.js';
import { createProviders } from '../../../activities/providers/create-providers.js';
import type { Provider } from '../../../activities/providers/provider.js';
import { createBooth, type Booth } from '../../../booth/create-booth.js';
import type { Config, User } from '../../../config/types.js';
import { createTokens } from '../../../tokens/signed-token.js';
import { page, TEN } from '../messages/fixtures.js';

const PHONE = '+15550123456';
const tokens = createTokens('a secret of more than 16 characters');
const user = (id: string): User => ({
  id,
  name: id,
  zone: 'UTC',
  methods: [
    { id: 'sms-1', channel: 'sms', address: PHONE },
    { id: 'voice-1', channel: 'voice', address: PHONE },
  ],
});

/** Everybody has the same phone. */
const config = {
  severities: ['SEV1', 'SEV2', 'SEV3'].map((id, index) => ({ id, rank: index + 1 })),
  method: (userId: string, methodId: string) => ({
    user: user(userId),
    method: user(userId).methods.find(({ id }) => id === methodId),
  }),
  person: user,
} as unknown as Config;

const inputOf = (changes: Partial<DeliverInput> = {}): DeliverInput => ({
  deliveryId: 'd7',
  idempotencyKey: 'opening/p1/alice/sms-1/d7/1',
  userId: 'alice',
  method: { id: 'sms-1', channel: 'sms' },
  attempt: 1,
  message: page(),
  ...changes,
});

describe('a delivery by a provider with a rate', () => {
  let sent: string[];
  let waits: string[];
  let pacer: Pacer;
  beforeEach(() => {
    sent = [];
    waits = [];
    pacer = createPacer();
  });

  function provider(name: string, takesMs: number | null): Provider {
    const send = (): ReturnType<Provider['send']> => {
      sent.push(name);
      return Promise.resolve({ ok: true, providerId: `${name}-1` });
    };
    return {
      ...{ name, channel: 'sms', send, sendLetter: send },
      ...(takesMs === null ? {} : { paced: () => ({ key: name, takesMs }) }),
    };
  }

  function make(providers: readonly Provider[], changes: Partial<ActivityDeps> = {}) {
    const deps = {
      config: () => config,
      providers: () => providers,
      tokens,
      publicUrl: 'https://tocsin.example.com',
      clock: () => TEN,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      metrics: {
        delivery: () => undefined,
        waited: ({ channel, provider, ended }, seconds) =>
          void waits.push(`${channel} ${provider} ${ended} ${Math.round(seconds)}`),
      },
      pacer,
      ...changes,
    } satisfies ActivityDeps;
    const activities = createActivities(deps);
    return { deliver: (input: DeliverInput) => activities.deliver(input), deps };
  }

  it('that is called off while it waits sends nothing, and lets the next have its turn', async () => {
    const { deliver } = make([provider('sms-a', 300)]);
    const env = new MockActivityEnvironment();
    expect(await deliver(inputOf())).toMatchObject({ status: 'sent' });
    const waiting = env.run(deliver, inputOf({ deliveryId: 'd8' }));
    const next = deliver(inputOf({ deliveryId: 'd9' }));
    env.cancel('CANCELLED');
    expect(await waiting).toEqual({ deliveryId: 'd8', provider: 'sms-a', status: 'cancelled' });
    expect(sent).toHaveLength(1);
    expect(await next).toMatchObject({ status: 'sent' });
    expect(sent).toHaveLength(2);
    expect(waits).toEqual(['sms sms-a go 0', 'sms sms-a called-off 0', 'sms sms-a go 0']);
  });

  it('that waits when the worker goes down is left to another worker', async () => {
    const { deliver } = make([provider('sms-a', 60_000)]);
    await deliver(inputOf());
    const env = new MockActivityEnvironment();
    const waiting = env.run(deliver, inputOf({ deliveryId: 'd8' }));
    env.cancel('WORKER_SHUTDOWN');
    await expect(waiting).rejects.toThrow('WORKER_SHUTDOWN');
    expect(sent).toHaveLength(1);
  });

  it('goes by the other provider at once where this one lets nothing through for long', async () => {
    const { deliver } = make([provider('sms-a', 60_000), provider('sms-b', null)]);
    expect(await deliver(inputOf())).toMatchObject({ status: 'sent', provider: 'sms-a' });
    const began = performance.now();
    expect(await deliver(inputOf())).toEqual({
      deliveryId: 'd7',
      provider: 'sms-b',
      providerId: 'sms-b-1',
      status: 'sent',
    });
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('that does not fit is reported with when to come again, as worth another try and certainly not sent', async () => {
    pacer = createPacer({ mostWaiting: 0 });
    const { deliver } = make([provider('sms-a', 7_000)]);
    await deliver(inputOf());
    const report = await deliver(inputOf());
    expect(report).toMatchObject({ status: 'failed', reason: 'rate-limited', retryable: true });
    expect(report).not.toHaveProperty('ambiguous');
    expect(report).not.toHaveProperty('unsent');
    if (report.status !== 'failed') throw new Error('It was sent.');
    expect(report.retryAfterMs).toBeGreaterThan(6_000);
    expect(report.retryAfterMs).toBeLessThanOrEqual(7_000);
    expect(report.detail).toBe('sms-a: others are before it at our own rate limit');
  });

  it('that is put off says nothing of the provider, and does not keep its one try when it is broken', async () => {
    let now = TEN;
    const health = createProviderHealth(() => now);
    const providers = [provider('sms-a', 60_000), provider('sms-b', null)] as const;
    const { deliver } = make(providers, { health });
    await deliver(inputOf());
    for (let count = 0; count < FAILURES_TO_OPEN; count += 1) health.note(providers[0], 'unavailable');
    now += FIRST_OPEN_MS;
    for (let count = 0; count < 2 * FAILURES_TO_OPEN; count += 1)
      expect(await deliver(inputOf())).toMatchObject({ provider: 'sms-b', status: 'sent' });
    expect(health.order(providers)[0]).toEqual({ provider: providers[0], isProbe: true });
  });

  it('shares the rate with letters, which let pages go first', async () => {
    const { deliver, deps } = make([provider('sms-a', 200)]);
    const letters = createLetterActivities({ ...deps, health: createProviderHealth() });
    const letter = (id: string) =>
      letters.sendLetter({
        userId: 'alice',
        letter: {
          ...{ kind: 'letter', topic: 'morning', id, subject: 'x', short: 'x', body: ['x'] },
          validForMs: 60_000,
        },
        by: { kind: 'method', id: 'sms-1' },
        idempotencyKey: id,
      });
    const order: string[] = [];
    await Promise.all([
      letter('l1').then(() => order.push('letter 1')),
      letter('l2').then(() => order.push('letter 2')),
      deliver(inputOf()).then(() => order.push('page')),
    ]);
    expect(order).toEqual(['letter 1', 'page', 'letter 2']);
  });
});

describe('a storm at a booth that refuses what is too fast', () => {
  const NUMBERS = ['+15550100201', '+15550100202'];
  let booth: Booth;
  beforeAll(async () => {
    booth = createBooth({ from: NUMBERS, limits: { callsPerSecond: 10, segmentsPerSecond: 5 } });
    await booth.start();
  });
  afterAll(() => booth.stop());

  function make(rates: { readonly calls: string; readonly segments: string }) {
    const all = createProviders({
      TWILIO_ACCOUNT_SID: booth.accountSid,
      TWILIO_AUTH_TOKEN: booth.authToken,
      TWILIO_FROM: NUMBERS.join(', '),
      TWILIO_BASE_URL: booth.httpUrl,
      TWILIO_CALLS_PER_SECOND: rates.calls,
      TWILIO_SEGMENTS_PER_SECOND: rates.segments,
    });
    const activities = createActivities({
      config: () => config,
      providers: () => all,
      tokens,
      publicUrl: 'https://tocsin.example.com',
      clock: () => Date.now(),
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      pacer: createPacer(),
    });
    return (input: DeliverInput) => activities.deliver(input);
  }

  /** 30 pages of 10 people: every third is a repeat. */
  const storm = (deliver: ReturnType<typeof make>, method: DeliverInput['method']) =>
    Promise.all(
      Array.from({ length: 30 }, (_none, index) =>
        deliver(
          inputOf({
            deliveryId: `d${index}`,
            userId: `person-${index % 10}`,
            method,
            message: page({ code: `C${String(index).padStart(3, '0')}` }),
            ...(index % 3 === 0 ? { again: true } : {}),
          }),
        ),
      ),
    );

  it('all text messages arrive, none is refused, each person is written to from one number, first pages first', async () => {
    const mark = booth.attempts.length;
    const reports = await storm(make({ calls: '10', segments: '4.5' }), { id: 'sms-1', channel: 'sms' });
    expect(reports.map(({ status }) => status)).toEqual(Array(30).fill('sent'));
    expect(booth.attempts.slice(mark).map(({ outcome }) => outcome)).toEqual(Array(30).fill('accepted'));
    expect(new Set(booth.messages.map(({ from }) => from))).toEqual(new Set(NUMBERS));
    const codes = booth.messages.map(({ body, from }) => ({ from, code: /C\d{3}/.exec(body)?.[0] ?? '' }));
    for (let person = 0; person < 10; person += 1) {
      const mine = codes.filter(({ code }) => Number(code.slice(1)) % 10 === person);
      expect(new Set(mine.map(({ from }) => from)).size).toBe(1);
    }
    for (const number of NUMBERS) {
      // Without the one that found the number free.
      const queued = codes.filter(({ from }) => from === number).slice(1);
      const isRepeat = queued.map(({ code }) => Number(code.slice(1)) % 3 === 0);
      expect(isRepeat).toEqual([...isRepeat].sort((one, other) => Number(one) - Number(other)));
    }
  });

  it('calls keep to the rate of the whole account', async () => {
    const mark = booth.attempts.length;
    const reports = await storm(make({ calls: '9', segments: '4.5' }), { id: 'voice-1', channel: 'voice' });
    expect(reports.map(({ status }) => status)).toEqual(Array(30).fill('sent'));
    expect(booth.attempts.slice(mark).map(({ outcome }) => outcome)).toEqual(Array(30).fill('accepted'));
  });

  it('without a rate of ours the booth refuses: it does look', async () => {
    const reports = await storm(make({ calls: 'unlimited', segments: 'unlimited' }), {
      id: 'sms-1',
      channel: 'sms',
    });
    expect(reports.filter(({ status }) => status === 'failed').length).toBeGreaterThan(10);
    expect(reports.find(({ status }) => status === 'failed')).toMatchObject({ reason: 'rate-limited' });
  });
});
