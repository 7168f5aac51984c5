import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import { openingId, summaryOf, viewOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, OPENING, type TestApp } from './support/test-app.js';
import { ALERTMANAGER_KEY, API_KEY } from './support/test-config.js';

function withIncident(): TestApp {
  const test = createTestApp();
  test.incidents.incidents = [summaryOf()];
  test.incidents.views.set(OPENING, viewOf());
  return test;
}

const ADDRESSES = [
  ['GET', '/v1/incidents'],
  ['GET', `/v1/incidents/${OPENING}`],
  ['POST', '/v1/incidents'],
  ['POST', `/v1/incidents/${OPENING}/acknowledge`],
  ['POST', `/v1/incidents/${OPENING}/resolve`],
  ['POST', `/v1/incidents/${OPENING}/escalate`],
  ['POST', `/v1/incidents/${OPENING}/severity`],
  ['POST', `/v1/incidents/${OPENING}/updates`],
  ['POST', `/v1/incidents/${OPENING}/notes`],
  ['POST', `/v1/incidents/${OPENING}/take`],
  ['POST', `/v1/incidents/${OPENING}/progress`],
  ['POST', `/v1/incidents/${OPENING}/postmortem`],
  ['GET', '/v1/oncall'],
  ['GET', '/metrics'],
] as const;

describe('the keys of the API', () => {
  it.each(ADDRESSES)('%s %s needs one', async (method, url) => {
    const test = withIncident();
    const inject = (headers: Record<string, string>) =>
      test.app.inject({ method, url, headers, ...(method === 'POST' ? { payload: {} } : {}) });
    const missing = await inject({});
    expect([missing.statusCode, missing.json<ErrorBody>().error.code]).toEqual([401, 'missing-key']);
    const wrong = await inject({ authorization: `Bearer ${API_KEY}x` });
    expect([wrong.statusCode, wrong.json<ErrorBody>().error.code]).toEqual([401, 'wrong-key']);
    const foreign = await inject({ authorization: `Bearer ${ALERTMANAGER_KEY}` });
    expect([foreign.statusCode, foreign.json<ErrorBody>().error.code]).toEqual([403, 'key-not-allowed']);
    expect(test.incidents.acted).toEqual([]);
    expect(test.incidents.declared).toEqual([]);
  });

  it('any of the configured keys will do', async () => {
    const test = withIncident();
    const answer = await test.api('GET', '/v1/incidents', undefined, {
      authorization: 'bearer another-api-key-of-the-tests',
    });
    expect(answer.statusCode).toBe(200);
  });
});

describe('GET /v1/incidents', () => {
  it('lists with the way to the next page', async () => {
    const test = withIncident();
    const answer = await test.api(
      'GET',
      '/v1/incidents?phase=triggered&service=payments&open=true&limit=10&cursor=abc',
    );
    expect(answer.json()).toEqual({ incidents: [summaryOf()], next: 'bmV4dA' });
    expect(test.incidents.lists).toEqual([
      { phase: 'triggered', service: 'payments', open: true, limit: 10, cursor: 'abc' },
    ]);
  });

  it('names every wrong parameter', async () => {
    const answer = await withIncident().api('GET', '/v1/incidents?phase=asleep&limit=1000&open=maybe');
    expect(answer.statusCode).toBe(400);
    const { error } = answer.json<ErrorBody>();
    expect(error.code).toBe('invalid-query');
    expect(error.problems?.map(({ path }) => path)).toEqual(['phase', 'open', 'limit']);
  });

  it('answers 503 with Retry-After while Temporal is away', async () => {
    const test = withIncident();
    test.incidents.away = 'temporal';
    const answer = await test.api('GET', '/v1/incidents');
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
  });
});

