import type { ProviderSettings } from '../../config/provider-settings.js';
import type { Config } from '../../config/types.js';
import type { Secrets } from './secrets.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** Which providers have no settings of their own, and are stood in for by the phone booth. */
export interface StandIns {
  readonly phone: boolean;
  readonly mail: boolean;
}

/** The booth's account at its own stand-in for Twilio; made up, and of no use at the real one. */
const ACCOUNT_SID = `AC${'b007'.repeat(8)}`;
/** Of the range reserved for fiction, and nobody's in the examples. */
const FROM = '+12025550100';
const SENDER = 'Tocsin <tocsin@example.com>';
/** The kept key that stands for Twilio's auth token between booth and product. */
export const BOOTH_TOKEN = 'BOOTH_AUTH_TOKEN';

/**
 * Phone and mail for which nothing at all is set. One that is set up by half is not stood in for: its provider's error says
 * what is missing, where a stand-in would swallow real pages. The same goes for a phone beside an SMS gateway of the config.
 */
export function standInsFor(env: Variables, providers: readonly ProviderSettings[] = []): StandIns {
  const areUnset = (...names: string[]): boolean => names.every((name) => (env[name] ?? '').trim() === '');
  return {
    phone:
      areUnset('TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM') &&
      !providers.some(({ kind }) => kind === 'sms-gateway'),
    mail: areUnset('SMTP_URL', 'MAIL_FROM'),
  };
}

/** What the booth's process reads. */
export function boothEnvironment(
  env: Variables,
  secrets: Secrets,
  standIns: StandIns,
  publicUrl: string,
  config: Config,
  hint: string,
): Variables {
  const people = [...config.users.values()].map(({ name, methods }) => ({
    name,
    // The booth has phones and mailboxes; topics and webhooks are secrets of others.
    contacts: [
      ...new Set(
        methods
          .filter(({ channel }) => channel === 'sms' || channel === 'voice' || channel === 'email')
          .map(({ address }) => address),
      ),
    ],
  }));
  return {
    PATH: env['PATH'],
    BOOTH_HINT: hint,
    BOOTH_PEOPLE: JSON.stringify(people),
    ...(standIns.phone
      ? {
          TWILIO_ACCOUNT_SID: ACCOUNT_SID,
          TWILIO_AUTH_TOKEN: secrets[BOOTH_TOKEN],
          BOOTH_FROM: FROM,
          BOOTH_INBOUND_URL: `${publicUrl}/hooks/twilio/sms`,
        }
      : {}),
  };
}

/** The settings with which the product talks to the booth, exactly as it would to Twilio and to a mail server. */
export function providerVariables(
  secrets: Secrets,
  standIns: StandIns,
  booth: { readonly httpUrl: string; readonly smtpUrl: string },
  given: Variables = {},
): Variables {
  return {
    ...(standIns.phone
      ? {
          TWILIO_ACCOUNT_SID: ACCOUNT_SID,
          TWILIO_AUTH_TOKEN: secrets[BOOTH_TOKEN],
          TWILIO_AUTH_TOKEN_PREVIOUS: undefined,
          TWILIO_FROM: FROM,
          TWILIO_BASE_URL: booth.httpUrl,
          // The booth takes as many as come; whoever would like to see what a real number lets through sets both.
          ...unlimited(given),
        }
      : {}),
    ...(standIns.mail ? { SMTP_URL: booth.smtpUrl, MAIL_FROM: SENDER } : {}),
  };
}

function unlimited(given: Variables): Variables {
  const names = ['TWILIO_CALLS_PER_SECOND', 'TWILIO_SEGMENTS_PER_SECOND'];
  return Object.fromEntries(
    names.map((name) => [name, (given[name] ?? '').trim() === '' ? 'unlimited' : given[name]]),
  );
}

/** "phone and mail", "mail" … */
export function standInWords({ phone, mail }: StandIns): string {
  return [...(phone ? ['phone'] : []), ...(mail ? ['mail'] : [])].join(' and ');
}
