import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import { ask, askAgain, NoAnswer, noAnswer, type Answered } from './api-connection.js';
import { wordsForPeople } from './api-words.js';
import type { Context } from './context.js';
import { CliFailure, EXIT } from './failure.js';
import { readRunState } from './up/run-state.js';
import { readSecrets } from './up/secrets.js';

/** Flags of every command that asks the API. */
export interface ApiFlags {
  readonly url?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
  /** Of commands that write: the name of the request, instead of a random one. */
  readonly idempotencyKey?: string;
  /** Of commands that write about what was read before: the ETag it had. */
  readonly ifMatch?: string;
}

/** Talks to a running Tocsin. */
export interface ApiClient {
  readonly url: string;
  /** @throws CliFailure `unreachable`, or the API's own code */
  get(path: string): Promise<unknown>;
  /** Reads a text of this media type as it stands. @throws CliFailure as `get` */
  text(path: string, type: string): Promise<string>;
  /** Reads something and the ETag that names this state of it. @throws CliFailure as `get` */
  tagged(path: string): Promise<{ readonly body: unknown; readonly tag: string | null }>;
  /**
   * Reads something that is read again and again: null when it is still what this tag names.
   * @throws CliFailure as `get`
   */
  changed(
    path: string,
    tag: string | null,
  ): Promise<{ readonly body: unknown; readonly tag: string | null } | null>;
  /**
   * Has something done once: when the connection breaks, or Tocsin asks for it with 503, the same request is sent again under the
   * same key, a few times. Where it stays open whether it was done, the failure tells the key. @throws CliFailure as `get`
   */
  post(path: string, body: object): Promise<unknown>;
  /**
   * Something large, in pieces as they come, without a limit of time.
   * @throws CliFailure as `get`, also while pieces come
   */
  stream(path: string): Promise<AsyncIterable<Uint8Array>>;
  /**
   * Sends something large, without a limit of time: again, from its beginning, when Tocsin asks for it with 503, as of `post`;
   * not when the connection breaks, since it would not count once. @throws CliFailure as `get`
   */
  upload(path: string, upload: Upload): Promise<unknown>;
}

/** What is sent in pieces. */
export interface Upload {
  /** Its media type. */
  readonly type: string;
  /** All of it, from the beginning each time. */
  readonly pieces: () => AsyncIterable<Uint8Array>;
}

/** An update waits 3 s for a worker, then goes as a signal: api/incidents. */
const TIMEOUT_MS = 15_000;
const DEFAULT_URL = 'http://localhost:3000';

const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    remedy: z.string().optional(),
    problems: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
});

/** The data folder that flags or environment name. */
export function dataDirOf(flags: { readonly dataDir?: string }, context: Context): string {
  return resolve(context.cwd, flags.dataDir ?? nonEmpty(context.env['TOCSIN_DATA_DIR']) ?? '.tocsin');
}

/** Where the API is: --url, TOCSIN_URL, the `tocsin up` of the data folder, else port 3000 (or PORT) of this machine. */
export async function apiUrl(flags: ApiFlags, context: Context): Promise<string> {
  const asked = flags.url ?? nonEmpty(context.env['TOCSIN_URL']);
  if (asked !== undefined) return checkedUrl(asked, '--url or TOCSIN_URL');
  const running = await readRunState(dataDirOf(flags, context));
  const port = nonEmpty(context.env['PORT']);
  return running?.url ?? (port === undefined ? DEFAULT_URL : `http://localhost:${port}`);
}

/**
 * An address without trailing slash.
 * @param where the settings it may come from
 * @throws CliFailure `bad-setting`
 */
