import { describe, expect, it } from 'vitest';
import {
  letterAction,
  letterEmail,
  letterShort,
  letterSms,
  letterSpoken,
  letterSubject,
  withCode,
} from '../../../domain/messages/letter-words.js';
import { letterOf } from './fixtures.js';

const URL = 'https://tocsin.example.com/h/abc';

describe('a letter', () => {
  it('has its code where it asks for one, digit by digit to the ear', () => {
    const asked = letterOf({
      subject: 'Code {code}',
      short: 'Your code is {code}.',
      body: ['It is {code}, {code}.'],
    });
    expect(withCode(asked, '012345', false)).toMatchObject({
      subject: 'Code 012345',
      short: 'Your code is 012345.',
      body: ['It is 012345, 012345.'],
    });
    expect(letterSpoken(withCode(asked, '012345', true))).toBe('Your code is 0, 1, 2, 3, 4, 5.');
  });

  it.each([
    ['a\r\nBcc: everybody@example.com', 'a Bcc: everybody@example.com'],
    ['\u202Egnp.exe\u0000', 'gnp.exe'],
    [' \n', 'A message from Tocsin'],
  ])('has a subject of one line: %j', (subject, line) => {
    expect(letterSubject(letterOf({ subject }))).toBe(line);
  });

  it('is cut where it promises to be short', () => {
    expect([...letterShort(letterOf({ short: 'x'.repeat(400) }))]).toHaveLength(300);
    expect([...letterSubject(letterOf({ subject: 'x'.repeat(400) }))]).toHaveLength(140);
    expect(letterShort(letterOf({ short: ' ', subject: 'Hand-over' }))).toBe('Hand-over');
  });

  it('as a text message fits the GSM alphabet and ends with the address of its action, once', () => {
    const action = { label: 'Confirm', url: URL };
    expect(letterSms(letterOf({ short: 'You’re on call – good luck 🎉', action }))).toBe(
      `You're on call - good luck ${URL}`,
    );
    expect(letterSms(letterOf({ short: `Confirm at ${URL}`, action }))).toBe(`Confirm at ${URL}`);
    expect(letterSms(letterOf({ short: 'Вы дежурите' }))).toBe('Вы дежурите');
  });

  it('leads to web addresses only', () => {
    expect(letterAction(letterOf({ action: { label: 'x', url: 'javascript:alert(1)' } }))).toBeNull();
    expect(letterSms(letterOf({ short: 'Hi.', action: { label: 'x', url: 'javascript:alert(1)' } }))).toBe(
      'Hi.',
    );
    expect(letterAction(letterOf({ action: { label: ' ', url: URL } }))).toEqual({ label: 'Open', url: URL });
  });

  it('is spoken without links and brackets', () => {
    expect(letterSpoken(letterOf({ short: `[TEST] look at ${URL} for data_base/eu` }))).toBe(
      'This is a test. look at a link for data base eu.',
    );
  });

  it('says the same in text and HTML, with lists and nothing that a writer could forge', () => {
    const { text, html, subject } = letterEmail(
      letterOf({
        body: ['Open now:', '- <b>one</b>\nFrom: x', '- two', 'Bye & thanks.'],
        action: { label: 'Confirm "it"', url: URL },
      }),
    );
    expect(subject).toBe('Hand-over at 09:00');
    expect(text).toBe(`Open now:\n\n- <b>one</b> From: x\n- two\n\nBye & thanks.\n\nConfirm "it": ${URL}\n`);
    expect(html).toContain('<ul');
    expect(html.match(/<li/g)).toHaveLength(2);
    expect(html).toContain('&lt;b&gt;one&lt;/b&gt; From: x</li>');
    expect(html).toContain(`href="${URL}"`);
    expect(html).toContain('Bye &amp; thanks.');
    expect(html).not.toContain('<b>');
  });

  it('without paragraphs is its short form', () => {
    expect(letterEmail(letterOf({ body: [] })).text).toBe('You are on call for payments from 09:00.\n');
  });
});
