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
/** The kept key that stands for Twilio's auth token between booth and product. */
export const BOOTH_TOKEN = 'BOOTH_AUTH_TOKEN';

/** Phone without TWILIO_ACCOUNT_SID, mail without SMTP_URL. */
export function standInsFor(env: Variables): StandIns {
  const isUnset = (name: string): boolean => (env[name] ?? '').trim() === '';
  return { phone: isUnset('TWILIO_ACCOUNT_SID'), mail: isUnset('SMTP_URL') };
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
    contacts: [...new Set(methods.map(({ address }) => address))],
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
  env: Variables,
  secrets: Secrets,
  standIns: StandIns,
  booth: { readonly httpUrl: string; readonly smtpUrl: string },
): Variables {
  return {
    ...(standIns.phone
      ? {
          TWILIO_ACCOUNT_SID: ACCOUNT_SID,
          TWILIO_AUTH_TOKEN: secrets[BOOTH_TOKEN],
          TWILIO_AUTH_TOKEN_PREVIOUS: undefined,
          TWILIO_FROM: FROM,
          TWILIO_BASE_URL: booth.httpUrl,
        }
      : {}),
    ...(standIns.mail
      ? { SMTP_URL: booth.smtpUrl, MAIL_FROM: env['MAIL_FROM'] ?? 'Tocsin <tocsin@example.com>' }
      : {}),
  };
}

/** "phone and mail", "mail" … */
export function standInWords({ phone, mail }: StandIns): string {
  return [...(phone ? ['phone'] : []), ...(mail ? ['mail'] : [])].join(' and ');
}
