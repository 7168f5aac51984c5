import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODE_ALPHABET, codeOf, isCode } from '../../../domain/incident/code.js';
import type { TimelineEntry } from '../../../domain/incident/timeline.js';
import { PHASES } from '../../../domain/incident/view.js';
import { durationWords } from '../../../domain/messages/duration-words.js';
import { emailWords } from '../../../domain/messages/email.js';
import { phaseWords } from '../../../domain/messages/labels.js';
import { bodySentences, partSentence, reasonBrief, reasonSentence } from '../../../domain/messages/parts.js';
import { cut, listed, oneLine } from '../../../domain/messages/text.js';
import { timelineWords } from '../../../domain/messages/timeline-words.js';
import { utcTimes } from '../../../domain/messages/times.js';
import { spokenPage } from '../../../domain/messages/voice.js';
import type { PageReason } from '../../../domain/messages/message.js';
import { DAY, HOUR, MINUTE, SECOND } from '../../../domain/time/instant.js';
import { EVERY_PART, LINK, notice, page, TEN } from './fixtures.js';

describe('durations', () => {
  it.each([
    [0, '0 seconds'],
    [SECOND, '1 second'],
    [90 * SECOND, '90 seconds'],
    [MINUTE, '1 minute'],
    [5 * MINUTE, '5 minutes'],
    [5 * MINUTE + 10 * SECOND, '5 min 10 s'],
    [30 * MINUTE, '30 minutes'],
    [HOUR, '1 hour'],
    [65 * MINUTE, '1 h 5 min'],
    [15 * HOUR, '15 hours'],
    [48 * HOUR, '48 hours'],
    [3 * DAY, '3 days'],
    [3 * DAY + 4 * HOUR, '3 d 4 h'],
    [60 * DAY, '60 days'],
    [-5 * MINUTE, '5 minutes'],
  ])('%d ms: %s', (span, words) => {
    expect(durationWords(span)).toBe(words);
  });

  it('never says NaN, and always a number with a unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * DAY }), (span) => {
        expect(durationWords(span)).toMatch(
          /^\d+ (seconds?|minutes?|hours?|days?|min \d+ s|h \d+ min|d \d+ h)$/,
        );
      }),
    );
  });
});

describe('times', () => {
  it('are written in UTC with the day where it matters', () => {
    expect(utcTimes.time(TEN)).toBe('10:00 UTC');
    expect(utcTimes.moment(TEN)).toBe('Tue 24 Nov, 10:00 UTC');
  });
});

describe('what a sender wrote', () => {
  it.each([
    ['a\u0000b\u0007c', 'abc'],
    ['a\r\nb\u2028c\td', 'a b c d'],
    ['\u202eevil\u200b', 'evil'],
    ['\ud800x', 'x'],
    ['  many   spaces\u3000here ', 'many spaces here'],
  ])('%j becomes %j', (text, expected) => {
    expect(oneLine(text)).toBe(expected);
  });

  it('is cut by characters, not in the middle of one', () => {
    expect(cut('🔥🔥🔥🔥', 3)).toBe('🔥🔥…');
    expect(cut('short', 5)).toBe('short');
  });

  it('is listed as people list', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listed)).toEqual([
      'nobody',
      'a',
      'a and b',
      'a, b and c',
    ]);
  });
});

