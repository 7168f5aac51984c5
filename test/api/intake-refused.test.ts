import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import { amAlert, amPayload } from './support/alertmanager-payload.js';
import { createTestApp, type TestApp } from './support/test-app.js';
import { ALERTMANAGER_KEY, API_KEY, GENERIC_KEY } from './support/test-config.js';

const URL = '/v1/alerts/alertmanager';

function send(test: TestApp, payload: string | Buffer | object, headers: Record<string, string> = {}) {
  return test.app.inject({
    method: 'POST',
    url: URL,
    headers: { authorization: `Bearer ${ALERTMANAGER_KEY}`, ...headers },
    payload,
  });
}

describe('an alert that cannot be read', () => {
  it('is answered with every wrong field', async () => {
    const test = createTestApp();
    const answer = await send(test, {
      groupKey: 17,
      alerts: [amAlert(), amAlert({ status: 'pending', startsAt: 'yesterday', labels: { a: 1 } })],
    });
    expect(answer.statusCode).toBe(400);
    const { error } = answer.json<ErrorBody>();
    expect(error.code).toBe('invalid-body');
    expect(error.message).toBe('The body has 4 wrong fields.');
    expect(error.problems?.map(({ path }) => path)).toEqual([
      'groupKey',
      'alerts[1].status',
      'alerts[1].labels.a',
      'alerts[1].startsAt',
    ]);
    expect(error.problems?.every(({ message }) => message.length > 10)).toBe(true);
    expect(error.requestId).toBe(answer.headers['x-request-id']);
  });

  it('names at most a hundred wrong fields and counts the rest', async () => {
    const test = createTestApp();
    const alerts = Array.from({ length: 130 }, () => amAlert({ status: 'wrong' }));
    const { error } = (await send(test, amPayload({ alerts }))).json<ErrorBody>();
    expect(error.problems).toHaveLength(101);
    expect(error.problems?.at(-1)?.message).toBe('30 more fields are wrong.');
  });

  it('repeats at most 200 characters of a path or a message, in the answer and in the incident', async () => {
    const test = createTestApp();
    const answer = await send(
      test,
      amPayload({ alerts: [amAlert({ labels: { ['x'.repeat(400_000)]: 7 } })] }),
    );
    expect(answer.statusCode).toBe(400);
    const { error } = answer.json<ErrorBody>();
    expect(error.problems?.[0]?.path).toMatch(/^alerts\[0\]\.labels\.x+…$/);
    expect(error.problems?.every(({ path, message }) => path.length <= 200 && message.length <= 201)).toBe(
      true,
    );
    expect(JSON.stringify(test.incidents.taken).length).toBeLessThan(10_000);
    const typed = await send(test, '{}', { 'content-type': `text/${'y'.repeat(5_000)}` });
    expect(typed.body.length).toBeLessThan(1_000);
  });

  it('opens the one malformed-alert incident of its integration, however often it comes', async () => {
    const test = createTestApp();
    await send(test, { groupKey: 'x' });
    await send(test, '{ "groupKey": ', { 'content-type': 'application/json' });
    const keys = new Set(test.incidents.taken.map(({ input }) => input.key));
    expect(test.incidents.taken).toHaveLength(2);
    expect(keys.size).toBe(1);
    const [first, second] = test.incidents.taken;
    expect(first?.input).toMatchObject({
      title: 'Malformed alert from integration prometheus',
      source: 'prometheus',
      resolves: false,
    });
    expect(first?.input.plan.remarks.at(-1)).toContain('alerts: ');
    expect(first?.batch.alerts[0]?.summary).toMatch(/^Malformed alert \(groupKey x\): alerts: /);
    expect(second?.batch.alerts[0]?.summary).toMatch(/^Malformed alert: The body is not JSON/);
    const metrics = await test.metrics();
    expect(metrics).toContain('tocsin_intake_deliveries_total{sender="alertmanager",answer="malformed"} 2');
  });

  it('is an alert of its own there for each body, with what of it can be read; the same body again is the same alert', async () => {
    const test = createTestApp();
    const bodies = [
      { groupKey: 'disk-1', commonAnnotations: { summary: 'Disk\n one' } },
      { groupKey: 'disk-2', alerts: [7, 8] },
      { groupKey: 'disk-1', commonAnnotations: { summary: 'Disk\n one' } },
      { groupKey: 'y'.repeat(5_000), commonAnnotations: { summary: 7 } },
    ];
    for (const body of bodies) await send(test, body);
    const alerts = test.incidents.taken.flatMap(({ batch }) => batch.alerts);
    const [one, two, again, long] = alerts;
    expect(again?.fingerprint).toBe(one?.fingerprint);
    expect(new Set(alerts.map(({ fingerprint }) => fingerprint)).size).toBe(3);
    expect(one?.summary).toMatch(/^Malformed alert "Disk one" \(groupKey disk-1\): .+: .+/);
    expect(two?.summary).toMatch(/^Malformed alert \(groupKey disk-2\): .+ \(and \d+ more\)$/);
    expect(long?.summary.length).toBeLessThanOrEqual(200);
    for (const { fingerprint } of alerts) expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });

  it('that can not be told apart by its body is a new alert each minute; one nested too deeply is no bug of ours', async () => {
    const test = createTestApp();
    const deep = `{"groupKey":"d","alerts":${'['.repeat(60_000)}${']'.repeat(60_000)}}`;
    const json = { 'content-type': 'application/json' };
    expect((await send(test, deep, json)).statusCode).toBe(400);
    await send(test, '{', json);
    await send(test, '{', json);
    const [, one, again] = test.incidents.taken.flatMap(({ batch }) => batch.alerts);
    expect(again).toEqual(one);
  });

  it('opens it on the service of the integration', async () => {
    const test = createTestApp();
    await test.app.inject({
      method: 'POST',
      url: '/v1/alerts/generic',
      headers: { authorization: `Bearer ${GENERIC_KEY}` },
      payload: {},
    });
    expect(test.incidents.taken[0]?.input.plan.service.id).toBe('orders');
  });

  it('is answered with 503 while nobody can be told of it, so that the sender tries again', async () => {
    const test = createTestApp();
    test.incidents.away = 'temporal';
    const answer = await send(test, { groupKey: 'x' });
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('5');
  });

  it('is a 500, never a 4xx that nobody repeats, when Temporal refuses what can never work', async () => {
    const test = createTestApp();
    test.incidents.onIntake = () => Promise.reject(new Error('3 INVALID_ARGUMENT: too large'));
    for (const body of [amPayload(), { groupKey: 'x' }]) {
      const answer = await send(test, body);
      expect(answer.statusCode).toBe(500);
      expect(answer.json<ErrorBody>().error.requestId).toBe(answer.headers['x-request-id']);
    }
    expect(test.logged.join()).toContain('INVALID_ARGUMENT');
  });

  it.each([
    ['{"groupKey": "x",}', /column \d+|}/],
    ['', /\(body\)|alerts/],
    ['{"a": 1} trailing', /position 9 \(line 1, column 10\)/],
  ])('says where JSON %j breaks off', async (body, place) => {
    const test = createTestApp();
    const answer = await send(test, body, { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(400);
    expect(JSON.stringify(answer.json<ErrorBody>().error)).toMatch(place);
    expect(test.incidents.taken).toHaveLength(1);
  });

  it('says 400 to bytes that are not UTF-8, instead of replacing them', async () => {
    const test = createTestApp();
    const body = Buffer.concat([Buffer.from('{"groupKey":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const answer = await send(test, body, { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(400);
    expect(answer.json<ErrorBody>().error.code).toBe('invalid-utf8');
    expect(test.incidents.taken).toHaveLength(1);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])(
    'says 415 to %s and what to send',
    async (type) => {
      const test = createTestApp();
      const answer = await send(test, JSON.stringify(amPayload()), { 'content-type': type });
      expect(answer.statusCode).toBe(415);
      const { error } = answer.json<ErrorBody>();
      expect(error.code).toBe('unsupported-media-type');
      expect(error.message).toContain(type);
      expect(error.remedy).toContain('application/json');
      expect(test.incidents.taken).toHaveLength(1);
    },
  );

  it('takes JSON with a charset', async () => {
    const test = createTestApp();
    const headers = { 'content-type': 'application/json; charset=utf-8' };
    expect((await send(test, JSON.stringify(amPayload()), headers)).statusCode).toBe(202);
  });

  it('says 413 with the limit to a body over 5 MB', async () => {
    const test = createTestApp();
    const answer = await send(test, amPayload({ externalURL: 'x'.repeat(5 * 1024 * 1024) }));
    expect(answer.statusCode).toBe(413);
    expect(answer.json<ErrorBody>().error).toMatchObject({
      code: 'body-too-large',
      message: 'The body is larger than 5 MB, the limit of this address.',
    });
    expect(test.incidents.taken).toHaveLength(1);
  });

  it('keeps a __proto__ in the labels from doing anything', async () => {
    const test = createTestApp();
    const body = JSON.stringify(amPayload()).replace('"job":"web"', '"__proto__":{"service":"orders"}');
    const answer = await send(test, body, { 'content-type': 'application/json' });
    expect(answer.statusCode).toBe(202);
    expect(({} as Record<string, unknown>)['service']).toBeUndefined();
  });
});

describe('the key of a sender', () => {
  it.each([
    ['is missing', {}, 401, 'missing-key'],
    ['is of another scheme', { authorization: 'Basic dXNlcjpwYXNz' }, 401, 'missing-key'],
    ['is wrong', { authorization: 'Bearer wrong' }, 401, 'wrong-key'],
    ['is an API key', { authorization: `Bearer ${API_KEY}` }, 401, 'wrong-key'],
    ['is of another kind of sender', { authorization: `Bearer ${GENERIC_KEY}` }, 403, 'key-not-allowed'],
  ])(
    '%s: the request is refused, opens nothing, and its body is not read',
    async (_case, headers, status, code) => {
      const test = createTestApp();
      for (const payload of [amPayload(), 'not JSON']) {
        const answer = await test.app.inject({ method: 'POST', url: URL, headers, payload });
        expect(answer.statusCode).toBe(status);
        expect(answer.json<ErrorBody>().error.code).toBe(code);
        if (status === 401) expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      }
      expect(test.incidents.taken).toEqual([]);
      expect(await test.metrics()).toContain(
        'tocsin_intake_deliveries_total{sender="alertmanager",answer="refused"} 2',
      );
    },
  );

  it('counts as refused under the kind whose address was asked, also where only the body has the key', async () => {
    const test = createTestApp();
    const event = { event_action: 'resolve', dedup_key: 'a' };
    for (const payload of [{ ...event, routing_key: 'wrong' }, event]) {
      const answer = await test.app.inject({ method: 'POST', url: '/v2/enqueue', payload });
      expect(answer.statusCode).toBe(400);
    }
    const signed = { 'x-grafana-alerting-signature': 'a'.repeat(64) };
    const forged = await test.app.inject({
      method: 'POST',
      url: '/v1/alerts/grafana',
      headers: signed,
      payload: {},
    });
    expect(forged.statusCode).toBe(403);
    const metrics = await test.metrics();
    expect(metrics).toContain('tocsin_intake_deliveries_total{sender="pagerduty",answer="refused"} 2');
    expect(metrics).toContain('tocsin_intake_deliveries_total{sender="grafana",answer="refused"} 1');
  });

  it('never stands in the log', async () => {
    const test = createTestApp();
    await send(test, amPayload());
    await send(test, amPayload(), { authorization: 'Bearer wrong-key-of-somebody' });
    expect(test.logged.join()).toContain('/v1/alerts/alertmanager');
    expect(test.logged.join()).not.toContain(ALERTMANAGER_KEY);
    expect(test.logged.join()).not.toContain('wrong-key-of-somebody');
  });
});