export function checkedUrl(url: string, where: string): string {
  if (/^https?:\/\//.test(url) && URL.canParse(url)) return url.replace(/\/+$/, '');
  throw new CliFailure('The address of Tocsin is not an http or https URL.', {
    code: 'bad-setting',
    exitCode: EXIT.badUsage,
    remedy: `Write it like ${DEFAULT_URL}, in ${where}.`,
  });
}

/**
 * The key: TOCSIN_API_KEY, else, only for the Tocsin that runs on the data folder, the one that `tocsin up` made up for the
 * examples: no other server is to see it. Null without either.
 */
async function apiKey(url: string, flags: ApiFlags, context: Context): Promise<string | null> {
  const set = nonEmpty(context.env['TOCSIN_API_KEY']);
  if (set !== undefined) return set;
  const dataDir = dataDirOf(flags, context);
  const running = await readRunState(dataDir);
  if (running?.url === undefined || new URL(running.url).href !== new URL(url).href) return null;
  // It was made up before, and its configuration takes another now.
  if (running.given?.includes('TOCSIN_API_KEY') === true) return null;
  return (await readSecrets(dataDir))['TOCSIN_API_KEY'] ?? null;
}

/**
 * A client for the Tocsin that flags, environment or data folder name.
 * @param timeoutMs how long to wait for each answer
 * @throws CliFailure `no-api-key`
 */
export async function createApiClient(
  flags: ApiFlags,
  context: Context,
  timeoutMs: number = TIMEOUT_MS,
): Promise<ApiClient> {
  const url = await apiUrl(flags, context);
  const key = await apiKey(url, flags, context);
  if (key === null) {
    const isNamed = flags.url !== undefined || nonEmpty(context.env['TOCSIN_URL']) !== undefined;
    const running = await readRunState(dataDirOf(flags, context));
    if (!isNamed && running === null) {
      throw new CliFailure(
        `No Tocsin runs here (data folder ${dataDirOf(flags, context)}), and no API key is set.`,
        {
          code: 'no-api-key',
          exitCode: EXIT.unreachable,
          remedy:
            'Start one with `npm start`, or set TOCSIN_URL, and TOCSIN_API_KEY to a key of `apiKeys` in its configuration.',
        },
      );
    }
    if (running?.given?.includes('TOCSIN_API_KEY') === true && running.url === url) {
      throw new CliFailure(
        `The Tocsin at ${url} was started with TOCSIN_API_KEY set, and this shell does not have it.`,
        {
          code: 'no-api-key',
          remedy: 'Set it here to the same: export TOCSIN_API_KEY=…',
        },
      );
    }
    throw new CliFailure(`There is no API key to use for ${url}.`, {
      code: 'no-api-key',
      remedy:
        'Set TOCSIN_API_KEY to a key of `apiKeys` in the configuration of that Tocsin; keys that `npm start` made up are used for the Tocsin of the data folder only (--data-dir).',
    });
  }
  const headers = { authorization: `Bearer ${key}`, 'user-agent': 'tocsin-cli' };
  return {
    url,
    get: async (path) => bodyOf(url, await ask(url, path, { headers }, timeoutMs)),
    text: async (path, type) => {
      const answer = await ask(url, path, { headers: { ...headers, accept: type } }, timeoutMs);
      if (answer.status < 300 && answer.type.startsWith(type)) return answer.text;
      // An error in the one shape, or somebody else's page.
      bodyOf(url, answer.status < 300 ? { ...answer, text: '' } : answer);
      return answer.text;
    },
    stream: async (path) => {
      try {
        const response = await fetch(`${url}${path}`, { headers });
        if (response.ok && response.body !== null) return piecesOf(url, response.body);
        const { status } = response;
        bodyOf(url, { status, tag: null, type: '', retryAfterMs: null, text: await response.text() });
        return piecesOf(url, []);
      } catch (error) {
        throw error instanceof CliFailure ? error : noAnswer(url, error);
      }
    },
    upload: async (path, { type, pieces }) => {
      const send = async (): Promise<Answered> => {
        const request = {
          method: 'POST',
          body: ReadableStream.from(pieces()) as NonNullable<RequestInit['body']>,
          headers: { ...headers, 'content-type': type },
          // Of fetch in node: it sends while it reads.
          duplex: 'half' as const,
        };
        try {
          return await ask(url, path, request, null);
        } catch (error) {
          throw error instanceof NoAnswer ? new NotAgain(error) : error;
        }
      };
      try {
        return bodyOf(url, await askAgain(send, worthAsking, context));
      } catch (error) {
        throw error instanceof NotAgain ? error.cause : error;
      }
    },
    tagged: async (path) => {
      const answer = await ask(url, path, { headers }, timeoutMs);
      return { body: bodyOf(url, answer), tag: answer.tag };
    },
    changed: async (path, tag) => {
      const conditional = tag === null ? headers : { ...headers, 'if-none-match': tag };
      const answer = await ask(url, path, { headers: conditional }, timeoutMs);
      return answer.status === 304 ? null : { body: bodyOf(url, answer), tag: answer.tag };
    },
    post: async (path, body) => {
      const idempotencyKey = flags.idempotencyKey ?? randomUUID();
      const request = {
        method: 'POST',
        headers: {
          ...headers,
          'content-type': 'application/json',
          'idempotency-key': idempotencyKey,
          ...(flags.ifMatch === undefined ? {} : { 'if-match': flags.ifMatch }),
        },
        body: JSON.stringify(body),
      };
      try {
        const answer = await askAgain(() => ask(url, path, request, timeoutMs), worthAsking, context);
        return bodyOf(url, answer);
      } catch (error) {
        throw withKey(error, idempotencyKey);
      }
    },
  };
}

/** @throws NoAnswer when what comes breaks off */
async function* piecesOf(
  url: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* pieces;
  } catch (error) {
    throw noAnswer(url, error);
  }
}

