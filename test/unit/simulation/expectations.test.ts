import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../../simulation/answer-sentence.js';
import { offsetText, parseOffset, parseStart } from '../../../simulation/offsets.js';
import { play, TUESDAY_10 } from './support.js';

const ANSWERED = ['until: 40:00', 'answers: ["alice acks by sms at 0:40"]'];

describe('an expectation', () => {
  test.each([
    'alice paged at 0:00',
    'alice texted once before 25:40',
    'alice texted 3 times',
    'alice told at 25:40 because still-on-it',
    'alice not called',
    'nobody called before 31:40',
    'nobody but alice contacted before 30:40',
    'bob paged from 30:00 to 31:00 because no-progress',
    'bob called at 31:40, 33:40',
    'somebody paged by 1:00',
    'alice has it at 20:00',
    'nobody has it before 0:40',
    'nobody has it at 0:39',
    'alice hears "You have it" at 0:40',
    'acknowledged at 0:40',
    'never resolved',
    'timeline says "acknowledged by alice"',
    'timeline never says "resolved"',
  ])('"%s" is met', async (sentence) => {
    const { failures } = await play(...ANSWERED, `expect: ['${sentence}']`);
    expect(failures).toEqual([]);
  });

  test.each([
    ['erin paged by 20:00', 'erin is never contacted'],
    [
      'alice called at 1:00',
      'not so; but 0:00 alice by SMS + push message (alert), 25:40 alice by SMS (still-on-it), 30:40 alice by SMS (no-progress)',
    ],
    [
      'alice texted twice',
      '0:00 alice by SMS (alert), 25:40 alice by SMS (still-on-it), 30:40 alice by SMS (no-progress)',
    ],
    [
      'bob paged at 5:00',
      '30:40 bob by SMS + push message (no-progress), 31:40 bob by phone call (no-progress), 33:40 bob by phone call (no-progress), 35:40 bob',
    ],
    ['nobody after 31:40', '33:40 bob by phone call (no-progress)'],
    ['alice not contacted after 25:39', '25:40 alice by SMS (still-on-it), 30:40 alice by SMS (no-progress)'],
    ['bob has it at 35:00', 'alice from 0:40'],
    ['alice has it before 0:40', 'alice from 0:40'],
    ['nobody has it at 0:40', 'alice from 0:40'],
    ['nobody has it from 0:00 to 5:00', 'alice from 0:40'],
    ['nobody has it after 1:00', 'alice from 0:40'],
    ['snoozed at 2:00', 'never snoozed'],
    ['alice hears "noted"', 'alice heard 0:40 "You have it'],
    ['acknowledged at 0:41', 'acknowledged at 0:40'],
    ['resolved by 39:00', 'never resolved'],
    ['never acknowledged', 'acknowledged at 0:40'],
    ['timeline says "skipped primary"', 'no entry of the timeline says so'],
  ])('"%s" is not, and what happened instead is told', async (sentence, instead) => {
    const { failures } = await play(...ANSWERED, `expect: ['${sentence}']`);
    if (sentence === 'bob paged at 5:00')
      expect(failures[0]?.instead.startsWith(instead.slice(0, 40))).toBe(true);
    else
      expect(failures).toMatchObject([
        { expected: sentence, instead: expect.stringContaining(instead) as string },
      ]);
  });

  test('of the whole list names what is missing and what is too much', async () => {
    const { failures } = await play(
      'until: 2:00',
      'contacts:',
      "  - '0:00 alice sms + push: alert'",
      "  - '1:30 alice voice: alert'",
    );
    expect(failures).toEqual([
      { expected: 'contacts: 1:30 alice voice: alert', instead: '1:00 alice voice: alert' },
    ]);
  });
});

