import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { createProgram, runProgram } from '../../../cli/program.js';
import type { Context } from '../../../cli/context.js';
import { createTestApp } from '../../api/support/test-app.js';
import { recording } from '../../support/command-line.js';

/** Routes that deliberately have no command, and why. */
const WITHOUT: Readonly<Record<string, string>> = {
  'GET /metrics': 'for Prometheus',
  'GET /healthz': 'for machines that watch; `doctor` asks /readyz',
  'GET /openapi.json': 'for generators of clients',
  'GET /docs': 'for a browser',
  'GET /': 'for a browser',
  'GET /calendars/:token.ics': 'for calendar programs',
};

/** Parameters that deliberately have no option, and why; of one route, or of all. */
const WITHOUT_OPTION: Readonly<Record<string, string>> = {
  'header if-none-match': '`watch` sends it when it asks again: test/unit/cli/watch.test.ts',
  'GET /v1/overrides: query cursor': '`override list` reads all pages',
  'POST /v1/records/rebuild: body cursor': '`records rebuild` goes through all pages',
};

function isWithout(parameter: string): boolean {
  return Object.keys(WITHOUT_OPTION).some((known) => parameter.endsWith(known));
}

/** Options that say where and how, and nothing to the API. */
const ELSEWHERE = ['--url', '--data-dir', '--output', '--json', '--help'];

/** Commands that ask no API. */
const LOCAL = [
  'up',
  'worker',
  'api',
  'check',
  'schema',
  'simulate',
  'completion',
  'contact card',
  'keys show',
];

/** Example arguments for what a command's help calls them. */
const WORDS: Readonly<Record<string, string>> = {
  incident: '7KQ2',
  calendar: '3f9a1c0b7d2e',
  key: '3f9a1c0b7d2e',
  file: '/dev/null',
  schedule: 'payments',
  override: 'ov-0123456789abcdef',
  severity: 'SEV1',
  text: 'words',
  url: 'https://wiki.example.com/pm/1',
  user: 'bob',
  duration: '30m',
  for: '30m',
};

/** Options without which a command asks for nothing. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  declare: ['--title', 'x'],
  page: ['--user', 'carol'],
  'override add': ['--for', '8h', '--reason', 'x'],
  'override swap': ['--gives', '2026-12-22', '--takes', '2026-12-29', '--reason', 'x'],
  'calendar create': ['--schedule', 'payments'],
  'keys create': ['--scope', 'read'],
  'maintenance start': ['payments', '--for', '2h', '--reason', 'x'],
};

/** The same for options that exclude those. */
const INSTEAD: Readonly<Record<string, readonly string[]>> = {
  'override add': ['--to', '2026-11-22T13:00:00Z', '--reason', 'x'],
  'calendar create': ['--person', 'bob'],
  'maintenance start': ['payments', '--to', '2026-11-22T13:00:00Z', '--reason', 'x'],
};

function contextOf(env: Record<string, string>): Context {
  return recording({ env }).context;
}

/** One request as it arrived. */
interface Asked {
  /** e.g. `POST /v1/incidents/7KQ2/acknowledge` */
  readonly name: string;
  /** e.g. `query limit`, `header if-match`, `body by` */
  readonly parameters: readonly string[];
}

/** The value of an option that takes any. */
const ANY = 'x';

/** Values for options that take only some. */
const VALUES: Readonly<Record<string, string>> = {
  limit: '7',
  every: '2s',
  weeks: '2',
  'if-match': '12-abcdefghijklmnopqrstuv',
  from: '2026-11-21T13:00:00Z',
  to: '2026-11-22T13:00:00Z',
  since: '2026-11-21T13:00:00Z',
  until: '2026-11-22T13:00:00Z',
  at: '2026-11-21T13:00:00Z',
  match: 'cluster=staging',
};

/** The command lines of this command: without options, with each of them alone, without the arguments that may be left out. */
function linesOf(name: string, command: Command): readonly (readonly string[])[] {
  const args = command.registeredArguments;
  const full = args.map((argument) => WORDS[argument.name()] ?? 'word');
  const required = full.slice(0, args.filter((argument) => argument.required).length);
  const usual = OPTIONS[name] ?? [];
  const options = command.options.flatMap(({ long, flags, argChoices }) => {
    if (long === undefined || long === null || ELSEWHERE.includes(long)) return [];
    const value = VALUES[long.slice(2)] ?? argChoices?.at(-1) ?? ANY;
    return [flags.includes('<') ? [long, value] : [long]];
  });
  const lines = [[], ...options].flatMap((option) => [
    [...full, ...usual, ...option],
    [...required, ...usual, ...option],
  ]);
  const instead = INSTEAD[name];
  if (instead !== undefined) lines.push([...full, ...instead]);
  return lines.map((line) => [...name.split(' '), ...line]);
}