/** Keeps a request from being sent again. */
class NotAgain extends Error {
  constructor(cause: NoAnswer) {
    super(cause.message, { cause });
  }
}

/** 503 of what no waiting mends: somebody has to set up or start something. */
const LASTING = ['no-store', 'store-too-new'];

/** What an answer of 503 says; null when it stays so. */
function worthAsking({ text }: Answered): string | null {
  const known = errorBody.safeParse(readJson(text));
  if (!known.success) return 'What stands in front of Tocsin asks to wait (HTTP 503).';
  return LASTING.includes(known.data.error.code) ? null : known.data.error.message;
}

/** A failure that leaves open whether it was done says how to ask again safely. */
function withKey(error: unknown, idempotencyKey: string): unknown {
  if (!(error instanceof CliFailure) || error.exitCode !== EXIT.unreachable) return error;
  if (error instanceof NoAnswer && error.how === 'never-there') return error;
  if (LASTING.includes(error.code)) return error;
  const { message, code, exitCode, remedy } = error;
  const again = `It may have been done: the same command with --idempotency-key ${idempotencyKey} does it once.`;
  return new CliFailure(message, {
    code,
    exitCode,
    remedy: remedy === undefined ? again : `${remedy}\n   ${again}`,
    cause: error,
  });
}

function bodyOf(url: string, { status, text }: Answered): unknown {
  const body = readJson(text);
  if (status < 300 && body !== undefined) return body;
  const known = errorBody.safeParse(body);
  if (!known.success) {
    throw new CliFailure(`What answers at ${url} (HTTP ${status}) is no Tocsin.`, {
      code: 'unreachable',
      exitCode: EXIT.unreachable,
      remedy: 'Check TOCSIN_URL (or --url).',
    });
  }
  const { code } = known.data.error;
  const { message, remedy } = wordsForPeople(known.data.error);
  throw new CliFailure(message, {
    code,
    exitCode: status === 503 ? EXIT.unreachable : EXIT.failed,
    ...(remedy === undefined ? {} : { remedy }),
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

/**
 * An answer of the API, checked for what a command shows of it.
 * @throws CliFailure `unexpected-answer`, from a Tocsin of another version
 */
export function expect<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CliFailure(
    `Tocsin's answer is not as expected (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}).`,
    { code: 'unexpected-answer', remedy: 'Use the command line of the same version, or --json.' },
  );
}
