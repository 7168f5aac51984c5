import { setTimeout as pause } from 'node:timers/promises';
import type { Context } from './context.js';
import { CliFailure, EXIT } from './failure.js';

/** An answer as it came. */
export interface Answered {
  readonly status: number;
  readonly tag: string | null;
  /** Its media type; empty without one. */
  readonly type: string;
  /** Its `Retry-After` in milliseconds; null without one that is a number of seconds. */
  readonly retryAfterMs: number | null;
  readonly text: string;
}

/** Nothing came back, or not all of it. */
export class NoAnswer extends CliFailure {
  /**
   * `never-there`: no connection, so nothing was sent; `broke`: it ended before the answer had come; `silent`: no answer in time.
   * In the latter two what was asked for may have been done.
   */
  readonly how: 'never-there' | 'broke' | 'silent';
  readonly #url: string;
  readonly #why: string;

  constructor(url: string, why: string, how: NoAnswer['how'], cause: unknown) {
    super(`Tocsin does not answer at ${url} (${why}).`, {
      code: 'unreachable',
      exitCode: EXIT.unreachable,
      remedy:
        'Start it with `npm start`, or set TOCSIN_URL (or --url, --data-dir) to where it runs; `tocsin doctor` looks closer.',
      cause,
    });
    this.how = how;
    this.#url = url;
    this.#why = why;
  }

  /** The same, of a request that had been sent before. */
  afterEarlier(): NoAnswer {
    return this.how === 'never-there' ? new NoAnswer(this.#url, this.#why, 'broke', this) : this;
  }
}

/** What node and its fetch say when a connection that stood is gone. */
const BROKEN = ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UND_ERR_SOCKET'];

/** @param timeoutMs null: without a limit. @throws NoAnswer */
export async function ask(
  url: string,
  path: string,
  init: RequestInit,
  timeoutMs: number | null,
): Promise<Answered> {
  try {
    const response = await fetch(`${url}${path}`, {
      ...init,
      ...(timeoutMs === null ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
    });
    const { status, headers } = response;
    const seconds = headers.get('retry-after');
    return {
      status,
      tag: headers.get('etag'),
      type: headers.get('content-type') ?? '',
      retryAfterMs: seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1_000 : null,
      text: await response.text(),
    };
  } catch (error) {
    if (timeoutMs !== null && error instanceof Error && error.name === 'TimeoutError')
      throw new NoAnswer(url, `no answer within ${timeoutMs / 1_000} s`, 'silent', error);
    throw noAnswer(url, error);
  }
}

/** What `fetch`, or reading what it brings, ended with. */
export function noAnswer(url: string, error: unknown): NoAnswer {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : (cause?.message ?? '');
  const how = BROKEN.includes(code) ? 'broke' : 'never-there';
  return new NoAnswer(url, code === '' ? 'no connection' : code, how, error);
}

/** So often is one request sent, and so long is waited in between: half a minute at most, then a person looks. */
const MOST_TRIES = 4;
const LONGEST_WAIT_MS = 10_000;
const FIRST_WAIT_MS = 500;

/**
 * Sends a request that counts once however often it is sent: again when the connection broke under it, or when the answer is
 * 503 with a `Retry-After` of 10 s at most. Each time is told.
 * @param words what such an answer says, for people; null: to ask again is of no use
 * @throws NoAnswer
 */
export async function askAgain(
  send: () => Promise<Answered>,
  words: (answer: Answered) => string | null,
  { say }: Pick<Context, 'say'>,
): Promise<Answered> {
  let wasThere = false;
  for (let tried = 1; ; tried += 1) {
    const again = async (why: string, waitMs: number): Promise<void> => {
      const next = `The same request goes again in ${waitMs / 1_000} s (${tried + 1} of ${MOST_TRIES}).`;
      say(`${why} ${next}`);
      await pause(waitMs);
    };
    try {
      const answer = await send();
      const waitMs = answer.status === 503 && tried < MOST_TRIES ? answer.retryAfterMs : null;
      const why = waitMs === null || waitMs > LONGEST_WAIT_MS ? null : words(answer);
      if (waitMs === null || why === null) return answer;
      wasThere = true;
      await again(why, waitMs);
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      wasThere ||= error.how === 'broke';
      if (!wasThere) throw error;
      // Who broke off may be starting anew, and is not there for a moment. Who never was there is not waited for.
      if (error.how === 'silent' || tried >= MOST_TRIES) throw error.afterEarlier();
      await again(error.message, FIRST_WAIT_MS * 2 ** (tried - 1));
    }
  }
}
