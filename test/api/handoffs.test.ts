import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HandoffWorkflows } from '../../api/handoff/handoff-workflows.js';
import { TemporalUnavailable } from '../../api/incidents/incidents.js';
import { plannedHandoffs } from '../../config/handoffs.js';
import type { Confirmation, HandoffMemo } from '../../domain/handoff/handoff.js';
import { DAY, HOUR } from '../../domain/time/instant.js';
import { configOf } from '../unit/config/support.js';
import { overrideOf } from '../unit/handoff/support.js';
import { createTestApp, NOW } from './support/test-app.js';
import { runCommand } from '../support/command-line.js';
import { API_KEY } from './support/test-config.js';
import { twimlOf } from './support/twiml.js';

/** Monday 30 November 2026, 09:00 in Berlin: from alice to bob. */
const CHANGE = Date.UTC(2026, 10, 30, 8, 0);

function handoffApp(
  changes: { readonly now?: number; readonly isAway?: boolean; readonly cover?: boolean } = {},
) {
  const { now = CHANGE - HOUR, isAway = false, cover = false } = changes;
  const config = configOf(
    {
      apiKeys: '\n  ops: { key: { env: API_KEY } }',
      users: `
  alice: { name: Alice, phone: "+12025550101", zone: Europe/Berlin }
  bob: { name: Bob, phone: "+12025550102", zone: Europe/Berlin }
  erin: { name: Erin, phone: "+12025550105" }`,
    },
    { API_KEY },
  );
  const plans = plannedHandoffs(config, [], CHANGE - HOUR, CHANGE + HOUR);
  const primary = plans.find(({ slot }) => slot === 'primary');
  const secondary = plans.find(({ slot }) => slot === 'secondary');
  if (primary === undefined || secondary === undefined) throw new Error('nothing is planned');
  const running = new Map<string, HandoffMemo>([
    [primary.id, { plan: primary, status: 'asked', confirmedAt: null }],
  ]);
  const ended = new Map<string, HandoffMemo>();
  const confirmations: (Confirmation & { readonly id: string })[] = [];
  const here = <T>(value: T): Promise<T> =>
    isAway ? Promise.reject(new TemporalUnavailable('temporal', 'test')) : Promise.resolve(value);
  const handoffs: HandoffWorkflows = {
    handoff: () => here(true),
    announcement: () => here(true),
    running: () => here(running),
    byCode: (code) => here([...running.values()].filter(({ plan }) => plan.code === code.toUpperCase())),
    get: (id) => {
      const memo = running.get(id) ?? ended.get(id);
      return here(memo === undefined ? null : { ...memo, isOpen: running.has(id) });
    },
    confirm: (id, confirmation) => {
      confirmations.push({ id, ...confirmation });
      const memo = running.get(id);
      if (memo !== undefined) running.set(id, { ...memo, status: 'confirmed', confirmedAt: now });
      return here('noted' as const);
    },
  };
  const overrides = cover
    ? [overrideOf({ schedule: 'payments', userId: 'erin', from: CHANGE, to: CHANGE + DAY })]
    : [];
  const app = createTestApp({
    config: () => config,
    now: () => now,
    handoffs,
    known: { current: () => ({ overrides, asOf: now, isStale: false }), refresh: () => Promise.resolve() },
  });
  const link = (userId: string, e = CHANGE + DAY): string =>
    `/h/${app.tokens.sign({ p: 'handoff', o: primary.id, u: userId, e })}`;
  const press = (url: string, payload = 'action=confirm') =>
    app.app.inject({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload,
    });
  const text = async (from: string, body: string): Promise<string> =>
    /<Message>(.*)<\/Message>/.exec(
      await twimlOf(app, '/hooks/twilio/sms', { From: from, Body: body, MessageSid: `SM${body}${from}` }),
    )?.[1] ?? '';
  const api = (...args: Parameters<typeof app.api>) => app.api(...args);
  return { ...app, api, primary, secondary, running, ended, confirmations, link, press, text };
}

