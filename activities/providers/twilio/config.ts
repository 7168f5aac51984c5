import { z } from 'zod';

/** How to reach Twilio, and from which number. */
export interface TwilioConfig {
  /** `AC` and 32 hexadecimal digits. */
  readonly accountSid: string;
  /** Never logged. */
  readonly authToken: string;
  /** Our numbers, E.164. A person is always written to and called from the same one, so that phones can let it through at night. */
  readonly from: readonly [string, ...string[]];
  readonly rates: TwilioRates;
  /** Another origin for the REST API (a stand-in, a proxy); absent: Twilio's own. */
  readonly baseUrl?: string;
}

/** What Twilio lets through; null: no limit of ours. What is beyond it would wait in Twilio's queue, where nothing goes ahead. */
export interface TwilioRates {
  /** Calls that are begun in a second, of the whole account. */
  readonly callsPerSecond: number | null;
  /** Segments of text messages in a second, of each number. */
  readonly segmentsPerSecond: number | null;
}

/**
 * 1 call a second of an account, 1 segment a second of a long code: what an account has that asked for no more. Source: Twilio's
 * documentation, as in design/field-notes.md.
 */
const USUAL_RATE = 1;

const rate = z
  .string()
  .transform((text, context): number | null => {
    const perSecond = Number(text);
    if (text.trim() === 'unlimited') return null;
    if (perSecond >= 0.01 && perSecond <= 1_000) return perSecond;
    context.addIssue('expected how many a second, 0.01 to 1000, or unlimited');
    return z.NEVER;
  })
  .default(USUAL_RATE);

const e164 = /^\+[1-9]\d{6,14}$/;

/** The environment variables, checked. */
export const twilioEnvironment = z.object({
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}$/, 'expected AC and 32 hexadecimal digits, from the Twilio console'),
  TWILIO_AUTH_TOKEN: z.string().min(16, 'expected the auth token from the Twilio console'),
  TWILIO_FROM: z.string().transform((text, context): readonly [string, ...string[]] => {
    const [first, ...others] = new Set(text.split(',').map((number) => number.trim()));
    if (first !== undefined && [first, ...others].every((number) => e164.test(number)))
      return [first, ...others];
    context.addIssue(
      'expected your Twilio number in E.164, e.g. +15550100200, or several with commas between them',
    );
    return z.NEVER;
  }),
  TWILIO_CALLS_PER_SECOND: rate,
  TWILIO_SEGMENTS_PER_SECOND: rate,
  TWILIO_BASE_URL: z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' }).optional(),
});
