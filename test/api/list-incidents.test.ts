import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import { summaryOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, type TestApp } from './support/test-app.js';

function withIncident(): TestApp {
  const test = createTestApp();
  test.incidents.incidents = [summaryOf()];
  return test;
}

describe('GET /v1/incidents', () => {
  it('takes every filter, times in RFC 3339 or in milliseconds', async () => {
    const test = withIncident();
    const query = new URLSearchParams({
      team: 'payments',
      severity: 'SEV1',
      owner: 'alice',
      responder: 'bob',
      since: '2026-11-24T09:00:00+01:00',
      until: String(NOW),
      text: ' Checkout ',
      limit: '5',
    });
    const answer = await test.api('GET', `/v1/incidents?${query.toString()}`);
    expect(answer.statusCode).toBe(200);
    expect(test.incidents.lists).toEqual([
      {
        team: 'payments',
        severity: 'SEV1',
        owner: 'alice',
        responder: 'bob',
        since: Date.UTC(2026, 10, 24, 8),
        until: NOW,
        text: 'Checkout',
        limit: 5,
      },
    ]);
  });

  it.each(['since=yesterday', 'until=2026-11-24', 'since=99999999999999999', 'text=%20'])(
    'refuses %s, with the parameter',
    async (query) => {
      const answer = await withIncident().api('GET', `/v1/incidents?${query}`);
      expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([400, 'invalid-query']);
      expect(answer.json<ErrorBody>().error.problems?.[0]?.path).toBe(query.split('=')[0]);
    },
  );

  it('refuses a filter that names what is not there, with the nearest, but only where nothing was found', async () => {
    const test = createTestApp();
    for (const [name, asked, nearest] of [
      ['owner', 'alcie', ' Did you mean alice?'],
      ['service', 'paymnets', ' Did you mean payments?'],
      ['team', 'zzzzzz', ''],
    ] as const) {
      const answer = await test.api('GET', `/v1/incidents?${name}=${asked}`);
      expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([400, 'invalid-query']);
      const [problem] = answer.json<ErrorBody>().error.problems ?? [];
      expect(problem?.path).toBe(name);
      expect(problem?.message.endsWith(`has the id ${asked}.${nearest}`)).toBe(true);
    }
    for (const query of ['owner=alice', 'responder=bob', 'severity=SEV1', 'team=zzzzzz&cursor=abc'])
      expect((await test.api('GET', `/v1/incidents?${query}`)).statusCode, query).toBe(200);
    // Who has left may still have incidents.
    expect((await withIncident().api('GET', '/v1/incidents?owner=zoe')).statusCode).toBe(200);
  });

  it('has the ways to the first and the next page in its Link header, with the same filters', async () => {
    const answer = await withIncident().api('GET', '/v1/incidents?severity=SEV1&cursor=abc&limit=10');
    expect(answer.headers['link']).toBe(
      '</v1/incidents?severity=SEV1&limit=10>; rel="first", </v1/incidents?severity=SEV1&limit=10&cursor=bmV4dA>; rel="next"',
    );
  });

  it('is sent again only when something in it has changed', async () => {
    const test = withIncident();
    const first = await test.api('GET', '/v1/incidents');
    const headers = { 'if-none-match': `"other", W/${String(first.headers['etag'])}` };
    const same = await test.api('GET', '/v1/incidents', undefined, headers);
    expect([same.statusCode, same.body]).toEqual([304, '']);
    test.incidents.incidents = [summaryOf({ phase: 'acknowledged' })];
    const changed = await test.api('GET', '/v1/incidents', undefined, headers);
    expect(changed.statusCode).toBe(200);
    expect(changed.headers['etag']).not.toBe(first.headers['etag']);
  });
});