describe('GET /v1/incidents/{id}', () => {
  it('gives state and timeline', async () => {
    const answer = await withIncident().api('GET', `/v1/incidents/${OPENING}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual(JSON.parse(JSON.stringify(viewOf())));
  });

  it('takes the code as well, in any case', async () => {
    const answer = await withIncident().api('GET', '/v1/incidents/7kq2');
    expect(answer.json()).toMatchObject({ openingId: OPENING });
  });

  it.each(['nonsense', openingId(9), 'ZZZ9', '%22%20OR%201=1'])('says 404 to %s', async (id) => {
    const answer = await withIncident().api('GET', `/v1/incidents/${id}`);
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([404, 'incident-not-found']);
  });

  it('says 409 and lists them when several open incidents share the code', async () => {
    const test = withIncident();
    test.incidents.incidents.push(summaryOf({ openingId: openingId(2), service: 'orders' }));
    const answer = await test.api('GET', '/v1/incidents/7KQ2');
    expect(answer.statusCode).toBe(409);
    const { error } = answer.json<ErrorBody>();
    expect(error.code).toBe('ambiguous-code');
    expect(error.message).toContain('orders');
    expect(error.remedy).toContain(openingId(2));
  });

  it('says that no worker answers, apart from Temporal being away', async () => {
    const test = withIncident();
    test.incidents.away = 'worker';
    const answer = await test.api('GET', `/v1/incidents/${OPENING}`);
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([503, 'worker-unavailable']);
  });
});

describe('POST /v1/incidents', () => {
  it('declares by hand', async () => {
    const test = createTestApp();
    const answer = await test.api('POST', '/v1/incidents', {
      title: 'Customers cannot log in',
      service: 'payments',
      severity: 'SEV0',
      by: 'alice',
    });
    expect(answer.statusCode).toBe(201);
    const [input] = test.incidents.declared;
    expect(input).toMatchObject({
      title: 'Customers cannot log in',
      severity: 'SEV0',
      source: 'manual',
      resolves: false,
      declaredBy: { kind: 'user', id: 'alice', name: 'Alice' },
    });
    expect(input?.key).toMatch(/^[0-9a-f]{20}$/);
    const opened = `${input?.key ?? ''}-0badcafe`;
    expect(answer.json()).toEqual({ openingId: opened, service: 'payments', severity: 'SEV0', remarks: [] });
    expect(answer.headers['location']).toBe(`/v1/incidents/${opened}`);
  });

  it('when in doubt, declares: an unknown service goes to the catch-all and is noted', async () => {
    const test = createTestApp();
    const answer = await test.api('POST', '/v1/incidents', { title: 'Something smells', service: 'kitchen' });
    expect(answer.statusCode).toBe(201);
    expect(answer.json()).toMatchObject({
      service: 'catch-all',
      remarks: ['Service kitchen is unknown: routed to catch-all.'],
    });
    expect(test.incidents.declared[0]?.declaredBy).toEqual({ kind: 'key', id: 'ops', name: 'API key ops' });
  });

  it('opens one incident for one Idempotency-Key, and another for another key or caller', async () => {
    const test = createTestApp();
    const declare = (headers: Record<string, string>) =>
      test.api('POST', '/v1/incidents', { title: 'x' }, headers);
    await declare({ 'idempotency-key': 'a' });
    await declare({ 'idempotency-key': 'a' });
    await declare({ 'idempotency-key': 'b' });
    await declare({ 'idempotency-key': 'a', authorization: 'Bearer another-api-key-of-the-tests' });
    await declare({});
    await declare({});
    const keys = test.incidents.declared.map(({ key }) => key);
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(5);
  });

  it.each([
    [{}, 'invalid-body', ['title']],
    [{ title: ' ', severity: 5 }, 'invalid-body', ['title', 'severity']],
    [{ title: 'x', severity: 'SEV9' }, 'unknown-severity', ['severity']],
    [{ title: 'x', by: 'mallory' }, 'unknown-user', ['by']],
  ])('refuses %j', async (body, code, paths) => {
    const test = createTestApp();
    const answer = await test.api('POST', '/v1/incidents', body);
    expect(answer.statusCode).toBe(400);
    const { error } = answer.json<ErrorBody>();
    expect(error.code).toBe(code);
    expect(error.problems?.map(({ path }) => path)).toEqual(paths);
    expect(test.incidents.declared).toEqual([]);
  });
});

describe('POST /v1/incidents/{id}/…', () => {
  it.each([
    ['acknowledge', {}, { action: 'acknowledge' }],
    ['take', {}, { action: 'take' }],
    ['progress', {}, { action: 'progress' }],
    ['resolve', {}, { action: 'resolve' }],
    ['escalate', { reason: 'needs a DBA' }, { action: 'escalate', reason: 'needs a DBA' }],
    ['severity', { severity: 'SEV0' }, { action: 'severity', severity: 'SEV0' }],
    ['updates', { text: 'Rolling back.' }, { action: 'update', text: 'Rolling back.' }],
    ['notes', { text: 'Looks like DNS.' }, { action: 'note', text: 'Looks like DNS.' }],
  ])('%s asks the incident and answers with its sentence', async (path, body, asked) => {
    const test = withIncident();
    const answer = await test.api('POST', `/v1/incidents/${OPENING}/${path}`, { ...body, by: 'bob' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ sentence: `${asked.action} 7KQ2 done.` });
    expect(test.incidents.acted).toEqual([
      {
        ...asked,
        openingId: OPENING,
        by: { kind: 'user', id: 'bob', name: 'Bob' },
        via: 'api',
        requestId: expect.stringMatching(/^api:[0-9a-f-]{36}$/) as string,
        requestHash: expect.stringMatching(/^[0-9a-f]{20}$/) as string,
      },
    ]);
  });

  it('needs no body, and acts as the key when nobody is named', async () => {
    const test = withIncident();
    const answer = await test.api('POST', '/v1/incidents/7KQ2/acknowledge');
    expect(answer.statusCode).toBe(200);
    expect(test.incidents.acted[0]).toMatchObject({
      openingId: OPENING,
      by: { kind: 'key', id: 'ops', name: 'API key ops' },
    });
  });

  it('knows the command line by its User-Agent', async () => {
    const test = withIncident();
    await test.api('POST', `/v1/incidents/${OPENING}/resolve`, {}, { 'user-agent': 'tocsin-cli/0.1.0' });
    expect(test.incidents.acted[0]?.via).toBe('cli');
  });

  it('uses the Idempotency-Key as request id, apart for each API key', async () => {
    const test = withIncident();
    const act = (headers: Record<string, string>) =>
      test.api('POST', `/v1/incidents/${OPENING}/acknowledge`, {}, headers);
    await act({ 'idempotency-key': 'one' });
    await act({ 'idempotency-key': 'one' });
    await act({ 'idempotency-key': 'one', authorization: 'Bearer another-api-key-of-the-tests' });
    const [first, second, other] = test.incidents.acted.map(({ requestId }) => requestId);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  it.each(['', 'with space', 'x'.repeat(256), 'ümlaut'])('refuses the Idempotency-Key %j', async (key) => {
    const test = withIncident();
    const headers = { 'idempotency-key': key };
    const answer = await test.api('POST', `/v1/incidents/${OPENING}/acknowledge`, {}, headers);
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([400, 'invalid-request']);
    expect(test.incidents.acted).toEqual([]);
  });

  it('says 409 with what is open to an acknowledgement of a resolved incident', async () => {
    const test = withIncident();
    test.incidents.incidents = [
      summaryOf({ open: false, phase: 'resolved' }),
      summaryOf({ openingId: openingId(2), code: 'ABC2', title: 'disk full', service: 'orders' }),
    ];
    const answer = await test.api('POST', `/v1/incidents/${OPENING}/acknowledge`, { by: 'alice' });
    expect(answer.statusCode).toBe(409);
    expect(answer.json<ErrorBody>().error).toMatchObject({
      code: 'incident-over',
      message: 'That incident is over; open now: ABC2 orders: disk full.',
    });
  });

  it('says 409 when the machine says that it is over', async () => {
    const test = withIncident();
    test.incidents.result = () => ({
      kind: 'answered',
      answer: { outcome: 'over', sentence: 'That incident was resolved at 10:00.' },
    });
    const answer = await test.api('POST', `/v1/incidents/${OPENING}/acknowledge`);
    expect(answer.statusCode).toBe(409);
    expect(answer.json<ErrorBody>().error.message).toBe('That incident was resolved at 10:00.');
  });

  it('says 202 and that a confirmation follows when no worker took it in time', async () => {
    const test = withIncident();
    test.incidents.result = () => ({ kind: 'noted' });
    const answer = await test.api('POST', `/v1/incidents/${OPENING}/acknowledge`, { by: 'alice' });
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toMatchObject({
      outcome: 'pending',
      sentence: expect.stringContaining('confirmation') as string,
    });
  });

  it('promises no confirmation to a key, which has no phone', async () => {
    const test = withIncident();
    test.incidents.result = () => ({ kind: 'noted' });
    const answer = await test.api('POST', `/v1/incidents/${OPENING}/acknowledge`);
    expect(answer.statusCode).toBe(202);
    expect(answer.json()).toEqual({
      outcome: 'pending',
      sentence: 'Noted; it counts as soon as a worker is back. See the incident for the outcome.',
    });
  });

  it('repeats at most the beginning of an unknown user', async () => {
    const body = { by: 'm'.repeat(50_000) };
    const answer = await withIncident().api('POST', `/v1/incidents/${OPENING}/acknowledge`, body);
    expect(answer.json<ErrorBody>().error.code).toBe('unknown-user');
    expect(answer.body.length).toBeLessThan(1_000);
  });

  it('says 400 to a severity that the scheme does not have', async () => {
    const test = withIncident();
    test.incidents.result = () => ({
      kind: 'answered',
      answer: { outcome: 'unknown-severity', sentence: 'There is no severity P9.' },
    });
    const answer = await test.api('POST', `/v1/incidents/${OPENING}/severity`, { severity: 'P9' });
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([400, 'unknown-severity']);
  });

  it.each([
    ['acknowledge', { by: 'mallory' }, 'unknown-user', ['by']],
    ['acknowledge', [], 'invalid-body', ['(body)']],
    ['severity', {}, 'invalid-body', ['severity']],
    ['updates', { text: '  ' }, 'invalid-body', ['text']],
    ['notes', { text: 'x'.repeat(4_001), by: 7 }, 'invalid-body', ['by', 'text']],
    ['escalate', { reason: 3 }, 'invalid-body', ['reason']],
    ['postmortem', { url: 'javascript:alert(1)' }, 'invalid-body', ['url']],
  ])('%s refuses %j', async (path, body, code, paths) => {
    const test = withIncident();
    const answer = await test.api('POST', `/v1/incidents/${OPENING}/${path}`, body);
    expect(answer.statusCode).toBe(400);
    const { error } = answer.json<ErrorBody>();
    expect(error.code).toBe(code);
    expect(error.problems?.map((problem) => problem.path)).toEqual(paths);
    expect(test.incidents.acted).toEqual([]);
  });

  it('counts answers by way in and outcome', async () => {
    const test = withIncident();
    await test.api('POST', `/v1/incidents/${OPENING}/acknowledge`);
    expect(await test.metrics()).toContain('tocsin_replies_total{via="api",outcome="acknowledged"} 1');
  });
});

describe('POST /v1/incidents/{id}/postmortem', () => {
  it('publishes at the review', async () => {
    const test = withIncident();
    test.incidents.review = { outcome: 'published', sentence: 'Published in time.' };
    const body = { url: 'https://wiki.example.com/pm/1', by: 'alice' };
    const answer = await test.api('POST', `/v1/incidents/${OPENING}/postmortem`, body);
    expect(answer.json()).toEqual({ outcome: 'published', sentence: 'Published in time.' });
    expect(test.incidents.published).toMatchObject([
      {
        openingId: OPENING,
        action: { action: 'publish-postmortem', url: body.url, by: { kind: 'user', id: 'alice' } },
      },
    ]);
  });

  it('says 409 where there is no review', async () => {
    const body = { url: 'https://wiki.example.com/pm/1' };
    const answer = await withIncident().api('POST', `/v1/incidents/${OPENING}/postmortem`, body);
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([409, 'no-review']);
  });
});

describe('GET /v1/oncall', () => {
  it('says who is on call now', async () => {
    const answer = await createTestApp().api('GET', '/v1/oncall');
    expect(answer.json()).toEqual({
      at: NOW,
      schedules: [
        {
          schedule: 'payments',
          primary: 'alice',
          secondary: 'bob',
          why: {
            primary: { kind: 'rotation', name: 'rotation' },
            secondary: { kind: 'rotation', name: 'rotation' },
          },
          until: NOW + 3_600_000,
        },
      ],
      overrides: [],
    });
  });
});
