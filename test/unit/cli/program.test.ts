import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createColours } from '../../../cli/output/colours.js';
import { createProgram, runProgram } from '../../../cli/program.js';
import { ownDirectory } from '../../../cli/up/run-state.js';
import { keepSecrets } from '../../../cli/up/secrets.js';
import type { Context } from '../../../cli/context.js';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function tocsin(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const { context, end } = recording(env);
  await runProgram(args, context);
  return end();
}

function recording(env: Record<string, string>): { context: Context; end: () => Ended } {
  const [out, err]: [string[], string[]] = [[], []];
  let code = 0;
  const context: Context = {
    env,
    cwd: tmpdir(),
    print: (line) => out.push(line),
    say: (line) => err.push(line),
    colours: createColours(false),
    errorColours: createColours(false),
    now: () => Date.UTC(2026, 10, 21, 12),
    setExitCode: (value) => {
      code = value;
    },
  };
  return { context, end: () => ({ code, out: out.join('\n'), err: err.join('\n') }) };
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An API that answers one thing and remembers what it was asked. */
async function api(status: number, answer: string): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      asked.push({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body,
      });
      response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, asked };
}

describe('the command line', () => {
  it('says in its help what the exit codes mean', async () => {
    const { out, code } = await tocsin(['--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/Exit codes:\n {2}0 {2}done\n {2}1 [\s\S]*\n {2}2 [\s\S]*\n {2}3 /);
    for (const command of [
      'up',
      'check',
      'schema',
      'incidents',
      'show',
      'ack',
      'resolve',
      'declare',
      'oncall',
      'doctor',
    ])
      expect(out).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'));
  });

  it('has a description, examples and --json for every command', async () => {
    const commands = createProgram(recording({}).context).commands.map((command) => command.name());
    expect(commands.length).toBeGreaterThan(12);
    for (const command of commands) {
      const { out } = await tocsin([command, '--help']);
      expect(out, command).toContain('Examples:\n');
      expect(out, command).toContain('--json');
      expect(out.split('\n')[2], command).toMatch(/^[A-Z].+/);
    }
  });

  it.each([
    [['nonsense']],
    [['ack']],
    [['incidents', '--limit', '900']],
    [['declare']],
    [['show', 'a', 'b']],
  ])('ends with 2 for the bad usage %j', async (args) => {
    const { code, err } = await tocsin(args);
    expect(code).toBe(2);
    expect(err).toContain('Run with --help');
  });

  it('acts through the API as the command line, once, and prints the sentence', async () => {
    const { url, asked } = await api(200, '{"outcome":"updated","sentence":"Update posted.\\u001b[2J"}');
    const env = { TOCSIN_URL: url, TOCSIN_API_KEY: 'the-key' };
    const { out, code } = await tocsin(['update', '7KQ2', '--by', 'alice', 'rolling', 'back'], env);
    expect({ out, code }).toEqual({ out: 'Update posted.[2J', code: 0 });
    expect(asked).toMatchObject([
      {
        method: 'POST',
        path: '/v1/incidents/7KQ2/updates',
        body: '{"text":"rolling back","by":"alice"}',
        headers: { authorization: 'Bearer the-key', 'user-agent': 'tocsin-cli' },
      },
    ]);
    expect(asked[0]?.headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('gives severity and reason to the API', async () => {
    const { url, asked } = await api(200, '{"outcome":"severity-changed","sentence":"SEV1 now."}');
    await tocsin(['severity', '7KQ2', 'SEV1', '--reason', 'customers'], {
      TOCSIN_URL: url,
      TOCSIN_API_KEY: 'k',
    });
    expect(asked[0]).toMatchObject({
      path: '/v1/incidents/7KQ2/severity',
      body: '{"severity":"SEV1","reason":"customers"}',
    });
  });

  it('shows the key that was made up here to the Tocsin that runs here and to no other server', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tocsin-key-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const secrets = await keepSecrets(dataDir, ['TOCSIN_API_KEY'], () => undefined);
    const here = await api(200, '{"outcome":"updated","sentence":"Update posted."}');
    const elsewhere = await api(200, '{"outcome":"updated","sentence":"Update posted."}');
    const directory = await ownDirectory(dataDir);
    onTestFinished(() => directory.release());
    await directory.announce({ url: here.url });
    const update = ['update', '7KQ2', '--by', 'alice', 'rolling back', '--data-dir', dataDir];
    for (const flags of [[], ['--url', `${here.url}/`]])
      expect(await tocsin([...update, ...flags])).toMatchObject({ code: 0 });
    expect(here.asked.map(({ headers }) => headers.authorization)).toEqual(
      Array(2).fill(`Bearer ${secrets['TOCSIN_API_KEY'] ?? ''}`),
    );
    const refused = await tocsin([...update, '--url', elsewhere.url]);
    expect(refused).toMatchObject({
      code: 1,
      err: expect.stringContaining(`There is no API key to use for ${elsewhere.url}.`) as string,
    });
    expect(await tocsin(update, { TOCSIN_URL: elsewhere.url })).toMatchObject({ code: 1 });
    expect(elsewhere.asked).toEqual([]);
  });

  it('repeats what the API says is wrong, with its remedy and every field', async () => {
    const { url } = await api(
      400,
      JSON.stringify({
        error: {
          code: 'unknown-user',
          message: 'No user has this id.',
          remedy: 'Use an id under `users`.',
          problems: [{ path: 'by', message: 'Expected the id of a user, found "zoe".' }],
          requestId: 'r',
        },
      }),
    );
    const env = { TOCSIN_URL: url, TOCSIN_API_KEY: 'k' };
    const told = await tocsin(['ack', '7KQ2', '--by', 'zoe'], env);
    expect(told.code).toBe(1);
    expect(told.err).toBe(
      'error No user has this id.\n   by: Expected the id of a user, found "zoe".\n   → Use an id under `users`.',
    );
    const forPrograms = await tocsin(['ack', '7KQ2', '--by', 'zoe', '--json'], env);
    expect(JSON.parse(forPrograms.out)).toMatchObject({ error: { code: 'unknown-user' } });
  });

  it('ends with 3 when nothing answers, when it is not Tocsin, and when Temporal is away', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const address = closed.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => closed.close(resolve));
    const key = { TOCSIN_API_KEY: 'k' };
    const gone = await tocsin(['oncall'], { ...key, TOCSIN_URL: `http://127.0.0.1:${port}` });
    expect(gone).toMatchObject({ code: 3, err: expect.stringContaining('npm start') as string });
    const other = await api(200, '<html>');
    expect(await tocsin(['oncall'], { ...key, TOCSIN_URL: other.url })).toMatchObject({
      code: 3,
      err: expect.stringContaining('is no Tocsin') as string,
    });
    const away = await api(
      503,
      '{"error":{"code":"temporal-unavailable","message":"Away.","requestId":"r"}}',
    );
    expect(await tocsin(['oncall'], { ...key, TOCSIN_URL: away.url })).toMatchObject({ code: 3 });
  });

  it('checks a configuration: 0 when it can be used, 1 when it can’t', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-check-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'tocsin.yaml'), 'users: 3\n');
    const bad = await tocsin(['check', folder]);
    expect(bad.code).toBe(1);
    expect(bad.out).toContain('tocsin.yaml:1:');
    expect(await tocsin(['check'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('5 users') as string,
    });
    const json = await tocsin(['check', folder, '--json']);
    expect(JSON.parse(json.out)).toMatchObject({ ok: false });
  });

  it('prints the JSON Schema, or writes it to a file', async () => {
    expect(JSON.parse((await tocsin(['schema'])).out)).toMatchObject({ title: 'Tocsin configuration' });
    expect(await tocsin(['schema', '--out', '/nowhere/at/all'])).toMatchObject({ code: 1 });
  });
});
