import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { IncidentSummary } from '../../api/incidents/incidents.js';
import { KEYS, startSystem, type RunningSystem } from '../support/running-system.js';
import { createCast } from './support/cast.js';
import { endIncident, openIncident } from './support/stage.js';

const cast = createCast({
  people: { alice: [['0s', 'sms']], bob: [['0s', 'sms']] },
  services: { shop: [{ to: ['alice'] }], till: [{ to: ['bob'] }], end: [{ to: ['alice'] }] },
  timings: { stability: '1s', recheck: '1s', retry: '500ms' },
});

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ config: cast.yaml });
});
afterAll(() => system.stop());

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: { readonly [key: string]: unknown };
}

async function ask(
  method: 'GET' | 'POST',
  path: string,
  options: { readonly body?: object; readonly headers?: Record<string, string> } = {},
): Promise<Answered> {
  const response = await fetch(`${system.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${KEYS.api}`,
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: (text === '' ? {} : JSON.parse(text)) as Answered['body'],
  };
}

function incidentsOf({ body }: Answered): readonly IncidentSummary[] {
  return body['incidents'] as readonly IncidentSummary[];
}

function codeOf({ body }: Answered): string {
  return (body['error'] as { readonly code: string } | undefined)?.code ?? '';
}

function nextIn({ headers }: Answered): string | null {
  return /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1] ?? null;
}

/** Waits until the list with these filters has so many. */
async function listed(query: string, count: number): Promise<readonly IncidentSummary[]> {
  const list = async (): Promise<readonly IncidentSummary[]> =>
    incidentsOf(await ask('GET', `/v1/incidents?${query}`));
  await expect.poll(list, { timeout: 10_000, message: query }).toHaveLength(count);
  return list();
}

describe('the list on a real server', () => {
  const opened: string[] = [];

  test('pages go on where they ended, though incidents open in between', async () => {
    for (const name of ['one', 'two', 'three', 'four', 'five'])
      opened.push((await openIncident(system, { service: 'shop', name })).openingId);
    await listed('service=shop', 5);
    const seen: string[] = [];
    let path: string | null = '/v1/incidents?service=shop&open=true&limit=2';
    while (path !== null) {
      const page: Answered = await ask('GET', path);
      expect(page.status).toBe(200);
      seen.push(...incidentsOf(page).map(({ openingId }) => openingId));
      // Newer than all that was listed: it belongs in front of the first page.
      const name = `late ${seen.length}`;
      await openIncident(system, { service: 'shop', name });
      await listed(`service=shop&text=${encodeURIComponent(name)}`, 1);
      path = nextIn(page);
    }
    expect(seen).toEqual([...opened].reverse());
  });

  test('each filter finds what it means, together too', async () => {
    await openIncident(system, { service: 'till', name: 'the till' });
    const [till] = await listed('service=till', 1);
    expect(till).toMatchObject({ title: 'the till is down', phase: 'triggered' });
    await listed('responder=bob', 1);
    await listed('owner=alice', 0);
    const [first] = opened;
    await ask('POST', `/v1/incidents/${first ?? ''}/acknowledge`, { body: { by: 'alice' } });
    await listed('owner=alice&phase=acknowledged&severity=SEV1', 1);
    await listed('owner=alice&severity=SEV2', 0);
    await listed('text=TILL+is&open=true', 1);
    const began = new Date(till?.startedAt ?? 0).toISOString();
    expect((await listed(`since=${began}`, 1))[0]?.openingId).toBe(till?.openingId);
    const before = incidentsOf(
      await ask('GET', `/v1/incidents?until=${(till?.startedAt ?? 0) - 1}&limit=100`),
    );
    expect(before.length).toBeGreaterThan(5);
    expect(before.map(({ openingId }) => openingId)).not.toContain(till?.openingId);
  });

  test('a text that nothing has is looked for to the end', async () => {
    const none = await ask('GET', '/v1/incidents?text=nowhere&limit=1');
    expect(none.body).toEqual({ incidents: [] });
  });

  test('a cursor of another list, or a broken one, is refused at once', async () => {
    const page = await ask('GET', '/v1/incidents?service=shop&limit=1');
    const next = String(page.body['next']);
    for (const query of [
      `service=till&cursor=${next}`,
      `service=shop&cursor=${next.slice(0, -2)}`,
      'cursor=x',
    ]) {
      const refused = await ask('GET', `/v1/incidents?${query}`);
      expect([refused.status, codeOf(refused)], query).toEqual([400, 'invalid-query']);
    }
    expect((await ask('GET', `/v1/incidents?service=shop&limit=1&cursor=${next}`)).status).toBe(200);
  });
});

