import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../domain/incident/code.js';
import { OPT_IN_WORDS, OPT_OUT_WORDS, parseReply, type Reply } from '../../../domain/messages/replies.js';

const acknowledge = (code?: string): Reply => ({
  command: 'acknowledge',
  ...(code === undefined ? {} : { code }),
});

describe('a text reply', () => {
  it.each<[string, Reply]>([
    ['ACK', acknowledge()],
    ['ack', acknowledge()],
    [' Ack. ', acknowledge()],
    ['"ACK!"', acknowledge()],
    ['ACK 7KQ2', acknowledge('7KQ2')],
    ['ack 7kq2', acknowledge('7KQ2')],
    ['ack: 7kq2.', acknowledge('7KQ2')],
    ['ack\u00a07kq2', acknowledge('7KQ2')],
    ['ＡＣＫ\u3000７ＫＱ２', acknowledge('7KQ2')],
    ['\u200back\u200b 7kq2', acknowledge('7KQ2')],
    ['ack7kq2', acknowledge('7KQ2')],
    ['7KQ2', acknowledge('7KQ2')],
    ['7kq2 ', acknowledge('7KQ2')],
    ['4', acknowledge()],
    ['4 7KQ2', acknowledge('7KQ2')],
    ['ack, looking into it', acknowledge()],
    ['ack mine', { command: 'acknowledge', word: 'MINE' }],
    ['ack zzzz', { command: 'acknowledge', word: 'ZZZZ' }],
    ['ok fine', { command: 'progress', word: 'FINE' }],
    // Letters and digits that no code has.
    ['ack 7KO2', acknowledge('7KO2')],
    ['resolve 1OIL', { command: 'resolve', code: '1OIL' }],
    ['Ack 7KQ2 looking', acknowledge('7KQ2')],
    ['ACK\n\nSent from my phone 12', acknowledge()],
    ['ALL', { command: 'all' }],
    ['ack all', { command: 'all' }],
    ['RESOLVE 7KQ2', { command: 'resolve', code: '7KQ2' }],
    ['resolved', { command: 'resolve' }],
    ['6', { command: 'resolve' }],
    ['6 7kq2', { command: 'resolve', code: '7KQ2' }],
    ['7kq2 resolve', { command: 'resolve', code: '7KQ2' }],
    ['ESCALATE 7KQ2', { command: 'escalate', code: '7KQ2' }],
    ['8', { command: 'escalate' }],
    ['TAKE 7KQ2', { command: 'take', code: '7KQ2' }],
    ['take', { command: 'take' }],
    ['OK', { command: 'progress' }],
    ['ok 7kq2', { command: 'progress', code: '7KQ2' }],
    ['on it', { command: 'progress' }],
    ['On it! 7KQ2', { command: 'progress', code: '7KQ2' }],
    ['still on it', { command: 'progress' }],
    [
      'UPDATE 7KQ2 rolling back the deploy',
      { command: 'update', code: '7KQ2', text: 'rolling back the deploy' },
    ],
    ['update: 7kq2: Rolling\nback', { command: 'update', code: '7KQ2', text: 'Rolling\nback' }],
    ['Update webs are back', { command: 'update', text: 'webs are back' }],
  ])('%j', (text, expected) => {
    expect(parseReply(text)).toEqual(expected);
  });

  it.each([
    '',
    '   ',
    '🔥',
    'who is this?',
    'HELP',
    'ack not yet',
    "can't ack",
    "ack - can't",
    'ack 7KQ', // a mistyped code
    'ack 7KQ22',
    'resolve when the deploy is done',
    'escalate now please',
    'take that',
    '44',
    '5',
    '7KQ2 maybe later',
    'UPDATE',
    'UPDATE 7KQ2',
    'STOP 7KQ2',
    'cancel 7KQ2',
    'end ack',
    'yes ack',
    'ack stop',
  ])('%j is not guessed at', (text) => {
    expect(parseReply(text)).toEqual({ command: 'unknown' });
  });

  it.each(OPT_OUT_WORDS)('%s only stops messages', (word) => {
    expect(parseReply(` ${word.toLowerCase()}. `)).toEqual({ command: 'opt-out' });
  });

  it.each(OPT_IN_WORDS)('%s only lets messages in again', (word) => {
    expect(parseReply(word)).toEqual({ command: 'opt-in' });
  });

  it('that begins with an opt-out or opt-in word is never a command', () => {
    const word = fc.constantFrom(...OPT_OUT_WORDS, ...OPT_IN_WORDS);
    const rest = fc.oneof(
      fc.constant(''),
      fc.constantFrom('ACK', '7KQ2', '4', 'ALL', 'all 7KQ2'),
      fc.string(),
    );
    const gap = fc.constantFrom(' ', '  ', '\t', '\u00a0', ', ', '. ', '\n');
    fc.assert(
      fc.property(word, fc.nat(), gap, rest, (text, mask, between, more) => {
        const cased = [...text].map((c, index) => ((mask >> index) & 1 ? c.toLowerCase() : c)).join('');
        expect(['opt-out', 'opt-in', 'unknown']).toContain(parseReply(`${cased}${between}${more}`).command);
      }),
      { numRuns: 500 },
    );
  });

  it('with the code of an incident always means that incident', () => {
    fc.assert(
      fc.property(fc.string(), fc.boolean(), (openingId, lower) => {
        const code = codeOf(openingId);
        const typed = lower ? code.toLowerCase() : code;
        expect(parseReply(typed)).toEqual(acknowledge(code));
        expect(parseReply(`ack ${typed}`)).toEqual(acknowledge(code));
        expect(parseReply(`resolve ${typed}`)).toEqual({ command: 'resolve', code });
      }),
    );
  });

  it('never throws, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(parseReply(text).command).toBeTypeOf('string');
      }),
    );
  });
});
