import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createNtfy } from '../../../activities/providers/ntfy/provider.js';
import type { Provider, Recipient } from '../../../activities/providers/provider.js';
import { createNtfyStandIn } from '../../support/stand-ins/ntfy.js';
import { notice, page } from '../messages/fixtures.js';
import { contextOf, describeProvider, standInSide } from './contract.js';

const TOKEN = 'tk_the-token-of-the-tests-1';
const TOPIC = 'tocsin-alice-4f7Qx90bZk';

function create(url: string, token = TOKEN): Provider {
  return createNtfy({ kind: 'ntfy', id: 'ntfy', url, token }, () => Date.now());
}

describe('ntfy', () => {
  const contractSide = createNtfyStandIn({ token: TOKEN });
  describeProvider({
    side: standInSide(contractSide, {
      received: () =>
        contractSide.published.map(({ title, message, sequence_id: id }) => ({
          text: `${title ?? ''}\n${message ?? ''}`,
          delivery: id ?? '',
        })),
      refusals: [
        {
          kind: 'status',
          status: 400,
          body: JSON.stringify({ code: 40009, http: 400, error: `topic invalid: ${TOPIC}` }),
        },
        { kind: 'status', status: 413, body: `Checkout to ${TOPIC} is too large` },
      ],
      secrets: [TOKEN],
    }),
    create: () => create(contractSide.url),
    createUnauthorized: () =>
      Promise.resolve({
        provider: create(contractSide.url, 'tk_not-the-secret'),
        close: () => Promise.resolve(),
      }),
    address: TOPIC,
    badAddress: 'alice/../bob',
    saysWhen: true,
  });

  describe('a notification', () => {
    const standIn = createNtfyStandIn({ token: TOKEN });
    let provider: Provider;
    const to: Recipient = { userId: 'alice', name: 'Alice', address: TOPIC, zone: 'Europe/Berlin' };

    beforeAll(async () => {
      await standIn.start();
      provider = create(standIn.url);
    });
    beforeEach(() => standIn.behave());
    afterAll(() => standIn.stop());

    async function published(...args: Parameters<Provider['send']>) {
      const before = standIn.published.length;
      expect(await provider.send(...args)).toMatchObject({ ok: true });
      const [one] = standIn.published.slice(before);
      if (one === undefined) throw new Error('Nothing was published.');
      return one;
    }

    it('of a page rings through, opens the incident, and has the three answers as buttons', async () => {
      const { urls } = contextOf();
      const one = await published(page(), to, contextOf());
      expect(one).toMatchObject({
        topic: TOPIC,
        title: 'SEV1 7KQ2: Checkout error rate above 14 %',
        priority: 5,
        tags: ['rotating_light', 'SEV1'],
        click: urls.incident,
      });
      expect(one.message).toContain('You are paged as primary.');
      expect(one.message).toContain('3 alerts are firing');
      expect(one.actions?.map(({ label }) => label)).toEqual(['Acknowledge', 'Resolve', 'Escalate']);
      for (const action of one.actions ?? []) {
        expect(action).toMatchObject({ action: 'http', method: 'POST', url: urls.incident, clear: true });
        if (action.action !== 'http') continue;
        const form = new URLSearchParams(action.body);
        expect(form.get('action')).toBe(action.label.toLowerCase());
        expect(form.get('nonce')).toMatch(/^[A-Za-z0-9-]{8,64}$/);
      }
    });

    it('is as loud as what it says', async () => {
      const loudness = async (message: Parameters<Provider['send']>[0]) =>
        (await published(message, to, contextOf())).priority;
      const informing = { type: 'page', reason: 'for-information', tier: 'tier 1', round: 1 } as const;
      expect(await loudness(page({ parts: [informing] }))).toBe(3);
      expect(await loudness(notice({ type: 'still-on-it', escalatesAt: 0 }))).toBe(4);
      expect(await loudness(notice({ type: 'resolved' }))).toBe(3);
    });

    it('that asks "still on it?" is answered by one button', async () => {
      const one = await published(notice({ type: 'still-on-it', escalatesAt: 0 }), to, contextOf());
      expect(one.actions?.map(({ label }) => label)).toEqual(['Still on it', 'Open']);
    });

    it('that is tried again replaces the one that may have gone out', async () => {
      const shown = standIn.shown(TOPIC).length;
      const key = 'opening/p1/alice/push-1/d9';
      await published(page(), to, contextOf({ deliveryId: 'd9', idempotencyKey: `${key}/1` }));
      await published(page(), to, contextOf({ deliveryId: 'd9', idempotencyKey: `${key}/2` }));
      expect(standIn.shown(TOPIC)).toHaveLength(shown + 1);
      await published(page(), to, contextOf({ deliveryId: 'd10', idempotencyKey: `${key}0/1` }));
      expect(standIn.shown(TOPIC)).toHaveLength(shown + 2);
    });

    it('of whatever length stays a message', async () => {
      const long = '🚨'.repeat(5_000);
      const one = await published(page({ title: long, service: long, severity: long }), to, contextOf());
      expect(Buffer.byteLength(one.message ?? '')).toBeLessThanOrEqual(4_096);
      expect([...(one.title ?? '')].length).toBeLessThanOrEqual(120);
    });

    it.each([
      [{ kind: 'html' }, { reason: 'unavailable', retryable: true, ambiguous: true }],
      [{ kind: 'endless' }, { reason: 'unavailable', retryable: true, ambiguous: true }],
      [{ kind: 'break' }, { reason: 'unavailable', retryable: true, ambiguous: true }],
      [
        { kind: 'redirect', to: 'http://127.0.0.1:9/elsewhere' },
        { reason: 'rejected', retryable: false },
      ],
      [
        { kind: 'status', status: 404 },
        { reason: 'rejected', retryable: false },
      ],
    ] as const)('met by %j is a failure that says so', async (trouble, expected) => {
      standIn.misbehave(trouble);
      expect(await provider.send(page(), to, contextOf())).toMatchObject({ ok: false, ...expected });
    });
  });
});