describe('writes on a real server', () => {
  test('If-Match lets a write through only to what was read', async () => {
    const { openingId } = await openIncident(system, { service: 'shop', name: 'matched' });
    const path = `/v1/incidents/${openingId}`;
    // The page's delivery is still told: from here on nothing happens by itself.
    await system.until(openingId, 'the page went out', ({ timeline }) =>
      timeline.some(({ type }) => type === 'delivered'),
    );
    const tag = (await ask('GET', path)).headers.get('etag') ?? '';
    expect((await ask('GET', path, { headers: { 'if-none-match': tag } })).status).toBe(304);

    const key = randomUUID();
    const note = { body: { text: 'Looks like DNS.' }, headers: { 'if-match': tag, 'idempotency-key': key } };
    const first = await ask('POST', `${path}/notes`, note);
    expect([first.status, first.body['outcome']]).toEqual([200, 'noted']);
    // The same request again is the same request, though its tag is old by now.
    expect(await ask('POST', `${path}/notes`, note)).toMatchObject({ status: 200, body: first.body });

    const late = await ask('POST', `${path}/acknowledge`, { body: {}, headers: { 'if-match': tag } });
    expect([late.status, codeOf(late)]).toEqual([412, 'incident-changed']);
    const after = await ask('GET', path);
    expect(after.body).toMatchObject({ phase: 'triggered' });
    const fresh = { 'if-match': after.headers.get('etag') ?? '' };
    expect((await ask('POST', `${path}/acknowledge`, { body: {}, headers: fresh })).status).toBe(200);
    const view = await system.view(openingId);
    expect(view.timeline.filter(({ type }) => type === 'note')).toHaveLength(1);
  });

  test('of two who write at the same time to what both had read, one gets through', async () => {
    const { openingId } = await openIncident(system, { service: 'shop', name: 'contended' });
    const path = `/v1/incidents/${openingId}`;
    await system.until(openingId, 'the page went out', ({ timeline }) =>
      timeline.some(({ type }) => type === 'delivered'),
    );
    const headers = { 'if-match': (await ask('GET', path)).headers.get('etag') ?? '' };
    const notes = ['one', 'two', 'three'].map((text) =>
      ask('POST', `${path}/notes`, { body: { text }, headers }),
    );
    const statuses = (await Promise.all(notes)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 412, 412]);
    const { timeline } = await system.view(openingId);
    expect(timeline.filter(({ type }) => type === 'note')).toHaveLength(1);
  });

  test('an Idempotency-Key is for one request: declared, acted, published', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const body = { title: 'Customers cannot pay', service: 'kitchen' };
    const first = await ask('POST', '/v1/incidents', { body, headers });
    const again = await ask('POST', '/v1/incidents', { body, headers });
    expect([again.status, again.body]).toEqual([201, first.body]);
    const other = await ask('POST', '/v1/incidents', { body: { ...body, title: 'Something else' }, headers });
    expect([other.status, codeOf(other)]).toEqual([409, 'idempotency-key-reused']);

    const path = `/v1/incidents/${String(first.body['openingId'])}`;
    const noted = await ask('POST', `${path}/notes`, { body: { text: 'one' }, headers });
    expect(noted.status).toBe(200);
    for (const [action, sent] of [
      ['notes', { text: 'two' }],
      ['acknowledge', {}],
    ] as const) {
      const reused = await ask('POST', `${path}/${action}`, { body: sent, headers });
      expect([reused.status, codeOf(reused)], action).toEqual([409, 'idempotency-key-reused']);
    }
    expect((await ask('GET', path)).body).toMatchObject({ phase: 'triggered' });

    const alert = { service: 'end', name: 'over' };
    const { openingId } = await openIncident(system, alert);
    await endIncident(system, alert, openingId);
    const publish = (url: string) =>
      ask('POST', `/v1/incidents/${openingId}/postmortem`, { body: { url }, headers });
    await expect
      .poll(async () => (await publish('https://wiki.example.com/1')).body, { timeout: 10_000 })
      .toMatchObject({ outcome: 'published' });
    expect((await publish('https://wiki.example.com/1')).body).toMatchObject({ outcome: 'published' });
    const another = await publish('https://wiki.example.com/2');
    expect([another.status, codeOf(another)]).toEqual([409, 'idempotency-key-reused']);

    // What is over comes after all that is open, and pages lead there.
    await listed(`open=false&service=end`, 1);
    const found: IncidentSummary[] = [];
    let page: string | null = '/v1/incidents?limit=3';
    while (page !== null) {
      const answer: Answered = await ask('GET', page);
      found.push(...incidentsOf(answer));
      page = nextIn(answer);
    }
    expect(new Set(found.map((one) => one.openingId)).size).toBe(found.length);
    expect(found.at(-1)).toMatchObject({ openingId, open: false, phase: 'resolved' });
    expect(found.filter(({ open }) => !open)).toHaveLength(1);
  });
});
