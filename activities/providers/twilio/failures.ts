import { BAD_STATUS_CALLBACK, knownTwilioFailure } from '../../../domain/providers/twilio-codes.js';
import { httpFailure } from '../../http-failures.js';
import { retryAfterMs, transportFailure, type SendFailure } from '../../failures.js';
import { TwilioRefusal } from './client.js';

/** What went wrong in a request to Twilio. Codes: domain/providers/twilio-codes.ts. */
export function twilioSendFailure(error: unknown, signal: AbortSignal, now: number): SendFailure {
  if (!(error instanceof TwilioRefusal)) return transportFailure('Twilio', error, signal);
  const { status, code } = error;
  const known = knownTwilioFailure(code);
  if (known !== null) {
    const wait = retryAfterMs(error.retryAfter, now);
    return {
      ok: false,
      reason: known.reason,
      retryable: known.retryable,
      ...(known.retryable && wait !== undefined ? { retryAfterMs: wait } : {}),
      detail: `Twilio ${code}: ${known.words}`,
    };
  }
  const detail = Number.isNaN(code) ? `Twilio: HTTP ${status}` : `Twilio ${code} (HTTP ${status})`;
  return httpFailure('Twilio', error, now, detail);
}

/** Twilio does not take our callback URL: the message matters more than its report. */
export function refusesCallback(error: unknown): boolean {
  return error instanceof TwilioRefusal && error.code === BAD_STATUS_CALLBACK;
}
