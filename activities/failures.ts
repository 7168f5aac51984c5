import type { SendResult } from './providers/provider.js';

/** A send that did not work. */
export type SendFailure = Extract<SendResult, { readonly ok: false }>;

/** Longest `detail` of a failure. */
const DETAIL = 160;

/**
 * A provider's words without personal data or secrets: addresses, anything like a phone number or an id, and links are
 * replaced. One line, at most 160 characters.
 */
export function scrub(text: string): string {
  return text
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[link]')
    .replace(/<?[^\s<>@]+@[^\s<>@]+>?/g, '[address]')
    .replace(/\+?\d(?:[\s().-]{0,3}\d){5,}/g, '[number]')
    .replace(/\b[A-Za-z0-9_-]{24,}\b/g, '[id]')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, DETAIL);
}

/** Nothing was sent: the connection was never made. Node's and OpenSSL's codes, and nodemailer's own. */
const NEVER_LEFT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EDNS',
  'ETLS',
  'EPROXY',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const TIMED_OUT: ReadonlySet<string> = new Set(['ETIMEDOUT', 'ECONNABORTED', 'ESOCKETTIMEDOUT']);

/**
 * What a failure below HTTP and SMTP means. Always worth another try; `ambiguous` unless the connection was never made,
 * since a request that broke off half-way may have counted.
 */
export function transportFailure(provider: string, error: unknown, signal: AbortSignal): SendFailure {
  const code = codeOf(error);
  if (signal.aborted || TIMED_OUT.has(code)) {
    return {
      ok: false,
      reason: 'timed-out',
      retryable: true,
      ambiguous: true,
      detail: `${provider}: no answer in time`,
    };
  }
  const unsent = NEVER_LEFT.has(code) || factOf(error, 'syscall') === 'connect';
  return {
    ok: false,
    reason: 'unavailable',
    retryable: true,
    ...(unsent ? {} : { ambiguous: true }),
    detail: `${provider}: ${unsent ? 'cannot connect' : 'the connection broke'}${code === '' ? '' : ` (${scrub(code)})`}`,
  };
}

/** `code` of an error or of what caused it; empty when there is none. */
export function codeOf(error: unknown): string {
  return factOf(error, 'code');
}

function factOf(error: unknown, name: 'code' | 'syscall'): string {
  let current = error;
  for (let depth = 0; current instanceof Error && depth < 5; current = current.cause, depth += 1) {
    const fact = (current as { readonly [key in typeof name]?: unknown })[name];
    if (typeof fact === 'string') return fact;
  }
  return '';
}

/** Nothing is sent when the page was called off beforehand. */
export function calledOff(provider: string): SendFailure {
  return {
    ok: false,
    reason: 'timed-out',
    retryable: true,
    detail: `${provider}: stopped before it was sent`,
  };
}

/**
 * `Retry-After` in milliseconds: seconds, or an HTTP date. Undefined when it is absent or unreadable; at most an hour, at
 * least one second. Source: RFC 9110, 10.2.3.
 */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - now;
  return Number.isNaN(ms) ? undefined : Math.min(3_600_000, Math.max(1_000, Math.ceil(ms)));
}
