import { beforeEach, describe, expect, it } from 'vitest';
import type { SmsGatewaySettings } from '../../config/provider-settings.js';
import { configOf } from '../unit/config/support.js';
import { gatewayYaml } from '../support/stand-ins/sms-gateway.js';
import { summaryOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, OPENING, type TestApp } from './support/test-app.js';
import { testConfig } from './support/test-config.js';

const KEY = 'the-hook-key-of-the-tests';

/** Settings as the config makes them of YAML. */
function gateway(changes: Partial<SmsGatewaySettings> = {}): SmsGatewaySettings {
  const { providers } = configOf(
    { providers: `\n  eu: ${gatewayYaml('http://127.0.0.1:9')}` },
    { SMS_KEY: 'k', SMS_HOOK_KEY: KEY },
  );
  const [settings] = providers;
  if (settings?.kind !== 'sms-gateway') throw new Error('No gateway is configured.');
  return { ...settings, ...changes };
}

let said: string[];

function withGateway(changes: Partial<SmsGatewaySettings> = {}): TestApp {
  const config = { ...testConfig(), providers: [gateway(changes)] };
  const test = createTestApp({
    config: () => config,
    sendText: (...all) => Promise.resolve(void said.push(all.join(' '))),
  });
  test.incidents.incidents = [summaryOf()];
  test.incidents.pages.set('alice', [OPENING]);
  return test;
}

function post(
  test: TestApp,
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return test.app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    payload: new URLSearchParams(fields).toString(),
  });
}

const reply = { sender: '+15550000001', message: 'ack', id: 'in-1' };

beforeEach(() => {
  said = [];
});