describe('the sentences of messages', () => {
  it.each(EVERY_PART)('are whole sentences: $type', (part) => {
    const sentence = partSentence(part, { code: '7KQ2' });
    expect(sentence).toMatch(/^[\p{L}].*\.$/u);
    expect(sentence).not.toMatch(/undefined|NaN|\[object| {2}/);
  });

  it('say what happens next', () => {
    const said = (index: number): string =>
      partSentence(EVERY_PART[index] ?? { type: 'resolved' }, { code: '7KQ2' });
    expect(said(0)).toBe(
      'Nobody has acknowledged it so far; you are next. Raised from SEV2 by bob. You are paged as tier 2, round 2.',
    );
    expect(said(1)).toBe('bob has it since 10:06 UTC.');
    expect(said(5)).toBe(
      'A status update is due (every 30 minutes). Reply UPDATE 7KQ2 and your text by 10:20 UTC, else the next person is asked.',
    );
    expect(said(7)).toBe('New alert: Payment queue is full. 7 alerts are firing.');
    expect(said(13)).toBe('It is quiet now. If it stays so, it is resolved at 10:42 UTC.');
    expect(said(18)).toBe('Its postmortem is due Thu 26 Nov, 10:00 UTC.');
    expect(said(20)).toBe('bob took the acknowledgement back: it is open again and people are paged.');
    expect(said(21)).toBe('erin asks bob to take it over. You have it until bob answers.');
    expect(said(22)).toBe(
      'bob was asked to take it over and did not. It is passed on, beginning with tier 2.',
    );
    expect(said(23)).toBe('bob was asked to take it over and did not.');
    expect(said(24)).toBe('You are no longer asked to take it over.');
    expect(said(25)).toBe('erin asks for help: dan and storage. It stays yours.');
    expect(said(26)).toBe('storage was paged to help and nobody answered.');
    expect(said(27)).toBe('dan joined.');
  });

  it('say each thing once', () => {
    expect(bodySentences(notice({ type: 'resolved' }, { type: 'resolved' }))).toEqual(['It is resolved.']);
  });

  it('have words for every reason of a page, but for the first one', () => {
    const reasons = [
      'not-acknowledged',
      'gap',
      'no-progress',
      'escalated-by-hand',
      'snooze-over',
      'unacknowledged',
      'reassigned',
      'not-taken-over',
      'asked-to-help',
      'severity-raised',
      'fires-again',
      'still-firing',
      'management',
      'catch-all',
      'after-outage',
      'business-hours',
      'nobody-picked-up',
      'for-information',
    ] as const satisfies readonly PageReason[];
    for (const reason of reasons) {
      expect(reasonSentence(reason)).toMatch(/\.$/);
      expect(reasonBrief(reason).length).toBeGreaterThan(5);
      expect(reasonBrief(reason).length).toBeLessThan(22);
    }
    expect(reasonSentence('alert') + reasonBrief('alert')).toBe('');
  });
});

describe('a phase', () => {
  it.each(PHASES)('%s is called by its id wherever it is put in words', (phase) => {
    expect(phaseWords(phase)).toMatch(new RegExp(`^${phase}( \\(.+\\))?$`));
  });
});

describe('the spoken page', () => {
  it('names severity, service and title, and spells the code', () => {
    expect(spokenPage(page({ title: 'db_primary is down, see https://example.com/x' }))).toEqual([
      'This is Tocsin with a sev 1 incident on payments.',
      'db primary is down, see a link.',
      '3 alerts are firing.',
      'Its code is 7, K, Q, 2.',
    ]);
  });

  it('says why somebody else than the first is called', () => {
    const parts = [{ type: 'page', reason: 'still-firing', tier: 'primary', round: 1 }] as const;
    expect(spokenPage(page({ parts })).join(' ')).toContain('It was noted as fixed but is still firing.');
  });
});

describe('the mail', () => {
  const hostile = page({
    title: '<script>alert("x")</script>\r\nBcc: everybody@example.com',
    service: '"><img src=x>',
    link: 'javascript:alert(1)',
    runbook: 'https://wiki.example.com/run?a=1&b="2',
  });

  it('has one line of subject, whatever the title', () => {
    expect(emailWords(hostile).subject).not.toMatch(/[\p{Cc}]/u);
    expect(emailWords(page()).subject).toBe('SEV1 7KQ2: Checkout error rate above 14 %');
    expect(emailWords(notice({ type: 'resolved' })).subject).toBe(
      'Re: SEV1 7KQ2: Checkout error rate above 14 %',
    );
  });

  it('escapes what a sender wrote and links only to the web', () => {
    const { html } = emailWords(hostile, { link: LINK });
    expect(html).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
    expect(html).not.toContain('<script');
    expect(html).not.toContain('<img');
    expect(html).not.toContain('javascript:');
  });

  it('shows a big link to answer, and says that opening changes nothing', () => {
    const { html, text } = emailWords(page({ runbook: 'https://wiki.example.com/a&b' }), { link: LINK });
    expect(html).toContain(`<a href="${LINK}"`);
    expect(html).toContain('>Open to acknowledge</a>');
    expect(html).toContain('<a href="https://wiki.example.com/a&amp;b">Runbook</a>');
    expect(text).toContain(`Open to acknowledge: ${LINK}`);
    expect(text).toContain('Opening the page changes nothing; its button acknowledges.');
    expect(text).toContain('Open since: Tue 24 Nov, 10:00 UTC');
  });

  it('is well-formed for whatever title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (title) => {
        const { html, subject } = emailWords(page({ title }));
        const withTitle = html.split('<h1')[1]?.split('</h1>')[0]?.split('>').slice(1).join('>') ?? '<';
        expect(withTitle).not.toMatch(/[<>"']/);
        expect(subject).not.toMatch(/[\r\n]/);
      }),
    );
  });
});

