import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import { MayStillCount, TemporalUnavailable } from '../../api/incidents/incidents.js';
import type { Config } from '../../config/types.js';
import { summaryOf, viewOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, OPENING, type TestApp } from './support/test-app.js';
import { testConfig } from './support/test-config.js';

const READ = `/v1/incidents/${OPENING}`;
const ACKNOWLEDGE = `${READ}/acknowledge`;

function withIncident(): TestApp {
  const test = createTestApp();
  test.incidents.incidents = [summaryOf()];
  test.incidents.views.set(OPENING, viewOf());
  return test;
}

/** A config in which everybody can be paged. */
function reachable(): Config {
  const people = [{ userId: 'x', name: 'X', via: 'x', rules: [], notice: [] }];
  return { ...testConfig(), findPeople: () => ({ people, problems: [] }) };
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

describe('a write that waits for a worker in vain', () => {
  it.each([
    ['temporal', 'temporal-unavailable', 'Temporal did not answer'],
    ['worker', 'worker-unavailable', 'No Tocsin worker answered in time'],
  ] as const)('may still count, and says so, without %s', async (what, code, who) => {
    const test = withIncident();
    test.incidents.result = () => {
      throw new MayStillCount(new TemporalUnavailable(what, 'test'), 'test');
    };
    const answer = await test.api('POST', ACKNOWLEDGE, {}, { 'if-match': '*' });
    const { error } = answer.json<ErrorBody>();
    expect([answer.statusCode, error.code, answer.headers['retry-after']]).toEqual([503, code, '5']);
    expect(error.message).toBe(`${who}: what you asked for may still count.`);
    expect(error.remedy).toContain('same Idempotency-Key');
  });
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

  const hashOf = async (test: TestApp, path: string, body: object) => {
    await test.api('POST', `${READ}/${path}`, body, headers);
    const action = test.incidents.acted.at(-1);
    return [action?.requestId, action?.requestHash];
  };

  it.each([
    ['reassign', { to: 'bob', reason: 'shift' }, { reason: 'shift', to: 'bob' }],
    ['responders', { users: ['bob'], services: ['orders'] }, { services: ['orders'], users: ['bob'] }],
  ] as const)(
    'is of what the caller asked by %s, whatever a reload of the configuration makes of it',
    async (path, body, again) => {
      const before = reachable();
      let config = before;
      const test = createTestApp({ config: () => config });
      test.incidents.incidents = [summaryOf()];
      const first = await hashOf(test, path, body);
      expect(first).toEqual([expect.stringMatching(/^api:/), expect.stringMatching(/^[0-9a-f]{20}$/)]);
      config = {
        ...before,
        ackTimeoutMs: before.ackTimeoutMs * 2,
        users: new Map([...before.users].map(([id, user]) => [id, { ...user, name: `${user.name} 2` }])),
      };
      expect(await hashOf(test, path, again)).toEqual(first);
      const [one, other] = test.incidents.acted.map(({ requestHash: _, ...asked }) => asked);
      expect(other).not.toEqual(one);
    },
  );

  it('tells apart what is not the same: another action, other words, somebody else', async () => {
    const test = withIncident();
    const hashes = [
      await hashOf(test, 'notes', { text: 'x' }),
      await hashOf(test, 'updates', { text: 'x' }),
      await hashOf(test, 'notes', { text: 'y' }),
      await hashOf(test, 'notes', { text: 'x', by: 'bob' }),
    ];
    expect(new Set(hashes.map(([id]) => id)).size).toBe(1);
    expect(new Set(hashes.map(([, hash]) => hash)).size).toBe(4);
  });

  it('that published another postmortem, or the same for somebody else, is refused', async () => {
    const test = withIncident();
    const url = 'https://wiki.example.com/pm/1';
    const publish = (body: object) => test.api('POST', `${READ}/postmortem`, body, headers);
    test.incidents.review = { outcome: 'published', sentence: 'Published in time.' };
    await publish({ url, by: 'alice' });
    // The review keeps the answer with the hash of the request that got it first.
    const asked = test.incidents.published[0]?.action.requestHash;
    expect(asked).toMatch(/^[0-9a-f]{20}$/);
    test.incidents.review = { ...test.incidents.review, asked: asked ?? '' };
    const published = await publish({ by: 'alice', url });
    expect(published.json()).toEqual({ outcome: 'published', sentence: 'Published in time.' });
    for (const other of [{ url: `${url}0`, by: 'alice' }, { url, by: 'bob' }, { url }]) {
      const refused = await publish(other);
      expect([refused.statusCode, refused.json<ErrorBody>().error.code]).toEqual([
        409,
        'idempotency-key-reused',
      ]);
    }
  });
});
