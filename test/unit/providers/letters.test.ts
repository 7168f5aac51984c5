import { describe, expect, it } from 'vitest';
import type { SendLetterInput } from '../../../activities/letter-contracts.js';
import { createLetterActivities } from '../../../activities/letters.js';
import { createProviderHealth } from '../../../activities/provider-health.js';
import type {
  LetterContext,
  Provider,
  Recipient,
  SendResult,
} from '../../../activities/providers/provider.js';
import type { Config, ContactMethod } from '../../../config/types.js';
import type { Channel } from '../../../domain/incident/event.js';
import type { Letter } from '../../../domain/messages/letter.js';
import { codesOf } from '../../../tokens/contact-proof.js';
import { createTokens } from '../../../tokens/signed-token.js';
import { letterOf, TEN } from '../messages/fixtures.js';

const tokens = createTokens('a secret of more than 16 characters');
const METHODS: readonly ContactMethod[] = [
  { id: 'voice-1', channel: 'voice', address: '+15550123456' },
  { id: 'email-1', channel: 'email', address: 'alice@example.com' },
  { id: 'sms-1', channel: 'sms', address: '+15550123456' },
];
const DOWN: SendResult = { ok: false, reason: 'unavailable', retryable: true, retryAfterMs: 7_000 };

interface Sent {
  readonly provider: string;
  readonly letter: Letter;
  readonly to: Recipient;
  readonly context: LetterContext;
}

function make(
  answers: readonly (readonly [name: string, channel: Channel, answer: SendResult | 'breaks'])[],
) {
  const sent: Sent[] = [];
  const logged: string[] = [];
  const counted: string[] = [];
  const log = (fields: Readonly<Record<string, unknown>>, message: string) =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const alice = { id: 'alice', name: 'Alice Example', zone: 'UTC', methods: METHODS };
  const providers = answers.map(([name, channel, answer]): Provider => ({
    name,
    channel,
    send: () => Promise.reject(new Error('No page was expected.')),
    sendLetter: (letter, to, context) => {
      sent.push({ provider: name, letter, to, context });
      return answer === 'breaks' ? Promise.reject(new Error('a bug')) : Promise.resolve(answer);
    },
  }));
  const activities = createLetterActivities({
    config: () => ({ person: (id: string) => (id === 'alice' ? alice : null) }) as Config,
    providers: () => providers,
    tokens,
    clock: () => TEN,
    log: { info: log, warn: log, error: log },
    metrics: {
      delivery: ({ kind, channel, provider, outcome }) =>
        void counted.push(`${kind} ${channel} ${provider} ${outcome}`),
    },
    health: createProviderHealth(() => TEN),
  });
  return { sendLetter: (asked: SendLetterInput) => activities.sendLetter(asked), sent, logged, counted };
}

const input = (changes: Partial<SendLetterInput> = {}): SendLetterInput => ({
  userId: 'alice',
  letter: letterOf(),
  by: { kind: 'notice' },
  idempotencyKey: 'handoff-4f7a',
  ...changes,
});
const ok = (providerId: string): SendResult => ({ ok: true, providerId });

