import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { createActivities, type ActivityDeps } from '../../../activities/create-activities.js';
import type {
  DeliverInput,
  FindPeopleInput,
  FindPreviousInput,
  WithdrawInput,
} from '../../../activities/contracts.js';
import { FAILURES_TO_OPEN, FIRST_OPEN_MS, PROBE_TIMEOUT_MS } from '../../../activities/circuit.js';
import { createProviderHealth, type ProviderHealth } from '../../../activities/provider-health.js';
import type { Provider, Recipient, SendContext, SendResult } from '../../../activities/providers/provider.js';
import type { Config } from '../../../config/types.js';
import type { Channel } from '../../../domain/incident/event.js';
import { createTokens } from '../../../tokens/signed-token.js';
import { notice, page, TEN } from '../messages/fixtures.js';

const ADDRESS = '+15550123456';
const tokens = createTokens('a secret of more than 16 characters');

type Method = ReturnType<Config['method']>;
const alice: Method = {
  user: { id: 'alice', name: 'Alice', zone: 'UTC', methods: [] },
  method: { id: 'sms-1', channel: 'sms', address: ADDRESS },
};

/** Only what these activities ask of a config; everything else is an error. */
function configOf(parts: Partial<Config>): Config {
  return new Proxy(parts, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (value === undefined) throw new Error(`Unexpected use of config.${String(name)}`);
      return value;
    },
  }) as Config;
}

type Changes = Partial<Omit<ActivityDeps, 'providers'>> & { readonly providers?: readonly Provider[] };

interface Sent {
  readonly provider: string;
  readonly to: Recipient;
  readonly context: SendContext;
}

