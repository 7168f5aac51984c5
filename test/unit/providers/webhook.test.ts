import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWebhook } from '../../../activities/providers/webhook/provider.js';
import type { Provider, Recipient } from '../../../activities/providers/provider.js';
import { createWebhookReceiver } from '../../support/stand-ins/webhook-receiver.js';
import { EVERY_PART, notice, page } from '../messages/fixtures.js';
import { contextOf, describeProvider, standInSide } from './contract.js';

const SECRET = 'the-webhook-secret-of-the-tests';

function create(secret = SECRET, names = false): Provider {
  return createWebhook({ kind: 'webhook', id: 'hooks', secret, names }, () => Date.now());
}

describe('webhook', () => {
  const contractSide = createWebhookReceiver({ secret: SECRET });
  describeProvider({
    side: standInSide(contractSide, {
      received: () =>
        contractSide.accepted.map(({ body }) => ({
          text: JSON.stringify(body),
          delivery: JSON.stringify(body),
        })),
      refusals: [{ kind: 'status', status: 400, body: 'Checkout of Alice Example is not wanted' }],
      secrets: [SECRET, '/alices-hook'],
    }),
    create: () => create(),
    createUnauthorized: () =>
      Promise.resolve({ provider: create('not-the-secret'), close: () => Promise.resolve() }),
    get address() {
      return `${contractSide.url}/alices-hook`;
    },
    badAddress: 'ftp://127.0.0.1/alices-hook',
    saysWhen: true,
  });

  describe('a delivery', () => {
    const receiver = createWebhookReceiver({ secret: SECRET });
    const to = (path = '/hook'): Recipient => ({
      userId: 'alice',
      name: 'Alice',
      address: `${receiver.url}${path}`,
      zone: 'Europe/Berlin',
    });
    beforeAll(() => receiver.start());
    beforeEach(() => receiver.behave());
    afterAll(() => receiver.stop());

    async function taken(
      ...[message, context]: [Parameters<Provider['send']>[0], ReturnType<typeof contextOf>?]
    ) {
      const before = receiver.taken.length;
      expect(await create().send(message, to(), context ?? contextOf())).toMatchObject({ ok: true });
      return receiver.taken.slice(before);
    }

    it('has the documented body', async () => {
      const [one] = await taken(
        page({ runbook: 'https://runbooks.example.com/x' }),
        contextOf({ idempotencyKey: 'o/p1/alice/webhook-1/d1/1' }),
      );
      expect(one?.body).toEqual({
        schema: 'tocsin.message/1',
        kind: 'page',
        delivery: { id: 'd7' },
        user: 'alice',
        incident: {
          id: '0123456789abcdef0123-89abcdef',
          code: '7KQ2',
          title: 'Checkout error rate above 14 %',
          service: 'payments',
          severity: 'SEV1',
          openedAt: '2026-11-24T10:00:00.000Z',
          firing: 3,
          runbook: 'https://runbooks.example.com/x',
        },
        about: ['page'],
        text: 'You are paged as primary.',
        answer: {
          url: contextOf().urls.incident,
          form: { action: ['acknowledge', 'take', 'progress', 'resolve', 'escalate'], nonce: 'required' },
        },
      });
    });

    it('is signed over time and body', async () => {
      await create().send(page(), to(), contextOf());
      const request = receiver.requests.at(-1);
      const timestamp = request?.headers['x-tocsin-timestamp'] ?? '';
      expect(Math.abs(Date.now() / 1_000 - Number(timestamp))).toBeLessThan(5);
      const expected = createHmac('sha256', SECRET)
        .update(`${timestamp}.${request?.body ?? ''}`)
        .digest('hex');
      expect(request?.headers['x-tocsin-signature']).toBe(`v1=${expected}`);
    });

    it('has the same key at each try, and another one for another message', async () => {
      const key = 'opening/p1/alice/webhook-1/d21';
      expect(await taken(page(), contextOf({ idempotencyKey: `${key}/1` }))).toHaveLength(1);
      expect(await taken(page(), contextOf({ idempotencyKey: `${key}/2` }))).toHaveLength(0);
      expect(await taken(page(), contextOf({ idempotencyKey: `${key}2/1` }))).toHaveLength(1);
      expect(receiver.requests.at(-1)?.headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    });

    it('names no colleague unless it is told to', async () => {
      for (const [index, part] of EVERY_PART.entries()) {
        const [one] = await taken(
          notice(part),
          contextOf({ idempotencyKey: `o/notice/alice/webhook-1/every-${index}/1` }),
        );
        expect(JSON.stringify(one?.body).replaceAll('alice"', '')).not.toMatch(/\b(alice|bob)\b/i);
      }
      await create(SECRET, true).send(
        notice({ type: 'acknowledged-by', who: 'Bob', at: 0 }),
        to(),
        contextOf({ idempotencyKey: 'o/notice/alice/webhook-1/named/1' }),
      );
      expect(receiver.taken.at(-1)?.body['text']).toContain('Bob has it');
    });

    it.each([
      [
        { kind: 'status', status: 404 },
        { reason: 'bad-address', retryable: false },
      ],
      [
        { kind: 'status', status: 410 },
        { reason: 'bad-address', retryable: false },
      ],
      [
        { kind: 'status', status: 422 },
        { reason: 'rejected', retryable: false },
      ],
      [
        { kind: 'status', status: 408 },
        { reason: 'timed-out', retryable: true, ambiguous: true },
      ],
      [
        { kind: 'status', status: 502 },
        { reason: 'unavailable', retryable: true },
      ],
      [
        { kind: 'redirect', to: 'http://127.0.0.1:9/elsewhere' },
        { reason: 'rejected', retryable: false },
      ],
      [{ kind: 'break' }, { reason: 'unavailable', retryable: true, ambiguous: true }],
    ] as const)('met by %j is a failure that says so', async (trouble, expected) => {
      receiver.misbehave(trouble);
      expect(await create().send(page(), to(), contextOf())).toMatchObject({ ok: false, ...expected });
    });

    it.each([{ kind: 'html' }, { kind: 'endless' }, { kind: 'silent-body' }] as const)(
      'is taken by any 2xx: nobody waits for the rest of %j',
      async (trouble) => {
        receiver.misbehave(trouble);
        const began = performance.now();
        expect(await create().send(page(), to(), contextOf())).toMatchObject({ ok: true });
        expect(performance.now() - began).toBeLessThan(1_000);
      },
    );
  });
});
