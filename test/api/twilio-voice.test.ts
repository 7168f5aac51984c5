import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import { summaryOf, viewOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, OPENING, PUBLIC_URL, type TestApp } from './support/test-app.js';
import { twimlOf } from './support/twiml.js';

function ringing(): TestApp {
  const test = createTestApp();
  test.incidents.incidents = [summaryOf()];
  test.incidents.views.set(OPENING, viewOf());
  return test;
}

function pathOf(test: TestApp): string {
  return `/hooks/twilio/voice?t=${test.token({ p: 'voice' })}`;
}

function call(test: TestApp, params: Record<string, string>, path = pathOf(test)): Promise<string> {
  return twimlOf(test, path, { CallSid: 'CA1', CallStatus: 'in-progress', ...params });
}

describe('POST /hooks/twilio/voice', () => {
  it('says what it is about and asks for one key, here', async () => {
    const test = ringing();
    const path = pathOf(test);
    const said = await call(test, {}, path);
    expect(said).toContain(
      `<Gather input="dtmf" numDigits="1" timeout="10" action="${PUBLIC_URL}${path}" method="POST">`,
    );
    expect(said).toContain('SEV1 incident on payments');
    expect(said).toContain('Press 4 to acknowledge, 6 if it is fixed, 8 to escalate.');
    expect(said).toContain('7, K, Q, 2');
    expect(said).toMatch(/<\/Gather><Say>No key was pressed\. Goodbye\.<\/Say><Hangup\/><\/Response>$/);
    expect(test.incidents.acted).toEqual([]);
  });

  it.each([
    ['4', 'acknowledge'],
    ['6', 'resolve'],
    ['8', 'escalate'],
  ])('key %s means %s', async (digit, action) => {
    const test = ringing();
    expect(await call(test, { Digits: digit })).toBe(
      `<?xml version="1.0" encoding="UTF-8"?><Response><Say>${action} 7KQ2 done.</Say><Hangup/></Response>`,
    );
    expect(test.incidents.acted).toEqual([
      {
        action,
        openingId: OPENING,
        by: { kind: 'user', id: 'alice', name: 'Alice' },
        via: 'voice',
        requestId: `call:CA1:${digit}`,
      },
    ]);
  });

  it.each(['1', '5', '44', '46', '*', '#', '4#', 'w4'])(
    'key %s does nothing and asks again',
    async (digits) => {
      const test = ringing();
      const said = await call(test, { Digits: digits });
      expect(said).toContain('That key does nothing.');
      expect(said).toContain('<Gather');
      expect(test.incidents.acted).toEqual([]);
    },
  );

  it.each(['machine_start', 'machine_end_beep', 'fax'])(
    'a call that %s took acknowledges nothing, whatever tones it makes',
    async (answeredBy) => {
      const test = ringing();
      expect(await call(test, { AnsweredBy: answeredBy, Digits: '4' })).not.toContain('<Gather');
      expect(test.incidents.acted).toEqual([]);
    },
  );

  it.each(['human', 'unknown'])('a call that %s took counts', async (answeredBy) => {
    const test = ringing();
    await call(test, { AnsweredBy: answeredBy, Digits: '4' });
    expect(test.incidents.acted).toHaveLength(1);
  });

  it('tells a late key press that the incident is over', async () => {
    const test = ringing();
    test.incidents.result = () => ({ kind: 'over', openNow: [] });
    expect(await call(test, { Digits: '4' })).toContain('That incident is over.');
  });

  it.each([
    ['resolved', viewOf({ phase: 'resolved', resolvedAt: NOW })],
    ['no longer kept', null],
  ])('says of an incident that is %s that it is over, and asks for nothing', async (_case, view) => {
    const test = ringing();
    test.incidents.views.clear();
    if (view !== null) test.incidents.views.set(OPENING, view);
    expect(await call(test, {})).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Say>That incident is over.</Say><Hangup/></Response>',
    );
  });

  it.each([{}, { Digits: '4' }])(
    'does nothing for somebody who is no longer in the configuration: %j',
    async (params) => {
      const test = ringing();
      const path = `/hooks/twilio/voice?t=${test.token({ p: 'voice', u: 'mallory' })}`;
      const said = await call(test, params, path);
      expect(said).toContain('You are no longer in the configuration of Tocsin, so nothing was done.');
      expect(said).not.toContain('<Gather');
      expect(test.incidents.acted).toEqual([]);
    },
  );

  it('says when something breaks that is no absence of Temporal', async () => {
    const test = ringing();
    test.incidents.result = () => {
      throw new Error('a bug of ours');
    };
    const said = await call(test, { Digits: '4' });
    expect(said).toContain('not recorded: something went wrong in Tocsin');
    expect(test.logged.join()).toContain('a bug of ours');
  });

  it('says that a confirmation follows when no worker took it in time', async () => {
    const test = ringing();
    test.incidents.result = () => ({ kind: 'noted' });
    expect(await call(test, { Digits: '4' })).toContain('a confirmation follows');
  });

  it('asks for the key again while Temporal is away', async () => {
    const test = ringing();
    test.incidents.away = 'temporal';
    const said = await call(test, { Digits: '4' });
    expect(said).toContain('not recorded');
    expect(said).toContain('<Gather');
  });

  it('takes a key even when it cannot read the incident', async () => {
    const test = ringing();
    test.incidents.away = 'worker';
    const said = await call(test, {});
    expect(said).toContain('Press 4 to acknowledge');
  });

  it.each([
    ['no token', () => ''],
    ['a broken token', () => '?t=abc'],
    ['the token of a link', (test: TestApp) => `?t=${test.token({ p: 'link' })}`],
    [
      'a token without a person',
      (test: TestApp) => `?t=${test.tokens.sign({ p: 'voice', o: OPENING, e: NOW + 1_000 })}`,
    ],
  ])('refuses %s', async (_case, query) => {
    const test = ringing();
    const answer = await test.twilio(`/hooks/twilio/voice${query(test)}`, { CallSid: 'CA1', Digits: '4' });
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([403, 'forged-token']);
    expect(test.incidents.acted).toEqual([]);
  });

  it('refuses the token of a call that is long over', async () => {
    const test = ringing();
    const path = `/hooks/twilio/voice?t=${test.token({ p: 'voice', e: NOW - 10_000 })}`;
    const answer = await test.twilio(path, { CallSid: 'CA1', Digits: '4' });
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([410, 'expired-token']);
    expect(test.incidents.acted).toEqual([]);
  });

  it('refuses a request that Twilio did not sign', async () => {
    const test = ringing();
    const answer = await test.twilio(pathOf(test), { CallSid: 'CA1', Digits: '4' }, { authToken: 'a guess' });
    expect([answer.statusCode, answer.json<ErrorBody>().error.code]).toEqual([403, 'forged-signature']);
    expect(test.incidents.acted).toEqual([]);
  });
});
