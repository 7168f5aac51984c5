import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterMs, scrub, transportFailure } from '../../../activities/failures.js';
import { knownTwilioFailure, twilioFailure } from '../../../domain/providers/twilio-codes.js';

describe('Twilio’s codes', () => {
  it.each([
    [30001, 'undelivered'],
    [30003, 'undelivered'],
    [30005, 'bad-address'],
    [30006, 'bad-address'],
    [30007, 'blocked'],
    [30008, 'undelivered'],
    [30036, 'undelivered'],
    [21610, 'opted-out'],
    [31_337, 'undelivered'],
    [Number.NaN, 'undelivered'],
  ])('%d, reported later, is %s and not tried again', (code, reason) => {
    expect(twilioFailure(code)).toMatchObject({ reason, retryable: false });
  });

  it('that the table does not know are nothing it guesses at', () => {
    expect(knownTwilioFailure(31_337)).toBeNull();
  });
});

describe('what a provider said', () => {
  it.each([
    ["The 'To' number +1 (555) 012-3456 is not valid", "The 'To' number [number] is not valid"],
    ['5.1.1 <alice@example.com>: no such user', '5.1.1 [address]: no such user'],
    ['see https://user:pass@host/x?t=secret now', 'see [link] now'],
    [`bad key ${'b007'.repeat(8)}`, 'bad key [id]'],
    ['two\r\nlines', 'two lines'],
  ])('%j is passed on as %j', (text, expected) => {
    expect(scrub(text)).toBe(expected);
  });

  it('never passes a phone number on, however it is written', () => {
    const number = fc
      .array(fc.tuple(fc.constantFrom('', ' ', '-', '.'), fc.integer({ min: 0, max: 9 })), {
        minLength: 7,
        maxLength: 15,
      })
      .map(
        (digits) =>
          `+${digits.map(([gap, digit], index) => (index === 0 ? digit : `${gap}${digit}`)).join('')}`,
      );
    fc.assert(
      fc.property(number, (text) => {
        expect(scrub(`call ${text} failed`)).toBe('call [number] failed');
      }),
    );
  });
});

describe('Retry-After', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['soon', undefined],
    ['7', 7_000],
    ['0', 1_000],
    ['999999', 3_600_000],
    ['Tue, 24 Nov 2026 10:00:30 GMT', 30_000],
  ])('%j is %j ms', (header, ms) => {
    expect(retryAfterMs(header, Date.UTC(2026, 10, 24, 10))).toBe(ms);
  });
});

describe('a failure below HTTP', () => {
  const open = new AbortController().signal;
  it.each([
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), { reason: 'unavailable' }],
    [
      new Error('x', { cause: Object.assign(new Error('y'), { code: 'ENOTFOUND' }) }),
      { reason: 'unavailable' },
    ],
    [Object.assign(new Error('x'), { code: 'ECONNRESET' }), { reason: 'unavailable', ambiguous: true }],
    [Object.assign(new Error('x'), { code: 'ETIMEDOUT' }), { reason: 'timed-out', ambiguous: true }],
    ['odd', { reason: 'unavailable', ambiguous: true }],
  ])('%# is worth another try', (error, expected) => {
    const { detail, ...failure } = transportFailure('Twilio', error, open);
    expect(failure).toEqual({ ok: false, retryable: true, ...expected });
    expect(detail).toMatch(/^Twilio: /);
  });
});
