import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSmsGateway } from '../../../activities/providers/sms-gateway/provider.js';
import type { Provider, Recipient } from '../../../activities/providers/provider.js';
import type { SmsGatewaySettings } from '../../../config/provider-settings.js';
import { createHttpStandIn, type Trouble } from '../../support/stand-ins/http-stand-in.js';
import { createSmsGatewayStandIn, gatewayYaml } from '../../support/stand-ins/sms-gateway.js';
import { configOf } from '../config/support.js';
import { page } from '../messages/fixtures.js';
import { contextOf, describeProvider, standInSide } from './contract.js';

const KEY = 'the-gateway-key-of-the-tests';
const ADDRESS = '+12025550123';
const to: Recipient = { userId: 'alice', name: 'Alice', address: ADDRESS, zone: 'Europe/Berlin' };

/** Settings as the config makes them of YAML. */
function settingsOf(yaml: string, key = KEY): SmsGatewaySettings {
  const config = configOf(
    { providers: `\n  gateway: ${yaml}` },
    { SMS_KEY: key, SMS_HOOK_KEY: 'the-hook-key' },
  );
  const [settings] = config.providers;
  if (settings?.kind !== 'sms-gateway') throw new Error('No gateway is configured.');
  return settings;
}

function create(settings: SmsGatewaySettings): Provider {
  return createSmsGateway(settings, () => Date.now());
}

