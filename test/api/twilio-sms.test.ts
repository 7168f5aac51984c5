import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import { openingId, summaryOf } from './support/incidents-of-the-tests.js';
import { createTestApp, OLD_AUTH_TOKEN, OPENING, type TestApp } from './support/test-app.js';
import { twimlOf } from './support/twiml.js';

const PATH = '/hooks/twilio/sms';
const A = summaryOf();
const B = summaryOf({ openingId: openingId(2), code: 'ABC3', title: 'disk full', service: 'orders' });
const OVER = summaryOf({ openingId: openingId(3), code: 'GHJ5', open: false, phase: 'resolved' });

let sids = 0;

function form(body: string, from = '+15550000001'): Record<string, string> {
  sids += 1;
  return { MessageSid: `SM${sids}`, From: from, To: '+15559999999', Body: body, NumSegments: '1' };
}

/** The text of the one message in the answer; '' for none. */
async function text(test: TestApp, body: string | Record<string, string>): Promise<string> {
  const twiml = await twimlOf(test, PATH, typeof body === 'string' ? form(body) : body);
  const [, message] =
    /^<\?xml version="1.0" encoding="UTF-8"\?><Response>(?:<Message>(.*)<\/Message>)?<\/Response>$/s.exec(
      twiml,
    ) ?? [];
  return message ?? '';
}

function onePage(): TestApp {
  const test = createTestApp();
  test.incidents.incidents = [A, OVER];
  test.incidents.pages.set('alice', [A.openingId]);
  test.incidents.involved.set('alice', [A.openingId]);
  return test;
}

function twoPages(): TestApp {
  const test = onePage();
  test.incidents.incidents.push(B);
  test.incidents.pages.set('alice', [A.openingId, B.openingId]);
  test.incidents.involved.set('alice', [A.openingId, B.openingId]);
  return test;
}

/** Alice was paged for it, and Bob has it: no page of hers waits. */
function bobHasIt(): TestApp {
  const test = onePage();
  test.incidents.incidents = [{ ...A, owner: 'bob', ownerName: 'Bob' }, OVER];
  test.incidents.pages.clear();
  test.incidents.result = () => ({
    kind: 'answered',
    answer: { outcome: 'already-owned', sentence: 'Bob has it.', owner: 'bob' },
  });
  return test;
}

describe('the signature of Twilio', () => {
  it.each([
    ['by another token', { authToken: 'a guess' }],
    ['for another path', { signedPath: '/hooks/twilio/status' }],
    ['missing', { headers: { 'x-twilio-signature': '' } }],
  ])('%s: 403, and nothing happens', async (_case, options) => {
    const test = onePage();
    const answer = await test.twilio(PATH, form('ack'), options);
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([403, 'forged-signature']);
    expect(test.incidents.acted).toEqual([]);
  });

  it('covers the fields: a changed sender is refused', async () => {
    const test = onePage();
    const signed = form('ack');
    const answer = await test.app.inject({
      method: 'POST',
      url: PATH,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': 'AAAA' },
      payload: new URLSearchParams(signed).toString(),
    });
    expect(answer.statusCode).toBe(403);
  });

  it('may be made with the token before, during a rotation', async () => {
    const test = onePage();
    const answer = await test.twilio(PATH, form('ack'), { authToken: OLD_AUTH_TOKEN });
    expect(answer.statusCode).toBe(200);
  });

  it('is checked against the public URL, whatever Host and X-Forwarded-Host say', async () => {
    const test = onePage();
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' };
    expect((await test.twilio(PATH, form('ack'), { headers })).statusCode).toBe(200);
  });

  it('is refused when no auth token is configured', async () => {
    const test = createTestApp({ twilioAuthTokens: [''] });
    expect((await test.twilio(PATH, form('ack'), { authToken: '' })).statusCode).toBe(403);
  });
});

