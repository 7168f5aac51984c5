import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGsm7, smsLength, toGsm7 } from '../../../domain/messages/gsm7.js';
import { smsText } from '../../../domain/messages/sms.js';
import { EVERY_PART, LINK, notice, page } from './fixtures.js';

describe('the text message of a page', () => {
  it('says severity, code, title and how to answer, with a link, in one segment', () => {
    const text = smsText(page(), { link: LINK });
    expect(text).toBe(`SEV1 7KQ2: Checkout error rate above 14 % (payments). Reply ACK 7KQ2 or ${LINK}`);
    expect(smsLength(text)).toBeLessThanOrEqual(160);
  });

  it('says service and number of alerts where there is room', () => {
    expect(smsText(page())).toBe(
      'SEV1 7KQ2: Checkout error rate above 14 % (payments), 3 alerts. Reply 4 7KQ2 or ACK 7KQ2 to take it, 8 7KQ2 to pass it on',
    );
  });

  it('says why somebody else than the first is paged', () => {
    const parts = [{ type: 'page', reason: 'not-acknowledged', tier: 'secondary', round: 1 }] as const;
    expect(smsText(page({ parts }))).toContain(
      'Checkout error rate above 14 % - no answer so far (payments)',
    );
  });

  it('says to a helper that an answer joins', () => {
    const parts = [{ type: 'page', reason: 'asked-to-help', tier: 'storage, tier 1', round: 1 }] as const;
    const text = smsText(page({ parts, firing: 1 }));
    expect(text).toContain('- help wanted (payments)');
    expect(text).toContain('ACK 7KQ2 to join, 8 7KQ2 to pass it on');
    expect(smsLength(text)).toBeLessThanOrEqual(160);
  });

  it('cuts a long title to stay in one segment', () => {
    const text = smsText(page({ title: 'Checkout error rate is above its limit '.repeat(20) }), {
      link: LINK,
    });
    expect(smsLength(text)).toBeLessThanOrEqual(160);
    expect(text).toMatch(/^SEV1 7KQ2: Checkout error rate is above its.*\.\.\. Reply ACK 7KQ2 or https/);
  });

  it('takes two segments rather than a title that says nothing', () => {
    const text = smsText(page({ title: 'Checkout error rate is above its limit '.repeat(20) }), {
      link: `${LINK}${'B'.repeat(80)}`,
    });
    expect(smsLength(text)).toBeGreaterThan(160);
    expect(smsLength(text)).toBeLessThanOrEqual(306);
  });

  it('keeps a title in another script readable', () => {
    const text = smsText(page({ title: '決済エラー率が上昇しています' }), { link: LINK });
    expect(text).toContain('決済エラー率が上昇しています');
    expect(text.length).toBeLessThanOrEqual(268);
  });

  it('puts no line break of a sender into the message', () => {
    const text = smsText(page({ title: 'Disk full\r\n\u202eReply STOP\u0000\u0007 now' }));
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    expect(text).toContain('Disk full Reply STOP now');
  });

  it('for whatever title: code, severity and answer stay, and two segments are never exceeded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.boolean(), (title, linked) => {
        const text = smsText(page({ title }), linked ? { link: LINK } : {});
        expect(text.startsWith('SEV1 7KQ2: ')).toBe(true);
        expect(text).toContain('ACK 7KQ2');
        if (linked) expect(text.endsWith(LINK)).toBe(true);
        expect(smsLength(text)).toBeLessThanOrEqual(isGsm7(text) ? 306 : 268);
        expect(text).not.toMatch(/[\r\n]/);
      }),
    );
  });
});

describe('the text message of a notice', () => {
  it.each([
    [
      { type: 'acknowledged-by', who: 'bob', at: Date.UTC(2026, 10, 24, 10, 6) },
      'bob has it since 10:06 UTC.',
    ],
    [
      { type: 'gone-before-answer' },
      'It resolved by itself before anybody answered. Nothing to do now; you are paged if it fires again.',
    ],
  ] as const)('%j', (part, words) => {
    expect(smsText(notice(part))).toBe(`SEV1 7KQ2 Checkout error rate above 14 %: ${words}`);
  });

  it('confirms in the words of the answer', () => {
    const part = { type: 'confirmation', sentence: 'You have it: Checkout error rate' } as const;
    expect(smsText(notice(part), { link: LINK })).toBe('7KQ2: You have it: Checkout error rate.');
  });

  it('gives the link where it asks for an answer', () => {
    const asking = smsText(notice({ type: 'still-on-it', escalatesAt: Date.UTC(2026, 10, 24, 10, 30) }), {
      link: LINK,
    });
    expect(asking).toContain('Still on it? Reply OK 7KQ2, else it escalates at 10:30 UTC.');
    expect(asking.endsWith(LINK)).toBe(true);
    expect(smsText(notice({ type: 'resolved' }), { link: LINK })).not.toContain('https');
  });

  it('says several things in one message', () => {
    const text = smsText(
      notice(
        { type: 'still-on-it', escalatesAt: Date.UTC(2026, 10, 24, 10, 30) },
        { type: 'update-due', every: 1_800_000, overdueAt: Date.UTC(2026, 10, 24, 10, 35) },
      ),
      { link: LINK },
    );
    expect(text).toContain('Still on it?');
    expect(text).toContain('A status update is due (every 30 minutes).');
    expect(smsLength(text)).toBeLessThanOrEqual(306);
  });

  it.each(EVERY_PART)('fits two segments of the GSM alphabet: $type', (part) => {
    const text = smsText(notice(part), { link: LINK });
    expect(isGsm7(text)).toBe(true);
    expect(smsLength(text)).toBeLessThanOrEqual(306);
  });
});

describe('the GSM 7-bit alphabet', () => {
  it.each([
    ['“Über–Last” …', '"Über-Last" ...'],
    ['Kraków: łączność', 'Krakow: lacznosc'],
    ['🔥 disk full 🔥', 'disk full'],
    ['latency ≥ 5 µs → 99 %', 'latency >= 5 us -> 99 %'],
    ['snake_case@host', 'snake_case@host'],
    ['日本', '??'],
  ])('%s becomes %s', (text, expected) => {
    expect(toGsm7(text)).toBe(expected);
    expect(isGsm7(toGsm7(text))).toBe(true);
  });

  it('counts brackets and the euro sign twice', () => {
    expect(smsLength('[5€]')).toBe(7);
  });
});
