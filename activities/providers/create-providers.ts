import type { z } from 'zod';
import { createSmtp } from './smtp/provider.js';
import { smtpEnvironment } from './smtp/config.js';
import type { Provider } from './provider.js';
import { createTwilioClient } from './twilio/client.js';
import { twilioEnvironment, type TwilioConfig } from './twilio/config.js';
import { createTwilioSms } from './twilio/sms.js';
import { createTwilioVoice } from './twilio/voice.js';

/** The environment variables that set providers up. A provider is there when its variables are; empty counts as unset. */
export interface ProviderEnvironment {
  readonly TWILIO_ACCOUNT_SID?: string | undefined;
  readonly TWILIO_AUTH_TOKEN?: string | undefined;
  /** Our number, E.164; or several, with commas between them. */
  readonly TWILIO_FROM?: string | undefined;
  /** A number, or `unlimited`; default 1. */
  readonly TWILIO_CALLS_PER_SECOND?: string | undefined;
  readonly TWILIO_SEGMENTS_PER_SECOND?: string | undefined;
  /** Another origin for Twilio's REST API, e.g. a stand-in. */
  readonly TWILIO_BASE_URL?: string | undefined;
  readonly SMTP_URL?: string | undefined;
  readonly MAIL_FROM?: string | undefined;
}

const TWILIO_OPTIONAL = ['TWILIO_BASE_URL', 'TWILIO_CALLS_PER_SECOND', 'TWILIO_SEGMENTS_PER_SECOND'];

/** The set-up of providers is wrong. The message names every variable and what is expected of it; never a value. */
export class ProviderSetupError extends Error {
  override readonly name = 'ProviderSetupError';
  readonly code = 'PROVIDER_SETUP';
}

/**
 * The providers that the environment sets up, in the order in which they are tried.
 * @throws ProviderSetupError when a provider is set up by half or with a value that cannot be right
 */
export function createProviders(
  environment: ProviderEnvironment,
  now: () => number = () => Date.now(),
): readonly Provider[] {
  const problems: string[] = [];
  const twilio = read('Twilio', twilioEnvironment, TWILIO_OPTIONAL, environment, problems);
  const smtp = read('SMTP', smtpEnvironment, [], environment, problems);
  if (problems.length > 0) {
    throw new ProviderSetupError(
      `The providers are not set up completely. Set or unset these environment variables:\n- ${problems.join('\n- ')}`,
    );
  }
  const providers: Provider[] = [];
  if (twilio !== null) {
    const config: TwilioConfig = {
      accountSid: twilio.TWILIO_ACCOUNT_SID,
      authToken: twilio.TWILIO_AUTH_TOKEN,
      from: twilio.TWILIO_FROM,
      rates: {
        callsPerSecond: twilio.TWILIO_CALLS_PER_SECOND,
        segmentsPerSecond: twilio.TWILIO_SEGMENTS_PER_SECOND,
      },
      ...(twilio.TWILIO_BASE_URL === undefined ? {} : { baseUrl: twilio.TWILIO_BASE_URL }),
    };
    const client = createTwilioClient(config);
    providers.push(
      createTwilioSms({ client, from: config.from, segmentsPerSecond: config.rates.segmentsPerSecond, now }),
      createTwilioVoice({
        ...{ client, from: config.from, accountSid: config.accountSid, now },
        callsPerSecond: config.rates.callsPerSecond,
      }),
    );
  }
  if (smtp !== null) providers.push(createSmtp({ url: smtp.SMTP_URL, from: smtp.MAIL_FROM }));
  return providers;
}

/** One provider's variables: null when none that counts is set; what is wrong goes to `problems`. */
function read<Shape extends z.ZodRawShape>(
  provider: string,
  schema: z.ZodObject<Shape>,
  optional: readonly string[],
  environment: ProviderEnvironment,
  problems: string[],
): z.infer<z.ZodObject<Shape>> | null {
  const names = Object.keys(schema.shape);
  const given = Object.fromEntries(
    Object.entries(environment).filter(
      ([name, value]) => names.includes(name) && typeof value === 'string' && value.trim() !== '',
    ),
  );
  if (Object.keys(given).every((name) => optional.includes(name))) return null;
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const name = String(issue.path[0] ?? '');
    const missing = !(name in given);
    problems.push(
      missing
        ? `${name} is missing: ${provider} needs ${names.filter((other) => !optional.includes(other)).join(', ')}`
        : `${name}: ${issue.message}`,
    );
  }
  return null;
}
