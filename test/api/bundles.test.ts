import { describe, expect, it } from 'vitest';
import type { AppDeps } from '../../api/deps.js';
import { TemporalUnavailable } from '../../api/incidents/incidents.js';
import type { SentBundle } from '../../store/bundles.js';
import { openingId, summaryOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, OPENING, type TestApp } from './support/test-app.js';
import { twimlOf } from './support/twiml.js';

const A = summaryOf({ startedAt: NOW - 60_000 });
const B = summaryOf({
  ...{
    openingId: openingId(2),
    code: 'ABC3',
    title: 'disk full',
    service: 'orders',
    startedAt: NOW - 50_000,
  },
});
const C = summaryOf({
  ...{
    openingId: openingId(3),
    code: 'GHJ5',
    title: 'queue grows',
    service: 'mail',
    startedAt: NOW - 49_000,
  },
});

type LastOf = NonNullable<AppDeps['store']>['bundles']['lastOf'];

/** Alice was paged for A, and then for B and C in one message. */
function bundled(lastOf: LastOf = () => Promise.resolve(aboutBAndC())): TestApp {
  const store = { bundles: { lastOf } } as unknown as NonNullable<AppDeps['store']>;
  const test = createTestApp({ store });
  test.incidents.incidents = [A, B, C];
  test.incidents.pages.set('alice', [A.openingId, B.openingId, C.openingId]);
  return test;
}

function aboutBAndC(sentAt = NOW - 40_000): SentBundle {
  return { id: 'b-1', openingIds: [B.openingId, C.openingId], sentAt, validUntil: NOW + 60_000 };
}

let sids = 0;

async function answerTo(test: TestApp, text: string): Promise<string> {
  sids += 1;
  const form = { MessageSid: `SM-b${sids}`, From: '+15550000001', To: '+15559999999', Body: text };
  const twiml = await twimlOf(test, '/hooks/twilio/sms', form);
  return /<Message>(.*)<\/Message>/s.exec(twiml)?.[1] ?? '';
}

function acted(test: TestApp): readonly string[] {
  return test.incidents.acted.map(({ action, openingId: id }) => `${action} ${id}`);
}

describe('ACK in answer to a message about several incidents', () => {
  it.each(['ack', '4', 'Ack!', 'ack, looking'])(
    '%s takes exactly those, and names what is left',
    async (text) => {
      const test = bundled();
      expect(await answerTo(test, text)).toBe(
        'You have 2: ABC3 orders: disk full; GHJ5 mail: queue grows. Not answered yet: 7KQ2 payments: checkout is down.',
      );
      expect(acted(test)).toEqual([`acknowledge ${B.openingId}`, `acknowledge ${C.openingId}`]);
      expect(await test.metrics()).toContain('tocsin_replies_total{via="sms",outcome="bundle"} 1');
    },
  );

  it('takes those that still wait, when another has been answered', async () => {
    const test = bundled();
    test.incidents.pages.set('alice', [A.openingId, C.openingId]);
    expect(await answerTo(test, 'ack')).toBe(
      'acknowledge GHJ5 done. Not answered yet: 7KQ2 payments: checkout is down.',
    );
    expect(acted(test)).toEqual([`acknowledge ${C.openingId}`]);
  });

  it('asks for the store by who wrote and when', async () => {
    const asked: unknown[] = [];
    const test = bundled((userId, channel, at) => {
      asked.push([userId, channel, at]);
      return Promise.resolve(null);
    });
    await answerTo(test, 'ack');
    expect(asked).toEqual([['alice', 'sms', NOW]]);
  });

  it.each<[string, LastOf]>([
    ['the last message was about one', () => Promise.resolve(null)],
    ['the store is away', () => Promise.reject(new Error('away'))],
    ['another one opened after it left', () => Promise.resolve(aboutBAndC(NOW - 70_000))],
    ['all of it is answered', () => Promise.resolve({ ...aboutBAndC(), openingIds: [openingId(9)] })],
  ])('takes nothing and lists them when %s', async (_case, lastOf) => {
    const test = bundled(lastOf);
    expect(await answerTo(test, 'ack')).toMatch(
      /^3 are open, nothing was done yet: .*Reply ACK and the code, or ALL\.$/,
    );
    expect(acted(test)).toEqual([]);
  });

  it.each(['resolve', 'escalate', 'take', 'ok'])('%s takes nothing of it', async (text) => {
    const test = bundled();
    expect(await answerTo(test, text)).toContain('nothing was done');
    expect(acted(test)).toEqual([]);
  });

  it('with a code means that one, and ALL means all', async () => {
    const test = bundled();
    await answerTo(test, 'ack 7kq2');
    expect(acted(test)).toEqual([`acknowledge ${A.openingId}`]);
    await answerTo(test, 'all');
    expect(acted(test).slice(1)).toEqual([`acknowledge ${B.openingId}`, `acknowledge ${C.openingId}`]);
  });
});

