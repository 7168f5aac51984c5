import { describe, expect, it } from 'vitest';
import { page } from '../messages/fixtures.js';
import { createProviders, ProviderSetupError } from '../../../activities/providers/create-providers.js';

const TWILIO = {
  TWILIO_ACCOUNT_SID: `AC${'b007'.repeat(8)}`,
  TWILIO_AUTH_TOKEN: 'b007'.repeat(8),
  TWILIO_FROM: '+15550100200',
};
const SMTP = {
  SMTP_URL: 'smtp://user:hunter2hunter2@127.0.0.1:2525',
  MAIL_FROM: 'Tocsin <tocsin@example.com>',
};

function problemOf(environment: Parameters<typeof createProviders>[0]): string {
  try {
    createProviders(environment);
  } catch (error) {
    if (error instanceof ProviderSetupError) return error.message;
    throw error;
  }
  return 'no problem';
}

describe('the providers of an environment', () => {
  it('are those whose variables are set', () => {
    const names = (environment: Parameters<typeof createProviders>[0]) =>
      createProviders(environment).map((provider) => `${provider.channel}:${provider.name}`);
    expect(names({})).toEqual([]);
    expect(names({ TWILIO_AUTH_TOKEN: ' ', SMTP_URL: '' })).toEqual([]);
    expect(names({ TWILIO_BASE_URL: 'http://127.0.0.1:1' })).toEqual([]);
    expect(names(SMTP)).toEqual(['email:smtp']);
    expect(names({ ...TWILIO, ...SMTP })).toEqual(['sms:twilio-sms', 'voice:twilio-voice', 'email:smtp']);
  });

  it('of Twilio let one call a second through, and one segment a second by each number, unless they are told otherwise', () => {
    const to = (userId: string) => ({ userId, name: userId, address: '+15550123456', zone: 'UTC' });
    const paces = (environment: object, userId = 'alice') =>
      createProviders({ ...TWILIO, ...environment }).map((each) => each.paced?.(page(), to(userId)) ?? null);
    const [sms, calls] = paces({});
    expect([sms?.takesMs, calls?.takesMs]).toEqual([1_000, 1_000]);
    const long = page({
      title: 'Сбой оплаты: доля ошибок выше порога в четырнадцать процентов уже десять минут подряд',
    });
    expect(createProviders(TWILIO)[0]?.paced?.(long, to('alice'))?.takesMs).toBe(2_000);
    expect(
      paces({ TWILIO_CALLS_PER_SECOND: '4', TWILIO_SEGMENTS_PER_SECOND: '0.5' }).map((pace) => pace?.takesMs),
    ).toEqual([2_000, 250]);
    expect(paces({ TWILIO_CALLS_PER_SECOND: 'unlimited', TWILIO_SEGMENTS_PER_SECOND: 'unlimited' })).toEqual([
      null,
      null,
    ]);
    // Calls have the rate of the account, texts that of the person's number.
    const two = { TWILIO_FROM: '+15550100200, +15550100201' };
    const people = Array.from({ length: 20 }, (_none, index) => paces(two, `person-${index}`));
    expect(new Set(people.map(([text]) => text?.key)).size).toBe(2);
    expect(new Set(people.map(([, call]) => call?.key)).size).toBe(1);
    expect(JSON.stringify(people)).not.toContain('5550100');
  });

  it('set up by half make one error that names every variable', () => {
    expect(problemOf({ TWILIO_ACCOUNT_SID: TWILIO.TWILIO_ACCOUNT_SID, SMTP_URL: SMTP.SMTP_URL })).toBe(
      [
        'The providers are not set up completely. Set or unset these environment variables:',
        '- TWILIO_AUTH_TOKEN is missing: Twilio needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM',
        '- TWILIO_FROM is missing: Twilio needs TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_FROM',
        '- MAIL_FROM is missing: SMTP needs SMTP_URL, MAIL_FROM',
      ].join('\n'),
    );
  });

  it.each([
    [{ ...TWILIO, TWILIO_ACCOUNT_SID: 'SK123' }, 'TWILIO_ACCOUNT_SID: expected AC and 32 hexadecimal digits'],
    [{ ...TWILIO, TWILIO_FROM: '555 0100' }, 'TWILIO_FROM: expected your Twilio number in E.164'],
    [{ ...TWILIO, TWILIO_FROM: '+15550100200,' }, 'TWILIO_FROM: expected your Twilio number in E.164'],
    [{ ...TWILIO, TWILIO_CALLS_PER_SECOND: '0' }, 'TWILIO_CALLS_PER_SECOND: expected how many a second'],
    [
      { ...TWILIO, TWILIO_SEGMENTS_PER_SECOND: 'fast' },
      'TWILIO_SEGMENTS_PER_SECOND: expected how many a second',
    ],
    [{ ...TWILIO, TWILIO_BASE_URL: 'ftp://x' }, 'TWILIO_BASE_URL: expected an http(s) URL'],
    [{ ...SMTP, SMTP_URL: 'http://hunter2hunter2@x' }, 'SMTP_URL: expected smtp://'],
    [{ ...SMTP, MAIL_FROM: 'nobody' }, 'MAIL_FROM: expected an address'],
  ])('with a value that cannot be right say what is expected: %#', (environment, words) => {
    expect(problemOf(environment)).toContain(words);
    expect(problemOf(environment)).not.toContain('hunter2');
  });
});
