import { describe, expect, it } from 'vitest';
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
    [{ ...TWILIO, TWILIO_BASE_URL: 'ftp://x' }, 'TWILIO_BASE_URL: expected an http(s) URL'],
    [{ ...SMTP, SMTP_URL: 'http://hunter2hunter2@x' }, 'SMTP_URL: expected smtp://'],
    [{ ...SMTP, MAIL_FROM: 'nobody' }, 'MAIL_FROM: expected an address'],
  ])('with a value that cannot be right say what is expected: %#', (environment, words) => {
    expect(problemOf(environment)).toContain(words);
    expect(problemOf(environment)).not.toContain('hunter2');
  });
});
