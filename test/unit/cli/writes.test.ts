import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Context } from '../../../cli/context.js';
import { createColours } from '../../../cli/output/colours.js';
import { runProgram } from '../../../cli/program.js';
import { runCommand } from '../../support/command-line.js';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

type Headers = IncomingMessage['headers'];

/** What the API does with a request, in turn; the last goes on. */
type Doing = (response: ServerResponse) => void;

const done: Doing = (response) =>
  void response
    .writeHead(200, { 'content-type': 'application/json', etag: '"12-abcdefghijklmnopqrstuv"' })
    .end('{"outcome":"noted","sentence":"Noted.","incidents":[]}');

const breaks: Doing = (response) => void response.socket?.destroy();

function refuses(code: string, retryAfter?: string, status = 503): Doing {
  return (response) =>
    void response
      .writeHead(status, {
        'content-type': 'application/json',
        ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
      })
      .end(JSON.stringify({ error: { code, message: 'Away.', remedy: 'Wait.', requestId: 'r' } }));
}

async function api(...doings: readonly [Doing, ...Doing[]]) {
  const asked: { readonly path: string; readonly headers: Headers; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      asked.push({ path: request.url ?? '', headers: request.headers, body });
      doings[Math.min(asked.length, doings.length) - 1]?.(response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  const env = { TOCSIN_URL: `http://127.0.0.1:${port}`, TOCSIN_API_KEY: 'k' };
  return { asked, close, tocsin: (...args: string[]) => tocsin(args, env) };
}

async function tocsin(args: readonly string[], env: Record<string, string>): Promise<Ended> {
  return runCommand(args, { env });
}

const NOTE = ['note', '7KQ2', 'words'] as const;

function keysOf(asked: readonly { readonly headers: Headers }[]): readonly unknown[] {
  return asked.map(({ headers }) => headers['idempotency-key']);
}

describe('a write whose connection breaks', () => {
  it('is sent again under the same key, and says so', async () => {
    const { asked, tocsin } = await api(breaks, breaks, done);
    const { code, out, err } = await tocsin(...NOTE);
    expect({ code, out }).toEqual({ code: 0, out: 'Noted.' });
    expect(asked).toHaveLength(3);
    expect(new Set(keysOf(asked)).size).toBe(1);
    expect(new Set(asked.map(({ body }) => body)).size).toBe(1);
    expect(err).toMatch(
      /^Tocsin does not answer at http:\S+ \((?:ECONNRESET|UND_ERR_SOCKET)\)\. The same request goes again in 0\.5 s \(2 of 4\)\.\n.+ in 1 s \(3 of 4\)\.$/,
    );
  });

  it('ends after a few tries with the key that makes the next run count once', async () => {
    const { asked, tocsin } = await api(breaks);
    const { code, err } = await tocsin('declare', '--title', 'x');
    expect(code).toBe(3);
    expect(asked).toHaveLength(4);
    expect(err).toContain(
      `It may have been done: the same command with --idempotency-key ${String(keysOf(asked)[0])} does it once.`,
    );
  });

  it('says so, too, when who broke off does not come back', async () => {
    const { asked, close, tocsin } = await api((response) => {
      close();
      breaks(response);
    });
    const { code, err } = await tocsin(...NOTE);
    expect({ code, tries: asked.length }).toEqual({ code: 3, tries: 1 });
    expect(err).toContain('ECONNREFUSED');
    expect(err).toContain(`--idempotency-key ${String(keysOf(asked)[0])} does it once`);
  });

  it('is not sent to who never was there, and nothing is left open then', async () => {
    const { close, tocsin } = await api(done);
    close();
    const { code, err } = await tocsin(...NOTE);
    expect(code).toBe(3);
    expect(err).not.toContain('again');
    expect(err).not.toContain('--idempotency-key');
  });
});

describe('a write that is answered with 503', () => {
  it('is sent again when Retry-After says when', async () => {
    const { asked, tocsin } = await api(refuses('temporal-unavailable', '1'), done);
    const { code, err } = await tocsin(...NOTE);
    expect({ code, err }).toEqual({
      code: 0,
      err: 'Away. The same request goes again in 1 s (2 of 4).',
    });
    expect(new Set(keysOf(asked))).toEqual(new Set([keysOf(asked)[0]]));
  });

  it.each([
    ['without Retry-After', refuses('temporal-unavailable')],
    ['in a quarter of an hour', refuses('temporal-unavailable', '900')],
    ['of what stays so', refuses('no-store', '0')],
    ['no, with another status', refuses('internal', '0', 500)],
  ])('is left at that: %s', async (_what, doing) => {
    const { asked, tocsin } = await api(doing);
    expect((await tocsin(...NOTE)).code).toBeGreaterThan(0);
    expect(asked).toHaveLength(1);
  });

  it('is sent four times at most', async () => {
    const { asked, tocsin } = await api(refuses('worker-unavailable', '0'));
    const { code, out } = await tocsin(...NOTE, '--json');
    expect({ code, tries: asked.length }).toEqual({ code: 3, tries: 4 });
    expect(JSON.parse(out)).toMatchObject({
      error: {
        code: 'worker-unavailable',
        remedy: expect.stringContaining(`--idempotency-key ${String(keysOf(asked)[0])}`) as string,
      },
    });
  });
});

describe('tocsin import', () => {
  const whole = 'words\n'.repeat(30_000);
  async function backup(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-import-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'backup'), whole);
    return join(folder, 'backup');
  }
  const isIn: Doing = (response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end('{"tables":[]}');

  it('sends all of it again when it is answered with 503, four times at most', async () => {
    const { asked, tocsin } = await api(refuses('store-away', '0'), refuses('store-away', '0'), isIn);
    const { code, err } = await tocsin('import', await backup());
    expect([code, err]).toEqual([0, expect.stringContaining('goes again in 0 s (3 of 4)')]);
    expect(asked.map(({ body }) => body === whole)).toEqual([true, true, true]);
    const away = await api(refuses('store-away', '0'));
    expect([(await away.tocsin('import', await backup())).code, away.asked.length]).toEqual([3, 4]);
  });

  it('does not send it again when the connection breaks: it may be in', async () => {
    const { asked, tocsin } = await api(breaks, isIn);
    expect(await tocsin('import', await backup())).toMatchObject({
      code: 3,
      err: expect.stringContaining('does not answer') as string,
    });
    expect(asked).toHaveLength(1);
  });

  it('never sounds as if it were in before it is', async () => {
    const { tocsin } = await api(refuses('store-not-empty', undefined, 409));
    const { code, err } = await tocsin('import', await backup());
    expect([code, err]).toEqual([1, expect.stringContaining('Away.')]);
    expect(err).not.toMatch(/put in\./);
  });
});

describe('options of what writes', () => {
  it('give the request a name, and the state it is meant for', async () => {
    const { asked, tocsin } = await api(done);
    const etag = '12-abcdefghijklmnopqrstuv';
    await tocsin(...NOTE, '--idempotency-key', 'mine', '--if-match', etag);
    await tocsin(...NOTE, '--if-match', `"${etag}"`);
    await tocsin('declare', '--title', 'x', '--idempotency-key', 'mine');
    await tocsin('postmortem', '7KQ2', 'https://x.example', '--idempotency-key', 'mine');
    expect(keysOf(asked).map((key) => key === 'mine')).toEqual([true, false, true, true]);
    expect(asked.map(({ headers }) => headers['if-match'])).toEqual([
      `"${etag}"`,
      `"${etag}"`,
      undefined,
      undefined,
    ]);
  });

  it.each([
    [[...NOTE, '--idempotency-key', 'two words']],
    [[...NOTE, '--idempotency-key', 'x'.repeat(256)]],
    [[...NOTE, '--if-match', 'ä']],
    [['declare', '--title', 'x', '--if-match', '12-x']],
    [['incidents', '--all', '--closed']],
  ])('end with 2 for %j', async (args) => {
    const { asked, tocsin } = await api(done);
    expect(await tocsin(...args)).toMatchObject({ code: 2 });
    expect(asked).toEqual([]);
  });
});

describe('lists and reads', () => {
  it('tocsin incidents --closed lists what is over, and only that', async () => {
    const { asked, tocsin } = await api(done);
    const { out } = await tocsin('incidents', '--closed');
    await tocsin('incidents', '--all');
    await tocsin('incidents');
    const open = asked.map(({ path }) => new URL(path, 'http://x').searchParams.get('open'));
    expect(open).toEqual(['false', null, 'true']);
    expect(out).toBe('No incidents.');
  });

  it('tocsin show --etag tells what --if-match takes', async () => {
    const { tocsin } = await api(done);
    const { out } = await tocsin('show', '7KQ2', '--etag', '--json');
    expect(JSON.parse(out)).toMatchObject({
      etag: '"12-abcdefghijklmnopqrstuv"',
      incident: { outcome: 'noted' },
    });
    expect(JSON.parse((await tocsin('show', '7KQ2', '--json')).out)).not.toHaveProperty('etag');
  });
});

describe('errors with --json', () => {
  it.each([
    [['ack', '--json'], "missing required argument 'incident'"],
    [['export', '7KQ2', '--format', 'pdf', '--json'], "option '--format <format>' argument 'pdf' is invalid"],
    [['incidents', '--limit', '900', '--json'], 'Expected a whole number from 1 to 100.'],
    [['nonsense', '--json'], "unknown command 'nonsense'"],
    [['calendar', 'nonsense', '--json'], "unknown command 'nonsense'"],
    [['--json'], "unknown option '--json'"],
  ])('are JSON on stdout and nothing else for %j', async (args, words) => {
    const { code, out, err } = await tocsin(args, {});
    expect({ code, err }).toEqual({ code: 2, err: '' });
    const told = JSON.parse(out) as { error: Record<string, string> };
    expect(told).toMatchObject({ error: { code: 'bad-usage', remedy: expect.any(String) as string } });
    expect(told.error['message']).toContain(words);
    expect(told.error['message']).not.toMatch(/^error:/);
  });

  it('are JSON, too, when nobody expected them; stderr has where', async () => {
    const context = { env: {}, cwd: tmpdir() } as unknown as Context;
    const [printed, said, codes]: [string[], string[], number[]] = [[], [], []];
    await runProgram(['oncall', '--json'], {
      ...context,
      env: new Proxy({}, { get: () => fail() }),
      print: (line) => printed.push(line),
      say: (line) => said.push(line),
      colours: createColours(false),
      errorColours: createColours(false),
      setExitCode: (value) => codes.push(value),
    });
    expect(codes).toEqual([1]);
    expect(JSON.parse(printed.join('\n'))).toMatchObject({
      error: { code: 'unexpected', message: expect.stringContaining('a bug') as string },
    });
    expect(said.join('\n')).toMatch(/a bug\n\s+at /);
  });

  it('are for people without it, also where --json stands among the words', async () => {
    const { out, err } = await tocsin(['severity', '--', '--json'], {});
    expect(out).toBe('');
    expect(err).toContain('Run with --help');
    expect((await tocsin(['--help'], {})).out).toContain('Usage:');
  });
});

function fail(): never {
  throw new Error('a bug');
}