describe('GET /v1/handoffs', () => {
  it('lists what comes with how far it is', async () => {
    const { api, primary } = handoffApp();
    const { handoffs } = (await api('GET', '/v1/handoffs')).json<{ handoffs: Record<string, unknown>[] }>();
    expect(handoffs.map(({ slot, leaving, coming, status }) => [slot, leaving, coming, status])).toEqual([
      ['primary', primary.leaving, primary.coming, 'asked'],
      ['secondary', primary.coming, primary.leaving, 'planned'],
    ]);
    expect(handoffs[0]).toMatchObject({
      id: primary.id,
      code: primary.code,
      at: CHANGE,
      digestAt: CHANGE - HOUR / 2,
    });
  });

  it('goes by the overrides', async () => {
    const { api } = handoffApp({ cover: true });
    const { handoffs } = (await api('GET', '/v1/handoffs?days=2')).json<{ handoffs: { coming: string }[] }>();
    expect(handoffs[0]?.coming).toBe('erin');
  });

  it('looks as far as asked, and refuses what is none', async () => {
    const { api } = handoffApp({ now: NOW });
    const count = async (query: string): Promise<number> =>
      (await api('GET', `/v1/handoffs${query}`)).json<{ handoffs: unknown[] }>().handoffs.length;
    expect([
      await count('?days=5'),
      await count('?days=6'),
      await count('?days=20&schedule=payments'),
    ]).toEqual([0, 2, 6]);
    expect((await api('GET', '/v1/handoffs?days=32')).statusCode).toBe(400);
    expect((await api('GET', '/v1/handoffs?schedule=none')).json()).toMatchObject({
      error: { code: 'unknown-schedule' },
    });
  });
});

describe('POST /v1/handoffs/{id}/confirm', () => {
  it('confirms as who comes, by code or id, once', async () => {
    const { api, primary, confirmations } = handoffApp();
    const by = { by: primary.coming };
    const first = await api('POST', `/v1/handoffs/${primary.code.toLowerCase()}/confirm`, by);
    expect(first.json()).toMatchObject({
      outcome: 'confirmed',
      sentence: expect.stringMatching(
        /^Confirmed: you take over as primary of payments at Mon 30 Nov, 09:00 CET\. What \w+ leaves open is yours then\.$/,
      ) as unknown,
      handoff: { status: 'confirmed' },
    });
    expect((await api('POST', `/v1/handoffs/${primary.id}/confirm`, by)).json()).toMatchObject({
      outcome: 'confirmed-already',
    });
    expect(confirmations).toEqual([{ id: primary.id, by: primary.coming, via: 'api' }]);
  });

  it('promises a new secondary nothing of who is primary then', async () => {
    const { api, secondary, running } = handoffApp();
    running.set(secondary.id, { plan: secondary, status: 'asked', confirmedAt: null });
    const done = await api('POST', `/v1/handoffs/${secondary.id}/confirm`, { by: secondary.coming });
    expect(done.json<{ sentence: string }>().sentence).toBe(
      'Confirmed: you take over as secondary of payments at Mon 30 Nov, 09:00 CET.',
    );
  });

  it('says from when on a planned one can be confirmed, by the API and by text', async () => {
    const { api, text, primary, running, confirmations } = handoffApp();
    running.clear();
    const sentence =
      'Nothing was done: the hand-over as primary of payments at Mon 30 Nov, 09:00 CET can be confirmed from Mon 30 Nov, 08:30 CET on.';
    for (const asked of [primary.code, primary.id]) {
      const early = await api('POST', `/v1/handoffs/${asked}/confirm`, { by: primary.coming });
      expect([early.statusCode, early.json()]).toMatchObject([
        409,
        { error: { code: 'handoff-refused', message: sentence } },
      ]);
    }
    const phone = primary.coming === 'bob' ? '+12025550102' : '+12025550101';
    expect(await text(phone, `HANDOFF ${primary.code}`)).toBe(sentence);
    expect(confirmations).toEqual([]);
  });

  it('says so when it was confirmed before and has ended, by the API and by text', async () => {
    const { api, text, primary, running, ended } = handoffApp({ now: CHANGE + HOUR });
    running.clear();
    ended.set(primary.id, { plan: primary, status: 'done', confirmedAt: CHANGE - 1 });
    const sentence = 'You have confirmed it before: primary of payments at Mon 30 Nov, 09:00 CET.';
    const again = await api('POST', `/v1/handoffs/${primary.code}/confirm`, { by: primary.coming });
    expect([again.statusCode, again.json()]).toMatchObject([200, { outcome: 'confirmed-already', sentence }]);
    const phone = primary.coming === 'bob' ? '+12025550102' : '+12025550101';
    expect(await text(phone, `HANDOFF ${primary.code}`)).toBe(sentence);
  });

  it('refuses others, and what is over or not there', async () => {
    const { api, primary, running, confirmations } = handoffApp();
    const confirm = async (id: string, by: string | null) => {
      const { statusCode, json } = await api('POST', `/v1/handoffs/${id}/confirm`, { by });
      return [statusCode, json<{ error: { code: string } }>().error.code];
    };
    expect(await confirm(primary.id, primary.leaving)).toEqual([409, 'handoff-refused']);
    expect(await confirm('0'.repeat(20), primary.coming)).toEqual([404, 'handoff-not-found']);
    expect(await confirm('2222', primary.coming)).toEqual([404, 'handoff-not-found']);
    expect(await confirm(primary.id, 'mallory')).toEqual([400, 'unknown-user']);
    running.set(primary.id, { plan: primary, status: 'void', confirmedAt: null });
    expect(await confirm(primary.id, primary.coming)).toEqual([409, 'handoff-over']);
    expect(confirmations).toEqual([]);
  });

  it('says so while Temporal is away', async () => {
    const { api, primary } = handoffApp({ isAway: true });
    const { statusCode } = await api('POST', `/v1/handoffs/${primary.id}/confirm`, { by: primary.coming });
    expect(statusCode).toBe(503);
  });
});