describe('times', () => {
  test.each([
    ['0:00', 0],
    ['25:40', 1_540_000],
    ['70:00', 4_200_000],
    ['63:00:00', 226_800_000],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1:60', null],
    ['1:75:00', null],
    ['soon', null],
  ])('%s is %s ms', (text, ms) => {
    expect(parseOffset(text)).toBe(ms);
  });

  test('are written as they are read', () => {
    for (const text of ['0:00', '0:04', '25:40', '120:00', '49:00:00'])
      expect(offsetText(parseOffset(text) ?? -1)).toBe(text);
  });

  test.each([
    ['2026-11-24T10:00', 'UTC', TUESDAY_10],
    ['2026-11-24 11:00', 'Europe/Berlin', TUESDAY_10],
    ['2026-11-24T10:00Z', 'Europe/Berlin', TUESDAY_10],
    ['2026-11-24T12:00+02:00', 'UTC', TUESDAY_10],
    ['tuesday 10:00', 'UTC', TUESDAY_10],
    ['sunday 03:00', 'UTC', Date.UTC(2026, 10, 29, 3)],
    ['tue 09:00', 'UTC', Date.UTC(2026, 11, 1, 9)],
    ['2026-02-30T10:00', 'UTC', null],
    ['25:00', 'UTC', null],
  ])('a beginning at "%s" (%s)', (text, zone, at) => {
    expect(parseStart(text, zone, TUESDAY_10)).toBe(at);
  });
});

describe('an answer', () => {
  test.each([
    [
      'bob ack by call after 10s',
      {
        who: 'bob',
        ask: { action: 'acknowledge' },
        via: 'voice',
        when: { kind: 'after', delayMs: 10_000, channel: 'voice', nth: 1 },
      },
    ],
    [
      'bob acks 10s after the second call by link',
      { via: 'link', when: { kind: 'after', channel: 'voice', nth: 2 } },
    ],
    ['alice acks all at 0:40', { via: 'sms', meant: 'all', when: { kind: 'at', offsetMs: 40_000 } }],
    [
      'erin severity SEV0 by cli at 20:00 in B',
      { ask: { action: 'severity', severity: 'SEV0' }, via: 'cli', meant: 'B' },
    ],
    [
      'alice updates "rolled back, at last" by api at 18:00',
      { ask: { action: 'update', text: 'rolled back, at last' }, via: 'api' },
    ],
    [
      'alice escalates "need a DBA" by call 5s after the call',
      { ask: { action: 'escalate', reason: 'need a DBA' } },
    ],
    [
      'alice snoozes it for 1h30m 10s after the call',
      { ask: { action: 'snooze', forMs: 5_400_000 }, via: 'cli', when: { kind: 'after', delayMs: 10_000 } },
    ],
    // What no text message can ask is asked by the CLI.
    ['alice updates "rolled back" at 4:00', { ask: { action: 'update' }, via: 'sms' }],
    ['alice notes "a graph" at 4:00', { ask: { action: 'note' }, via: 'cli' }],
    ['alice escalates at 4:00', { ask: { action: 'escalate' }, via: 'sms' }],
    ['alice escalates "need a DBA" at 4:00', { ask: { action: 'escalate' }, via: 'cli' }],
    ['erin severity SEV0 at 4:00', { ask: { action: 'severity' }, via: 'cli' }],
    ['alice unacks by link at 4:00', { ask: { action: 'unacknowledge' }, via: 'link' }],
    ['alice gives it back at 4:00 in B', { ask: { action: 'unacknowledge' }, via: 'cli', meant: 'B' }],
    [
      'alice reassigns it to bob "my shift is over" by api at 6:00',
      { ask: { action: 'reassign', to: 'bob', reason: 'my shift is over' }, via: 'api' },
    ],
    ['alice reassigns bob at 6:00', { ask: { action: 'reassign', to: 'bob' } }],
    [
      'alice pages carol, team payments, schedule:nights and service checkout "needs a DBA" at 5:00',
      {
        ask: {
          action: 'add-responders',
          reason: 'needs a DBA',
          whom: [
            { kind: 'user', id: 'carol' },
            { kind: 'team', id: 'payments' },
            { kind: 'schedule', id: 'nights' },
            { kind: 'service', id: 'checkout' },
          ],
        },
      },
    ],
  ])('%s', (text, meaning) => {
    expect(readAnswer(text)).toMatchObject({ ok: true, value: meaning });
  });
});
