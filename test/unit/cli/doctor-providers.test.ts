import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { checkConfigProviders } from '../../../cli/doctor/check-config-providers.js';
import { answersComeBack } from '../../../cli/doctor/check-providers.js';
import { sendTest } from '../../../cli/doctor/send-test.js';
import type { Finding } from '../../../cli/doctor/finding.js';
import { standInsFor, boothEnvironment } from '../../../cli/up/stand-ins.js';
import type { Config } from '../../../config/types.js';
import { createNtfyStandIn } from '../../support/stand-ins/ntfy.js';
import { createSmsGatewayStandIn, gatewayYaml } from '../../support/stand-ins/sms-gateway.js';
import { createWebhookReceiver } from '../../support/stand-ins/webhook-receiver.js';
import { configOf } from '../config/support.js';

const TOKEN = 'tk_of-the-doctor-tests';
const KEY = 'the-gateway-key-of-the-tests';
const SECRET = 'the-webhook-secret';
const TOPIC = 'pia-4f7Qx90bZk11';

const ntfy = createNtfyStandIn({ token: TOKEN });
const gateway = createSmsGatewayStandIn({ key: KEY });
const receiver = createWebhookReceiver({ secret: SECRET });

function config(env: { readonly token?: string; readonly key?: string } = {}): Config {
  return configOf(
    {
      users: `
  alice: { name: Alice, phone: "+12025550101", email: alice@example.com, manager: erin }
  bob: { name: Bob, phone: "+12025550102", email: bob@example.com }
  erin: { name: Erin, phone: "+12025550105", email: erin@example.com }
  pia: { name: Pia, methods: [{ channel: push, to: ${TOPIC} }, { channel: webhook, to: "${receiver.url}/pia" }, { channel: sms, to: "+12025550106" }, { channel: voice, to: "+12025550106" }] }`,
      providers: `
  ntfy: { kind: ntfy, url: "${ntfy.url}", token: { env: NTFY_TOKEN } }
  hooks: { kind: webhook, secret: { env: HOOK_SECRET } }
  eu: ${gatewayYaml(gateway.url)}`,
    },
    {
      NTFY_TOKEN: env.token ?? TOKEN,
      HOOK_SECRET: SECRET,
      SMS_KEY: env.key ?? KEY,
      SMS_HOOK_KEY: 'the-hook-key',
    },
  );
}

const by = (findings: readonly Finding[], name: string): Finding | undefined =>
  findings.find((finding) => finding.name === name);

beforeAll(async () => {
  await Promise.all([ntfy.start(), gateway.start(), receiver.start()]);
});
beforeEach(() => {
  gateway.behave();
  ntfy.behave();
});
afterAll(async () => {
  await Promise.all([ntfy.stop(), gateway.stop(), receiver.stop()]);
});

describe('tocsin doctor looks at the providers of the config', () => {
  it('and sends nothing', async () => {
    const findings = await checkConfigProviders(config(), {});
    expect(findings.map(({ name, status }) => [name, status])).toEqual([
      ['Push (ntfy)', 'ok'],
      ['Webhooks (hooks)', 'ok'],
      ['SMS (eu)', 'ok'],
    ]);
    expect(by(findings, 'Webhooks (hooks)')?.detail).toContain('of 1 person');
    expect([ntfy.requests, gateway.messages, receiver.requests]).toEqual([[], [], []]);
  });

  it('and says that a token is refused, without the token', async () => {
    const findings = await checkConfigProviders(config({ token: 'tk_wrong-one' }), {});
    expect(by(findings, 'Push (ntfy)')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('401') as string,
    });
    expect(JSON.stringify(findings)).not.toContain('tk_wrong-one');
  });

  it('and says what does not answer, or is something else', async () => {
    const made = config();
    await ntfy.stop();
    try {
      expect(by(await checkConfigProviders(made, {}), 'Push (ntfy)')).toMatchObject({
        status: 'fail',
        detail: `${ntfy.url} can't be reached`,
      });
    } finally {
      await ntfy.start();
    }
    const wrong = configOf({ providers: `\n  ntfy: { kind: ntfy, url: "${gateway.url}" }` });
    expect(by(await checkConfigProviders(wrong, {}), 'Push (ntfy)')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('is no healthy ntfy server') as string,
    });
  });

  it('and tells who stands in for whom', async () => {
    const twilio = {
      TWILIO_ACCOUNT_SID: `AC${'b007'.repeat(8)}`,
      TWILIO_AUTH_TOKEN: 'b007'.repeat(8),
      TWILIO_FROM: '+15550100200',
    };
    expect(by(await checkConfigProviders(config(), twilio), 'Failover')?.detail).toBe(
      'SMS: twilio-sms, then eu',
    );
    const last = configOf(
      { providers: `\n  eu: ${gatewayYaml(gateway.url)}\n  later: { kind: twilio }` },
      { SMS_KEY: KEY, SMS_HOOK_KEY: 'k' },
    );
    expect(by(await checkConfigProviders(last, twilio), 'Failover')?.detail).toBe('SMS: eu, then twilio-sms');
    expect(by(await checkConfigProviders(last, {}), 'Place of twilio')).toMatchObject({ status: 'warn' });
  });
});

