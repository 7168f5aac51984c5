import { describe, expect, it } from 'vitest';
import { createTestApp } from './support/test-app.js';

describe('calendars without a store', () => {
  it.each([
    ['GET', '/v1/calendars', undefined],
    ['POST', '/v1/calendars', { kind: 'person', id: 'alice' }],
    ['POST', '/v1/calendars/x/revoke', {}],
    ['GET', '/calendars/x.ics', undefined],
  ] as const)('are refused with what to do about it: %s %s', async (method, url, body) => {
    const answer = await createTestApp().api(method, url, body);
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(answer.json()).toMatchObject({
      error: { code: 'no-store', remedy: expect.stringContaining('DATABASE_URL') as unknown },
    });
  });

  it('are at no other address', async () => {
    const { app } = createTestApp();
    for (const url of ['/calendars', '/calendars/x', '/calendars/x.ics/y'])
      expect((await app.inject(url)).json<{ error: { code: string } }>().error.code, url).toBe('not-found');
    const posted = await app.inject({ method: 'POST', url: '/calendars/x.ics' });
    expect([posted.statusCode, posted.headers['allow']]).toEqual([405, 'GET, HEAD']);
  });
});