describe('the link in a digest', () => {
  it('changes nothing when it is opened, however often and by whom; its button confirms', async () => {
    const { app, link, press, primary, confirmations } = handoffApp();
    const url = link(primary.coming ?? '');
    for (const method of ['GET', 'HEAD', 'GET'] as const) {
      const opened = await app.inject({ method, url });
      expect(opened.statusCode).toBe(200);
      expect(opened.headers['content-security-policy']).toContain("default-src 'none'");
    }
    expect((await app.inject({ url })).body).toContain('Confirm the hand-over</button>');
    expect(confirmations).toEqual([]);
    const pressed = await press(url);
    expect([pressed.statusCode, pressed.body.includes('Confirmed: you take over')]).toEqual([200, true]);
    expect(pressed.body).not.toContain('<button');
    expect((await press(url)).body).toContain('You have confirmed it before');
    expect(confirmations).toEqual([{ id: primary.id, by: primary.coming, via: 'link' }]);
  });

  it('has no button for anybody else, and refuses a form that is none of ours', async () => {
    const { app, link, press, primary, confirmations } = handoffApp();
    const others = link(primary.leaving ?? '');
    expect((await app.inject({ url: others })).body).not.toContain('<button');
    expect((await press(others)).statusCode).toBe(409);
    expect((await press(link(primary.coming ?? ''), 'action=other')).statusCode).toBe(400);
    expect(confirmations).toEqual([]);
  });

  it('is refused when it is for something else, too old, or of somebody who has left', async () => {
    const { app, link, press, primary, tokens, confirmations } = handoffApp();
    const incident = `/h/${tokens.sign({ p: 'link', o: primary.id, u: 'bob', e: CHANGE + DAY })}`;
    const all = [incident, link('bob', CHANGE - 2 * HOUR), link('gone'), '/h/abc'];
    const statuses = await Promise.all(all.map(async (url) => (await app.inject({ url })).statusCode));
    expect(statuses).toEqual([403, 410, 403, 404]);
    expect((await press(incident)).statusCode).toBe(403);
    // A token of a hand-over opens no incident.
    const asIncident = link('bob').replace('/h/', '/i/');
    expect((await app.inject({ url: asIncident })).statusCode).toBe(403);
    expect(confirmations).toEqual([]);
  });

  it('asks for patience while Temporal is away', async () => {
    const { app, link } = handoffApp({ isAway: true });
    const answer = await app.inject({ url: link('bob') });
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
  });
});

