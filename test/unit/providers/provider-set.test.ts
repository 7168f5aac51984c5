import { describe, expect, it } from 'vitest';
import { ProviderSetupError } from '../../../activities/providers/create-providers.js';
import { createProviderSet } from '../../../activities/providers/provider-set.js';
import type { ProviderSettings } from '../../../config/provider-settings.js';
import { configOf } from '../config/support.js';

const ENVIRONMENT = {
  TWILIO_ACCOUNT_SID: `AC${'b007'.repeat(8)}`,
  TWILIO_AUTH_TOKEN: 'b007'.repeat(8),
  TWILIO_FROM: '+15550100200',
  SMTP_URL: 'smtp://127.0.0.1:2525',
  MAIL_FROM: 'tocsin@example.com',
};

function settingsOf(yaml: string): readonly ProviderSettings[] {
  return configOf({ providers: yaml }).providers;
}

const GATEWAY = "{ kind: sms-gateway, url: 'https://sms.example.com', form: { to: '{to}', text: '{text}' } }";
const NTFY = "{ kind: ntfy, url: 'https://ntfy.example.com' }";

describe('all providers', () => {
  const names = (settings: readonly ProviderSettings[], environment: object = ENVIRONMENT) =>
    createProviderSet(environment, () => ({ providers: settings }))().map(
      ({ channel, name }) => `${channel}:${name}`,
    );

  it('are those of the environment, then those of the config in its order', () => {
    expect(names([])).toEqual(['sms:twilio-sms', 'voice:twilio-voice', 'email:smtp']);
    expect(names(settingsOf(`\n  eu: ${GATEWAY}\n  us: ${GATEWAY}\n  ntfy: ${NTFY}`))).toEqual([
      'sms:twilio-sms',
      'voice:twilio-voice',
      'email:smtp',
      'sms:eu',
      'sms:us',
      'push:ntfy',
    ]);
    expect(names(settingsOf(`\n  eu: ${GATEWAY}`), {})).toEqual(['sms:eu']);
  });

  it('stand where the config lists them', () => {
    expect(names(settingsOf(`\n  eu: ${GATEWAY}\n  tw: { kind: twilio }\n  us: ${GATEWAY}`))).toEqual([
      'email:smtp',
      'sms:eu',
      'sms:twilio-sms',
      'voice:twilio-voice',
      'sms:us',
    ]);
    expect(names(settingsOf('\n  tw: { kind: twilio }'), {})).toEqual([]);
  });

  it('follow a reload of the config, and are made once for each version', () => {
    let providers = settingsOf(`\n  eu: ${GATEWAY}`);
    const all = createProviderSet({}, () => ({ providers }));
    const first = all();
    expect(all()).toBe(first);
    providers = settingsOf(`\n  us: ${GATEWAY}`);
    expect(all().map(({ name }) => name)).toEqual(['us']);
  });

  it('set up by half in the environment are told at once', () => {
    expect(() => createProviderSet({ SMTP_URL: 'smtp://127.0.0.1' }, () => ({ providers: [] }))).toThrow(
      ProviderSetupError,
    );
  });
});
