import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCommand } from '../../support/command-line.js';

const CALENDAR = {
  id: '3f9a1c0b7d2e',
  subject: { kind: 'person', id: 'anna' },
  createdAt: 0,
  createdBy: 'ops',
};
const URL_OF_IT = 'https://tocsin.example.com/calendars/secret.ics';

interface Ran {
  readonly printed: string;
  readonly said: string;
  readonly exitCode: number;
  /** What the API was asked. */
  readonly asked: readonly { readonly line: string; readonly body: string }[];
}

/** Runs a command line against an API that answers everything with this. */
async function run(args: readonly string[], answer: object, status = 200): Promise<Ran> {
  const asked: { line: string; body: string }[] = [];
  const server = createServer((request, response) => {
    const line = `${request.method ?? ''} ${request.url ?? ''}`;
    void request.toArray().then((chunks) => {
      asked.push({ line, body: Buffer.concat(chunks as Buffer[]).toString() });
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const env = {
    TOCSIN_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    TOCSIN_API_KEY: 'k',
  };
  const { code, out, err } = await runCommand(args, { env });
  return { printed: out, said: err, exitCode: code, asked };
}

describe('tocsin calendar', () => {
  it.each([
    [['--person', 'anna'], { kind: 'person', id: 'anna' }],
    [['--schedule', 'payments', '--by', 'bob'], { kind: 'schedule', id: 'payments', by: 'bob' }],
  ])('create %j prints the address alone, for a pipe, and says the rest beside', async (flags, body) => {
    const ran = await run(['calendar', 'create', ...flags], { calendar: CALENDAR, url: URL_OF_IT }, 201);
    expect(ran.asked.map(({ line }) => line)).toEqual(['POST /v1/calendars']);
    expect(JSON.parse(ran.asked[0]?.body ?? '')).toEqual(body);
    expect(ran.printed).toBe(URL_OF_IT);
    expect(ran.said).toContain('tocsin calendar revoke 3f9a1c0b7d2e');
    expect(ran.exitCode).toBe(0);
  });

  it.each([
    [['create'], /Say of what/],
    [['create', '--person', 'anna', '--schedule', 'payments'], /of a person or of a schedule/],
    [['list', '--person', 'anna', '--schedule', 'payments'], /of a person or of a schedule/],
    [['revoke'], /missing required argument 'calendar'/],
    [['forget'], /unknown command 'forget'/],
  ])('%j asks for nothing and ends with 2', async (args, words) => {
    const ran = await run(['calendar', ...args], {});
    expect(ran.asked).toEqual([]);
    expect(ran.said).toMatch(words);
    expect(ran.exitCode).toBe(2);
  });

  it('list shows what they are of and whether they can be read', async () => {
    const gone = { ...CALENDAR, id: 'b', revokedAt: 0, revokedBy: 'bob\u001b[31m' };
    const ran = await run(['calendar', 'list', '--person', 'anna', '--revoked'], {
      calendars: [CALENDAR, gone],
    });
    expect(ran.asked.map(({ line }) => line)).toEqual(['GET /v1/calendars?kind=person&id=anna&revoked=true']);
    const [head, first, second] = ran.printed.split('\n');
    expect(head).toMatch(/^ID +OF +MADE +BY +STATE$/);
    expect(first).toMatch(/^3f9a1c0b7d2e +person anna +[\d:]+ +ops +can be read$/);
    expect(second).toMatch(/^b +person anna +[\d:]+ +ops +taken back [\d:]+ by bob\[31m$/);
  });

  it('list says how to make one when there is none', async () => {
    const ran = await run(['calendar', 'list'], { calendars: [] });
    expect(ran.asked.map(({ line }) => line)).toEqual(['GET /v1/calendars']);
    expect(ran.printed).toContain('tocsin calendar create');
  });

  it('revoke takes back by id', async () => {
    const ran = await run(['calendar', 'revoke', '../x', '--by', 'bob'], { calendar: CALENDAR });
    expect(ran.asked).toEqual([{ line: 'POST /v1/calendars/..%2Fx/revoke', body: '{"by":"bob"}' }]);
    expect(ran.printed).toBe('Taken back: the calendar ../x of person anna.');
  });

  it.each([
    ['create', ['--person', 'anna'], { calendar: CALENDAR, url: URL_OF_IT }],
    ['list', [], { calendars: [CALENDAR] }],
    ['revoke', ['x'], { calendar: CALENDAR }],
  ])('%s --json prints the answer as it came', async (name, args, answer) => {
    const ran = await run(['calendar', name, ...args, '--json'], answer);
    expect(JSON.parse(ran.printed)).toEqual(answer);
    expect(ran.said).toBe('');
  });

  it('tells what the API refuses, with the exit code of a store that is away', async () => {
    const error = { code: 'store-away', message: 'The store is away.', remedy: 'Later.', requestId: 'r' };
    const ran = await run(['calendar', 'list'], { error }, 503);
    expect(ran.said).toContain('The store is away.');
    expect(ran.exitCode).toBe(3);
  });
});
