import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createColours } from '../../../cli/output/colours.js';
import { runProgram } from '../../../cli/program.js';
import { followedFrom, listChanges, type Listed } from '../../../cli/watch/followed.js';
import { createScreen } from '../../../cli/watch/screen.js';
import { summaryOf, viewOf } from '../../api/support/incidents-of-the-tests.js';
import { recording } from '../../support/command-line.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ESC = String.fromCharCode(27);

/** An API that answers what it is told to, with a tag for each answer; null: it breaks the connection. */
interface Api {
  readonly url: string;
  answer: { readonly status: number; readonly body: unknown } | null;
  asked: number;
  notModified: number;
}

async function startApi(body: unknown): Promise<Api> {
  const server = createServer((request, response) => {
    api.asked += 1;
    if (api.answer === null) return void request.socket.destroy();
    const text = JSON.stringify(api.answer.body);
    const etag = `"${Buffer.from(text).toString('base64url').slice(-40)}${text.length}"`;
    if (request.headers['if-none-match'] === etag) {
      api.notModified += 1;
      return void response.writeHead(304, { etag }).end();
    }
    response.writeHead(api.answer.status, { 'content-type': 'application/json', etag }).end(text);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const api: Api = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: { status: 200, body },
    asked: 0,
    notModified: 0,
  };
  return api;
}

interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly lines: () => readonly string[];
  readonly errors: () => string;
}

function watchProcess(api: Api, ...args: readonly string[]): Running {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', join(ROOT, 'cli/main.ts'), 'watch', '--every', '500ms', ...args],
    { cwd: ROOT, env: { ...process.env, TOCSIN_URL: api.url, TOCSIN_API_KEY: 'k' } },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
  return { child, lines: () => out.split('\n').slice(0, -1), errors: () => err };
}

const POLL = { timeout: 15_000, interval: 50 };
const list = (...incidents: ReturnType<typeof summaryOf>[]) => ({ incidents });

describe('tocsin watch', () => {
  it('prints a line for each change, waits for an API that is away, and ends with 0 at Ctrl-C', async () => {
    const api = await startApi(list(summaryOf()));
    const { child, lines, errors } = watchProcess(api);
    await expect.poll(lines, POLL).toHaveLength(1);
    expect(lines()[0]).toMatch(/ open 7KQ2 SEV1 triggered payments: checkout is down, nobody has it yet$/);
    await expect.poll(() => api.notModified, POLL).toBeGreaterThan(1);

    api.answer = null;
    await expect.poll(errors, POLL).toContain('Asking again.');
    const asked = api.asked;
    await expect.poll(() => api.asked, POLL).toBeGreaterThan(asked + 1);
    expect(errors().match(/Asking again/g)).toHaveLength(1);

    const owned = summaryOf({ phase: 'acknowledged', owner: 'alice', ownerName: 'Alice' });
    api.answer = { status: 200, body: list(owned, summaryOf({ openingId: 'two', code: 'ABC2' })) };
    await expect.poll(lines, POLL).toHaveLength(3);
    expect(errors()).toContain('Tocsin is back.');
    expect(lines()[1]).toMatch(/ changed 7KQ2 SEV1 acknowledged payments: checkout is down, Alice has it$/);
    expect(lines()[2]).toMatch(/ opened ABC2 /);

    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  }, 40_000);

  it('prints JSON lines, and ends when nobody reads them', async () => {
    const api = await startApi(list(summaryOf()));
    const { child, lines } = watchProcess(api, '--json');
    await expect.poll(lines, POLL).toHaveLength(1);
    expect(JSON.parse(lines()[0] ?? '')).toMatchObject({ change: 'open', incident: { code: '7KQ2' } });
    const ended = once(child, 'exit');
    child.stdout.destroy();
    api.answer = { status: 200, body: list() };
    await expect.poll(() => api.asked, POLL).toBeGreaterThan(1);
    expect(await ended).toEqual([0, null]);
  }, 40_000);

  it('draws one incident in its place on a terminal, and leaves the last picture when it is resolved', async () => {
    const api = await startApi(viewOf());
    let drawn = '';
    const said: string[] = [];
    const watching = runProgram(['watch', '7KQ2', '--every', '500ms'], {
      ...recording().context,
      env: { TOCSIN_URL: api.url, TOCSIN_API_KEY: 'k' },
      print: (line) => said.push(line),
      say: (line) => said.push(line),
      terminal: { write: (text) => (drawn += text), rows: () => 12 },
      now: () => viewOf().openedAt + 60_000,
      setExitCode: (code) => said.push(`exit ${code}`),
    });
    await expect.poll(() => drawn, POLL).toContain('nobody yet; paged: Alice');
    expect(drawn).toContain('more lines: make the terminal higher');
    api.answer = null;
    await expect.poll(() => drawn, POLL).toContain('What you see is what it was; asking again.');
    api.answer = { status: 200, body: viewOf({ phase: 'resolved', paging: false, deadlines: [] }) };
    await watching;
    const [, left = ''] = drawn.split(`${ESC}[?1049l`);
    expect(left).toContain('nothing: no promise is open');
    expect(left).toContain('What happened');
    expect(said).toEqual([]);
  }, 20_000);

  it('ends with what is wrong when it never began: nobody there, or no such incident', async () => {
    const api = await startApi({ error: { code: 'incident-not-found', message: 'No.', requestId: 'r' } });
    const ended = async (answer: Api['answer']): Promise<readonly unknown[]> => {
      api.answer = answer;
      const told: unknown[] = [];
      await runProgram(['watch', 'ZZZ9', '--every', '500ms'], {
        env: { TOCSIN_URL: api.url, TOCSIN_API_KEY: 'k' },
        cwd: tmpdir(),
        print: (line) => told.push(line),
        say: (line) => told.push(line),
        colours: createColours(false),
        errorColours: createColours(false),
        now: () => 0,
        setExitCode: (code) => told.push(code),
      });
      return told;
    };
    const unknown = await ended({ status: 404, body: api.answer?.body });
    expect(unknown).toEqual(['error No.', expect.stringContaining('`tocsin incidents` lists them'), 1]);
    expect((await ended(null)).at(-1)).toBe(3);
  });
});

describe('listChanges', () => {
  it('tells what opened, changed and went, once each', () => {
    const [one, two, three] = ['1', '2', '3'].map((openingId) => summaryOf({ openingId }));
    if (one === undefined || two === undefined || three === undefined) throw new Error('three were made');
    const whole = (...incidents: Listed[]) => followedFrom(null, incidents, true);
    expect(listChanges(null, whole(one)).map(({ change }) => change)).toEqual(['open']);
    expect(listChanges(whole(one), whole(one))).toEqual([]);
    const after = whole(three, { ...one, phase: 'monitoring' });
    expect(
      listChanges(whole(one, two), after).map(({ change, incident }) => [change, incident.openingId]),
    ).toEqual([
      ['opened', '3'],
      ['changed', '1'],
      ['gone', '2'],
    ]);
  });
});

describe('the screen', () => {
  it('draws over what it drew, and gives the terminal back as it was', () => {
    let written = '';
    const screen = createScreen({ write: (text) => (written += text), rows: () => 24 });
    screen.draw('one\ntwo');
    screen.draw('three');
    screen.end();
    expect(written.match(/\[\?1049h/g)).toHaveLength(1);
    expect(written.match(new RegExp(`${ESC}\\[H`, 'g'))).toHaveLength(2);
    expect(written.endsWith(`${ESC}[?7h${ESC}[?25h${ESC}[?1049lthree\n`)).toBe(true);
  });
});
