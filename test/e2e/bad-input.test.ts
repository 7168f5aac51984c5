import { connect } from 'node:net';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signTwilioRequest } from '../../booth/signature.js';
import { KEYS, startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { current, endIncident, entriesOf, openIncident, sound } from './support/stage.js';

const cast = createCast({
  people: { alice: [['0s', 'sms']] },
  services: { shop: [{ to: ['alice'] }] },
  timings: { stability: '1s' },
});

let system: RunningSystem;

beforeAll(async () => {
  system = await startSystem({ config: cast.yaml });
});
afterAll(() => system.stop());

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly error?: {
      readonly code: string;
      readonly message: string;
      readonly problems?: readonly { path: string; message: string }[];
      readonly requestId: string;
    };
    readonly incidents?: readonly {
      readonly key: string;
      readonly service: string;
      readonly remarks: readonly string[];
    }[];
  };
}

async function send(
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(`${system.url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${KEYS.generic}`, ...headers },
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answer['body'],
  };
}

/** Open incidents with this title, as everybody sees them. */
async function openWithTitle(title: string): Promise<readonly { readonly openingId: string }[]> {
  const { body } = await system.request('GET', '/v1/incidents?open=true&limit=100');
  const { incidents } = body as { incidents: readonly { openingId: string; title: string }[] };
  return incidents.filter((incident) => incident.title === title);
}

const GENERIC = '/v1/alerts/generic';
const ALERTMANAGER = '/v1/alerts/alertmanager';

describe('alerts that are strange, and taken', () => {
  test('a dedup key of 10 kB names one incident like any other', async () => {
    const alert = {
      service: 'shop',
      name: `${'schlüssel/'.repeat(1_000)}${'x'.repeat(240)}`,
      summary: 'long key',
    };
    expect(Buffer.byteLength(alert.name)).toBeGreaterThan(10_000);
    const { openingId, workflowId } = await openIncident(system, alert);
    expect(workflowId).toMatch(/^incident:[0-9a-f]{20}$/);
    expect((await sound(system, alert)).status).toBe(202);
    expect((await system.view(openingId)).alerts).toEqual({ firing: 1, total: 1 });
    // Another key with the same first 10 kB is another incident.
    const other = await sound(system, { ...alert, name: `${alert.name}!` });
    expect(`incident:${other.key}`).not.toBe(workflowId);
    await endIncident(system, alert, openingId);
    await sound(system, { ...alert, name: `${alert.name}!`, status: 'resolved' });
  });

  test('an unknown service goes to the catch-all service and its people, and the timeline says why', async () => {
    const { status, body } = await send(
      GENERIC,
      JSON.stringify({ key: 'lost', summary: 'lost alert', service: 'no-such-service' }),
    );
    expect(status).toBe(202);
    expect(body.incidents).toMatchObject([{ service: 'rest' }]);
    const view = await current(system, body.incidents?.[0]?.key ?? '');
    expect(view.service).toBe('Everything else');
    expect(entriesOf(view, 'remark')).toMatchObject([
      { text: 'unknown service "no-such-service": the catch-all service rest has it' },
    ]);
    await system.booth.nextSms({ to: cast.phone('alice'), about: `ACK ${view.code}` });
    await endIncident(
      system,
      { service: 'no-such-service', name: 'lost', summary: 'lost alert' },
      view.openingId,
    );
  });

  test('text that is written to do harm reaches people as text', async () => {
    const summary =
      '<script>alert(1)</script> \u0000\u202e"; DROP TABLE incidents; -- ${jndi:ldap://x} `id` \ud83d\udd25';
    const view = await openIncident(system, { service: 'shop', name: 'harm', summary });
    const sms = await system.booth.nextSms({ to: cast.phone('alice'), about: `ACK ${view.code}` });
    // No control characters, nothing that turns the text around.
    expect(sms.body).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    const page = await (await fetch(/https?:\/\/\S+\/i\/\S+/.exec(sms.body)?.[0] ?? '')).text();
    expect(page.match(/<script[^>]*>/gi)).toEqual(['<script src="live.js" defer>']);
    expect(page).toContain('&lt;script&gt;alert(1)');
    await endIncident(system, { service: 'shop', name: 'harm', summary }, view.openingId);
  });

  test('a resolved alert that nobody knows is taken and opens nothing', async () => {
    const { status, key } = await sound(system, { service: 'shop', name: 'never-fired', status: 'resolved' });
    expect(status).toBe(202);
    expect(await openWithTitle('never-fired is down')).toEqual([]);
    await expect(current(system, key)).rejects.toThrow(/not found/i);
  });
});

