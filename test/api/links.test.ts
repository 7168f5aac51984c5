import { createHash } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createTokens } from '../../tokens/signed-token.js';
import { glance } from '../../web/countdown.js';
import { LIVE_SCRIPT } from '../../web/live-script.js';
import type { IncidentView } from '../../domain/incident/view.js';
import { openingId, summaryOf, viewOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, OPENING, type TestApp } from './support/test-app.js';

function withIncident(): TestApp {
  const test = createTestApp();
  test.incidents.incidents = [summaryOf()];
  test.incidents.views.set(OPENING, viewOf());
  return test;
}

function nonceOf(body: string): string {
  return /name="nonce" value="([^"]+)"/.exec(body)?.[1] ?? '';
}

/** What a person reads, in one line. */
function textOf(body: string): string {
  const words = body.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<\/?bdi>/g, '');
  return words
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ ([.,:])/g, '$1');
}

function press(test: TestApp, token: string, form: Record<string, string>) {
  return test.app.inject({
    method: 'POST',
    url: `/i/${token}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams(form).toString(),
  });
}

describe('GET /i/{token}', () => {
  it('shows the incident, who is paged, what comes next and what happened', async () => {
    const test = withIncident();
    const answer = await test.app.inject(`/i/${test.token({})}`);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.body).toContain('15 % of payments fail');
    const text = textOf(answer.body);
    expect(text).toContain('Nobody has it yet. Paged and not answered: Alice.');
    expect(text).toContain('11:03 CET in 3 min ack timeout: Alice (tier 1), then Bob');
    expect(text).toContain('Being paged Alice, since 10:58 CET: SMS delivered 10:58 CET');
    expect(text).toContain('opened Tue 24 Nov, 10:58 CET 2 min ago');
    expect(text).toContain('paged Alice');
    expect(text).toContain('This link answers as Alice.');
    expect(nonceOf(answer.body)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('changes nothing, by GET or HEAD, however often', async () => {
    const test = withIncident();
    const url = `/i/${test.token({})}`;
    await test.app.inject(url);
    await test.app.inject(`${url}?action=acknowledge`);
    const head = await test.app.inject({ method: 'HEAD', url });
    expect(head.statusCode).toBe(200);
    expect(head.body).toBe('');
    expect(test.incidents.acted).toEqual([]);
  });

  it('loads one script of ours and nothing else, and says so in its policy', async () => {
    const test = withIncident();
    const { body, headers } = await test.app.inject(`/i/${test.token({})}`);
    expect(body.match(/<script[^>]*>/g)).toEqual(['<script src="live.js" defer>']);
    expect(body).not.toMatch(/\son[a-z]+=|<img|<link|<iframe|javascript:/i);
    const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers['content-security-policy']).toBe(
      `default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
    );
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
      'x-content-type-options': 'nosniff',
    });
  });

  it('runs nothing on a page that shows no incident', async () => {
    const test = withIncident();
    const { body, headers } = await test.app.inject('/i/nonsense');
    expect(body).not.toContain('<script');
    expect(headers['content-security-policy']).not.toContain('script-src');
  });

  it('escapes everything that somebody else wrote, and links only to the web', async () => {
    const test = withIncident();
    const nasty = '<script>alert("1")</script>';
    test.incidents.views.set(
      OPENING,
      viewOf({
        title: nasty,
        service: nasty,
        team: nasty,
        source: nasty,
        runbook: 'javascript:alert(1)',
        link: 'https://example.com/"onmouseover="alert(1)',
        owner: { id: 'x', name: nasty, since: NOW },
        deadlines: [{ name: 'x', at: NOW, label: nasty }],
        timeline: [{ at: NOW, type: 'note', who: nasty, via: 'api', text: nasty }],
      }),
    );
    const { body } = await test.app.inject(`/i/${test.token({})}`);
    expect(body.match(/<script/g)).toHaveLength(1);
    expect(body).not.toContain('href="javascript:');
    expect(body).not.toContain('"onmouseover="');
    expect(body).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
  });

  it('offers what makes sense now', async () => {
    const test = withIncident();
    const offered = async (view: Parameters<typeof viewOf>[0]) => {
      test.incidents.views.set(OPENING, viewOf(view));
      const { body } = await test.app.inject(`/i/${test.token({})}`);
      return [...body.matchAll(/name="action"\s+value="([a-z0-9-]+)"/g)].map(([, action]) => action);
    };
    const mine = { id: 'alice', name: 'Alice', since: NOW };
    expect(await offered({})).toEqual(['acknowledge', 'resolve', 'escalate']);
    expect(await offered({ owner: mine, paging: false })).toEqual([
      'progress',
      'resolve',
      'escalate',
      'snooze-30m',
      'snooze-1h',
      'snooze-4h',
      'give-back',
    ]);
    expect(await offered({ owner: mine, paging: true })).toEqual(['acknowledge', 'resolve', 'escalate']);
    expect(await offered({ owner: { ...mine, id: 'bob', name: 'Bob' }, paging: false })).toEqual([
      'take',
      'resolve',
      'escalate',
    ]);
    expect(await offered({ phase: 'resolved', resolvedAt: NOW })).toEqual([]);
  });

  it('shows without buttons what a link without a person opens', async () => {
    const test = withIncident();
    const token = test.tokens.sign({ p: 'link', o: OPENING, e: NOW + 60_000 });
    const answer = await test.app.inject(`/i/${token}`);
    expect(answer.body).toContain('15 % of payments fail');
    expect(answer.body).not.toContain('<form');
    expect((await press(test, token, { action: 'acknowledge', nonce: 'abcdefgh' })).statusCode).toBe(400);
    expect(test.incidents.acted).toEqual([]);
  });

  it('can be answered while no worker can show the incident', async () => {
    const test = withIncident();
    test.incidents.away = 'worker';
    const answer = await test.app.inject(`/i/${test.token({})}`);
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '5']);
    expect(answer.body).toContain('value="acknowledge"');
  });

  it('says 404 for an incident that is no longer kept', async () => {
    const test = createTestApp();
    const answer = await test.app.inject(`/i/${test.token({})}`);
    expect(answer.statusCode).toBe(404);
    expect(answer.body).toContain('no longer kept');
  });
});

