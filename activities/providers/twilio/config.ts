import { z } from 'zod';

/** How to reach Twilio, and from which number. */
export interface TwilioConfig {
  /** `AC` and 32 hexadecimal digits. */
  readonly accountSid: string;
  /** Never logged. */
  readonly authToken: string;
  /** Our number, E.164: always the same, so that phones can let it through at night. */
  readonly from: string;
  /** Another origin for the REST API (a stand-in, a proxy); absent: Twilio's own. */
  readonly baseUrl?: string;
}

const e164 = /^\+[1-9]\d{6,14}$/;

/** The environment variables, checked. */
export const twilioEnvironment = z.object({
  TWILIO_ACCOUNT_SID: z
    .string()
    .regex(/^AC[0-9a-fA-F]{32}$/, 'expected AC and 32 hexadecimal digits, from the Twilio console'),
  TWILIO_AUTH_TOKEN: z.string().min(16, 'expected the auth token from the Twilio console'),
  TWILIO_FROM: z.string().regex(e164, 'expected your Twilio number in E.164, e.g. +15550100200'),
  TWILIO_BASE_URL: z.url({ protocol: /^https?$/, error: 'expected an http(s) URL' }).optional(),
});