describe('requests that are refused', () => {
  test('without a key, with a wrong one, or with that of another door: 401 or 403, and nothing is opened', async () => {
    const body = JSON.stringify({ key: 'no-key', summary: 'no key', service: 'shop' });
    const missing = await send(GENERIC, body, { authorization: '' });
    expect(missing).toMatchObject({ status: 401, body: { error: { code: 'missing-key' } } });
    expect(missing.headers.get('www-authenticate')).toMatch(/^Bearer/);
    const wrong = await send(GENERIC, body, { authorization: 'Bearer wrong-key-of-somebody' });
    expect(wrong).toMatchObject({ status: 401, body: { error: { code: 'wrong-key' } } });
    const other = await send(GENERIC, body, { authorization: `Bearer ${KEYS.alertmanager}` });
    expect(other).toMatchObject({ status: 403, body: { error: { code: 'key-not-allowed' } } });
    const api = await send(GENERIC, body, { authorization: `Bearer ${KEYS.api}` });
    expect([401, 403]).toContain(api.status);
    // Malformed as well: without a key nobody learns that, and nobody is paged for it.
    expect((await send(GENERIC, '{', { authorization: '' })).status).toBe(401);
    expect((await system.request('GET', '/v1/incidents', { key: KEYS.generic })).status).toBe(403);
    expect(await openWithTitle('no key')).toEqual([]);
    expect(await openWithTitle('Malformed alert from integration generic')).toEqual([]);
  });

  test('a malformed body with a valid key: each wrong field is named, and three such posts make exactly one incident', async () => {
    const malformed = JSON.stringify({
      groupKey: '',
      alerts: [
        { status: 'on fire', labels: { alertname: 7 }, startsAt: 'yesterday' },
        { status: 'firing', labels: {}, startsAt: '2026-11-21T10:00:00Z' },
      ],
    });
    const key = { authorization: `Bearer ${KEYS.alertmanager}` };
    const answers = await Promise.all([1, 2, 3].map(() => send(ALERTMANAGER, malformed, key)));
    for (const { status, body } of answers) {
      expect(status).toBe(400);
      expect(body.error?.code).toBe('invalid-body');
      expect(body.error?.problems?.map(({ path }) => path).sort()).toEqual([
        'alerts[0].labels.alertname',
        'alerts[0].startsAt',
        'alerts[0].status',
        'groupKey',
      ]);
      expect(body.error?.requestId).toBeTruthy();
    }
    const title = 'Malformed alert from integration alertmanager';
    await expect.poll(async () => (await openWithTitle(title)).length, { timeout: 5_000 }).toBe(1);
    const [incident] = await openWithTitle(title);
    const view = await system.until(incident?.openingId ?? '', 'paged', ({ paged }) => paged.length > 0);
    expect(
      entriesOf(view, 'remark')
        .map(({ text }) => text)
        .join('\n'),
    ).toContain('could not be read');
    await system.booth.nextSms({ to: cast.phone('alice'), about: `ACK ${view.code}` });
    // The alert that could have been read was not half taken.
    expect(await openWithTitle('Alerts without a name')).toEqual([]);
  });

  test('no JSON, no UTF-8, another content type, more than 5 MB: refused by name, and one incident for all of them', async () => {
    const nonsense = await send(GENERIC, '{"summary": "cut o');
    expect(nonsense).toMatchObject({ status: 400, body: { error: { code: 'invalid-json' } } });
    expect(nonsense.body.error?.message).toMatch(/line 1, column/);
    const latin1 = await send(
      GENERIC,
      new Uint8Array([...Buffer.from('{"summary": "'), 0xe9, ...Buffer.from('"}')]),
    );
    expect(latin1).toMatchObject({ status: 400, body: { error: { code: 'invalid-utf8' } } });
    const form = await send(GENERIC, 'summary=x', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(form).toMatchObject({ status: 415, body: { error: { code: 'unsupported-media-type' } } });
    expect(form.body.error?.message).toContain('application/x-www-form-urlencoded');
    const large = await post(JSON.stringify({ summary: 'x'.repeat(6 * 1024 * 1024) }));
    expect(large).toMatchObject({ status: 413, body: { error: { code: 'body-too-large' } } });
    const title = 'Malformed alert from integration generic';
    await expect.poll(async () => (await openWithTitle(title)).length, { timeout: 5_000 }).toBe(1);
  });

  test('a request that is no HTTP, and one whose sender hangs up half-way, leave the API as it was', async () => {
    await raw('BREW /coffee HTCPCP/1.0\r\n\r\n');
    await raw(
      `POST ${GENERIC} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${KEYS.generic}\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"summary": "half`,
    );
    expect((await fetch(`${system.url}/healthz`)).status).toBe(200);
    expect(await openWithTitle('half')).toEqual([]);
    const alert = { service: 'shop', name: 'after-nonsense' };
    const { openingId } = await openIncident(system, alert);
    await endIncident(system, alert, openingId);
  });
});

test('what Twilio has not signed changes nothing: 403', async () => {
  const alert = { service: 'shop', name: 'forged' };
  const { openingId, code } = await openIncident(system, alert);
  const sms = await system.booth.nextSms({ to: cast.phone('alice'), about: `ACK ${code}` });
  const delivered = await system.until(
    openingId,
    'delivered',
    (view) => entriesOf(view, 'delivered').length > 0,
  );
  const params = {
    MessageSid: `SM${'0'.repeat(32)}`,
    From: cast.phone('alice'),
    To: '+12025550000',
    Body: `ACK ${code}`,
  };
  const url = `${system.url}/hooks/twilio/sms`;
  const post = async (
    address: string,
    form: Readonly<Record<string, string>>,
    signature?: string,
  ): Promise<number> => {
    const response = await fetch(address, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: signature === undefined ? {} : { 'x-twilio-signature': signature },
    });
    return response.status;
  };
  expect(await post(url, params)).toBe(403);
  expect(await post(url, params, signTwilioRequest('another-auth-token', url, params))).toBe(403);
  // Signed for another text, or for another address.
  const genuine = signTwilioRequest(system.booth.authToken, url, params);
  expect(await post(url, { ...params, Body: 'RESOLVE' }, genuine)).toBe(403);
  expect(await post(`${url}?x=1`, params, genuine)).toBe(403);
  const status = sms.statusCallback ?? '';
  const report = { MessageSid: sms.sid, MessageStatus: 'undelivered', ErrorCode: '30003' };
  expect(await post(status, report)).toBe(403);
  // Signed, with a token that is none of ours.
  const forged = `${status.slice(0, -4)}AAAA`;
  expect(await post(forged, report, signTwilioRequest(system.booth.authToken, forged, report))).toBe(403);
  const voice = status.replace('/status', '/voice');
  const key = { CallSid: `CA${'0'.repeat(32)}`, Digits: '4' };
  // A delivery's token opens no call.
  expect(await post(voice, key, signTwilioRequest(system.booth.authToken, voice, key))).toBe(403);
  expect(await system.view(openingId)).toEqual(delivered);
  // The same request with a genuine signature counts: it was the signature that was missing.
  await expect
    .poll(
      async () => {
        await post(url, params, genuine);
        return (await system.view(openingId)).phase;
      },
      { timeout: 5_000 },
    )
    .toBe('acknowledged');
  await endIncident(system, alert, openingId);
});

/** Posts a body that is refused before all of it is sent: the answer must get through all the same. */
function post(body: string): Promise<{ readonly status: number; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${system.url}${GENERIC}`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          authorization: `Bearer ${KEYS.generic}`,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown,
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Writes bytes to the API's port and hangs up; resolves when the connection is gone. */
function raw(text: string): Promise<void> {
  const { hostname, port } = new URL(system.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => socket.end(text));
    socket.resume();
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
  });
}