describe('POST /hooks/twilio/sms', () => {
  it('takes the one open page for a bare ACK', async () => {
    const test = onePage();
    const sent = form(' Ack! ');
    expect(await text(test, sent)).toBe('acknowledge 7KQ2 done.');
    expect(test.incidents.acted).toEqual([
      {
        action: 'acknowledge',
        openingId: OPENING,
        by: { kind: 'user', id: 'alice', name: 'Alice' },
        via: 'sms',
        requestId: `sms:${sent['MessageSid'] ?? ''}`,
      },
    ]);
    expect(await test.metrics()).toContain('tocsin_replies_total{via="sms",outcome="acknowledged"} 1');
  });

  it('takes nothing for a bare ACK with several pages open, and lists them with their codes', async () => {
    const test = twoPages();
    const answer = await text(test, 'ack');
    expect(answer).toContain('7KQ2 payments: checkout is down');
    expect(answer).toContain('ABC3 orders: disk full');
    expect(answer).toContain('ALL');
    expect(test.incidents.acted).toEqual([]);
  });

  it('takes every open page for ALL', async () => {
    const test = twoPages();
    expect(await text(test, 'ack all')).toBe(
      'You have 2: 7KQ2 payments: checkout is down; ABC3 orders: disk full.',
    );
    expect(test.incidents.acted.map((action) => [action.action, action.openingId])).toEqual([
      ['acknowledge', A.openingId],
      ['acknowledge', B.openingId],
    ]);
  });

  it('says for ALL which page somebody else has', async () => {
    const test = twoPages();
    test.incidents.result = (action) => ({
      kind: 'answered',
      answer:
        action.openingId === B.openingId
          ? { outcome: 'already-owned', sentence: 'Bob has it.', owner: 'bob' }
          : { outcome: 'acknowledged', sentence: 'You have it.' },
    });
    expect(await text(test, 'ALL')).toBe('You have 1: 7KQ2 payments: checkout is down. ABC3: Bob has it.');
  });

  it('takes the incident that the code names', async () => {
    const test = twoPages();
    expect(await text(test, 'resolve abc3')).toBe('resolve ABC3 done.');
    expect(await text(test, 'escalate 7KQ2')).toBe('escalate 7KQ2 done.');
    expect(test.incidents.acted.map(({ action }) => action)).toEqual(['resolve', 'escalate']);
  });

  it('asks the incident that they have for a bare ACK of somebody for whom nothing waits', async () => {
    const test = onePage();
    await text(test, 'ack');
    expect(await text(test, 'ack')).toBe('acknowledge 7KQ2 done.');
    expect(test.incidents.acted).toHaveLength(2);
  });

  it.each(['ack', 'ok', '4'])(
    'tells who has it for a bare %s of somebody who was paged before another took it',
    async (words) => {
      const test = bobHasIt();
      expect(await text(test, words)).toBe('Bob has it.');
      expect(test.incidents.acted).toMatchObject([{ action: 'acknowledge', openingId: A.openingId }]);
    },
  );

  it.each([
    ['resolve', 'RESOLVE'],
    ['8', 'ESCALATE'],
    ['update: rolled back', 'UPDATE'],
  ])('does nothing for a bare %s to what somebody else has, and asks for its code', async (words, word) => {
    const test = bobHasIt();
    expect(await text(test, words)).toBe(
      `Nothing of yours is open; nothing was done. Open, but not yours: 7KQ2 payments: checkout is down (Bob has it). Reply ${word} 7KQ2 if you mean it.`,
    );
    expect(test.incidents.acted).toEqual([]);
    expect(await test.metrics()).toContain('tocsin_replies_total{via="sms",outcome="not-yours"} 1');
  });

  it('lists what others have to a bare ACK that could mean several of them, without offering ALL', async () => {
    const test = bobHasIt();
    test.incidents.incidents.push({ ...B, owner: 'carol', ownerName: 'Carol' });
    test.incidents.involved.set('alice', [A.openingId, B.openingId]);
    expect(await text(test, 'ack')).toBe(
      '2 are open, nothing was done yet: 7KQ2 payments: checkout is down; ABC3 orders: disk full. Reply ACK and the code.',
    );
    expect(await text(test, 'resolve')).toMatch(
      /ABC3 orders: disk full\. Reply RESOLVE and the code if you mean one of them\.$/,
    );
    expect(test.incidents.acted).toEqual([]);
  });

  it('takes over what somebody else has for a bare TAKE, beside what they have themselves', async () => {
    const test = bobHasIt();
    test.incidents.incidents.push({ ...B, owner: 'alice' });
    test.incidents.involved.set('alice', [A.openingId, B.openingId]);
    expect(await text(test, 'take')).toBe('Bob has it.');
    expect(test.incidents.acted).toMatchObject([{ action: 'take', openingId: A.openingId }]);
  });

  it('says so when nothing is open', async () => {
    const test = createTestApp();
    expect(await text(test, 'ack')).toBe('Nothing of yours is open; nothing was done.');
    expect(await text(test, 'all')).toBe('No page of yours is open.');
    expect(await text(test, 'resolve')).toBe('Nothing of yours is open; nothing was done.');
  });

  it('says of a stale code that its incident is over, and what is open', async () => {
    const test = onePage();
    expect(await text(test, 'ack ghj5')).toBe(
      'That incident is over; open now: 7KQ2 payments: checkout is down.',
    );
    expect(test.incidents.acted).toEqual([]);
  });

  it('says that a code is unknown, and what is open', async () => {
    const test = onePage();
    expect(await text(test, 'ack 9ZZ9')).toBe(
      'No incident has the code 9ZZ9. Open now: 7KQ2 payments: checkout is down.',
    );
    expect(test.incidents.acted).toEqual([]);
  });

  it('says that a code is unknown which no code looks like, before it asks which of several is meant', async () => {
    const test = twoPages();
    expect(await text(test, 'ACK ZZZZ')).toMatch(
      /^No incident has the code ZZZZ\. 2 are open, nothing was done yet: .+ Reply ACK and the code, or ALL\.$/,
    );
    expect(await text(test, 'resolve 7KO2')).toMatch(/^No incident has the code 7KO2\. Open now: /);
    expect(test.incidents.acted).toEqual([]);
  });

  it('takes a friendly word for no code where only one incident can be meant', async () => {
    const test = onePage();
    expect(await text(test, 'ack mine')).toBe('acknowledge 7KQ2 done.');
  });

  it('answers a code that two open incidents share with a list', async () => {
    const test = onePage();
    test.incidents.incidents.push({ ...B, code: '7KQ2' });
    const answer = await text(test, 'ack 7KQ2');
    expect(answer).toContain('7KQ2 means 2 incidents; nothing was done.');
    expect(answer).toContain('orders: disk full');
    expect(test.incidents.acted).toEqual([]);
  });

  it('prefers the open incident to an older one with the same code', async () => {
    const test = onePage();
    test.incidents.incidents.push({ ...OVER, code: '7KQ2' });
    expect(await text(test, 'ack 7KQ2')).toBe('acknowledge 7KQ2 done.');
  });

  it('tells what is open when an incident ended in the meantime', async () => {
    const test = onePage();
    test.incidents.result = () => ({ kind: 'over', openNow: [] });
    expect(await text(test, 'ack')).toBe('That incident is over. Nothing of yours is open now.');
  });

  it('lets TAKE take over the one incident of that person which somebody else has', async () => {
    const test = onePage();
    test.incidents.incidents = [{ ...A, owner: 'bob' }];
    test.incidents.pages.clear();
    expect(await text(test, 'take')).toBe('take 7KQ2 done.');
  });

  it('posts an update, with and without a code', async () => {
    const test = twoPages();
    expect(await text(test, 'update 7kq2 Rolling back the deploy')).toBe('update 7KQ2 done.');
    expect(await text(test, 'Update: still looking')).toContain('2 are open');
    expect(test.incidents.acted).toMatchObject([{ action: 'update', text: 'Rolling back the deploy' }]);
  });

  it.each(['STOP', 'stop', 'Unsubscribe'])(
    'says nothing to the opt-out word %s, and takes nothing',
    async (word) => {
      const test = onePage();
      expect(await text(test, word)).toBe('');
      expect(test.incidents.acted).toEqual([]);
    },
  );

  it.each(['START', 'yes', 'Unstop'])(
    'takes nothing for the opt-in word %s, and says how to answer',
    async (word) => {
      const test = onePage();
      expect(await text(test, word)).toBe(
        'Nothing was done. Reply ACK or OK 7KQ2. Open now: 7KQ2 payments: checkout is down.',
      );
      expect(test.incidents.acted).toEqual([]);
      expect(await test.metrics()).toContain('tocsin_replies_total{via="sms",outcome="opt-in"} 1');
    },
  );

  it('lists all that is open to an opt-in word, and says so when nothing is', async () => {
    const several = await text(twoPages(), 'yes');
    expect(several).toContain('Reply ACK or OK and the code.');
    expect(several).toContain('7KQ2 payments: checkout is down; ABC3 orders: disk full');
    expect(await text(createTestApp(), 'yes')).toBe('Nothing was done: nothing of yours is open.');
  });

  it.each(['OK', 'on it!', 'okay'])('takes the one open page for a bare %s', async (words) => {
    const test = onePage();
    expect(await text(test, words)).toBe('acknowledge 7KQ2 done.');
  });

  it('takes nothing for a bare OK with several pages open, and lists them', async () => {
    const test = twoPages();
    expect(await text(test, 'ok')).toContain('2 are open, nothing was done yet');
    expect(test.incidents.acted).toEqual([]);
  });

  it('reads a bare OK as still on it from somebody who has an incident', async () => {
    const test = onePage();
    test.incidents.incidents = [{ ...A, owner: 'alice' }];
    expect(await text(test, 'ok')).toBe('progress 7KQ2 done.');
  });

  it('notes an opt-out in metrics and log, without the number', async () => {
    const test = onePage();
    await text(test, 'STOP');
    expect(await test.metrics()).toContain('tocsin_replies_total{via="sms",outcome="opt-out"} 1');
    expect(test.logged.find((line) => line.includes('opted out'))).toContain('"userId":"alice"');
    expect(test.logged.join()).not.toContain('15550000001');
  });

  it('tells an unknown number that it is not known, and takes nothing', async () => {
    const test = onePage();
    expect(await text(test, form('ack 7KQ2', '+15551234567'))).toContain('not known here');
    expect(test.incidents.acted).toEqual([]);
    expect(await test.metrics()).toContain('tocsin_replies_total{via="sms",outcome="unknown-number"} 1');
    expect(test.logged.join()).not.toContain('5551234567');
  });

  it.each(['hello?', '', 'ack not yet', '👍'])(
    'takes nothing for %j, and says what can be said',
    async (words) => {
      const test = onePage();
      expect(await text(test, words)).toContain('nothing was done');
      expect(test.incidents.acted).toEqual([]);
    },
  );

  it('gives the same answer to the same message again, and asks once', async () => {
    const test = twoPages();
    const sent = form('all');
    const [first, second] = await Promise.all([text(test, sent), text(test, sent)]);
    expect(second).toBe(first);
    expect(await text(test, sent)).toBe(first);
    expect(test.incidents.acted).toHaveLength(2);
  });

  it('says that a confirmation follows when no worker took it in time', async () => {
    const test = onePage();
    test.incidents.result = () => ({ kind: 'noted' });
    expect(await text(test, 'ack')).toContain('a confirmation follows');
  });

  it('says plainly that nothing was recorded while Temporal is away, and records the next try', async () => {
    const test = onePage();
    const sent = form('ack');
    test.incidents.away = 'temporal';
    expect(await text(test, sent)).toContain('NOT recorded');
    test.incidents.away = null;
    expect(await text(test, sent)).toBe('acknowledge 7KQ2 done.');
  });

  it('is not silent when something breaks that is no absence of Temporal', async () => {
    const test = onePage();
    const sent = form('ack');
    test.incidents.result = () => {
      throw new Error('a bug of ours');
    };
    expect(await text(test, sent)).toContain('NOT recorded: something went wrong in Tocsin');
    expect(test.logged.join()).toContain('a bug of ours');
    test.incidents.result = null;
    expect(await text(test, sent)).toBe('acknowledge 7KQ2 done.');
  });

  it('escapes what stands in titles', async () => {
    const test = twoPages();
    test.incidents.incidents = [{ ...A, title: '<b>&"' }, B];
    expect(await text(test, 'ack')).toContain('7KQ2 payments: &lt;b&gt;&amp;"');
  });
});