async function askedOf(request: IncomingMessage): Promise<Asked> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
  const body = text === '' ? {} : (JSON.parse(text) as object);
  return {
    name: `${request.method ?? ''} ${pathname}`,
    parameters: [
      ...[...searchParams.keys()].map((key) => `query ${key}`),
      // That one is sent always: what counts is whether a caller can choose it.
      ...Object.entries(request.headers)
        .filter(([key, value]) => key !== 'idempotency-key' || value === ANY)
        .map(([key]) => `header ${key}`),
      ...Object.keys(body).map((key) => `body ${key}`),
    ],
  };
}

/** What every command of the program asks of the API, e.g. `ack` → `POST /v1/incidents/7KQ2/acknowledge`. */
async function askedByCommands(): Promise<ReadonlyMap<string, readonly Asked[]>> {
  let asked: Asked[] = [];
  const server = createServer((request, response) => {
    void askedOf(request).then((one) => {
      asked.push(one);
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end('{"error":{"code":"invalid-request","message":"No.","requestId":"r"}}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const context = contextOf({
    TOCSIN_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    TOCSIN_API_KEY: 'k',
  });
  const found = new Map<string, readonly Asked[]>();
  const commands = createProgram(context).commands.flatMap((command) =>
    command.commands.length === 0
      ? [{ name: command.name(), command }]
      : command.commands.map((child) => ({ name: `${command.name()} ${child.name()}`, command: child })),
  );
  for (const { name, command } of commands) {
    if (LOCAL.includes(name) || name === 'doctor') continue;
    asked = [];
    for (const line of linesOf(name, command)) await runProgram(line, context);
    found.set(name, asked);
  }
  return found;
}

interface Route {
  readonly name: string;
  readonly pattern: RegExp;
  readonly tag: string;
  /** As in `Asked`. */
  readonly parameters: readonly string[];
}

async function routes(): Promise<readonly Route[]> {
  const { app } = createTestApp();
  await app.ready();
  return app.collectedRoutes().described.map(({ method, url, contract }) => ({
    name: `${method} ${url}`,
    pattern: new RegExp(`^${method} ${url.replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`),
    tag: contract.tag,
    parameters: [
      ...Object.keys(contract.query?.shape ?? {}).map((key) => `query ${key}`),
      ...Object.keys(contract.headers ?? {}).map((key) => `header ${key}`),
      ...(contract.body === undefined ? [] : fieldsOf(contract.body.schema)).map((key) => `body ${key}`),
    ],
  }));
}

/** The fields of a body, at its top. */
function fieldsOf(schema: z.ZodType): readonly string[] {
  return Object.keys(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }).properties ?? {});
}

describe('the command line and the API', () => {
  it('everything the API can do for people has a command, or is listed here as deliberately without one', async () => {
    const asked = [...(await askedByCommands()).values()].flat();
    const known = await routes();
    // `doctor` asks for readiness: cli/doctor/check-processes.ts.
    const reached = new Set(['GET /readyz', ...Object.keys(WITHOUT)]);
    for (const one of asked)
      for (const { name, pattern } of known) if (pattern.test(one.name)) reached.add(name);
    // Senders, Twilio and the holders of links have ways of their own.
    const meant = known.filter(({ tag }) => !['alerts', 'hooks', 'links'].includes(tag));
    expect(meant.length).toBeGreaterThan(15);
    expect(meant.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
  });

  it('every parameter of what it asks for has an option, or is listed here as deliberately without one', async () => {
    const asked = [...(await askedByCommands()).values()].flat();
    const missing = (await routes()).flatMap(({ name, pattern, parameters }) => {
      const sent = asked.filter((one) => pattern.test(one.name));
      if (sent.length === 0) return [];
      const known = new Set(sent.flatMap((one) => one.parameters));
      return parameters
        .filter((parameter) => !known.has(parameter))
        .map((parameter) => `${name}: ${parameter}`);
    });
    expect(missing.filter((one) => !isWithout(one))).toEqual([]);
    // Nothing is listed that has an option, or is gone.
    expect(
      Object.keys(WITHOUT_OPTION).filter((one) => !missing.some((other) => other.endsWith(one))),
    ).toEqual([]);
  });

  it('every command asks for something that the API has', async () => {
    const known = await routes();
    for (const [command, asked] of await askedByCommands()) {
      expect(asked.length, `tocsin ${command} asks for nothing`).toBeGreaterThan(0);
      for (const one of asked)
        expect(
          known.filter(({ pattern }) => pattern.test(one.name)).map(({ name }) => name),
          `tocsin ${command}: ${one.name}`,
        ).not.toEqual([]);
    }
  });

  it('names nothing that is gone', async () => {
    const names = (await routes()).map(({ name }) => name);
    expect(Object.keys(WITHOUT).filter((name) => !names.includes(name))).toEqual([]);
  });
});
