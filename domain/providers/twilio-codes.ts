import type { FailureReason } from '../incident/event.js';

/** What an error code of Twilio means to us. */
export interface TwilioFailure {
  readonly reason: FailureReason;
  /** Whether the same message is worth another try through Twilio. */
  readonly retryable: boolean;
  /** Our words for it, without personal data. */
  readonly words: string;
}

type Row = readonly [code: number, reason: FailureReason, words: string, retryable?: 'retryable'];

/**
 * Twilio's error codes that a page can meet, in the answer to a request or later in a status callback. Each is documented
 * at `https://www.twilio.com/docs/api/errors/<code>`.
 */
const ROWS: readonly Row[] = [
  // The number of the person: the next contact method at once.
  [21201, 'bad-address', 'no number was given'],
  [21211, 'bad-address', 'the number is not valid'],
  [21214, 'bad-address', 'the number cannot be reached'],
  [21217, 'bad-address', 'the number is not valid'],
  [21604, 'bad-address', 'no number was given'],
  [21612, 'bad-address', 'the number cannot be reached from the sending number'],
  [21614, 'bad-address', 'the number is no mobile number'],
  [21610, 'opted-out', 'the person replied STOP'],
  // The account does not let it through: another channel, and a look at the account.
  [21215, 'blocked', 'calls to this country are not enabled'],
  [21216, 'blocked', 'calls to this number are not allowed'],
  [21219, 'blocked', 'a trial account reaches verified numbers only'],
  [21408, 'blocked', 'messages to this country are not enabled'],
  [21608, 'blocked', 'a trial account reaches verified numbers only'],
  // The whole channel is down until somebody mends the set-up: an alarm.
  [20003, 'unauthorized', 'account SID or auth token is refused'],
  [20005, 'unauthorized', 'the account is not active'],
  [30002, 'unauthorized', 'the account is suspended'],
  [21210, 'not-configured', 'the sending number does not belong to the account'],
  [21212, 'not-configured', 'the sending number is not valid'],
  [21213, 'not-configured', 'no sending number is set'],
  [21603, 'not-configured', 'no sending number is set'],
  [21606, 'not-configured', 'the sending number cannot send text messages'],
  [21205, 'not-configured', 'the callback URL is not valid'],
  [21609, 'not-configured', 'the status callback URL is not valid'],
  [21602, 'rejected', 'the text is empty'],
  [21617, 'rejected', 'the text is too long'],
  [12100, 'rejected', 'the spoken document is not valid'],
  // Worth another try.
  [20429, 'rate-limited', 'too many requests', 'retryable'],
  [20500, 'unavailable', 'Twilio has an internal error', 'retryable'],
  [20503, 'unavailable', 'Twilio is not available', 'retryable'],
  // Reported later, by status callback: move on.
  [30001, 'undelivered', 'the queue is full'],
  [30003, 'undelivered', 'the phone is off or out of reach'],
  [30004, 'blocked', 'the carrier or the person blocks our messages'],
  [30005, 'bad-address', 'the number is unknown or no longer in service'],
  [30006, 'bad-address', 'a landline, or a carrier that cannot be reached'],
  [30007, 'blocked', 'the carrier filtered the message'],
  [30008, 'undelivered', 'the carrier gives no reason'],
  [30022, 'undelivered', 'the rate of the campaign is exceeded'],
  [30023, 'undelivered', 'the daily limit of the campaign is reached'],
  [30034, 'blocked', 'the sending number is not registered with the carriers'],
  [30036, 'undelivered', 'it waited longer than it was worth'],
];

const TABLE: ReadonlyMap<number, TwilioFailure> = new Map(
  ROWS.map(([code, reason, words, retryable]) => [
    code,
    { reason, words, retryable: retryable === 'retryable' },
  ]),
);

/** The code of a bad status callback URL: the message is worth sending without one. */
export const BAD_STATUS_CALLBACK = 21609;

/** What the code means; null when the table does not know it. */
export function knownTwilioFailure(code: number): TwilioFailure | null {
  return TABLE.get(code) ?? null;
}

/**
 * What an asynchronous failure of a message or call means (`ErrorCode` of a status callback). An unknown code is
 * `undelivered`; NaN and 0 (no code given) as well. Not retryable unless the table says so: the next contact method is.
 */
export function twilioFailure(code: number): TwilioFailure {
  return (
    TABLE.get(code) ?? { reason: 'undelivered', retryable: false, words: 'the carrier did not deliver it' }
  );
}
