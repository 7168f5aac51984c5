import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';

/** One request to somebody else's server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** http or https. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Ends it, whatever it is doing. */
  readonly signal: AbortSignal;
  /** `none`: the answer's body is of no interest and not waited for. */
  readonly read: 'body' | 'none';
}

/** An answer. A redirect is one like any other: it is never followed, since the secrets in a request are meant for one server. */
export interface HttpAnswer {
  readonly status: number;
  /** The header `Retry-After`. */
  readonly retryAfter: string | undefined;
  /** At most {@link LARGEST_BODY} bytes; empty with `read: 'none'`. */
  readonly text: string;
  /** There was more; it was not read. */
  readonly isCut: boolean;
}

/** Nobody's answer to a message is longer; what is, is not meant for us. 64 KiB. */
export const LARGEST_BODY = 65_536;

/**
 * Sends one request over a connection of its own (one that went stale while idle would cost the first page of a night its
 * first try). Rejects with Node's error when there is no whole answer, with the signal's reason when it was aborted.
 */
export function exchange({ method, url, headers, body, signal, read }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const send = new URL(url).protocol === 'https:' ? requestHttps : requestHttp;
    const bytes = body === undefined ? undefined : Buffer.from(body, 'utf8');
    const request = send(url, {
      method,
      agent: false,
      signal,
      headers: {
        accept: 'application/json, text/plain;q=0.9, */*;q=0.1',
        'user-agent': 'tocsin',
        ...headers,
        ...(bytes === undefined ? {} : { 'content-length': String(bytes.length) }),
      },
    });
    request.once('error', reject);
    request.once('response', (response) => {
      if (read === 'none') {
        resolve(answerOf(response, '', false));
        request.destroy();
        return;
      }
      readSome(response).then(({ text, isCut }) => {
        resolve(answerOf(response, text, isCut));
        if (isCut) request.destroy();
      }, reject);
    });
    request.end(bytes);
  });
}

function answerOf(response: IncomingMessage, text: string, isCut: boolean): HttpAnswer {
  return { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'], text, isCut };
}

function readSome(response: IncomingMessage): Promise<{ readonly text: string; readonly isCut: boolean }> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const end = (isCut: boolean): void =>
      resolve({ text: Buffer.concat(chunks).subarray(0, LARGEST_BODY).toString('utf8'), isCut });
    response.once('error', reject);
    response.once('aborted', () => reject(new Error('The answer broke off.')));
    response.once('end', () => end(false));
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > LARGEST_BODY) end(true);
    });
  });
}
