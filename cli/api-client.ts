import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Context } from './context.js';
import { CliFailure, EXIT } from './failure.js';
import { readRunState } from './up/run-state.js';
import { readSecrets } from './up/secrets.js';

/** Flags of every command that asks the API. */
export interface ApiFlags {
  readonly url?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** Talks to a running Tocsin. */
export interface ApiClient {
  readonly url: string;
  /** @throws CliFailure `unreachable`, or the API's own code */
  get(path: string): Promise<unknown>;
  /** Reads a text of this media type as it stands. @throws CliFailure as `get` */
  text(path: string, type: string): Promise<string>;
  /**
   * Reads something that is read again and again: null when it is still what this tag names.
   * @throws CliFailure as `get`
   */
  changed(
    path: string,
    tag: string | null,
  ): Promise<{ readonly body: unknown; readonly tag: string | null } | null>;
  /** Sends the same thing at most once, however often it is tried. @throws CliFailure as `get` */
  post(path: string, body: object): Promise<unknown>;
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
  if (asked !== undefined) {
    if (/^https?:\/\//.test(asked) && URL.canParse(asked)) return asked.replace(/\/+$/, '');
    throw new CliFailure('The address of Tocsin is not an http or https URL.', {
      code: 'bad-setting',
      exitCode: EXIT.badUsage,
      remedy: `Write it like ${DEFAULT_URL}, in --url or TOCSIN_URL.`,
    });
  }
  const running = await readRunState(dataDirOf(flags, context));
  const port = nonEmpty(context.env['PORT']);
  return running?.url ?? (port === undefined ? DEFAULT_URL : `http://localhost:${port}`);
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
    changed: async (path, tag) => {
      const conditional = tag === null ? headers : { ...headers, 'if-none-match': tag };
      const answer = await ask(url, path, { headers: conditional }, timeoutMs);
      return answer.status === 304 ? null : { body: bodyOf(url, answer), tag: answer.tag };
    },
    post: async (path, body) => {
      const answer = await ask(
        url,
        path,
        {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
          body: JSON.stringify(body),
        },
        timeoutMs,
      );
      return bodyOf(url, answer);
    },
  };
}

/** An answer as it came. */
interface Answered {
  readonly status: number;
  readonly tag: string | null;
  /** Its media type; empty without one. */
  readonly type: string;
  readonly text: string;
}

async function ask(url: string, path: string, init: RequestInit, timeoutMs: number): Promise<Answered> {
  try {
    const response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(timeoutMs) });
    const { status, headers } = response;
    const type = headers.get('content-type') ?? '';
    return { status, tag: headers.get('etag'), type, text: await response.text() };
  } catch (error) {
    throw unreachable(url, error, timeoutMs);
  }
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
  const { code, message, remedy, problems } = known.data.error;
  const details = (problems ?? []).map((problem) => `\n   ${problem.path}: ${problem.message}`).join('');
  throw new CliFailure(message + details, {
    code,
    exitCode: status === 503 ? EXIT.unreachable : EXIT.failed,
    ...(code === 'wrong-key'
      ? { remedy: 'Set TOCSIN_API_KEY to a key of `apiKeys` in the configuration of that Tocsin.' }
      : remedy === undefined
        ? {}
        : { remedy }),
  });
}

function unreachable(url: string, error: unknown, timeoutMs: number): CliFailure {
  const timedOut = error instanceof Error && error.name === 'TimeoutError';
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  const code = cause !== undefined && 'code' in cause ? String(cause.code) : (cause?.message ?? '');
  const why = timedOut ? `no answer within ${timeoutMs / 1_000} s` : code === '' ? 'no connection' : code;
  return new CliFailure(`Tocsin does not answer at ${url} (${why}).`, {
    code: 'unreachable',
    exitCode: EXIT.unreachable,
    remedy:
      'Start it with `npm start`, or set TOCSIN_URL (or --url, --data-dir) to where it runs; `tocsin doctor` looks closer.',
    cause: error,
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