describe('tocsin doctor --send', () => {
  const send = (to: string, made = config()) =>
    sendTest({
      config: made,
      env: {},
      to,
      now: Date.UTC(2026, 10, 24),
    });

  it('sends a test by each contact method, and calls nobody', async () => {
    const findings = await send('pia');
    expect(findings.map(({ name, status }) => [name, status])).toEqual([
      ['Test push-1 by ntfy', 'ok'],
      ['Test webhook-1 by hooks', 'ok'],
      ['Test sms-1 by eu', 'ok'],
      ['Test voice-1', 'ok'],
    ]);
    expect(ntfy.published.at(-1)).toMatchObject({ topic: TOPIC, priority: 5 });
    expect(ntfy.published.at(-1)?.message).toMatch(
      /^\[TEST\] Test page from Tocsin, asked for by tocsin doctor/,
    );
    expect(gateway.messages.at(-1)?.text).toBe(
      '[TEST] Test page from Tocsin, asked for by tocsin doctor. Nothing is wrong; there is nothing to do.',
    );
    expect(receiver.taken.at(-1)?.body).toMatchObject({ kind: 'letter', topic: 'test', user: 'pia' });
  });

  it('says what was refused', async () => {
    const findings = await send('pia', config({ key: 'not-the-key' }));
    expect(by(findings, 'Test sms-1 by eu')).toMatchObject({
      status: 'fail',
      detail: 'the provider refused our credentials',
      remedy: 'It said: eu: it says 4.',
    });
  });

  it('says what is not set up, and whom there is not', async () => {
    expect(by(await send('alice'), 'Test email-1')).toMatchObject({ status: 'warn' });
    expect(await send('alcie')).toMatchObject([{ status: 'fail', remedy: 'Did you mean "alice"?' }]);
  });
});

describe('tocsin up beside providers of the config', () => {
  it('lets the phone booth stand in for no phone where a gateway would never be used', () => {
    expect(standInsFor({}, config().providers)).toEqual({ phone: false, mail: true });
    expect(standInsFor({}, [{ kind: 'twilio', id: 't' }])).toEqual({ phone: true, mail: true });
  });

  it('gives the booth numbers and mailboxes, never topics or webhooks', () => {
    const env = boothEnvironment({}, {}, { phone: true, mail: true }, 'http://x', config(), '');
    expect(env['BOOTH_PEOPLE']).toContain('+12025550106');
    expect(env['BOOTH_PEOPLE']).not.toContain(TOPIC);
    expect(env['BOOTH_PEOPLE']).not.toContain('/pia');
  });

  it('wants an address that people’s phones reach', () => {
    expect(answersComeBack({}, [])).toBe(false);
    expect(answersComeBack({}, [{ kind: 'smtp', id: 's' }])).toBe(false);
    expect(answersComeBack({ TWILIO_ACCOUNT_SID: 'AC' }, [])).toBe(true);
    expect(answersComeBack({}, config().providers)).toBe(true);
  });
});
