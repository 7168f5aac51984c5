import { BAD_STATUS_CALLBACK, knownTwilioFailure } from '../../../domain/providers/twilio-codes.js';
import { retryAfterMs, transportFailure, type SendFailure } from '../../failures.js';
import { TwilioRefusal } from './client.js';

/** What went wrong in a request to Twilio. Codes: domain/providers/twilio-codes.ts. */
export function twilioSendFailure(error: unknown, signal: AbortSignal, now: number): SendFailure {
  if (!(error instanceof TwilioRefusal)) return transportFailure('Twilio', error, signal);
  const { status, code } = error;
  const wait = retryAfterMs(error.retryAfter, now);
  const known = knownTwilioFailure(code);
  if (known !== null) {
    return {
      ok: false,
      reason: known.reason,
      retryable: known.retryable,
      ...(known.retryable && wait !== undefined ? { retryAfterMs: wait } : {}),
      detail: `Twilio ${code}: ${known.words}`,
    };
  }
  const detail = Number.isNaN(code) ? `Twilio: HTTP ${status}` : `Twilio ${code} (HTTP ${status})`;
  const later = wait === undefined ? {} : { retryAfterMs: wait };
  if (status === 429) return { ok: false, reason: 'rate-limited', retryable: true, ...later, detail };
  if (status === 408)
    return { ok: false, reason: 'timed-out', retryable: true, ambiguous: true, ...later, detail };
  if (status >= 500) return { ok: false, reason: 'unavailable', retryable: true, ...later, detail };
  if (status === 401 || status === 403)
    return { ok: false, reason: 'unauthorized', retryable: false, detail };
  return { ok: false, reason: 'rejected', retryable: false, detail };
}

/** Twilio does not take our callback URL: the message matters more than its report. */
export function refusesCallback(error: unknown): boolean {
  return error instanceof TwilioRefusal && error.code === BAD_STATUS_CALLBACK;
}
