/** A request that Twilio refuses. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** Twilio's error code (https://www.twilio.com/docs/api/errors). */
  readonly code: number;
  readonly message: string;
  /** Seconds, sent as Retry-After. */
  readonly retryAfterSeconds?: number | undefined;
}

const texts: Readonly<Record<number, string>> = {
  20003: 'Authenticate',
  20404: 'The requested resource was not found',
  20429: 'Too Many Requests',
  21201: "No 'To' number is specified",
  21205: 'Url is not a valid URL',
  21210: "'From' phone number not verified or purchased from Twilio",
  21211: "Invalid 'To' Phone Number",
  21213: "'From' is required",
  21217: 'Phone number does not appear to be valid',
  21220: 'Invalid call state: the call is not in-progress. Cannot redirect.',
  21408: 'Permission to send an SMS has not been enabled for the region indicated by the To number',
  21602: 'Message body is required.',
  21603: "A 'From' phone number is required.",
  21604: "A 'To' phone number is required.",
  21606: "The 'From' phone number is not a valid message-capable Twilio phone number for this destination",
  21608: 'The number is unverified. Trial accounts cannot send messages to unverified numbers',
  21609: "The 'StatusCallback' URL is not a valid URL.",
  21610: 'Attempt to send to unsubscribed recipient',
  21612: "Message cannot be sent with the current combination of 'To' and 'From' parameters",
  21614: "'To' number is not a valid mobile number",
  21617: 'The concatenated message body exceeds the 1600 character limit',
  30001: 'Queue overflow',
  30003: 'Unreachable destination handset',
  30005: 'Unknown destination handset',
  30006: 'Landline or unreachable carrier',
  30007: 'Message filtered',
  30008: 'Unknown error',
  30036: 'Validity Period Expired',
};

/** Twilio's words for a code. */
export function textOfCode(code: number): string {
  return texts[code] ?? 'An error that the phone booth was told to answer with';
}

/** A refusal with the HTTP status that Twilio uses for the code. */
export function refusal(code: number, detail = ''): Refusal {
  const status = code === 20003 ? 401 : code === 20404 ? 404 : code === 20429 ? 429 : 400;
  return { status, code, message: detail === '' ? textOfCode(code) : `${textOfCode(code)}: ${detail}` };
}
