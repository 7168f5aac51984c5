import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createColours } from '../../../cli/output/colours.js';
import { createProgram, runProgram } from '../../../cli/program.js';
import type { Context } from '../../../cli/context.js';
import { createTestApp } from '../../api/support/test-app.js';

/** Routes that deliberately have no command, and why. */
const WITHOUT: Readonly<Record<string, string>> = {
  'GET /metrics': 'for Prometheus',
  'GET /healthz': 'for machines that watch; `doctor` asks /readyz',
  'GET /openapi.json': 'for generators of clients',
  'GET /docs': 'for a browser',
};

/** Commands that ask no API. */
const LOCAL = ['up', 'worker', 'api', 'check', 'schema', 'simulate', 'completion'];

/** Example arguments for what a command's help calls them. */
const WORDS: Readonly<Record<string, string>> = {
  incident: '7KQ2',
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
};

function contextOf(env: Record<string, string>): Context {
  return {
    env,
    cwd: tmpdir(),
    print: () => undefined,
    say: () => undefined,
    colours: createColours(false),
    errorColours: createColours(false),
    now: () => 0,
    setExitCode: () => undefined,
  };
}

/** What every command of the program asks of the API, e.g. `ack` → `POST /v1/incidents/7KQ2/acknowledge`. */
async function askedByCommands(): Promise<ReadonlyMap<string, readonly string[]>> {
  let asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${(request.url ?? '').split('?')[0] ?? ''}`);
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end('{"error":{"code":"invalid-request","message":"No.","requestId":"r"}}');
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
  const found = new Map<string, readonly string[]>();
  for (const command of createProgram(context).commands) {
    const name = command.name();
    if (LOCAL.includes(name) || name === 'doctor') continue;
    asked = [];
    // An argument that may be left out makes two commands: with it and without.
    const full = command.registeredArguments.map((argument) => WORDS[argument.name()] ?? 'word');
    const required = command.registeredArguments.filter((argument) => argument.required).length;
    for (const args of new Set([full, full.slice(0, required)]))
      await runProgram([name, ...args, ...(OPTIONS[name] ?? [])], context);
    found.set(name, asked);
  }
  return found;
}

async function routes(): Promise<
  readonly { readonly name: string; readonly pattern: RegExp; readonly tag: string }[]
> {
  const { app } = createTestApp();
  await app.ready();
  return app.collectedRoutes().described.map(({ method, url, contract }) => ({
    name: `${method} ${url}`,
    pattern: new RegExp(`^${method} ${url.replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`),
    tag: contract.tag,
  }));
}

describe('the command line and the API', () => {
  it('everything the API can do for people has a command, or is listed here as deliberately without one', async () => {
    const asked = [...(await askedByCommands()).values()].flat();
    const known = await routes();
    // `doctor` asks for readiness: cli/doctor/check-api.ts.
    const reached = new Set(['GET /readyz', ...Object.keys(WITHOUT)]);
    for (const one of asked) for (const { name, pattern } of known) if (pattern.test(one)) reached.add(name);
    // Senders, Twilio and the holders of links have ways of their own.
    const meant = known.filter(({ tag }) => !['alerts', 'hooks', 'links'].includes(tag));
    expect(meant.length).toBeGreaterThan(15);
    expect(meant.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
  });

  it('every command asks for something that the API has', async () => {
    const known = await routes();
    for (const [command, asked] of await askedByCommands()) {
      expect(asked.length, `tocsin ${command} asks for nothing`).toBeGreaterThan(0);
      for (const one of asked)
        expect(
          known.filter(({ pattern }) => pattern.test(one)).map(({ name }) => name),
          `tocsin ${command}: ${one}`,
        ).not.toEqual([]);
    }
  });

  it('names nothing that is gone', async () => {
    const names = (await routes()).map(({ name }) => name);
    expect(Object.keys(WITHOUT).filter((name) => !names.includes(name))).toEqual([]);
  });
});
