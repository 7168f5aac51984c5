import { createServer, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProgram } from '../../../cli/program.js';
import { ownDirectory } from '../../../cli/up/run-state.js';
import { keepSecrets } from '../../../cli/up/secrets.js';
import { yamlWith } from '../config/support.js';
import { recording, runCommand, type Ran } from '../../support/command-line.js';

const NOON = (): number => Date.UTC(2026, 10, 21, 12);

function tocsin(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  return runCommand(args, { env, now: NOON });
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
    const { commands } = createProgram(recording().context);
    expect(commands.length).toBeGreaterThan(12);
    // One that is made of others has options and examples in those.
    const all = commands.flatMap((command) => [
      { words: [command.name()], takesOptions: command.commands.length === 0 },
      ...command.commands.map((child) => ({ words: [command.name(), child.name()], takesOptions: true })),
    ]);
    for (const { words, takesOptions } of all) {
      const { out } = await tocsin([...words, '--help']);
      if (takesOptions) {
        expect(out, words.join(' ')).toContain('Examples:\n');
        expect(out, words.join(' ')).toContain('--json');
      }
      expect(out.split('\n')[2], words.join(' ')).toMatch(/^[A-Z].+/);
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

  it('does not use a key that was made up before when the Tocsin that runs was given another', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tocsin-key-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    await keepSecrets(dataDir, ['TOCSIN_API_KEY'], () => undefined);
    const here = await api(401, '{"error":{"code":"wrong-key","message":"No.","requestId":"r"}}');
    const directory = await ownDirectory(dataDir);
    onTestFinished(() => directory.release());
    await directory.announce({ url: here.url, given: ['TOCSIN_API_KEY'] });
    expect(await tocsin(['incidents', '--data-dir', dataDir])).toMatchObject({
      code: 1,
      err: `error The Tocsin at ${here.url} was started with TOCSIN_API_KEY set, and this shell does not have it.\n   → Set it here to the same: export TOCSIN_API_KEY=…`,
    });
    expect(here.asked).toEqual([]);
  });

  it('shows the keys that were made up, and only names those that were given', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tocsin-key-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    const keys = (...words: string[]) => tocsin(['keys', ...words, '--data-dir', dataDir]);
    expect(await keys('TOCSIN_KEY_GENERIC')).toMatchObject({ code: 1, out: '' });
    const names = ['TOCSIN_API_KEY', 'TOCSIN_KEY_GENERIC', 'TOCSIN_SECRET'];
    const made = await keepSecrets(dataDir, names, () => undefined);
    expect(await keys('TOCSIN_KEY_GENERIC')).toMatchObject({
      code: 0,
      out: made['TOCSIN_KEY_GENERIC'],
      err: '',
    });
    expect(await keys('TOCSIN_SECRET')).toMatchObject({ code: 2, out: '' });
    const directory = await ownDirectory(dataDir);
    onTestFinished(() => directory.release());
    await directory.announce({ url: 'http://localhost:1', given: ['TOCSIN_API_KEY'] });
    const { out } = await keys();
    expect(out).toMatch(/^TOCSIN_API_KEY +set in the environment +apiKeys\.cli$/m);
    expect(out).toContain(`${made['TOCSIN_KEY_GENERIC'] ?? ''}  integrations.generic`);
    expect(out).not.toContain(made['TOCSIN_API_KEY']);
    expect(out).not.toContain(made['TOCSIN_SECRET']);
    expect(await keys('TOCSIN_API_KEY')).toMatchObject({ code: 1, out: '' });
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

  it.each([
    [
      {
        code: 'incident-not-found',
        message: 'No incident has this id.',
        remedy: 'GET /v1/incidents lists them.',
      },
      'error No incident has this id.\n   → `tocsin incidents` lists them (--all: those that are over, too); an id looks like 3f2a…-9c01d2e4, a code has 4 characters.',
    ],
    [
      {
        code: 'invalid-body',
        message: 'The body has 1 wrong field.',
        remedy: 'Mend the fields named in `problems` and send it again.',
        problems: [{ path: 'for', message: 'Expected a duration.' }],
      },
      'error Tocsin does not take that:\n   for: Expected a duration.\n   → The command with --help says what it takes.',
    ],
    [
      {
        code: 'snooze-out-of-bounds',
        message: 'A snooze lasts from 5 minutes to 24 hours.',
        problems: [{ path: 'for', message: 'A snooze lasts from 5 minutes to 24 hours.' }],
      },
      'error A snooze lasts from 5 minutes to 24 hours.',
    ],
    [
      {
        code: 'override-not-found',
        message: 'No override has this id.',
        remedy: 'GET /v1/overrides (tocsin override list) has those that count now and later.',
      },
      'error No override has this id.\n   → `tocsin override list` has those that count now and later.',
    ],
  ])('speaks of commands, not of requests, where the API says %j', async (error, said) => {
    const { url } = await api(400, JSON.stringify({ error: { ...error, requestId: 'r' } }));
    const told = await tocsin(['snooze', '7KQ2', '1m'], { TOCSIN_URL: url, TOCSIN_API_KEY: 'k' });
    expect(told.err).toBe(said);
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

  it('notes which variables a start will need, and is content', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-check-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const integrations = '{ pd: { kind: pagerduty, key: { env: KEY_PD } } }';
    await writeFile(join(folder, 'tocsin.yaml'), yamlWith({ integrations }));
    const lacking = await tocsin(['check', folder]);
    expect(lacking).toMatchObject({ code: 0 });
    expect(lacking.out.split('\n').at(-1)).toBe(
      'note a start needs the key that is not set here, in the environment of the shell that starts Tocsin, e.g. export KEY_PD=…',
    );
    expect(lacking.out.match(/KEY_PD is not set/g)).toHaveLength(1);
    expect(JSON.parse((await tocsin(['check', folder, '--json'])).out)).toMatchObject({ needs: ['KEY_PD'] });
    expect((await tocsin(['check', folder], { KEY_PD: 'x' })).out).not.toContain('note');
    expect((await tocsin(['check'])).out).toContain('tocsin keys shows them');
  });

  it('prints the JSON Schema, or writes it to a file', async () => {
    expect(JSON.parse((await tocsin(['schema'])).out)).toMatchObject({ title: 'Tocsin configuration' });
    expect(await tocsin(['schema', '--out', '/nowhere/at/all'])).toMatchObject({ code: 1 });
  });
});
