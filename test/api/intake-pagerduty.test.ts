import { describe, expect, it } from 'vitest';
import { apply, openIncident } from '../../domain/incident/machine.js';
import { incidentKey } from '../../api/intake/normalize.js';
import { pagerDutyEvent } from './support/pagerduty-event.js';
import { summaryOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, type TestApp } from './support/test-app.js';
import { GENERIC_KEY } from './support/test-config.js';

interface Enqueued {
  status: string;
  message: string;
  dedup_key?: string;
  errors?: string[];
}

function enqueue(test: TestApp, event: object | string, headers: Record<string, string> = {}) {
  return test.app.inject({
    method: 'POST',
    url: '/v2/enqueue',
    headers: { 'content-type': 'application/json', ...headers },
    payload: typeof event === 'string' ? event : JSON.stringify(event),
  });
}

/** An event with changes to its payload. */
function sent(payload: Record<string, unknown>, changes: Record<string, unknown> = {}) {
  const event = pagerDutyEvent('trigger');
  return { ...event, payload: { ...(event['payload'] as object), ...payload }, ...changes };
}

/** The severities that fire and those that are over, by the alerts' own severity where they differ. */
function statuses(test: TestApp, index: number): Record<string, string> {
  const alerts = test.incidents.taken[index]?.batch.alerts ?? [];
  return Object.fromEntries(alerts.map(({ fingerprint, status }) => [fingerprint, status]));
}

const KEY = incidentKey('formerly-pagerduty', 'srv01/mysql');