describe('GET /i/{token}/live', () => {
  it('is the part of the page that changes, by a tag that changes with it and not with the time', async () => {
    let now = NOW;
    const test = createTestApp({ now: () => now });
    test.incidents.incidents = [summaryOf()];
    test.incidents.views.set(OPENING, viewOf());
    const url = `/i/${test.token({ e: NOW + 3_600_000 })}/live`;
    const first = await test.app.inject(url);
    expect(first.statusCode).toBe(200);
    expect(first.body).toMatch(/^<div\s+id="incident"/);
    expect(first.body).not.toMatch(/<html|<script|<style/);
    const tag = String(first.headers.etag);
    expect(tag).toMatch(/^"[\w-]{22}"$/);
    now = NOW + 90_000;
    const again = await test.app.inject({ url, headers: { 'if-none-match': tag } });
    expect([again.statusCode, again.body]).toEqual([304, '']);
    const owner = { id: 'bob', name: 'Bob', since: NOW };
    test.incidents.views.set(OPENING, viewOf({ owner, paging: false }));
    const changed = await test.app.inject({ url, headers: { 'if-none-match': tag } });
    expect(changed.statusCode).toBe(200);
    expect(textOf(changed.body)).toContain('Bob has it, since 11:00 CET.');
    expect(changed.headers.etag).not.toBe(tag);
    expect(test.incidents.acted).toEqual([]);
  });

  it('is another for another reader of the same incident', async () => {
    const test = withIncident();
    const tags = await Promise.all(
      ['alice', 'bob'].map(async (u) => (await test.app.inject(`/i/${test.token({ u })}/live`)).headers.etag),
    );
    expect(tags[0]).not.toBe(tags[1]);
  });

  it.each([
    ['an expired link', (test: TestApp) => test.token({ e: NOW - 60_000 }), 410],
    ['a link for a call', (test: TestApp) => test.token({ p: 'voice' }), 403],
    ['nonsense', () => 'abc', 404],
  ])('refuses %s', async (_case, token, status) => {
    const test = withIncident();
    expect((await test.app.inject(`/i/${token(test)}/live`)).statusCode).toBe(status);
  });

  it('says 503 while no worker can show it, and 404 when it is gone', async () => {
    const test = withIncident();
    test.incidents.away = 'worker';
    const away = await test.app.inject(`/i/${test.token({})}/live`);
    expect([away.statusCode, away.headers['retry-after'], away.headers.etag]).toEqual([503, '5', undefined]);
    const gone = createTestApp();
    expect((await gone.app.inject(`/i/${gone.token({})}/live`)).statusCode).toBe(404);
  });

  it('takes no form', async () => {
    const test = withIncident();
    const answer = await press(test, `${test.token({})}/live`, { action: 'acknowledge', nonce: 'abcdefgh' });
    expect(answer.statusCode).toBe(405);
    expect(test.incidents.acted).toEqual([]);
  });
});