describe('POST /hooks/sms/{gateway}', () => {
  it('takes a reply as by Twilio, and says back through the same gateway what became of it', async () => {
    const test = withGateway();
    const answer = await post(test, `/hooks/sms/eu?key=${KEY}`, reply);
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(test.incidents.acted).toMatchObject([
      {
        action: 'acknowledge',
        openingId: OPENING,
        via: 'sms',
        by: { id: 'alice' },
        requestId: 'sms:eu:in-1',
      },
    ]);
    expect(said).toEqual([expect.stringMatching(/^eu \+15550000001 acknowledge .* done\.$/)]);
  });

  it.each(['15550000001', '0015550000001', '+1 (555) 000-0001'])(
    'knows the person by the number, also written %s',
    async (sender) => {
      const test = withGateway();
      await post(test, `/hooks/sms/eu?key=${KEY}`, { ...reply, sender });
      expect(test.incidents.acted).toHaveLength(1);
    },
  );

  it('takes JSON as well, with fields at paths', async () => {
    const test = withGateway({
      replies: { key: KEY, from: 'data.0.from', text: 'data.0.text', id: 'data.0.id', answer: 'sms' },
    });
    const answer = await test.app.inject({
      method: 'POST',
      url: '/hooks/sms/eu',
      headers: { authorization: `Bearer ${KEY}` },
      payload: { data: [{ from: 15550000001, text: 'ack', id: 7 }] },
    });
    expect(answer.statusCode).toBe(204);
    expect(test.incidents.acted).toMatchObject([{ requestId: 'sms:eu:7' }]);
  });

  it('counts a repeated reply once and answers it once', async () => {
    const test = withGateway();
    await post(test, `/hooks/sms/eu?key=${KEY}`, reply);
    await post(test, `/hooks/sms/eu?key=${KEY}`, reply);
    expect(test.incidents.acted).toHaveLength(1);
    expect(said).toHaveLength(1);
  });

  it('counts a repeated reply without id once, also when the minute turns in between, and another one anew', async () => {
    const replies = { key: KEY, from: 'sender', text: 'message', answer: 'sms' } as const;
    const config = { ...testConfig(), providers: [gateway({ replies })] };
    let now = NOW + 55_000;
    const test = createTestApp({
      config: () => config,
      now: () => now,
      sendText: (...all) => Promise.resolve(void said.push(all.join(' '))),
    });
    test.incidents.incidents = [summaryOf()];
    test.incidents.pages.set('alice', [OPENING]);
    const sends = async (at: number, message: string) => {
      now = at;
      await post(test, `/hooks/sms/eu?key=${KEY}`, { ...reply, message });
    };
    await sends(NOW + 55_000, 'escalate');
    await sends(NOW + 58_000, 'ESCALATE ');
    await sends(NOW + 65_000, 'escalate');
    expect(test.incidents.acted).toHaveLength(1);
    expect(said).toHaveLength(1);
    await sends(NOW + 66_000, 'ack');
    await sends(NOW + 125_000, 'escalate');
    expect(test.incidents.acted.map(({ action }) => action)).toEqual(['escalate', 'acknowledge', 'escalate']);
    expect(new Set(test.incidents.acted.map(({ requestId }) => requestId)).size).toBe(3);
    expect(JSON.stringify(test.incidents.acted)).not.toContain('5550000001');
  });

  it('counts one once that came to two APIs', async () => {
    const replies = { key: KEY, from: 'sender', text: 'message', answer: 'sms' } as const;
    const ids: (string | undefined)[] = [];
    for (const test of [withGateway({ replies }), withGateway({ replies })]) {
      await post(test, `/hooks/sms/eu?key=${KEY}`, reply);
      ids.push(test.incidents.acted[0]?.requestId);
    }
    expect(ids[0]).toMatch(/^sms:eu:[0-9a-f]{32}$/);
    expect(ids[1]).toBe(ids[0]);
  });

  it('can answer in the response, for gateways that send that', async () => {
    const test = withGateway({
      replies: { ...gateway().replies, key: KEY, from: 'sender', text: 'message', answer: 'response' },
    });
    const answer = await post(test, `/hooks/sms/eu?key=${KEY}`, reply);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.body).toMatch(/done\.$/);
    expect(said).toEqual([]);
  });

  it('says that nothing was recorded while Temporal is away, and takes the same again', async () => {
    const test = withGateway();
    test.incidents.away = 'temporal';
    await post(test, `/hooks/sms/eu?key=${KEY}`, reply);
    expect(said).toEqual([expect.stringContaining('NOT recorded')]);
    test.incidents.away = null;
    await post(test, `/hooks/sms/eu?key=${KEY}`, reply);
    expect(test.incidents.acted).toHaveLength(1);
  });

  it('does nothing for an unknown number, and says nothing back to it', async () => {
    const test = withGateway();
    const answer = await post(test, `/hooks/sms/eu?key=${KEY}`, { ...reply, sender: '+15559999999' });
    expect(answer.statusCode).toBe(204);
    expect([test.incidents.acted, said]).toEqual([[], []]);
  });

  it('records an answer also when it can not be said back', async () => {
    const test = withGateway();
    const config = { ...testConfig(), providers: [gateway()] };
    const broken = createTestApp({
      config: () => config,
      sendText: () => Promise.reject(new Error('to +15550000001')),
    });
    broken.incidents.incidents = test.incidents.incidents;
    broken.incidents.pages.set('alice', [OPENING]);
    expect((await post(broken, `/hooks/sms/eu?key=${KEY}`, reply)).statusCode).toBe(204);
    expect(broken.incidents.acted).toHaveLength(1);
    expect(broken.logged.join()).not.toContain('+15550000001');
  });

  it.each([
    ['without a key', '/hooks/sms/eu', {}, 401],
    ['with another key', '/hooks/sms/eu?key=guess', {}, 401],
    ['with another bearer', '/hooks/sms/eu', { authorization: 'Bearer guess' }, 401],
    ['of an unknown gateway', `/hooks/sms/us?key=${KEY}`, {}, 404],
  ])('refuses a request %s', async (_how, url, headers, status) => {
    const test = withGateway();
    expect((await post(test, url, reply, headers)).statusCode).toBe(status);
    expect([test.incidents.acted, said]).toEqual([[], []]);
  });

  it('takes the key as password of Basic', async () => {
    const test = withGateway();
    const authorization = `Basic ${Buffer.from(`tocsin:${KEY}`).toString('base64')}`;
    expect((await post(test, '/hooks/sms/eu', reply, { authorization })).statusCode).toBe(204);
    expect(test.incidents.acted).toHaveLength(1);
  });

  it('logs neither key, number nor text', async () => {
    const test = withGateway();
    await post(test, `/hooks/sms/eu?key=${KEY}`, { ...reply, message: 'update the secret plan' });
    for (const secret of [KEY, '5550000001', 'secret plan']) expect(test.logged.join()).not.toContain(secret);
  });
});