describe('codes', () => {
  it('are four unmistakable characters with a digit and a letter, stable for an opening', () => {
    fc.assert(
      fc.property(fc.string(), (openingId) => {
        const code = codeOf(openingId);
        expect(isCode(code)).toBe(true);
        expect([...code].every((character) => CODE_ALPHABET.includes(character))).toBe(true);
        expect(codeOf(openingId)).toBe(code);
      }),
    );
  });

  it('are rarely the same: 2,000 openings have nearly as many', () => {
    const codes = new Set(
      Array.from({ length: 2_000 }, (_, index) => codeOf(`0123456789abcdef0123-${index}`)),
    );
    expect(codes.size).toBeGreaterThan(1_980);
  });

  it.each(['TAKE', 'ACK4', 'ACK6', '4444', 'BACK', '7KQ', '7kq2', '7KO2', '7KQ22'])('%s is none', (text) => {
    expect(isCode(text)).toBe(false);
  });
});

describe('the timeline', () => {
  const cases: readonly (readonly [TimelineEntry, string])[] = (
    [
      [
        { type: 'opened', title: 'Disk full', service: 'db', severity: 'SEV1', source: 'alertmanager' },
        'opened by an alert: Disk full (SEV1, db), from alertmanager',
      ],
      [
        { type: 'opened', title: 'Disk full', service: 'db', severity: 'SEV1', source: 'manual', by: 'bob' },
        'opened by bob: Disk full (SEV1, db), from manual',
      ],
      [{ type: 'remark', text: 'unknown service' }, 'unknown service'],
      [{ type: 'overrides-stale', asOf: TEN - 600_000 }, 'overrides as of 09:50 UTC; the store is away'],
      [
        { type: 'overrides-stale', asOf: TEN - 86_400_000 },
        'overrides as of Mon 23 Nov, 10:00 UTC; the store is away',
      ],
      [{ type: 'overrides-stale', asOf: null }, 'no overrides are known; the store is away'],
      [{ type: 'previous-incident', openingId: 'a-b' }, 'the same alert opened an incident before: a-b'],
      [
        { type: 'alerts', fired: 2, resolved: 1, firing: 4, total: 9 },
        '2 alerts fired, 1 alert resolved; 4 alerts are firing, 9 seen',
      ],
      [
        { type: 'alerts', fired: 0, resolved: 3, firing: 0, total: 3, summary: 'all quiet' },
        '3 alerts resolved; no alert is firing, 3 seen: all quiet',
      ],
      [
        { type: 'step', tier: 'secondary', round: 2, reason: 'not-acknowledged' },
        'paging secondary, round 2: not acknowledged so far',
      ],
      [
        {
          type: 'paged',
          userId: 'alice',
          name: 'alice',
          via: 'primary of db',
          tier: 'tier 1',
          reason: 'alert',
        },
        'paged alice (tier 1, primary of db)',
      ],
      [
        { type: 'paged', userId: 'bob', name: 'bob', via: 'secondary of db', tier: 'tier 2', reason: 'gap' },
        'paged bob (tier 2, secondary of db): nobody before could be paged',
      ],
      [{ type: 'problem', text: 'nobody is primary' }, 'problem: nobody is primary'],
      [{ type: 'skipped', tier: 'primary', why: 'nobody to page' }, 'skipped primary: nobody to page'],
      [
        { type: 'waiting', until: TEN, why: 'business hours are over' },
        'waiting until Tue 24 Nov, 10:00 UTC: business hours are over',
      ],
      [
        {
          type: 'sent',
          name: 'alice',
          channel: 'sms',
          what: 'primary',
          provider: 'twilio-sms',
          providerId: 'SM1',
        },
        'sent to alice by SMS (primary), through twilio-sms (SM1)',
      ],
      [
        {
          type: 'sent',
          name: 'alice',
          channel: 'email',
          what: 'primary',
          provider: 'smtp',
          possibleDuplicate: true,
        },
        'sent to alice by email (primary), through smtp; it may have gone out twice',
      ],
      [
        { type: 'delivered', name: 'alice', channel: 'sms', provider: 'twilio-sms' },
        'delivered to alice by SMS, says twilio-sms',
      ],
      [
        { type: 'call-ended', name: 'alice', how: 'voicemail' },
        'call to alice: taken by voicemail, which acknowledges nothing',
      ],
      [{ type: 'call-ended', name: 'alice', how: 'unanswered' }, 'call to alice: nobody picked up'],
      [{ type: 'call-ended', name: 'alice', how: 'answered' }, 'call to alice: answered'],
      [
        {
          type: 'delivery-failed',
          name: 'alice',
          channel: 'sms',
          provider: 'twilio-sms',
          reason: 'undelivered',
          detail: 'Twilio 30003',
          next: 'next-method',
        },
        'SMS to alice failed at twilio-sms: not delivered: Twilio 30003; the next contact method is used at once',
      ],
      [
        {
          type: 'delivery-failed',
          name: 'alice',
          channel: 'voice',
          provider: 'twilio-voice',
          reason: 'timed-out',
          next: 'retry',
          ambiguous: true,
        },
        'phone call to alice failed at twilio-voice: the provider did not answer in time; it may have gone out all the same; it is tried again',
      ],
      [
        { type: 'ack-timeout', tier: 'primary', names: ['alice'] },
        'nobody acknowledged in time: alice (primary)',
      ],
      [{ type: 'catch-all', again: false }, 'unanswered: the catch-all is paged'],
      [{ type: 'catch-all', again: true }, 'still unanswered: the catch-all is paged again'],
      [
        { type: 'acknowledged', who: 'alice', via: 'sms', afterMs: 40_000 },
        'acknowledged by alice by SMS, after 40 seconds',
      ],
      [
        { type: 'also-acknowledged', who: 'alice', via: 'voice', owner: 'bob' },
        'alice acknowledged as well, by key press; bob has it',
      ],
      [
        { type: 'taken-over', who: 'alice', from: 'bob', via: 'web' },
        'alice took it over from bob on the web page',
      ],
      [{ type: 'progress', who: 'alice', via: 'link' }, 'alice is still on it, by link'],
      [
        { type: 'escalated', who: 'alice', via: 'cli', reason: 'not mine' },
        'escalated by alice by command line: not mine',
      ],
      [{ type: 'no-progress', afterMs: 1_800_000 }, 'no progress for 30 minutes'],
      [
        { type: 'snoozed', who: 'alice', via: 'cli', until: TEN },
        'snoozed by alice by command line until Tue 24 Nov, 10:00 UTC',
      ],
      [{ type: 'snooze-over', who: 'alice' }, 'the snooze of alice is over'],
      [
        { type: 'unacknowledged', who: 'bob', via: 'api', from: 'alice' },
        'bob took back the acknowledgement of alice through the API: nobody has it',
      ],
      [
        { type: 'reassigning', who: 'erin', via: 'cli', to: 'bob', reason: 'shift is over' },
        'erin asked bob to take it over, by command line: shift is over',
      ],
      [
        { type: 'reassigned', who: 'bob', via: 'sms', from: 'alice' },
        'bob took it over from alice as asked, by SMS',
      ],
      [{ type: 'not-taken-over', to: 'bob' }, 'bob did not take it over'],
      [
        { type: 'responders-asked', who: 'erin', via: 'api', names: ['dan', 'storage'], reason: 'DBA' },
        'erin asked for help of dan and storage, through the API: DBA',
      ],
      [
        { type: 'joined', who: 'dan', via: 'voice', names: ['storage'] },
        'dan joined by key press (asked for: storage)',
      ],
      [{ type: 'responders-unanswered', name: 'storage' }, 'storage was asked for help and nobody answered'],
      [{ type: 'still-on-it-asked', who: 'alice' }, 'asked alice: still on it?'],
      [
        { type: 'severity', from: 'SEV2', to: 'SEV0', who: 'bob', reason: 'spreads' },
        'severity SEV2 became SEV0, by bob: spreads',
      ],
      [{ type: 'plan-changed', owed: ['all hands'], dropped: [] }, 'the plan changed: now owed: all hands'],
      [{ type: 'plan-changed', owed: [], dropped: [] }, 'the plan changed: nothing else is owed'],
      [
        { type: 'update', who: 'alice', via: 'api', text: 'rolling back' },
        'update by alice through the API: rolling back',
      ],
      [{ type: 'update-due', overdue: false }, 'a status update is due'],
      [{ type: 'update-due', overdue: true }, 'the status update is overdue'],
      [{ type: 'note', who: 'alice', via: 'chat', text: 'odd' }, 'note by alice in chat: odd'],
      [
        { type: 'mitigated', who: 'alice', via: 'voice', recheckAt: TEN },
        'noted as fixed by alice by key press while alerts fire; looked at again at 10:00 UTC',
      ],
      [{ type: 'monitoring', stableAt: TEN }, 'quiet: watched until 10:00 UTC, then resolved'],
      [
        { type: 'monitoring', stableAt: TEN, who: 'alice', via: 'sms' },
        'quiet, says alice by SMS: watched until 10:00 UTC, then resolved',
      ],
      [{ type: 'stability-reset', stableAt: TEN }, 'fired and went quiet again: watched until 10:00 UTC'],
      [{ type: 'reopened', pageAt: TEN }, 'fires again: re-opened'],
      [{ type: 'reopened', pageAt: TEN + 60_000 }, 'fires again: re-opened, the owner is paged at 10:01 UTC'],
      [
        { type: 'told', names: ['alice', 'bob'], what: 'it is resolved' },
        'told alice and bob: it is resolved',
      ],
      [
        { type: 'missed-deadline', label: 'ack timeout: bob', dueAt: TEN, lateMs: 2_040_000 },
        'missed in an outage: ack timeout: bob, due 10:00 UTC, 34 minutes late',
      ],
      [{ type: 'resolved' }, 'resolved'],
      [{ type: 'review-started' }, 'review started; no postmortem is owed'],
      [
        { type: 'review-started', postmortemDueAt: TEN },
        'review started; the postmortem is due Tue 24 Nov, 10:00 UTC',
      ],
      [{ type: 'postmortem-reminder', dueAt: TEN }, 'reminded: the postmortem is due Tue 24 Nov, 10:00 UTC'],
      [{ type: 'postmortem-overdue', times: 3 }, 'the postmortem is overdue (reminder 3)'],
      [
        { type: 'postmortem-published', who: 'alice', url: 'https://x.example.com', lateMs: 54_000_000 },
        'postmortem published by alice, 15 hours late: https://x.example.com',
      ],
      [{ type: 'closed' }, 'closed: nothing is owed any more'],
    ] as const
  ).map(([entry, words]) => [{ at: TEN, ...entry }, words]);

  it.each(cases)('%j', (entry, words) => {
    expect(timelineWords(entry)).toBe(words);
  });

  it('is one line each, whatever somebody wrote', () => {
    expect(
      timelineWords({ at: TEN, type: 'note', who: 'a\nb', via: 'sms', text: 'x\r\n- forged entry' }),
    ).toBe('note by a b by SMS: x - forged entry');
  });
});