describe('a text message', () => {
  const phones = { alice: '+12025550101', bob: '+12025550102' } as const;
  const other = (id: string | null): 'alice' | 'bob' => (id === 'alice' ? 'bob' : 'alice');
  const phoneOf = (id: string | null): string => phones[id === 'alice' ? 'alice' : 'bob'];

  it.each(['HANDOFF {code}', 'handover {code}.', 'Hand-off: {code}', 'handoff'])(
    '“%s” confirms',
    async (words) => {
      const { text, primary, confirmations } = handoffApp();
      const answer = await text(phoneOf(primary.coming), words.replace('{code}', primary.code));
      expect(answer).toContain('Confirmed: you take over');
      expect(confirmations).toEqual([{ id: primary.id, by: primary.coming, via: 'sms' }]);
    },
  );

  it('of somebody else, or with another code, does nothing', async () => {
    const { text, primary, confirmations } = handoffApp();
    const { coming } = primary;
    expect(await text(phoneOf(other(coming)), `HANDOFF ${primary.code}`)).toContain(
      'Nothing was done: not you but',
    );
    expect(await text(phoneOf(other(coming)), 'HANDOFF')).toBe(
      'Nothing was done: no hand-over waits for you.',
    );
    expect(await text(phoneOf(coming), 'HANDOFF 2222')).toBe(
      'Nothing was done: no hand-over has the code 2222.',
    );
    expect(confirmations).toEqual([]);
  });

  it('about incidents goes its old way', async () => {
    const { text, confirmations } = handoffApp();
    expect(await text(phones.bob, 'ACK')).toContain('Nothing of yours is open');
    expect(confirmations).toEqual([]);
  });
});

describe('notes', () => {
  it('need the store', async () => {
    const { api } = handoffApp();
    for (const [method, url] of [
      ['GET', '/v1/schedules/payments/notes'],
      ['POST', '/v1/schedules/payments/notes'],
      ['POST', '/v1/schedules/payments/notes/x/remove'],
    ] as const)
      expect((await api(method, url, method === 'POST' ? { text: 'x' } : undefined)).json()).toMatchObject({
        error: { code: 'no-store' },
      });
  });
});

describe('tocsin handoff', () => {
  it('lists what comes, confirms, and says why it does not', async () => {
    const { app, primary, confirmations } = handoffApp();
    await app.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => app.close());
    const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
    const tocsin = (...args: readonly string[]) =>
      runCommand(args, { env: { TOCSIN_URL: url, TOCSIN_API_KEY: API_KEY }, now: () => CHANGE - HOUR });
    const listed = await tocsin('handoff', 'list', '--days', '1');
    expect(listed.out.split('\n').map((line) => line.split(/ {2,}/).slice(1))).toEqual([
      ['SCHEDULE', 'PLACE', 'FROM', 'TO', 'CODE', 'STATE'],
      ['payments', 'primary', primary.leaving, primary.coming, primary.code, 'asked'],
      ['payments', 'secondary', primary.coming, primary.leaving, '–', 'planned'],
    ]);
    // With its zone: a list is read by people in several.
    expect(listed.out).toMatch(/^Mon 30 Nov, \d\d:\d\d \S+ in 1 hour  payments  primary/m);
    const wrong = await tocsin('handoff', 'confirm', primary.code, '--by', primary.leaving ?? '');
    expect([wrong.code, wrong.err.includes('Nothing was done: not you but')]).toEqual([1, true]);
    const right = await tocsin('handoff', 'confirm', primary.code, '--by', primary.coming ?? '');
    expect([right.code, right.out.startsWith('Confirmed: you take over')]).toEqual([0, true]);
    expect(confirmations).toEqual([{ id: primary.id, by: primary.coming, via: 'cli' }]);
    expect((await tocsin('handoff', 'list', '--days', '1')).out).toContain('confirmed');
    expect((await tocsin('handoff', 'list', '--schedule', 'payments', '--days', '0')).code).toBe(1);
  });
});
