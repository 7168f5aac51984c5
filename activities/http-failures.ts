import { retryAfterMs, type SendFailure } from './failures.js';
import type { HttpAnswer } from './http.js';

/**
 * What an answer without success means where the other side has no codes of its own. Source of the meanings: RFC 9110, 15.
 * A server that answers 5xx is taken at its word: it did not send.
 * @param detail what people read of it
 */
export function httpFailure(
  provider: string,
  { status, retryAfter }: Pick<HttpAnswer, 'status' | 'retryAfter'>,
  now: number,
  detail = `${provider}: HTTP ${status}`,
): SendFailure {
  const wait = retryAfterMs(retryAfter, now);
  const later = wait === undefined ? {} : { retryAfterMs: wait };
  if (status === 429) return { ok: false, reason: 'rate-limited', retryable: true, ...later, detail };
  if (status === 408)
    return { ok: false, reason: 'timed-out', retryable: true, ambiguous: true, ...later, detail };
  if (status >= 500) return { ok: false, reason: 'unavailable', retryable: true, ...later, detail };
  if (status === 401 || status === 403)
    return { ok: false, reason: 'unauthorized', retryable: false, detail };
  if (status >= 300 && status < 400) {
    return {
      ok: false,
      reason: 'rejected',
      retryable: false,
      detail: `${detail}, a redirect, which is not followed: correct the address`,
    };
  }
  return { ok: false, reason: 'rejected', retryable: false, detail };
}