describe('activities', () => {
  let sent: Sent[];
  let logged: string[];
  let counted: string[];
  let now: number;

  beforeEach(() => {
    sent = [];
    logged = [];
    counted = [];
    now = TEN;
  });

  function provider(
    name: string,
    answer: SendResult | ((context: SendContext) => Promise<SendResult>),
    channel: Channel = 'sms',
  ): Provider {
    return {
      name,
      channel,
      send: (_message, to, context) => {
        sent.push({ provider: name, to, context });
        return typeof answer === 'function' ? answer(context) : Promise.resolve(answer);
      },
      sendLetter: () => Promise.reject(new Error('No letter was expected.')),
    };
  }

  function make({ providers = [], ...changes }: Changes) {
    const log = (level: string) => (fields: Readonly<Record<string, unknown>>, message: string) =>
      void logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
    const activities = createActivities({
      config: () => configOf({ method: () => alice }),
      providers: () => providers,
      tokens,
      publicUrl: 'https://tocsin.example.com/',
      clock: () => now,
      log: { info: log('info'), warn: log('warn'), error: log('error') },
      metrics: {
        delivery: ({ kind, channel, provider, outcome }, seconds) =>
          void counted.push(`${kind} ${channel} ${provider} ${outcome} ${seconds}`),
      },
      ...changes,
    });
    return {
      deliver: (asked: DeliverInput) => activities.deliver(asked),
      withdraw: (asked: WithdrawInput) => activities.withdraw(asked),
      findPeople: (asked: FindPeopleInput) => activities.findPeople(asked),
      findPrevious: (asked: FindPreviousInput) => activities.findPrevious(asked),
    };
  }

  const input: DeliverInput = {
    deliveryId: 'd7',
    idempotencyKey: 'opening/p1/alice/sms-1/d7/1',
    userId: 'alice',
    method: { id: 'sms-1', channel: 'sms' },
    attempt: 1,
    message: page(),
  };
  const ok = (providerId = 'SM1'): SendResult => ({ ok: true, providerId });
  const down: SendResult = { ok: false, reason: 'unavailable', retryable: true, detail: 'HTTP 503' };
  /** Answers only when it is stopped. */
  const hanging = ({ signal }: SendContext) =>
    new Promise<SendResult>((resolve) => {
      signal.addEventListener('abort', () =>
        resolve({ ok: false, reason: 'timed-out', retryable: true, ambiguous: true }),
      );
    });

  describe('deliver', () => {
    it('hands the message to the provider of its channel, with links only it can have', async () => {
      const { deliver } = make({
        providers: [provider('mail', ok(), 'email'), provider('sms-a', ok('SM9'))],
      });
      expect(await deliver(input)).toEqual({
        deliveryId: 'd7',
        provider: 'sms-a',
        providerId: 'SM9',
        status: 'sent',
      });
      expect(sent).toHaveLength(1);
      expect(sent[0]?.to).toEqual({ userId: 'alice', name: 'Alice', address: ADDRESS, zone: 'UTC' });
      const { urls, deliveryId, idempotencyKey } = sent[0]?.context ?? {};
      expect([deliveryId, idempotencyKey]).toEqual(['d7', input.idempotencyKey]);
      const verified = (url: string | undefined, prefix: string) => {
        expect(url?.startsWith(prefix)).toBe(true);
        return tokens.verify(url?.slice(prefix.length) ?? '', now);
      };
      const e = TEN + 7 * 24 * 3_600_000;
      const o = page().openingId;
      expect(verified(urls?.incident, 'https://tocsin.example.com/i/')).toEqual({
        ok: true,
        claims: { p: 'link', o, u: 'alice', e },
      });
      expect(verified(urls?.deliveryStatus, 'https://tocsin.example.com/hooks/twilio/status?t=')).toEqual({
        ok: true,
        claims: { p: 'delivery', o, d: 'd7', e },
      });
      expect(verified(urls?.voiceAnswer, 'https://tocsin.example.com/hooks/twilio/voice?t=')).toEqual({
        ok: true,
        claims: { p: 'voice', o, u: 'alice', d: 'd7', e },
      });
    });

    it('says when the contact method is gone', async () => {
      const { deliver } = make({
        config: () => configOf({ method: () => null }),
        providers: [provider('sms-a', ok())],
      });
      expect(await deliver(input)).toMatchObject({
        status: 'failed',
        reason: 'bad-address',
        retryable: false,
      });
      expect(sent).toEqual([]);
    });

    it('notes which providers let us in', async () => {
      const noted: string[] = [];
      const health: ProviderHealth = {
        ...createProviderHealth(() => now),
        note: ({ name }, outcome) => {
          noted.push(`${name} ${outcome}`);
          return null;
        },
      };
      const refuses: SendResult = { ok: false, reason: 'unauthorized', retryable: false };
      const { deliver } = make({ health, providers: [provider('sms-a', refuses), provider('sms-b', ok())] });
      await deliver(input);
      expect(noted).toEqual(['sms-a unauthorized', 'sms-b sent']);
    });

    it('says when no provider has the channel', async () => {
      const { deliver } = make({ providers: [provider('mail', ok(), 'email')] });
      expect(await deliver(input)).toMatchObject({
        status: 'failed',
        reason: 'not-configured',
        retryable: false,
      });
    });

    it('fails over to the next provider of the channel', async () => {
      const { deliver } = make({ providers: [provider('sms-a', down), provider('sms-b', ok('B1'))] });
      expect(await deliver(input)).toEqual({
        deliveryId: 'd7',
        provider: 'sms-b',
        providerId: 'B1',
        status: 'sent',
      });
      expect(sent.map((one) => one.provider)).toEqual(['sms-a', 'sms-b']);
      expect(counted).toEqual(['page sms sms-a unavailable 0', 'page sms sms-b sent 0']);
    });

    it('counts a notice as one', async () => {
      const { deliver } = make({ providers: [provider('sms-a', ok())] });
      await deliver({ ...input, message: notice({ type: 'resolved' }) });
      expect(counted).toEqual(['notice sms sms-a sent 0']);
    });

    it('tries a provider that keeps failing last, so that no page waits for it, and first again once it is back', async () => {
      let isDown = true;
      const { deliver } = make({
        providers: [
          provider('sms-a', () => Promise.resolve(isDown ? down : ok('A1'))),
          provider('sms-b', ok('B1')),
        ],
      });
      const tried = async () => {
        sent = [];
        expect(await deliver(input)).toMatchObject({ status: 'sent' });
        return sent.map((one) => one.provider);
      };
      for (let count = 0; count < FAILURES_TO_OPEN; count += 1)
        expect(await tried()).toEqual(['sms-a', 'sms-b']);
      expect(await tried()).toEqual(['sms-b']);
      expect(logged.join()).toContain('sms-a fails again and again: it is tried last');
      now += FIRST_OPEN_MS;
      expect(await tried()).toEqual(['sms-a', 'sms-b']);
      expect(await tried()).toEqual(['sms-b']);
      isDown = false;
      now += 2 * FIRST_OPEN_MS;
      expect(await tried()).toEqual(['sms-a']);
      expect(await tried()).toEqual(['sms-a']);
      expect(logged.join()).toContain('sms-a is back');
    });

    it('forgets the trouble with a provider that the config no longer has', async () => {
      let providers = [provider('sms-a', down), provider('sms-b', ok())];
      const health = createProviderHealth(() => now);
      const activities = createActivities({
        config: () => configOf({ method: () => alice }),
        providers: () => providers,
        tokens,
        publicUrl: 'https://tocsin.example.com',
        clock: () => now,
        log: { info: () => undefined, warn: () => undefined, error: () => undefined },
        health,
      });
      for (let count = 0; count < FAILURES_TO_OPEN; count += 1) await activities.deliver(input);
      expect(health.failing()).toEqual(['sms-a: unavailable, tried last']);
      providers = [provider('sms-b', ok())];
      await activities.deliver(input);
      expect(health.failing()).toEqual([]);
    });

    it('still tries all of them when all are broken', async () => {
      const { deliver } = make({ providers: [provider('sms-a', down), provider('sms-b', down)] });
      for (let count = 0; count <= FAILURES_TO_OPEN; count += 1) {
        sent = [];
        expect(await deliver(input)).toMatchObject({ status: 'failed', retryable: true });
        expect(sent).toHaveLength(2);
      }
    });

    it('waits for a broken provider that hangs no longer than the one try that it gets', async () => {
      let isDown = true;
      const { deliver } = make({
        providers: [
          provider('sms-a', (context) => (isDown ? Promise.resolve(down) : hanging(context))),
          provider('sms-b', ok('B1')),
        ],
        deliveryTimeoutMs: 60_000,
      });
      for (let count = 0; count < FAILURES_TO_OPEN; count += 1) await deliver(input);
      isDown = false;
      now += FIRST_OPEN_MS;
      const began = performance.now();
      expect(await deliver(input)).toMatchObject({ provider: 'sms-b', possibleDuplicate: true });
      expect(performance.now() - began).toBeLessThan(PROBE_TIMEOUT_MS + 1_500);
    });

    it('fails over from a provider that hangs, in time, and says that it may be a duplicate', async () => {
      const { deliver } = make({
        providers: [provider('sms-a', hanging), provider('sms-b', ok('B1'))],
        deliveryTimeoutMs: 200,
      });
      const began = performance.now();
      expect(await deliver(input)).toMatchObject({
        status: 'sent',
        provider: 'sms-b',
        possibleDuplicate: true,
      });
      expect(performance.now() - began).toBeLessThan(1_500);
    });

    it('fails over from a provider that broke', async () => {
      const broken = provider('sms-a', () => Promise.reject(new Error(`cannot send to ${ADDRESS}`)));
      const { deliver } = make({ providers: [broken, provider('sms-b', ok('B1'))] });
      expect(await deliver(input)).toMatchObject({ status: 'sent', provider: 'sms-b' });
      expect(logged.join('\n')).not.toContain(ADDRESS);
    });

    it.each(['bad-address', 'opted-out'] as const)(
      'does not ask another provider about a failure of the person’s: %s',
      async (reason) => {
        const { deliver } = make({
          providers: [provider('sms-a', { ok: false, reason, retryable: false }), provider('sms-b', ok())],
        });
        expect(await deliver(input)).toMatchObject({ status: 'failed', provider: 'sms-a', reason });
        expect(sent).toHaveLength(1);
      },
    );

    it('reports the failure that gives most hope when all fail', async () => {
      const { deliver } = make({
        providers: [
          provider('sms-a', { ok: false, reason: 'rate-limited', retryable: true, retryAfterMs: 7_000 }),
          provider('sms-b', { ok: false, reason: 'unauthorized', retryable: false }),
        ],
      });
      expect(await deliver(input)).toEqual({
        deliveryId: 'd7',
        provider: 'sms-a',
        status: 'failed',
        reason: 'rate-limited',
        retryable: true,
        retryAfterMs: 7_000,
      });
    });

    it('says that the first may have gone out when the second says that the number does not exist', async () => {
      const { deliver } = make({
        providers: [
          provider('sms-a', { ok: false, reason: 'timed-out', retryable: true, ambiguous: true }),
          provider('sms-b', { ok: false, reason: 'bad-address', retryable: false }),
        ],
      });
      expect(await deliver(input)).toEqual({
        deliveryId: 'd7',
        provider: 'sms-b',
        status: 'failed',
        reason: 'bad-address',
        retryable: false,
        ambiguous: true,
      });
    });

    it('raises an alarm in the log when a whole channel is down', async () => {
      const { deliver } = make({
        providers: [provider('sms-a', { ok: false, reason: 'unauthorized', retryable: false })],
      });
      await deliver(input);
      expect(logged).toEqual([expect.stringContaining('error nothing can be sent through sms-a')]);
    });

    it('gives up on a provider that never answers', async () => {
      const { deliver } = make({ providers: [provider('sms-a', hanging)], deliveryTimeoutMs: 100 });
      expect(await deliver(input)).toMatchObject({
        status: 'failed',
        reason: 'timed-out',
        retryable: true,
        ambiguous: true,
      });
    });

    it('logs and counts without number, name or message', async () => {
      const { deliver } = make({ providers: [provider('sms-a', ok())] });
      await deliver(input);
      expect(logged).toHaveLength(1);
      expect(logged[0]).toMatch(/^info message handed over .*"deliveryId":"d7"/);
      for (const secret of [ADDRESS, 'Alice', 'alice', 'Checkout', 'https'])
        expect(logged[0]).not.toContain(secret);
      expect(counted).toEqual(['page sms sms-a sent 0']);
    });
  });

  describe('deliver, run by Temporal', () => {
    it('says that a second run of it may be a duplicate', async () => {
      const { deliver } = make({ providers: [provider('sms-a', ok())] });
      const env = new MockActivityEnvironment({ attempt: 2 });
      expect(await env.run(deliver, input)).toMatchObject({ status: 'sent', possibleDuplicate: true });
      expect(await new MockActivityEnvironment({ attempt: 1 }).run(deliver, input)).not.toHaveProperty(
        'possibleDuplicate',
      );
    });

    it('sends nothing that is no longer wanted', async () => {
      const { deliver } = make({ providers: [provider('sms-a', ok())] });
      const env = new MockActivityEnvironment();
      env.cancel('CANCELLED');
      expect(await env.run(deliver, input)).toEqual({
        deliveryId: 'd7',
        provider: 'sms-a',
        status: 'cancelled',
      });
      expect(sent).toEqual([]);
    });

    it('leaves the one try of a broken provider to the next delivery when it is no longer wanted', async () => {
      const providers = [provider('sms-a', ok()), provider('sms-b', ok())] as const;
      const health = createProviderHealth(() => now);
      for (let count = 0; count < FAILURES_TO_OPEN; count += 1) health.note(providers[0], 'unavailable');
      now += FIRST_OPEN_MS;
      const { deliver } = make({ providers, health });
      const env = new MockActivityEnvironment();
      env.cancel('CANCELLED');
      expect(await env.run(deliver, input)).toMatchObject({ status: 'cancelled' });
      expect(await deliver(input)).toMatchObject({ status: 'sent', provider: 'sms-a' });
    });

    it('stops what is under way, asks nobody else, and does not claim that nothing left', async () => {
      const env = new MockActivityEnvironment();
      const { deliver } = make({
        providers: [
          provider('sms-a', (context) => {
            queueMicrotask(() => env.cancel('CANCELLED'));
            return hanging(context);
          }),
          provider('sms-b', ok()),
        ],
      });
      expect(await env.run(deliver, input)).toMatchObject({
        status: 'failed',
        retryable: false,
        ambiguous: true,
      });
      expect(sent).toHaveLength(1);
      expect(counted).toEqual(['page sms sms-a cancelled 0']);
    });

    it('takes back a call that was being placed, rather than to lose its id', async () => {
      const env = new MockActivityEnvironment();
      const withdrawn: string[] = [];
      let cutOff = false;
      const voice: Provider = {
        ...provider('voice-a', async ({ signal }) => {
          env.cancel('CANCELLED');
          await Promise.resolve();
          cutOff = signal.aborted;
          return ok('CA1');
        }),
        withdraw: (id) => Promise.resolve(void withdrawn.push(id)),
      };
      const { deliver } = make({ providers: [voice] });
      const report = await env.run(deliver, input);
      expect(report).toEqual({
        deliveryId: 'd7',
        provider: 'voice-a',
        providerId: 'CA1',
        status: 'cancelled',
      });
      expect([withdrawn, cutOff]).toEqual([['CA1'], false]);
    });

    it('reports a call as sent when it could not be taken back, for the machine to withdraw', async () => {
      const env = new MockActivityEnvironment();
      const voice: Provider = {
        ...provider('voice-a', () => {
          env.cancel('CANCELLED');
          return Promise.resolve(ok('CA1'));
        }),
        withdraw: () => Promise.reject(new Error('503')),
      };
      const { deliver } = make({ providers: [voice] });
      expect(await env.run(deliver, input)).toMatchObject({ providerId: 'CA1', status: 'sent' });
    });

    it('leaves it to another worker when this one goes down', async () => {
      const env = new MockActivityEnvironment();
      const { deliver } = make({
        providers: [
          provider('sms-a', (context) => {
            queueMicrotask(() => env.cancel('WORKER_SHUTDOWN'));
            return hanging(context);
          }),
        ],
      });
      await expect(env.run(deliver, input)).rejects.toBeInstanceOf(CancelledFailure);
    });

    it('tells the server that it lives while a provider takes its time', async () => {
      const env = new MockActivityEnvironment({ heartbeatTimeoutMs: 300 });
      let beats = 0;
      const twice = new Promise<void>((resolve) => {
        env.on('heartbeat', () => {
          beats += 1;
          if (beats === 2) resolve();
        });
      });
      const { deliver } = make({ providers: [provider('sms-a', () => twice.then(() => ok()))] });
      expect(await env.run(deliver, input)).toMatchObject({ status: 'sent' });
      expect(beats).toBeGreaterThanOrEqual(2);
    });
  });

  describe('withdraw', () => {
    it('asks the provider that made the call', async () => {
      const withdrawn: string[] = [];
      const voice = {
        ...provider('voice-a', ok(), 'voice'),
        withdraw: (id: string) => Promise.resolve(void withdrawn.push(id)),
      };
      const { withdraw } = make({ providers: [voice] });
      await withdraw({ deliveryId: 'd7', channel: 'voice', provider: 'voice-a', providerId: 'CA1' });
      await withdraw({ deliveryId: 'd8', channel: 'voice', provider: 'gone', providerId: 'CA2' });
      expect(withdrawn).toEqual(['CA1']);
    });
  });

  describe('findPeople', () => {
    const question = { requestId: 's1', targets: [], urgency: 'high', at: TEN } as const;

    it('answers from the config in force', async () => {
      const found = { people: [], problems: ['nobody is primary of payments now'] };
      const { findPeople } = make({ config: () => configOf({ findPeople: () => found }) });
      expect(await findPeople(question)).toBe(found);
    });

    it('makes a problem of whatever is thrown', async () => {
      const config = () => {
        throw new Error(`no zone for ${ADDRESS}`);
      };
      const { findPeople } = make({ config });
      expect(await findPeople(question)).toEqual({
        people: [],
        problems: ['who is on call could not be worked out: no zone for [number]'],
      });
      expect(logged.join()).not.toContain(ADDRESS);
    });

    it('says when it was slow', async () => {
      const findPeople = () => {
        now += 400;
        return { people: [], problems: [] };
      };
      await make({ config: () => configOf({ findPeople }) }).findPeople(question);
      expect(logged).toEqual([expect.stringContaining('finding people was slow')]);
    });
  });

  describe('findPrevious', () => {
    const first = { openingId: 'k-1', resolvedAt: TEN };
    const second = { openingId: 'k-2', resolvedAt: TEN + 1 };
    const third = { openingId: 'k-3', resolvedAt: null };
    const previous = (list: readonly (typeof first | typeof third)[], openingId: string) =>
      make({ openings: { listOpenings: () => Promise.resolve(list) } }).findPrevious({
        openingId,
        workflowId: 'incident:k',
      });

    it('is the one that the same alert opened before', async () => {
      expect(await previous([third, second, first], 'k-3')).toEqual(second);
      expect(await previous([third, second, first], 'k-1')).toBeNull();
    });

    it('is the newest one while the asking incident cannot be found itself', async () => {
      expect(await previous([second, first], 'k-3')).toEqual(second);
      expect(await previous([], 'k-3')).toBeNull();
    });

    it('is none where nothing can be looked up', async () => {
      expect(await make({}).findPrevious({ openingId: 'k-1', workflowId: 'incident:k' })).toBeNull();
    });
  });
});