describe('POST /hooks/sms/{gateway}/status', () => {
  const status = (test: TestApp, fields: Record<string, string>, d = 'd7') =>
    post(test, `/hooks/sms/eu/status?t=${test.token({ p: 'delivery', d })}`, fields);

  it('of a message about several incidents reaches each of them', async () => {
    const test = withGateway();
    const t = test.token({ p: 'delivery', d: 'd7', m: [{ o: '0123456789abcdef0123-00000002', d: 'd3' }] });
    const answer = await post(test, `/hooks/sms/eu/status?t=${t}`, { state: 'EXPIRED', message: 'gw-2' });
    expect(answer.statusCode).toBe(204);
    expect(test.incidents.reports).toMatchObject([
      { openingId: OPENING, report: { deliveryId: 'd7', status: 'failed', providerId: 'gw-2' } },
      { openingId: '0123456789abcdef0123-00000002', report: { deliveryId: 'd3', status: 'failed' } },
    ]);
  });

  it('tells the incident that a message arrived, or will not', async () => {
    const test = withGateway();
    expect((await status(test, { state: 'DELIVERED', message: 'gw-1' })).statusCode).toBe(204);
    await status(test, { state: 'EXPIRED', message: 'gw-2' });
    expect(test.incidents.reports).toEqual([
      {
        openingId: OPENING,
        report: { deliveryId: 'd7', provider: 'eu', providerId: 'gw-1', status: 'delivered' },
      },
      {
        openingId: OPENING,
        report: {
          deliveryId: 'd7',
          provider: 'eu',
          providerId: 'gw-2',
          status: 'failed',
          reason: 'undelivered',
          retryable: false,
          detail: 'eu: EXPIRED',
        },
      },
    ]);
  });

  it('drops what is no end', async () => {
    const test = withGateway();
    expect((await status(test, { state: 'BUFFERED' })).statusCode).toBe(204);
    expect((await status(test, {})).statusCode).toBe(204);
    expect(test.incidents.reports).toEqual([]);
  });

  it('finds the message by the field in which our id comes back', async () => {
    const test = withGateway({
      reports: { status: 'state', id: 'reference', delivered: ['DELIVERED'], failed: [] },
    });
    const reference = test.token({ p: 'delivery', d: 'd9' });
    const answer = await post(test, '/hooks/sms/eu/status', { state: 'DELIVERED', reference });
    expect(answer.statusCode).toBe(204);
    expect(test.incidents.reports).toMatchObject([{ report: { deliveryId: 'd9' } }]);
  });

  it.each([
    ['no token', () => ''],
    ['a link’s token', (test: TestApp) => test.token({})],
    ['a call’s token', (test: TestApp) => test.token({ p: 'voice', d: 'd7' })],
    ['a broken token', (test: TestApp) => test.token({ p: 'delivery', d: 'd7' }).slice(0, -2)],
  ])('refuses a report with %s', async (_what, token) => {
    const test = withGateway();
    const answer = await post(test, `/hooks/sms/eu/status?t=${token(test)}`, { state: 'DELIVERED' });
    expect(answer.statusCode).toBe(403);
    expect(test.incidents.reports).toEqual([]);
  });
});