describe('SMS gateway', () => {
  const contractSide = createSmsGatewayStandIn({ key: KEY });
  const inBody = (code: number): Trouble => ({
    kind: 'status',
    status: 200,
    body: JSON.stringify({ status: { code, words: `Checkout to ${ADDRESS}` } }),
  });
  describeProvider({
    side: standInSide(contractSide, {
      received: () => contractSide.messages.map(({ text, callback }) => ({ text, delivery: callback })),
      refusals: [inBody(2), inBody(99), { kind: 'status', status: 400, body: `no ${ADDRESS}` }],
      secrets: [KEY],
    }),
    create: () => create(settingsOf(gatewayYaml(contractSide.url))),
    createUnauthorized: () =>
      Promise.resolve({
        provider: create(settingsOf(gatewayYaml(contractSide.url), 'not-the-secret')),
        close: () => Promise.resolve(),
      }),
    address: ADDRESS,
    badAddress: '12',
    saysWhen: true,
  });

  describe('beyond the contract', () => {
    const gateway = createSmsGatewayStandIn({ key: KEY });
    let provider: Provider;
    beforeAll(async () => {
      await gateway.start();
      provider = create(settingsOf(gatewayYaml(gateway.url)));
    });
    beforeEach(() => {
      gateway.behave();
      gateway.say(null);
    });
    afterAll(() => gateway.stop());

    it('has a rate where the config gives it one, its own and not that of another', () => {
      const paceOf = (yaml: string) => create(settingsOf(yaml)).paced?.(page(), to) ?? null;
      const yaml = gatewayYaml(gateway.url);
      expect(paceOf(yaml)).toBeNull();
      const limited = paceOf(yaml.replace('kind: sms-gateway', 'kind: sms-gateway\n    perSecond: 4'));
      expect(limited?.takesMs).toBe(250);
      expect(limited?.key).toMatch(/^sms-gateway:[0-9a-f]{16}$/);
    });

    it('gets number, sender, text, reference, address for reports and encoding', async () => {
      expect(await provider.send(page(), to, contextOf())).toEqual({ ok: true, providerId: 'gw-00000001' });
      expect(gateway.messages.at(-1)).toMatchObject({
        to: ADDRESS,
        from: 'Tocsin',
        reference: 'delivery-token-d7',
        callback: 'http://127.0.0.1:9/hooks/sms/gateway/status?t=delivery-token-d7',
        encoding: 'gsm7',
      });
      expect(gateway.messages.at(-1)?.text).toMatch(/^SEV1 7KQ2: Checkout error rate above 14 %.*ACK 7KQ2/);
    });

    it('gets a text in another script as it is, and is told so', async () => {
      await provider.send(page({ title: 'Оплата не работает' }), to, contextOf());
      expect(gateway.messages.at(-1)).toMatchObject({ encoding: 'ucs2' });
      expect(gateway.messages.at(-1)?.text).toContain('Оплата не работает');
    });

    it('gets the same key at each try of one delivery', async () => {
      const key = 'opening/p1/alice/sms-1/d9';
      await provider.send(page(), to, contextOf({ idempotencyKey: `${key}/1` }));
      await provider.send(page(), to, contextOf({ idempotencyKey: `${key}/2` }));
      await provider.send(page(), to, contextOf({ idempotencyKey: `${key}9/1` }));
      const [first, second, other] = gateway.messages.slice(-3).map(({ idempotencyKey }) => idempotencyKey);
      expect(first).toMatch(/^[0-9a-f]{32}$/);
      expect(second).toBe(first);
      expect(other).not.toBe(first);
    });

    it.each([
      ['2', 'bad-address', false],
      ['3', 'opted-out', false],
      ['4', 'unauthorized', false],
      ['7', 'unavailable', true],
      ['99', 'rejected', false],
    ] as const)('that answers 200 with error %s in its body means %s', async (code, reason, retryable) => {
      gateway.say(code);
      const result = await provider.send(page(), to, contextOf());
      expect(result).toMatchObject({ ok: false, reason, retryable });
      expect(result).not.toHaveProperty('ambiguous');
      expect(JSON.stringify(result)).toContain(`it says ${code}`);
    });

    it.each([
      [{ kind: 'html' }, 'unavailable', 'is a page of HTML'],
      [{ kind: 'endless' }, 'unavailable', 'is longer than 64 KiB'],
      [{ kind: 'status', status: 200, body: '{"ok":true}' }, 'unavailable', 'success.path'],
      [{ kind: 'status', status: 200, body: '' }, 'unavailable', 'success.path'],
      [{ kind: 'break' }, 'unavailable', 'the connection broke'],
    ] as const)(
      'that answers with what is not its own (%j) may have sent it: tried again, and labelled',
      async (trouble, reason, detail) => {
        gateway.misbehave(trouble);
        const began = performance.now();
        const result = await provider.send(page(), to, contextOf());
        expect(result).toMatchObject({ ok: false, reason, retryable: true, ambiguous: true });
        expect(JSON.stringify(result)).toContain(detail);
        expect(performance.now() - began).toBeLessThan(2_000);
      },
    );

    it('that begins to answer and never ends may have sent it', async () => {
      gateway.misbehave({ kind: 'silent-body' });
      const result = await provider.send(page(), to, contextOf({ signal: AbortSignal.timeout(300) }));
      expect(result).toMatchObject({ ok: false, reason: 'timed-out', retryable: true, ambiguous: true });
    });

    it('that redirects is not followed: its key is meant for it alone', async () => {
      const elsewhere = createHttpStandIn({ answer: () => ({ status: 200 }), sends: () => true });
      await elsewhere.start();
      try {
        gateway.misbehave({ kind: 'redirect', to: `${elsewhere.url}/send` });
        expect(await provider.send(page(), to, contextOf())).toMatchObject({
          ok: false,
          reason: 'rejected',
          retryable: false,
          detail: expect.stringContaining('redirect') as string,
        });
        expect(elsewhere.requests).toEqual([]);
      } finally {
        await elsewhere.stop();
      }
    });
  });

  describe('of another kind', () => {
    const other = createHttpStandIn({ answer: ({ path }) => answers(path), sends: () => true });
    let said = 'OK 4711';
    const answers = (path: string) =>
      path.startsWith('/v2') ? { status: 202, json: {} } : { status: 200, text: said };
    beforeAll(() => other.start());
    afterAll(() => other.stop());

    it('takes everything in the address, and answers in plain text', async () => {
      const provider = create(
        settingsOf(
          `{ kind: sms-gateway, method: GET, url: '${other.url}/send?user=\${SMS_KEY}', query: { to: '{to}', text: '{text}' }, numbers: zeros, success: { matches: '/OK .*/' } }`,
        ),
      );
      expect(await provider.send(page({ title: 'a & b = c?' }), to, contextOf())).toMatchObject({ ok: true });
      const url = new URL(other.requests.at(-1)?.path ?? '', other.url);
      expect(url.searchParams.get('user')).toBe(KEY);
      expect(url.searchParams.get('to')).toBe('0012025550123');
      expect(url.searchParams.get('text')).toContain('a & b = c?');
      said = 'ERR no credit';
      expect(await provider.send(page(), to, contextOf())).toMatchObject({
        ok: false,
        reason: 'rejected',
        detail: 'gateway: it says ERR no credit',
      });
    });

    it('takes JSON, and answers 202', async () => {
      const provider = create(
        settingsOf(
          `{ kind: sms-gateway, url: '${other.url}/v2', json: { messages: [{ to: ['{to}'], body: '{text}', flash: false }] }, numbers: digits, success: { status: [202] } }`,
        ),
      );
      const title = '"quoted" \\ and {to}';
      expect(await provider.send(page({ title }), to, contextOf())).toMatchObject({ ok: true });
      const body = JSON.parse(other.requests.at(-1)?.body ?? '') as {
        messages: [{ to: string[]; body: string; flash: boolean }];
      };
      expect(body.messages[0]).toMatchObject({ to: ['12025550123'], flash: false });
      // What a sender writes is never a template.
      expect(body.messages[0].body).toContain(title);
    });
  });
});
