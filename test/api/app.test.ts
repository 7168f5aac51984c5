import { describe, expect, it } from 'vitest';
import { ERROR_STATUS, type ErrorBody } from '../../api/errors.js';
import { findKey } from '../../api/keys.js';
import { summaryOf } from './support/incidents-of-the-tests.js';
import { createTestApp, OPENING } from './support/test-app.js';

describe('health', () => {
  it('/healthz needs no key and nothing else', async () => {
    const test = createTestApp({ readiness: () => Promise.reject(new Error('away')) });
    const answer = await test.app.inject('/healthz');
    expect([answer.statusCode, answer.json()]).toEqual([200, { ok: true }]);
  });

  it('/readyz tells each check, with 503 when one fails', async () => {
    const checks = [
      { name: 'temporal', ok: true },
      { name: 'search-attributes', ok: false, detail: 'TocsinCode is not registered.' },
    ];
    const ready = await createTestApp().app.inject('/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([
      200,
      { ok: true, checks: [{ name: 'temporal', ok: true }] },
    ]);
    const test = createTestApp({ readiness: () => Promise.resolve({ ok: false, checks }) });
    const answer = await test.app.inject('/readyz');
    expect([answer.statusCode, answer.json()]).toEqual([503, { ok: false, checks }]);
  });

  it('/metrics counts requests by route pattern', async () => {
    const test = createTestApp();
    test.incidents.incidents = [summaryOf()];
    await test.api('POST', `/v1/incidents/${OPENING}/acknowledge`);
    const answer = await test.api('GET', '/metrics');
    expect(answer.headers['content-type']).toContain('text/plain');
    expect(answer.body).toContain(
      'tocsin_http_request_duration_seconds_count{method="POST",route="/v1/incidents/:id/acknowledge",status="200"} 1',
    );
    expect(answer.body).not.toContain(OPENING);
  });
});

describe('errors', () => {
  it('have one shape, whatever is wrong', async () => {
    const test = createTestApp();
    const answers = await Promise.all([
      test.api('GET', '/nowhere'),
      test.api('GET', `/v1/incidents/${OPENING}/acknowledge`),
      test.app.inject({ method: 'POST', url: '/v1/incidents' }),
      test.api('POST', '/v1/incidents', {}),
      test.app.inject({ method: 'POST', url: '/hooks/twilio/sms' }),
    ]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([404, 405, 401, 400, 403]);
    for (const answer of answers) {
      const { error } = answer.json<ErrorBody>();
      expect(ERROR_STATUS[error.code]).toBe(answer.statusCode);
      expect(error.message).toMatch(/\.$/);
      expect(error.remedy).toMatch(/\.$/);
      expect(error.requestId).toBe(answer.headers['x-request-id']);
      expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    }
  });

  it('say which methods an address takes', async () => {
    const answer = await createTestApp().api('GET', '/v1/alerts/alertmanager');
    expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'POST']);
  });

  it('of ours are a 500 without details, logged with their cause and request id', async () => {
    const test = createTestApp({
      readiness: () => Promise.reject(new Error('the database password is hunter2')),
    });
    const answer = await test.app.inject('/readyz');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain('hunter2');
    const { error } = answer.json<ErrorBody>();
    expect(error.code).toBe('internal');
    expect(test.logged.find((line) => line.includes('hunter2'))).toContain(error.requestId);
  });

  it('name the limit of a body that is too large', async () => {
    const answer = await createTestApp().api('POST', '/v1/incidents', { title: 'x'.repeat(70_000) });
    expect(answer.statusCode).toBe(413);
    expect(answer.json<ErrorBody>().error.message).toContain('64 kB');
  });

  it('refuse an address that is no URL', async () => {
    const answer = await createTestApp().api('GET', '/v1/incidents/%ff%');
    expect(answer.statusCode).toBe(400);
    expect(answer.json<ErrorBody>().error.code).toBe('invalid-request');
  });
});

describe('findKey', () => {
  const entries = [
    { id: 'a', key: 'first' },
    { id: 'b', key: 'second' },
  ];
  it.each([
    ['first', 'a'],
    ['second', 'b'],
    ['second ', undefined],
    ['', undefined],
    ['secon', undefined],
  ])('of %j finds %j', (presented, id) => {
    expect(findKey(entries, presented)?.id).toBe(id);
  });
});