describe('POST /v2/enqueue with event_action trigger', () => {
  it('is answered as PagerDuty answers, and opens the incident of its dedup key', async () => {
    const test = createTestApp();
    const answer = await enqueue(test, pagerDutyEvent('trigger'));
    expect(answer.statusCode).toBe(202);
    expect(answer.json<Enqueued>()).toEqual({
      status: 'success',
      message: 'Event processed',
      dedup_key: 'srv01/mysql',
    });
    const [taken] = test.incidents.taken;
    expect(taken?.input).toMatchObject({
      key: KEY,
      title: 'DISK at 99% on machine prod-datapipe03.example.com',
      severity: 'SEV1',
      source: 'formerly-pagerduty',
      resolves: true,
    });
    expect(taken?.input.plan.service.id).toBe('payments');
    const firing = taken?.batch.alerts.filter(({ status }) => status === 'firing');
    expect(firing).toMatchObject([
      { startsAt: Date.UTC(2026, 10, 24, 8, 42, 58, 315), link: 'https://wiki.example.com/disk' },
    ]);
  });

  it('makes a dedup key when there is none, the same for the same thing, and gives it back', async () => {
    const test = createTestApp();
    const { dedup_key: _left, ...event } = pagerDutyEvent('trigger');
    const keys: (string | undefined)[] = [];
    const other = sent({ source: 'another-machine' });
    for (const one of [
      event,
      { ...event, dedup_key: null },
      { ...event, dedup_key: '' },
      { ...other, dedup_key: '' },
    ])
      keys.push((await enqueue(test, one)).json<Enqueued>().dedup_key);
    expect(keys[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).toBe(keys[0]);
    expect(keys[3]).not.toBe(keys[0]);
    await enqueue(test, pagerDutyEvent('resolve', { dedup_key: keys[0] }));
    expect(test.incidents.resolvedBatches[0]?.key).toBe(test.incidents.taken[0]?.input.key);
  });

  it.each([
    ['critical', 'SEV1'],
    ['warning', 'SEV2'],
    ['Info', 'SEV3'],
    ['page', 'SEV0'],
    ['unheard-of', 'SEV1'],
    [undefined, 'SEV1'],
  ])('reads severity %s as %s', async (severity, expected) => {
    const test = createTestApp();
    expect((await enqueue(test, sent({ severity }))).statusCode).toBe(202);
    expect(test.incidents.taken[0]?.input.severity).toBe(expected);
  });

  it('has another severity of the same key as another alert of the same incident; a resolve ends whichever fires', async () => {
    const test = createTestApp();
    await enqueue(test, sent({ severity: 'warning' }));
    await enqueue(test, sent({ severity: 'critical' }));
    expect(test.incidents.taken.map(({ input }) => input.key)).toEqual([KEY, KEY]);
    const [warning, critical] = [statuses(test, 0), statuses(test, 1)];
    const firing = (of: Record<string, string>) => Object.keys(of).filter((name) => of[name] === 'firing');
    expect(firing(warning)).toHaveLength(1);
    expect(firing(critical)).toHaveLength(1);
    expect(firing(critical)).not.toEqual(firing(warning));
    expect(critical[firing(warning)[0] ?? '']).toBe('resolved');
    await enqueue(test, pagerDutyEvent('resolve'));
    const ended = test.incidents.resolvedBatches[0]?.batch.alerts.map(({ fingerprint }) => fingerprint);
    expect(ended).toEqual(expect.arrayContaining([...firing(warning), ...firing(critical)]));
  });

  it('has no start for the severities that are over: the next event may have the same time', async () => {
    const test = createTestApp();
    await enqueue(test, sent({ severity: 'warning' }));
    const alerts = test.incidents.taken[0]?.batch.alerts ?? [];
    expect(new Set(alerts.map(({ status, startsAt }) => `${status} ${startsAt === null}`))).toEqual(
      new Set(['firing false', 'resolved true']),
    );
  });

  it.each([
    ['warning', 'critical', 'SEV1'],
    ['critical', 'warning', 'SEV1'],
  ])('pages on when %s becomes %s under one timestamp, within seconds', async (one, other, severity) => {
    const test = createTestApp();
    for (const word of [one, other, one]) await enqueue(test, sent({ severity: word }));
    const [first] = test.incidents.taken;
    if (first === undefined) throw new Error('Nothing was opened.');
    let { state } = openIncident(first.input, 'opening-1', NOW);
    for (const [index, { batch }] of test.incidents.taken.entries()) {
      ({ state } = apply(state, { type: 'alerts', batch }, NOW + index * 1_000));
      expect(state).toMatchObject({ phase: 'triggered', alerts: { known: 1 } });
    }
    expect(state.severity).toBe(severity);
  });

  it('routes by the fields of the payload and by details that are one word or number', async () => {
    const test = createTestApp();
    await enqueue(test, sent({ custom_details: { service: 'orders', nested: { a: 1 } } }));
    await enqueue(test, sent({ custom_details: 'free text' }));
    await enqueue(test, sent({ custom_details: ['a', 'list'] }));
    expect(test.incidents.taken.map(({ input }) => input.plan.service.id)).toEqual([
      'orders',
      'payments',
      'payments',
    ]);
  });

  it.each([
    [{ links: null }, 'https://monitoring.example.com'],
    [{ links: [], client_url: 'not an address' }, 'https://charts.example.com/disk'],
    [
      { links: [], client_url: '', images: [{ src: 'https://charts.example.com/disk.png' }] },
      'https://charts.example.com/disk.png',
    ],
    [{ links: [{ href: 'javascript:alert(1)' }], client_url: null, images: null }, undefined],
  ])('links to the first link, else the client, else an image: %j', async (changes, link) => {
    const test = createTestApp();
    expect((await enqueue(test, pagerDutyEvent('trigger', changes))).statusCode).toBe(202);
    const firing = test.incidents.taken[0]?.batch.alerts.find(({ status }) => status === 'firing');
    expect(firing?.link).toBe(link);
  });

  it('has its other links at hand, five at most, with words of one line', async () => {
    const test = createTestApp();
    await enqueue(test, pagerDutyEvent('trigger'));
    const links = [...'123456789'].map((n) => ({
      href: `https://example.com/${n}`,
      text: `a\nb ${'x'.repeat(99)}`,
    }));
    await enqueue(test, pagerDutyEvent('trigger', { links, client_url: 'https://example.com/1' }));
    const [first, second] = test.incidents.taken.map(({ batch }) =>
      batch.alerts.find(({ status }) => status === 'firing'),
    );
    expect(first?.links).toEqual([
      { text: 'Sample Monitoring Service', href: 'https://monitoring.example.com' },
      { text: 'Disk', href: 'https://charts.example.com/disk' },
      { text: 'Disk', href: 'https://charts.example.com/disk.png' },
    ]);
    expect(second?.link).toBe('https://example.com/1');
    expect(second?.links?.map(({ href }) => href.at(-1))).toEqual(['2', '3', '4', '5', '6']);
    expect(second?.links?.[0]?.text).toMatch(/^a b x{55}…$/);
  });

  it('loses no alert over a time that cannot be read, or over what is null', async () => {
    const test = createTestApp();
    const odd = sent(
      { timestamp: 'yesterday', component: null, source: null, group: null },
      { client: null },
    );
    expect((await enqueue(test, odd)).statusCode).toBe(202);
    const firing = test.incidents.taken[0]?.batch.alerts.find(({ status }) => status === 'firing');
    expect(firing?.startsAt).toBeNull();
  });
});

describe('POST /v2/enqueue with event_action acknowledge', () => {
  const openingId = `${KEY}-00c0ffee`;

  it('acknowledges the open incident in the name of the integration', async () => {
    const test = createTestApp();
    test.incidents.incidents = [summaryOf({ openingId })];
    const answer = await enqueue(test, pagerDutyEvent('acknowledge'));
    expect(answer.statusCode).toBe(202);
    expect(answer.json<Enqueued>()).toMatchObject({ status: 'success', dedup_key: 'srv01/mysql' });
    expect(test.incidents.acted).toMatchObject([
      {
        action: 'acknowledge',
        bySender: true,
        openingId,
        by: { kind: 'key', id: 'formerly-pagerduty', name: 'integration formerly-pagerduty' },
        via: 'api',
      },
    ]);
    expect(test.incidents.taken).toEqual([]);
    expect(await test.metrics()).toContain('tocsin_replies_total{via="api",outcome="acknowledged"} 1');
  });

  it('counts a repeat of the same event once, and one of a later minute anew: it may have been opened again in between', async () => {
    let now = NOW;
    const test = createTestApp({ now: () => now });
    test.incidents.incidents = [summaryOf({ openingId })];
    for (const at of [NOW, NOW + 59_000, NOW + 61_000]) {
      now = at;
      await enqueue(test, pagerDutyEvent('acknowledge'));
    }
    const [first, repeated, later] = test.incidents.acted.map(({ requestId }) => requestId);
    expect(repeated).toBe(first);
    expect(later).not.toBe(first);
  });

  it.each(['acknowledge', 'resolve'] as const)(
    '%s of nothing is accepted and does nothing',
    async (action) => {
      const test = createTestApp();
      const answer = await enqueue(test, pagerDutyEvent(action, { dedup_key: 'never-seen' }));
      expect(answer.statusCode).toBe(202);
      expect(answer.json<Enqueued>().dedup_key).toBe('never-seen');
      expect(test.incidents.acted).toEqual([]);
      expect(test.incidents.taken).toEqual([]);
    },
  );

  it('means the successor of an incident that ended while it was asked', async () => {
    const test = createTestApp();
    const successor = summaryOf({ openingId: `${KEY}-0badcafe` });
    test.incidents.incidents = [summaryOf({ openingId })];
    test.incidents.result = (action) => {
      test.incidents.incidents = [successor];
      return action.openingId === openingId
        ? { kind: 'over', openNow: [] }
        : { kind: 'answered', answer: { outcome: 'acknowledged', sentence: 'You have it.' } };
    };
    expect((await enqueue(test, pagerDutyEvent('acknowledge'))).statusCode).toBe(202);
    expect(test.incidents.acted.map((action) => action.openingId)).toEqual([openingId, successor.openingId]);
  });

  it('is asked to come back while Temporal is away', async () => {
    const test = createTestApp();
    test.incidents.away = 'temporal';
    expect((await enqueue(test, pagerDutyEvent('acknowledge'))).statusCode).toBe(503);
  });
});

describe('an event that PagerDuty would refuse too', () => {
  const INVALID = { status: 'invalid event', message: 'Event object is invalid' };

  it.each([
    [
      'an unknown action',
      { event_action: 'snooze' },
      /'event_action': Expected trigger, acknowledge or resolve/,
    ],
    ['no action', { event_action: undefined }, /'event_action': Expected trigger, acknowledge or resolve/],
    [
      'an acknowledge without dedup key',
      { event_action: 'acknowledge', dedup_key: undefined },
      /'dedup_key'/,
    ],
    ['a resolve with an empty dedup key', { event_action: 'resolve', dedup_key: '' }, /'dedup_key'/],
    ['a long dedup key', { dedup_key: 'k'.repeat(256) }, /'dedup_key': Expected at most 255 characters/],
    ['no payload', { payload: undefined }, /'payload'/],
    ['no summary', { payload: { severity: 'critical', source: 'a' } }, /'payload.summary'/],
  ])('%s: 400 in its shape, and a person hears of it', async (_case, changes, said) => {
    const test = createTestApp();
    const answer = await enqueue(test, pagerDutyEvent('trigger', changes));
    expect(answer.statusCode).toBe(400);
    const refused = answer.json<Enqueued>();
    expect(refused).toMatchObject(INVALID);
    expect(refused.errors?.join()).toMatch(said);
    expect(test.incidents.taken.map(({ input }) => input.title)).toEqual([
      'Malformed alert from integration formerly-pagerduty',
    ]);
  });

  it.each([
    ['a wrong key', 'f'.repeat(32), ['Invalid routing key']],
    [
      'the key of another integration',
      GENERIC_KEY,
      ['Invalid routing key', 'Integration scripts is of kind generic.'],
    ],
    ['no key', undefined, ["'routing_key' is missing or blank"]],
    ['a key that is a number', 7, ["'routing_key' is missing or blank"]],
  ])('%s: 400 in its shape, and nothing is opened', async (_case, key, errors) => {
    const test = createTestApp();
    const answer = await enqueue(test, pagerDutyEvent('trigger', { routing_key: key }));
    expect(answer.statusCode).toBe(400);
    expect(answer.json<Enqueued>()).toEqual({ ...INVALID, errors });
    expect(answer.headers).not.toHaveProperty('www-authenticate');
    expect(test.incidents.taken).toEqual([]);
  });

  it('text that is no JSON', async () => {
    const test = createTestApp();
    const answer = await enqueue(test, '{"routing_key": ');
    expect(answer.statusCode).toBe(400);
    expect(answer.json<Enqueued>()).toMatchObject({ message: 'Event object format is unrecognized' });
    expect(answer.json<Enqueued>().errors?.[0]).toBe('JSON parse error');
  });

  it('more than 5 MB; what PagerDuty itself would not take is taken', async () => {
    const test = createTestApp();
    const answer = await enqueue(test, sent({ custom_details: { text: 'x'.repeat(5 * 1024 * 1024) } }));
    expect(answer.statusCode).toBe(413);
    const refused = answer.json<Enqueued>();
    expect(refused.message).toBe('The body is larger than 5 MB, the limit of this address.');
    expect(refused.errors?.join()).toContain('custom_details');
    expect(await test.metrics()).toContain(
      'tocsin_intake_deliveries_total{sender="pagerduty",answer="malformed"} 1',
    );
    const large = await enqueue(test, sent({ custom_details: { text: 'x'.repeat(600 * 1024) } }));
    expect(large.statusCode).toBe(202);
    expect(test.incidents.taken).toHaveLength(1);
  });
});

describe('a PagerDuty client', () => {
  it.each([
    ['go-pagerduty/1.8.0', 503],
    ['Alertmanager/0.28.0', 503],
    ['pdjs/2.0.0 (v20.12.0/linux)', 429],
  ])('that calls itself %s is told with %i to send again while Temporal is away', async (agent, status) => {
    const test = createTestApp();
    test.incidents.away = 'temporal';
    const answer = await enqueue(test, pagerDutyEvent('trigger'), { 'user-agent': agent });
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['retry-after']).toBe('5');
    expect(answer.json<Enqueued>()).toMatchObject({ status: 'unavailable' });
  });

  it('may leave out the content type', async () => {
    const test = createTestApp();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await enqueue(test, pagerDutyEvent('trigger'), form)).statusCode).toBe(202);
  });

  it('is told that change events are not taken', async () => {
    const test = createTestApp();
    for (const payload of ['{"routing_key":"x"}', 'no JSON']) {
      const answer = await test.app.inject({ method: 'POST', url: '/v2/change/enqueue', payload });
      expect(answer.statusCode).toBe(404);
      expect(answer.json<Enqueued>().message).toBe('Tocsin takes no change events yet');
    }
  });
});
