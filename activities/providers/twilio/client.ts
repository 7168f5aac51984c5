import { AsyncLocalStorage } from 'node:async_hooks';
import twilio from 'twilio';
import type { TwilioConfig } from './config.js';

/** An answer of Twilio that is no success. */
export class TwilioRefusal extends Error {
  override readonly name = 'TwilioRefusal';

  constructor(
    /** HTTP status. */
    readonly status: number,
    /** Twilio's error code; NaN when the answer has none. */
    readonly code: number,
    /** The header `Retry-After`. */
    readonly retryAfter: string | undefined,
  ) {
    // Twilio's own words name the person's number: they stay out.
    super(`Twilio answered HTTP ${status}${Number.isNaN(code) ? '' : ` with code ${code}`}`);
  }
}

/** Runs requests of the twilio library so that they end with a signal. */
export interface TwilioClient {
  /** Rejects with {@link TwilioRefusal}, or with the transport's error when no answer came. */
  request<T>(signal: AbortSignal, call: (api: twilio.Twilio) => Promise<T>): Promise<T>;
}

/** The library waits 30 s; the signal of a request ends it sooner. This ends one that has no other end. */
const LONGEST_REQUEST_MS = 15_000;

/**
 * The twilio library on its own transport, with three things added: the origin can be another one, every request obeys an
 * AbortSignal, and what is no success keeps its Retry-After.
 */
export function createTwilioClient(
  config: Pick<TwilioConfig, 'accountSid' | 'authToken' | 'baseUrl'>,
): TwilioClient {
  const signals = new AsyncLocalStorage<AbortSignal>();
  // A connection that went stale while idle would cost the first page of a night its first try: a fresh one each time.
  const transport = new twilio.RequestClient({ timeout: LONGEST_REQUEST_MS, keepAlive: false });
  transport.axios.interceptors.request.use((request) => {
    const signal = signals.getStore();
    const url = request.url === undefined ? {} : { url: moved(request.url, config.baseUrl) };
    return Object.assign(request, url, signal === undefined ? {} : { signal });
  });
  transport.axios.interceptors.response.use((response) => {
    if (response.status < 300) return response;
    throw new TwilioRefusal(response.status, codeIn(response.data), retryAfterIn(response.headers));
  });
  const api = twilio(config.accountSid, config.authToken, { httpClient: transport });
  return { request: (signal, call) => signals.run(signal, () => call(api)) };
}

/** Done here and not by the library's settings: its region and edge would be put into the name of a stand-in. */
function moved(url: string, baseUrl: string | undefined): string {
  if (baseUrl === undefined) return url;
  const { pathname, search } = new URL(url);
  return `${baseUrl.replace(/\/+$/, '')}${pathname}${search}`;
}

function codeIn(body: unknown): number {
  return typeof body === 'object' && body !== null && 'code' in body ? Number(body.code) : Number.NaN;
}

function retryAfterIn(headers: unknown): string | undefined {
  if (typeof headers !== 'object' || headers === null || !('retry-after' in headers)) return undefined;
  const value = headers['retry-after'];
  return typeof value === 'string' ? value : undefined;
}
