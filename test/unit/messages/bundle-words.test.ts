import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { ntfyMessage } from '../../../activities/providers/ntfy/message.js';
import { pageTwiml } from '../../../activities/providers/twilio/voice.js';
import { bundleSms } from '../../../domain/messages/bundle-words.js';
import { emailWords } from '../../../domain/messages/email.js';
import { isGsm7, smsLength, TWO_SEGMENTS } from '../../../domain/messages/gsm7.js';
import { BUNDLE_PAGES, type Bundle, type BundledPage } from '../../../domain/messages/message.js';
import { smsText } from '../../../domain/messages/sms.js';
import { utcTimes } from '../../../domain/messages/times.js';
import { spokenPage } from '../../../domain/messages/voice.js';
import { LINK, page } from './fixtures.js';

function one(code: string, title: string, changes: Partial<BundledPage> = {}): BundledPage {
  return {
    openingId: `o-${code}`,
    code,
    title,
    service: 'payments',
    severity: 'SEV1',
    url: LINK,
    ...changes,
  };
}

const PAGES: Bundle['pages'] = [
  one('7KQ2', 'Checkout is down'),
  one('M3XP', 'Disk full on db-1.', { severity: 'SEV2', service: 'storage', url: `${LINK}2` }),
  one('A4BC', 'Queue grows', { severity: 'SEV3', url: `${LINK}3` }),
];
const bundle: Bundle = { id: 'b-1', pages: PAGES };
const message = page({ bundle });

const code = fc.string({ unit: fc.constantFrom(...'2345ABCD'), minLength: 4, maxLength: 4 });
const anything = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(...'[]{}€|^~'), maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(...'ありがとう システム'), maxLength: 200 }),
  fc.string({ unit: fc.constantFrom(...'&<>"\''), maxLength: 200 }),
);
const pages = fc
  .array(fc.record({ code, title: anything, severity: anything, service: anything }), {
    minLength: 2,
    maxLength: BUNDLE_PAGES,
  })
  .map((all) => all.map(({ code: own, title, ...rest }) => one(own, title, rest)));

describe('several pages in one text message', () => {
  it('are listed with severity, code and title, and can be taken together or one by one', () => {
    expect(smsText(message)).toBe(
      `3 incidents: SEV1 7KQ2 Checkout is down; SEV2 M3XP Disk full on db-1; SEV3 A4BC Queue grows. Reply ACK to take all 3, ACK 7KQ2 for one. 7KQ2: ${LINK}`,
    );
  });

  it('cut long titles alike, and leave out the address before a word of them', () => {
    const text = bundleSms(
      Array.from({ length: 6 }, (_none, n) =>
        one(`AB2${n + 2}`, `Replication lag on database number ${n} is above the limit`),
      ),
    );
    expect(text).toMatch(/^6 incidents: SEV1 AB22 Replication.*\.\.; SEV1 AB23 Replication/);
    expect(text).not.toContain('http');
    expect(smsLength(text)).toBeLessThanOrEqual(TWO_SEGMENTS);
  });

  it('keep another script while it fits, and else the codes', () => {
    const short = bundleSms([one('7KQ2', 'システム停止'), one('M3XP', 'ディスク')]);
    expect(short).toContain('システム停止');
    expect(smsLength(short)).toBeLessThanOrEqual(134);
    const many = bundleSms(
      Array.from({ length: 8 }, (_none, n) => one(`AB2${n + 2}`, 'システム停止システム停止')),
    );
    expect(isGsm7(many)).toBe(true);
    expect(many).toContain('SEV1 AB29.');
  });

  test('whatever the senders wrote: every code, how to answer, two segments', () => {
    fc.assert(
      fc.property(pages, (all) => {
        const text = bundleSms(all);
        expect(smsLength(text)).toBeLessThanOrEqual(isGsm7(text) ? TWO_SEGMENTS : 134);
        for (const each of all) expect(text).toContain(each.code);
        expect(text).toContain(`Reply ACK to take all ${all.length}, ACK ${all[0]?.code ?? ''} for one`);
        expect(text).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('several pages in one call', () => {
  it('are told with their codes, four at most, and 4 takes all of them', () => {
    expect(spokenPage(message)).toEqual([
      'This is Tocsin with 3 incidents.',
      '1: sev 1 on payments: Checkout is down. Code 7, K, Q, 2.',
      '2: sev 2 on storage: Disk full on db-1. Code M, 3, X, P.',
      '3: sev 3 on payments: Queue grows. Code A, 4, B, C.',
    ]);
    const twiml = pageTwiml(message, 'https://tocsin.example.com/hooks/twilio/voice?t=abc');
    expect(twiml).toContain('Press 4 to acknowledge all of them.');
    expect(twiml).not.toMatch(/fixed|escalate/);
    const six = [...PAGES, ...PAGES] as unknown as Bundle['pages'];
    expect(spokenPage(page({ bundle: { id: 'b-2', pages: six } })).slice(5)).toEqual(['And 2 more.']);
  });

  it('are said less often when they would be too long for the provider', () => {
    const url = 'https://tocsin.example.com/hooks/twilio/voice?t=abc';
    const often = (title: string): number => {
      const long = PAGES.map((each) => ({ ...each, title, service: title })) as unknown as Bundle['pages'];
      return pageTwiml(page({ bundle: { id: 'b', pages: long } }), url).split('<Gather').length - 1;
    };
    expect([often('a'.repeat(100)), often('&'.repeat(100))]).toEqual([3, 2]);
  });

  test('whatever the senders wrote, the provider takes it', () => {
    const url = `https://tocsin.example.com/hooks/twilio/voice?t=${'A'.repeat(320)}`;
    fc.assert(
      fc.property(pages, (all) => {
        const twiml = pageTwiml(page({ bundle: { id: 'b', pages: all as unknown as Bundle['pages'] } }), url);
        expect(twiml.length).toBeLessThanOrEqual(4_000);
      }),
    );
  });
});

describe('several pages in one mail', () => {
  it('have each its own link, in text and HTML', () => {
    const { subject, text, html } = emailWords(message, { link: LINK });
    expect(subject).toBe('3 incidents: SEV1 7KQ2, SEV2 M3XP, SEV3 A4BC');
    for (const { url, title } of PAGES) {
      expect(text).toContain(`Open to acknowledge: ${url}\n`);
      expect(html).toContain(`href="${url}"`);
      expect(text).toContain(title);
    }
  });

  it('say nothing in HTML that is not escaped', () => {
    const evil: Bundle['pages'] = [
      one('7KQ2', '<img src=x>', { severity: '<b>' }),
      one('M3XP', '"><script>'),
    ];
    expect(emailWords(page({ bundle: { id: 'b', pages: evil } })).html).not.toMatch(/<img|<script|<b>/);
  });
});

describe('several pages in one push', () => {
  it('have a line each, and a button for each of the first three that leaves the others there', () => {
    const pushed = ntfyMessage(message, {
      ...{ topic: 't', link: LINK, deliveryId: 'd1', idempotencyKey: 'b-1/1', times: utcTimes },
    });
    expect(pushed.title).toBe('3 incidents: SEV1 7KQ2, SEV2 M3XP, SEV3 A4BC');
    expect(pushed.message.split('\n')).toEqual([
      'SEV1 7KQ2: Checkout is down',
      'SEV2 M3XP: Disk full on db-1.',
      'SEV3 A4BC: Queue grows',
    ]);
    expect(pushed.actions).toMatchObject(
      PAGES.map(({ code: own, url }) => ({ action: 'http', label: `Acknowledge ${own}`, url, clear: false })),
    );
    expect(pushed.priority).toBe(5);
  });
});