describe('sending a letter', () => {
  it('as a notice takes the first method that works and never calls', async () => {
    const { sendLetter, sent, counted } = make([
      ['calls', 'voice', ok('CA1')],
      ['texts', 'sms', DOWN],
      ['mail', 'email', ok('<m1>')],
    ]);
    expect(await sendLetter(input())).toEqual({
      status: 'sent',
      methodId: 'email-1',
      channel: 'email',
      provider: 'mail',
      providerId: '<m1>',
    });
    expect(sent.map(({ provider, to }) => `${provider} ${to.address}`)).toEqual([
      'texts +15550123456',
      'mail alice@example.com',
    ]);
    expect(counted).toEqual(['letter sms texts unavailable', 'letter email mail sent']);
  });

  it.each<[string, Partial<SendLetterInput>]>([
    ['an invitation', { letter: letterOf({ calendar: { fileName: 'a.ics', text: 'BEGIN:VCALENDAR' } }) }],
    ['a wish for mail', { by: { kind: 'notice', first: 'email' } }],
  ])('with %s goes by mail first', async (_, changes) => {
    const { sendLetter, sent } = make([
      ['texts', 'sms', ok('SM1')],
      ['mail', 'email', ok('<m1>')],
    ]);
    await sendLetter(input(changes));
    expect(sent.map(({ provider }) => provider)).toEqual(['mail']);
  });

  it('by a named method uses that one alone, through each provider of its channel', async () => {
    const { sendLetter, sent } = make([
      ['texts-a', 'sms', { ...DOWN, ambiguous: true }],
      ['texts-b', 'sms', ok('SM2')],
      ['mail', 'email', ok('<m1>')],
    ]);
    expect(await sendLetter(input({ by: { kind: 'method', id: 'sms-1' } }))).toMatchObject({
      status: 'sent',
      provider: 'texts-b',
      possibleDuplicate: true,
    });
    expect(sent.map(({ provider }) => provider)).toEqual(['texts-a', 'texts-b']);
    expect(new Set(sent.map(({ context }) => context.idempotencyKey))).toEqual(
      new Set(['handoff-4f7a/sms-1']),
    );
  });

  it('says what became of each method when none works, without a number or address', async () => {
    const { sendLetter, logged } = make([['texts', 'sms', DOWN]]);
    const report = await sendLetter(input());
    expect(report).toEqual({
      status: 'failed',
      tries: [
        { methodId: 'sms-1', channel: 'sms', reason: 'unavailable', retryable: true, retryAfterMs: 7_000 },
        {
          methodId: 'email-1',
          channel: 'email',
          reason: 'not-configured',
          retryable: false,
          detail: 'no provider for email is set up',
        },
      ],
    });
    for (const secret of ['+1555', 'example.com', 'Alice']) {
      expect(JSON.stringify(report)).not.toContain(secret);
      expect(logged.join('\n')).not.toContain(secret);
    }
    expect(logged.join('\n')).toContain('handoff-4f7a');
  });

  it('does not ask a second provider about a number that is wrong', async () => {
    const bad: SendResult = { ok: false, reason: 'bad-address', retryable: false };
    const { sendLetter, sent } = make([
      ['texts-a', 'sms', bad],
      ['texts-b', 'sms', ok('SM2')],
    ]);
    const report = await sendLetter(input({ by: { kind: 'method', id: 'sms-1' } }));
    expect(report).toMatchObject({ status: 'failed', tries: [{ reason: 'bad-address', retryable: false }] });
    expect(sent).toHaveLength(1);
  });

  it('goes on after a provider that breaks, and says that it may have left', async () => {
    const { sendLetter, sent } = make([
      ['texts-a', 'sms', 'breaks'],
      ['texts-b', 'sms', ok('SM2')],
    ]);
    expect(await sendLetter(input())).toMatchObject({
      status: 'sent',
      provider: 'texts-b',
      possibleDuplicate: true,
    });
    expect(sent).toHaveLength(2);
  });

  it('has nobody to write to when the person is gone', async () => {
    const { sendLetter, sent } = make([['texts', 'sms', ok('SM1')]]);
    expect(await sendLetter(input({ userId: 'nobody' }))).toEqual({ status: 'failed', tries: [] });
    expect(sent).toEqual([]);
  });

  it('works a code out for exactly this method and address, spoken by call, and logs it nowhere', async () => {
    const { sendLetter, sent, logged } = make([
      ['calls', 'voice', ok('CA1')],
      ['texts', 'sms', ok('SM1')],
    ]);
    const verification = { nonce: 'n1' };
    const letter = letterOf({ topic: 'verification', short: 'Your code is {code}.' });
    await sendLetter(input({ letter, verification, by: { kind: 'method', id: 'sms-1' } }));
    await sendLetter(input({ letter, verification, by: { kind: 'method', id: 'voice-1' } }));
    const request = { nonce: 'n1', userId: 'alice', methodId: 'sms-1', address: '+15550123456' };
    const [code = ''] = codesOf(tokens, request);
    const [spoken = ''] = codesOf(tokens, { ...request, methodId: 'voice-1' });
    expect(code).toMatch(/^\d{6}$/);
    expect(sent.map((one) => one.letter.short)).toEqual([
      `Your code is ${code}.`,
      `Your code is ${[...spoken].join(', ')}.`,
    ]);
    expect(logged.join('\n')).not.toContain(code);
    expect(codesOf(tokens, { ...request, address: '+15550123457' })).not.toContain(code);
    expect(codesOf(tokens, { ...request, nonce: 'n2' })).not.toContain(code);
    expect(codesOf(tokens, { ...request, userId: 'bob' })).not.toContain(code);
  });
});
