import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import { parseMessagingReply, parseVoiceTwiml } from '../../../booth/twiml.js';

describe('TwiML', () => {
  it('made by the twilio library is read as it was meant', () => {
    const response = new twilio.twiml.VoiceResponse();
    const gather = response.gather({ numDigits: 1, timeout: 8, action: '/keys?a=1&b=2', method: 'GET' });
    gather.say('Database "main" & more <now>');
    gather.pause({ length: 2 });
    response.say({ loop: 2 }, 'Again');
    response.play('https://tocsin.example/bell.mp3');
    response.redirect({ method: 'GET' }, 'https://tocsin.example/next');
    response.hangup();
    expect(parseVoiceTwiml(response.toString())).toEqual([
      {
        kind: 'gather',
        prompts: [
          { kind: 'say', text: 'Database "main" & more <now>' },
          { kind: 'pause', seconds: 2 },
        ],
        numDigits: 1,
        timeoutSeconds: 8,
        action: '/keys?a=1&b=2',
        method: 'GET',
        finishOnKey: '#',
        actionOnEmptyResult: false,
      },
      { kind: 'say', text: 'Again' },
      { kind: 'say', text: 'Again' },
      { kind: 'play', url: 'https://tocsin.example/bell.mp3' },
      { kind: 'redirect', url: 'https://tocsin.example/next', method: 'GET' },
      { kind: 'hangup' },
    ]);
  });

  it('of messages is read as one text per message', () => {
    const response = new twilio.twiml.MessagingResponse();
    response.message('Yours: 7KQ2 & 8MX1');
    response.message('').body('Second\nline');
    expect(parseMessagingReply('text/xml', response.toString())).toEqual([
      'Yours: 7KQ2 & 8MX1',
      'Second\nline',
    ]);
    expect(parseMessagingReply('text/xml', '<Response/>')).toEqual([]);
    expect(parseMessagingReply('text/plain; charset=utf-8', 'noted')).toEqual(['noted']);
    expect(parseMessagingReply('text/xml', '')).toEqual([]);
  });

  it('tolerates comments, CDATA, declarations and verbs that it does not know', () => {
    expect(
      parseVoiceTwiml(
        `<?xml version='1.0'?><!-- a > b --><Response><Say><![CDATA[1 < 2]]> &#x41;&#66;&nope;</Say><Dial>+1</Dial></Response>`,
      ),
    ).toEqual([
      { kind: 'say', text: '1 < 2 AB&nope;' },
      { kind: 'unknown', name: 'Dial' },
    ]);
  });

  it.each([
    ['', /no XML element/],
    ['plain words', /no XML element/],
    ['<Answer/>', /got <Answer>/],
    ['<Response><Say>x</Response>', /Expected <\/Say>, found <\/Response>/],
    ['<Response><Say>x</Say>', /Expected <\/Response> before the end/],
    ['<Response>a < b</Response>', /begins no element/],
  ])('that is wrong (%s) is refused with the reason', (text, reason) => {
    expect(() => parseVoiceTwiml(text)).toThrow(reason);
  });
});
