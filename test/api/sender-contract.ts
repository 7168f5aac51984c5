import { describe, expect, it } from 'vitest';
import { pathOf, type Sender } from '../../api/intake/sender.js';
import { createTestApp, type TestApp } from './support/test-app.js';
import { API_KEY } from './support/test-config.js';

/** A request of a sender. */
export interface SenderRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** What the contract must know of a sender to put it to the test. */
export interface SenderExample {
  readonly sender: Sender;
  /** Id of its integration in the test configuration, and its key. */
  readonly integration: string;
  readonly key: string;
  /** One alert by this dedup key, sent with this key. */
  request(key: string, status: 'firing' | 'resolved', name: string): SenderRequest;
  /** A request with wrong fields, and where they are. */
  readonly malformed: { readonly request: SenderRequest; readonly paths: readonly string[] };
  /** What becomes of a dedup key of 10 kB: its hash counts, or it is refused. */
  readonly hugeKey: 'hashed' | 'refused';
  /** Whether bytes that can't be read still tell who sent them: then a person hears of it. */
  readonly knownBeforeTheBody: boolean;
}

/** What every sender must do: a new one gets its row in test/api/senders.test.ts, and nothing else is asked of it. */
export function senderContract(example: SenderExample): void {
  const { sender, integration, key } = example;
  const url = pathOf(sender);

  function post(test: TestApp, request: SenderRequest, bytes?: Buffer, type = 'application/json') {
    return test.app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': type, ...request.headers },
      payload: bytes ?? JSON.stringify(request.body),
    });
  }
  const keys = (test: TestApp): string[] => test.incidents.taken.map(({ input }) => input.key);
  const malformed = (test: TestApp): number =>
    test.incidents.taken.filter(({ input }) => input.title.startsWith('Malformed alert')).length;

  describe(`the sender ${sender.kind}`, () => {
    it('opens one incident for an alert that fires, and is answered when it is durable', async () => {
      const test = createTestApp();
      const answer = await post(test, example.request(key, 'firing', 'disk'));
      expect(answer.statusCode).toBe(202);
      expect(test.incidents.taken).toHaveLength(1);
      const [taken] = test.incidents.taken;
      expect(taken?.input.source).toBe(integration);
      expect(taken?.batch.integration).toBe(integration);
      expect(taken?.input.title.length).toBeGreaterThan(3);
      const firing = taken?.batch.alerts.filter(({ status }) => status === 'firing');
      expect(firing).toHaveLength(1);
      expect(firing?.[0]?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
      expect(await test.metrics()).toContain(
        `tocsin_intake_deliveries_total{sender="${sender.kind}",answer="accepted"} 1`,
      );
      expect(await test.metrics()).toContain(`tocsin_intake_alerts_total{sender="${sender.kind}"} 1`);
    });

    it('means the same incident and the same alert when it sends the same again', async () => {
      const test = createTestApp();
      await post(test, example.request(key, 'firing', 'disk'));
      await post(test, example.request(key, 'firing', 'disk'));
      await post(test, example.request(key, 'firing', 'other'));
      const [first, second, other] = keys(test);
      expect(second).toBe(first);
      expect(other).not.toBe(first);
      expect(test.incidents.taken[1]?.batch.alerts).toEqual(test.incidents.taken[0]?.batch.alerts);
    });

    it('ends what it began, and nothing is opened by an end', async () => {
      const test = createTestApp();
      await post(test, example.request(key, 'firing', 'disk'));
      const answer = await post(test, example.request(key, 'resolved', 'disk'));
      expect(answer.statusCode).toBe(202);
      expect(test.incidents.taken).toHaveLength(1);
      expect(test.incidents.resolvedBatches).toHaveLength(1);
      const [over] = test.incidents.resolvedBatches;
      expect(over?.key).toBe(keys(test)[0]);
      const ended = over?.batch.alerts.map(({ fingerprint }) => fingerprint);
      const fired = test.incidents.taken[0]?.batch.alerts.filter(({ status }) => status === 'firing') ?? [];
      expect(fired.every(({ fingerprint }) => ended?.includes(fingerprint))).toBe(true);
      expect(over?.batch.alerts.every(({ status }) => status === 'resolved')).toBe(true);
    });

    it('learns where its request is wrong, and a person hears of it', async () => {
      const test = createTestApp();
      const answer = await post(test, example.malformed.request);
      expect(answer.statusCode).toBe(400);
      for (const path of example.malformed.paths) expect(answer.body).toContain(path);
      expect(malformed(test)).toBe(1);
      expect(test.incidents.taken).toHaveLength(1);
    });

    it('never has two long dedup keys taken for one', async () => {
      const test = createTestApp();
      const long = 'k'.repeat(10_000);
      const answers = [
        await post(test, example.request(key, 'firing', `${long}1`)),
        await post(test, example.request(key, 'firing', `${long}2`)),
      ];
      const status = example.hugeKey === 'hashed' ? 202 : 400;
      expect(answers.map(({ statusCode }) => statusCode)).toEqual([status, status]);
      expect(malformed(test)).toBe(example.hugeKey === 'hashed' ? 0 : 2);
      const [first, second] = keys(test);
      expect(first).toMatch(/^[0-9a-f]{20}$/);
      if (example.hugeKey === 'hashed') expect(second).not.toBe(first);
    });

    it.each([
      ['a wrong key', 'a-wrong-key-of-somebody'],
      ['an API key', API_KEY],
    ])('is refused with %s: nothing is opened, and no key is logged', async (_case, wrong) => {
      const test = createTestApp();
      const answer = await post(test, example.request(wrong, 'firing', 'disk'));
      expect(answer.statusCode).toBeGreaterThanOrEqual(400);
      expect(answer.statusCode).toBeLessThan(500);
      expect(test.incidents.taken).toEqual([]);
      expect(answer.body).not.toContain(wrong);
      expect(test.logged.join()).not.toContain(wrong);
    });

    it('says 415 to another content type, or reads it all the same', async () => {
      const test = createTestApp();
      const answer = await post(test, example.request(key, 'firing', 'disk'), undefined, 'text/plain');
      expect(answer.statusCode).toBe(sender.anyContentType === true ? 202 : 415);
      expect(test.incidents.taken).toHaveLength(1);
      expect(malformed(test)).toBe(sender.anyContentType === true ? 0 : 1);
    });

    it.each([
      ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
      ['text that is not JSON', Buffer.from('{"status": ')],
      ['nothing', Buffer.alloc(0)],
    ])('is told of %s, and so is a person where it is known who sent it', async (_case, bytes) => {
      const test = createTestApp();
      const answer = await post(test, example.request(key, 'firing', 'disk'), bytes);
      expect(answer.statusCode).toBe(400);
      expect(test.incidents.taken).toHaveLength(example.knownBeforeTheBody ? 1 : 0);
      expect(malformed(test)).toBe(test.incidents.taken.length);
    });

    it('is asked to come back while Temporal is away', async () => {
      const test = createTestApp();
      test.incidents.away = 'temporal';
      const answer = await post(test, example.request(key, 'firing', 'disk'));
      expect(answer.statusCode).toBe(503);
      expect(answer.headers['retry-after']).toBe('5');
      expect(test.incidents.taken).toEqual([]);
    });

    it('is told what its address takes, when it uses another method', async () => {
      const test = createTestApp();
      const { headers } = example.request(key, 'firing', 'disk');
      const answer = await test.app.inject({ method: 'GET', url, headers });
      expect(answer.statusCode).toBe(405);
      expect(answer.headers.allow).toContain('POST');
    });

    it('never has its key in the log', async () => {
      const test = createTestApp();
      await post(test, example.request(key, 'firing', 'disk'));
      await post(test, example.malformed.request);
      expect(test.logged.join()).toContain(url);
      expect(test.logged.join()).not.toContain(key);
    });
  });
}