const OTHERS = [
  { o: B.openingId, d: 'd3' },
  { o: C.openingId, d: 'd5' },
];

describe('a call about several incidents', () => {
  function press(test: TestApp, params: Record<string, string>): Promise<string> {
    const path = `/hooks/twilio/voice?t=${test.token({ p: 'voice', d: 'd7', m: OTHERS })}`;
    return twimlOf(test, path, { CallSid: 'CA1', CallStatus: 'in-progress', ...params });
  }

  it('4 takes all of them, in one answer', async () => {
    const test = bundled();
    expect(await press(test, { Digits: '4' })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Say>You have all 3 incidents.</Say><Hangup/></Response>',
    );
    expect(acted(test)).toEqual([OPENING, B.openingId, C.openingId].map((id) => `acknowledge ${id}`));
    expect(new Set(test.incidents.acted.map(({ requestId }) => requestId))).toEqual(new Set(['call:CA1:4']));
  });

  it('says what somebody else has, and what is over', async () => {
    const test = bundled();
    test.incidents.result = (action) =>
      action.openingId === B.openingId
        ? { kind: 'answered', answer: { outcome: 'already-owned', sentence: 'Bob has it.', owner: 'bob' } }
        : action.openingId === C.openingId
          ? { kind: 'over', openNow: [] }
          : { kind: 'answered', answer: { outcome: 'acknowledged', sentence: 'You have it.' } };
    expect(await press(test, { Digits: '4' })).toContain(
      '<Say>You have 1 of 3 incidents.</Say><Say>Bob has it.</Say><Say>One is over.</Say><Hangup/>',
    );
  });

  it('asks for the key again when one of them could not be told', async () => {
    const test = bundled();
    test.incidents.result = (action) => {
      if (action.openingId === C.openingId) throw new TemporalUnavailable('temporal', 'acknowledging');
      return { kind: 'answered', answer: { outcome: 'acknowledged', sentence: 'You have it.' } };
    };
    const said = await press(test, { Digits: '4' });
    expect(said).toContain('You have 2 of 3 incidents.');
    expect(said).toMatch(/<Gather.*This was not recorded/);
  });

  it.each(['6', '8', '1'])('%s does nothing, and it asks again', async (digits) => {
    const test = bundled();
    const said = await press(test, { Digits: digits });
    expect(said).toMatch(/<Gather.*That key does nothing in a call about several incidents\. Press 4/);
    expect(acted(test)).toEqual([]);
  });

  it('a machine that takes it acknowledges nothing', async () => {
    const test = bundled();
    await press(test, { Digits: '4', AnsweredBy: 'machine_start' });
    expect(acted(test)).toEqual([]);
  });
});

describe('what became of a message about several incidents', () => {
  function report(test: TestApp, params: Record<string, string>) {
    const t = test.tokens.sign({ p: 'delivery', o: OPENING, d: 'd7', m: OTHERS, e: NOW + 60_000 });
    return test.twilio(`/hooks/twilio/status?t=${t}`, params);
  }

  it('reaches each of them', async () => {
    const test = bundled();
    const failed = { MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30003' };
    expect((await report(test, failed)).statusCode).toBe(204);
    expect(
      test.incidents.reports.map(({ openingId: id, report: said }) => [id, said.deliveryId, said.status]),
    ).toEqual([
      [OPENING, 'd7', 'failed'],
      [B.openingId, 'd3', 'failed'],
      [C.openingId, 'd5', 'failed'],
    ]);
    await report(test, { CallSid: 'CA1', AnsweredBy: 'machine_start' });
    expect(test.incidents.reports.slice(3).map(({ report: said }) => said.status)).toEqual(
      Array(3).fill('voicemail'),
    );
  });
});
