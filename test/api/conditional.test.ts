import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import { summaryOf, viewOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, OPENING, type TestApp } from './support/test-app.js';

const READ = `/v1/incidents/${OPENING}`;
const ACKNOWLEDGE = `${READ}/acknowledge`;

function withIncident(): TestApp {
  const test = createTestApp();
  test.incidents.incidents = [summaryOf()];
  test.incidents.views.set(OPENING, viewOf());
  return test;
}

async function tagOf(test: TestApp): Promise<string> {
  return String((await test.api('GET', READ)).headers['etag']);
}

/** Something happens to the incident. */
function happens(test: TestApp): void {
  const view = viewOf();
  const note = { at: NOW, type: 'note', who: 'Bob', via: 'api', text: 'Looks like DNS.' } as const;
  test.incidents.views.set(OPENING, { ...view, timeline: [...view.timeline, note] });
}

describe('reading an incident again', () => {
  it('is a 304 without a body while nothing has changed', async () => {
    const test = withIncident();
    const headers = { 'if-none-match': await tagOf(test) };
    const again = await test.api('GET', READ, undefined, headers);
    expect([again.statusCode, again.body]).toEqual([304, '']);
    expect(again.headers).toMatchObject({
      etag: headers['if-none-match'],
      'cache-control': 'private, no-cache',
    });
    happens(test);
    expect((await test.api('GET', READ, undefined, headers)).statusCode).toBe(200);
  });
});

describe('If-Match', () => {
  it('lets an action through while the incident is as it was read', async () => {
    const test = withIncident();
    const answer = await test.api('POST', ACKNOWLEDGE, {}, { 'if-match': await tagOf(test) });
    expect(answer.statusCode).toBe(200);
    expect(test.incidents.acted[0]?.revision).toBe(viewOf().timeline.length);
  });

  it('refuses it with 412 when something has happened since, and does nothing', async () => {
    const test = withIncident();
    const tag = await tagOf(test);
    happens(test);
    const answer = await test.api('POST', ACKNOWLEDGE, {}, { 'if-match': tag });
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([412, 'incident-changed']);
    expect(answer.json<ErrorBody>().error.remedy).toContain('Read the incident again');
    expect(test.incidents.acted).toEqual([]);
  });

  it('takes any state with *, and asks for none without the header', async () => {
    const test = withIncident();
    await test.api('POST', ACKNOWLEDGE, {}, { 'if-match': '*' });
    await test.api('POST', ACKNOWLEDGE, {});
    expect(test.incidents.acted.map(({ revision }) => revision)).toEqual([undefined, undefined]);
  });

  it.each(['"nonsense"', 'W/"5-aaaaaaaaaaaaaaaaaaaaaa"', '"5-a", "6-b"', '5'])(
    'is never met by %s',
    async (tag) => {
      const test = withIncident();
      const answer = await test.api('POST', ACKNOWLEDGE, {}, { 'if-match': tag });
      expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([412, 'incident-changed']);
      expect(test.incidents.acted).toEqual([]);
    },
  );
});

describe('an Idempotency-Key', () => {
  const headers = { 'idempotency-key': 'one' };

  it('that declared an incident gets the same answer again', async () => {
    const test = withIncident();
    const body = { title: 'Customers cannot pay', service: 'kitchen', severity: 'SEV0' };
    const first = await test.api('POST', '/v1/incidents', body, headers);
    const again = await test.api('POST', '/v1/incidents', { ...body, title: ` ${body.title} ` }, headers);
    expect(again.statusCode).toBe(201);
    expect(again.json()).toEqual(first.json());
    expect(again.headers['location']).toBe(first.headers['location']);
  });

  it.each([{ title: 'Something else' }, { title: 'x', by: 'bob' }, { title: 'x', severity: 'SEV2' }])(
    'that declared something else is refused for %j',
    async (body) => {
      const test = withIncident();
      await test.api('POST', '/v1/incidents', { title: 'x' }, headers);
      const answer = await test.api('POST', '/v1/incidents', body, headers);
      expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([
        409,
        'idempotency-key-reused',
      ]);
    },
  );

  it('that published another postmortem is refused', async () => {
    const test = withIncident();
    const asked = 'https://wiki.example.com/pm/1';
    test.incidents.review = { outcome: 'published', sentence: 'Published in time.', asked };
    const published = await test.api('POST', `${READ}/postmortem`, { url: asked }, headers);
    expect(published.json()).toEqual({ outcome: 'published', sentence: 'Published in time.' });
    const other = await test.api('POST', `${READ}/postmortem`, { url: `${asked}0` }, headers);
    expect([other.statusCode, other.json<ErrorBody>().error.code]).toEqual([409, 'idempotency-key-reused']);
  });
});
