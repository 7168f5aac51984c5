import { z } from 'zod';
import type { BoothOptions } from './options.js';

const port = z.coerce.number().int().min(0).max(65_535);
const peopleJson = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('Expected JSON: [{"name":"Alice","contacts":["+15550100001","alice@example.org"]}].');
      return z.NEVER;
    }
  })
  .pipe(z.array(z.object({ name: z.string(), contacts: z.array(z.string()) })));

const environment = z.object({
  BOOTH_HOST: z.string().default('127.0.0.1'),
  BOOTH_HTTP_PORT: port.default(0),
  BOOTH_SMTP_PORT: port.default(0),
  /** Comma-separated E.164 numbers. */
  BOOTH_FROM: z.string().default(''),
  BOOTH_INBOUND_URL: z.url().optional(),
  BOOTH_INBOUND_FALLBACK_URL: z.url().optional(),
  BOOTH_FILE: z.string().optional(),
  BOOTH_HINT: z.string().optional(),
  BOOTH_PEOPLE: peopleJson.optional(),
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-f]{32}$/i, 'Expected AC and 32 hexadecimal digits.')
    .optional(),
  TWILIO_AUTH_TOKEN: z.string().min(1).optional(),
});

/** A voice of about 15 characters a second. */
const speechMsPerCharacter = 65;
/** About what a real message takes from queued to sent and from sent to delivered. */
const hopMs = 300;

/**
 * Reads the options of the process. Empty variables count as unset.
 * @throws Error that names each wrong variable
 */
export function loadBoothEnvironment(env: Readonly<Record<string, string | undefined>>): BoothOptions {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `\n  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The phone booth cannot start, its environment is wrong:${problems.join('')}`);
  }
  const values = parsed.data;
  return {
    host: values.BOOTH_HOST,
    httpPort: values.BOOTH_HTTP_PORT,
    smtpPort: values.BOOTH_SMTP_PORT,
    from: values.BOOTH_FROM.split(',')
      .map((number) => number.trim())
      .filter((number) => number !== ''),
    hopMs,
    speechMsPerCharacter,
    ...(values.TWILIO_ACCOUNT_SID === undefined ? {} : { accountSid: values.TWILIO_ACCOUNT_SID }),
    ...(values.TWILIO_AUTH_TOKEN === undefined ? {} : { authToken: values.TWILIO_AUTH_TOKEN }),
    ...(values.BOOTH_INBOUND_URL === undefined ? {} : { inboundUrl: values.BOOTH_INBOUND_URL }),
    ...(values.BOOTH_INBOUND_FALLBACK_URL === undefined
      ? {}
      : { inboundFallbackUrl: values.BOOTH_INBOUND_FALLBACK_URL }),
    ...(values.BOOTH_FILE === undefined ? {} : { file: values.BOOTH_FILE }),
    ...(values.BOOTH_HINT === undefined ? {} : { hint: values.BOOTH_HINT }),
    ...(values.BOOTH_PEOPLE === undefined ? {} : { people: values.BOOTH_PEOPLE }),
  };
}