describe('GET /i/live.js', () => {
  it('is a script that only asks, and is asked for again only when it changed', async () => {
    const test = withIncident();
    const script = await test.app.inject('/i/live.js');
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    expect(script.body).not.toMatch(/\bPOST\b|\.submit\(|requestSubmit|sendBeacon|XMLHttpRequest|method\s*:/);
    const again = await test.app.inject({
      url: '/i/live.js',
      headers: { 'if-none-match': String(script.headers.etag) },
    });
    expect(again.statusCode).toBe(304);
  });

  it('says how far something is in the words of the page', () => {
    const [words] = /function glance[\s\S]*?(?=function write)/.exec(LIVE_SCRIPT) ?? [''];
    const theirs = runInNewContext(`${words}; glance`) as (span: number) => string;
    const spans = [
      0, 499, 1_499, 89_400, 89_600, 90_000, 150_000, 3_569_000, 3_570_000, 3_600_000, 3_900_000,
    ];
    for (const span of [...spans, 47.9 * 3_600_000, 48 * 3_600_000, 51 * 3_600_000, -240_000])
      expect(theirs(span), String(span)).toBe(glance(span));
    expect(glance(240_000)).toBe('4 min');
    expect(glance(3_900_000)).toBe('1 h 5 min');
    expect(glance(51 * 3_600_000)).toBe('2 d 3 h');
  });
});

describe('a link that does not open', () => {
  const forger = createTokens('the secret of somebody else');
  it.each([
    ['cut off', (test: TestApp) => test.token({}).slice(0, -3), [403, 404]],
    ['nonsense', () => 'abc', [404]],
    ['forged', () => forger.sign({ p: 'link', o: OPENING, u: 'alice', e: NOW + 60_000 }), [403]],
    ['expired', (test: TestApp) => test.token({ e: NOW - 60_000 }), [410]],
    ['made for a call', (test: TestApp) => test.token({ p: 'voice' }), [403]],
    ['made for a delivery', (test: TestApp) => test.token({ p: 'delivery', d: 'd1' }), [403]],
  ])(
    'because it is %s gets a clear page and does nothing, seen or pressed',
    async (_case, token, statuses) => {
      const test = withIncident();
      const seen = await test.app.inject(`/i/${token(test)}`);
      const pressed = await press(test, token(test), { action: 'acknowledge', nonce: 'abcdefgh' });
      for (const answer of [seen, pressed]) {
        expect(statuses).toContain(answer.statusCode);
        expect(answer.headers['content-type']).toContain('text/html');
        expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
        expect(answer.body).toContain('nothing was changed');
        expect(answer.body).not.toContain('of payments fail');
      }
      expect(test.incidents.acted).toEqual([]);
    },
  );

  it('never stands in the log', async () => {
    const test = withIncident();
    const token = test.token({});
    await test.app.inject(`/i/${token}`);
    await press(test, token, { action: 'acknowledge', nonce: 'abcdefgh' });
    expect(test.logged.join()).toContain('/i/:token');
    expect(test.logged.join()).not.toContain(token);
  });
});

describe('the link of somebody who is no longer in the configuration', () => {
  it.each(['mallory', 'group:dissolved'])('%s shows nothing and does nothing', async (u) => {
    const test = withIncident();
    const token = test.token({ u });
    const seen = await test.app.inject(`/i/${token}`);
    const pressed = await press(test, token, { action: 'acknowledge', nonce: 'abcdefgh' });
    for (const answer of [seen, pressed]) {
      expect(answer.statusCode).toBe(403);
      expect(answer.body).toContain('is no longer in the configuration of Tocsin, so nothing was changed.');
      expect(answer.body).not.toContain('of payments fail');
    }
    expect(test.incidents.acted).toEqual([]);
  });

  it('is not the link of a group that exists', async () => {
    const test = withIncident();
    const answer = await press(test, test.token({ u: 'group:ops-room' }), {
      action: 'acknowledge',
      nonce: 'abcdefgh',
    });
    expect(answer.statusCode).toBe(200);
    expect(test.incidents.acted[0]?.by).toEqual({ kind: 'user', id: 'group:ops-room', name: 'Ops room' });
  });
});

describe('POST /i/{token}', () => {
  it.each(['acknowledge', 'take', 'progress', 'resolve', 'escalate'])(
    '%s acts as the person of the link',
    async (action) => {
      const test = withIncident();
      const token = test.token({ u: 'bob' });
      const nonce = nonceOf((await test.app.inject(`/i/${token}`)).body);
      const answer = await press(test, token, { action, nonce });
      expect(answer.statusCode).toBe(200);
      expect(answer.body).toContain(`${action} 7KQ2 done.`);
      expect(answer.body).toContain('role="status"');
      expect(test.incidents.acted).toEqual([
        {
          action,
          openingId: OPENING,
          by: { kind: 'user', id: 'bob', name: 'Bob' },
          via: 'link',
          requestId: `link:bob:${nonce}:${action}`,
        },
      ]);
      expect(nonceOf(answer.body)).not.toBe(nonce);
    },
  );

  it.each([
    ['snooze-30m', { action: 'snooze', forMs: 30 * 60_000 }],
    ['snooze-1h', { action: 'snooze', forMs: 60 * 60_000 }],
    ['snooze-4h', { action: 'snooze', forMs: 4 * 60 * 60_000 }],
    ['give-back', { action: 'unacknowledge' }],
  ])('%s asks for what it says', async (action, asked) => {
    const test = withIncident();
    const answer = await press(test, test.token({}), { action, nonce: 'abcdefgh' });
    expect(answer.statusCode).toBe(200);
    expect(test.incidents.acted).toMatchObject([asked]);
  });

  it('says until when it is snoozed', async () => {
    const test = withIncident();
    const owner = { id: 'alice', name: 'Alice', since: NOW };
    test.incidents.views.set(
      OPENING,
      viewOf({
        owner,
        paging: false,
        phase: 'acknowledged',
        snoozed: { by: 'Alice', until: NOW + 3_600_000 },
      }),
    );
    const { body } = await test.app.inject(`/i/${test.token({})}`);
    expect(textOf(body)).toContain(
      'You have it, since 11:00 CET. Now acknowledged. Left alone until 12:00 CET.',
    );
  });

  it('counts a button pressed twice once', async () => {
    const test = withIncident();
    const token = test.token({});
    const nonce = nonceOf((await test.app.inject(`/i/${token}`)).body);
    await press(test, token, { action: 'acknowledge', nonce });
    await press(test, token, { action: 'acknowledge', nonce });
    expect(new Set(test.incidents.acted.map(({ requestId }) => requestId)).size).toBe(1);
  });

  it('counts another button under the same nonce as another press', async () => {
    const test = withIncident();
    const token = test.token({});
    await press(test, token, { action: 'acknowledge', nonce: 'abcdefgh' });
    const answer = await press(test, token, { action: 'escalate', nonce: 'abcdefgh' });
    expect(answer.body).toContain('escalate 7KQ2 done.');
    await press(test, token, { action: 'snooze-30m', nonce: 'abcdefgh' });
    await press(test, token, { action: 'snooze-4h', nonce: 'abcdefgh' });
    expect(new Set(test.incidents.acted.map(({ requestId }) => requestId)).size).toBe(4);
  });

  describe('a button of an old push', () => {
    const form = { action: 'acknowledge', nonce: 'abcdefgh' };
    const has = (name: string, changes: Partial<IncidentView> = {}): IncidentView =>
      viewOf({
        owner: { id: name.toLowerCase(), name, since: NOW },
        phase: 'acknowledged',
        paging: false,
        ...changes,
      });

    /** Each request that is new takes it, or hears who has it; one that is known gets what it got. */
    function pushed() {
      const test = withIncident();
      const { views } = test.incidents;
      test.incidents.result = ({ by }) => {
        const owner = views.get(OPENING)?.owner?.name ?? by.name;
        if (owner === by.name) views.set(OPENING, has(by.name));
        const outcome = owner === by.name ? 'acknowledged' : 'already-owned';
        return { kind: 'answered', answer: { outcome, sentence: `${owner} has it.`, owner } };
      };
      const token = test.token({});
      return { test, views, push: () => press(test, token, form) };
    }

    it('counts once while its answer is true', async () => {
      const { test, push } = pushed();
      await push();
      await push();
      expect(new Set(test.incidents.acted.map(({ requestId }) => requestId)).size).toBe(1);
    });

    it('counts anew when nobody has it any more, or people are paged again', async () => {
      for (const now of [viewOf(), has('Alice', { paging: true })]) {
        const { views, push } = pushed();
        await push();
        views.set(OPENING, now);
        const answer = await push();
        expect(answer.body).toContain('Alice has it.');
        expect(views.get(OPENING)).toMatchObject({ owner: { name: 'Alice' }, paging: false });
      }
    });

    it('says who has it when that is somebody else now', async () => {
      const { views, push } = pushed();
      await push();
      views.set(OPENING, has('Bob'));
      expect((await push()).body).toContain('Bob has it.');
      expect(views.get(OPENING)?.owner?.name).toBe('Bob');
    });

    it('counts a press of another kind once, whatever came of it since', async () => {
      const { test, views } = pushed();
      const token = test.token({});
      await press(test, token, { ...form, action: 'escalate' });
      views.set(OPENING, viewOf());
      await press(test, token, { ...form, action: 'escalate' });
      expect(new Set(test.incidents.acted.map(({ requestId }) => requestId)).size).toBe(1);
    });
  });

  it.each([
    { action: 'severity', nonce: 'abcdefgh' },
    { action: 'acknowledge' },
    {},
    { action: 'acknowledge', nonce: '<b>' },
  ])('does nothing for the form %j', async (form) => {
    const test = withIncident();
    const answer = await press(test, test.token({}), form);
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('Nothing was done');
    expect(test.incidents.acted).toEqual([]);
  });

  it('says 409 and what is open when the incident is over', async () => {
    const test = withIncident();
    test.incidents.incidents = [
      summaryOf({ open: false }),
      summaryOf({ openingId: openingId(2), code: 'ABC3', service: 'orders', title: 'disk full' }),
    ];
    const answer = await press(test, test.token({}), { action: 'acknowledge', nonce: 'abcdefgh' });
    expect(answer.statusCode).toBe(409);
    expect(answer.body).toContain('That incident is over; open now: ABC3 orders: disk full.');
  });

  it('says that a confirmation follows when no worker took it in time', async () => {
    const test = withIncident();
    test.incidents.result = () => ({ kind: 'noted' });
    const answer = await press(test, test.token({}), { action: 'acknowledge', nonce: 'abcdefgh' });
    expect(answer.statusCode).toBe(202);
    expect(answer.body).toContain('a confirmation follows');
  });

  it('says plainly that nothing was recorded while Temporal is away, and keeps the nonce for the next press', async () => {
    const test = withIncident();
    test.incidents.away = 'temporal';
    const answer = await press(test, test.token({}), { action: 'acknowledge', nonce: 'abcdefgh' });
    expect(answer.statusCode).toBe(503);
    expect(answer.body).toContain('NOT recorded');
    expect(nonceOf(answer.body)).toBe('abcdefgh');
  });

  it('refuses JSON with a page', async () => {
    const test = withIncident();
    const answer = await test.app.inject({
      method: 'POST',
      url: `/i/${test.token({})}`,
      headers: { 'content-type': 'application/xml' },
      payload: '<a/>',
    });
    expect(answer.statusCode).toBe(415);
    expect(answer.headers['content-type']).toContain('text/html');
    expect(test.incidents.acted).toEqual([]);
  });
});
