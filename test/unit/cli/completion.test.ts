import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { wantedAt } from '../../../cli/completion/candidates.js';
import type { Context } from '../../../cli/context.js';
import { createProgram, runProgram } from '../../../cli/program.js';
import { ownDirectory } from '../../../cli/up/run-state.js';
import { summaryOf } from '../../api/support/incidents-of-the-tests.js';
import { createTestApp } from '../../api/support/test-app.js';
import { API_KEY, testConfig } from '../../api/support/test-config.js';
import { configOf, yamlWith } from '../config/support.js';
import { recording } from '../../support/command-line.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

function contextOf(print: (line: string) => void, env: Record<string, string> = {}): Context {
  return recording({ env, print, say: print, setExitCode: (code) => print(`exit ${code}`) }).context;
}

function candidatesAt(line: string): readonly string[] | string {
  const wanted = wantedAt(createProgram(contextOf(() => undefined)), line.split(' '));
  if (wanted.kind === 'candidates') return wanted.candidates.map(({ word }) => word);
  return wanted.kind === 'named' ? `named: ${wanted.of}` : wanted.kind;
}

/** What a shell is told. */
async function offered(words: readonly string[], env: Record<string, string>): Promise<readonly string[]> {
  const lines: string[] = [];
  await runProgram(
    ['__complete', ...words],
    contextOf((line) => lines.push(line), env),
  );
  return lines;
}

/** An API with one open incident; its address. */
async function apiWithIncident(): Promise<string> {
  const body = JSON.stringify({ incidents: [summaryOf({ title: 'checkout: is "down"' })] });
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('what may stand at the cursor', () => {
  it.each([
    ['inc', ['incidents']],
    ['', expect.arrayContaining(['up', 'ack', 'watch', 'completion', 'help'])],
    ['--v', ['--version']],
    ['incidents --ph', ['--phase']],
    ['incidents --phase ack', ['acknowledged']],
    ['incidents --limit ', 'nothing'],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['override ', ['add', 'list', 'show', 'cancel', 'swap', 'help']],
    ['override add payments fay --slot ', ['primary', 'secondary']],
    ['calendar ', ['create', 'list', 'revoke', 'help']],
    ['calendar create --sch', ['--schedule']],
    ['calendar revoke ', 'nothing'],
    ['calendar create --schedule ', 'named: schedule'],
    ['override add ', 'named: schedule'],
    ['override add payments ', 'named: user'],
    ['override swap payments alice ', 'named: user'],
    ['ack ', 'incident'],
    ['ack --by alice ', 'incident'],
    ['ack --by ', 'named: user'],
    ['page 7KQ2 --team ', 'named: team'],
    ['incidents --owner ', 'named: user'],
    ['coverage --policy ', 'named: policy'],
    ['declare --title ', 'nothing'],
    ['override list --constructor ', 'nothing'],
    ['ack 7KQ2 ', 'nothing'],
    ['ack 7KQ2 --', expect.arrayContaining(['--by', '--json', '--url'])],
    ['severity 7KQ2 ', 'named: severity'],
    ['watch ', 'incident'],
    ['nonsense ', 'nothing'],
  ])('after "tocsin %s" is %j', (line, expected) => {
    expect(candidatesAt(line)).toEqual(expected);
  });
});

describe('tocsin __complete', () => {
  it('offers the codes of open incidents with what they are', async () => {
    const lines: string[] = [];
    const env = { TOCSIN_URL: await apiWithIncident(), TOCSIN_API_KEY: 'k' };
    await runProgram(
      ['__complete', 'ack', '7k'],
      contextOf((line) => lines.push(line), env),
    );
    expect(lines).toEqual(['7KQ2\tSEV1 payments: checkout: is "down"']);
  });

  it('offers ids of the configuration with their names, that of what runs on the data folder as well', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-completion-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const config = join(folder, 'tocsin.yaml');
    await writeFile(config, yamlWith({}));
    const named = { TOCSIN_CONFIG: config, TOCSIN_DATA_DIR: folder };
    expect(await offered(['reassign', '7KQ2', ''], named)).toEqual([
      'alice\tAlice',
      'bob\tBob',
      'erin\tErin',
    ]);
    expect(await offered(['ack', '7KQ2', '--by', 'a'], named)).toEqual(['alice\tAlice']);
    expect(await offered(['declare', '--severity', 'SEV'], named)).toContainEqual(
      expect.stringMatching(/^SEV1\t/) as string,
    );
    expect(await offered(['simulate', '--config', config, '--service', ''], {})).toEqual(['other']);
    expect(await offered(['schedules', ''], { TOCSIN_DATA_DIR: folder })).toEqual([]);
    const directory = await ownDirectory(folder);
    onTestFinished(() => directory.release());
    await directory.announce({ config });
    expect(await offered(['schedules', ''], { TOCSIN_DATA_DIR: folder })).toEqual(['payments']);
  });

  it('offers what a Tocsin elsewhere tells of its schedules, and nothing that takes longer than 0.3 s', async () => {
    const config = { ...configOf(), apiKeys: testConfig().apiKeys };
    const { app } = createTestApp({ config: () => config });
    let waits = 0;
    app.addHook('onRequest', () => delay(waits));
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => app.close());
    const env = { TOCSIN_URL: url, TOCSIN_API_KEY: API_KEY };
    // The very first answer of a process takes longer, and longer than the patience where the machine is busy.
    await fetch(`${url}/v1/schedules`, { headers: { authorization: `Bearer ${API_KEY}` } });
    expect(await offered(['override', 'add', ''], env)).toEqual(['payments\tEurope/Berlin']);
    expect(await offered(['override', 'add', 'payments', 'b'], env)).toEqual(['bob']);
    expect(await offered(['declare', '--severity', ''], env)).toEqual([]);
    waits = 1_000;
    const began = performance.now();
    expect(await offered(['override', 'add', ''], env)).toEqual([]);
    expect(performance.now() - began).toBeLessThan(900);
  });

  it('says nothing, and fails at nothing, where no Tocsin answers', async () => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    await runProgram(['__complete', 'ack', ''], contextOf(print));
    const env = { TOCSIN_URL: 'http://127.0.0.1:1', TOCSIN_API_KEY: 'k' };
    await runProgram(['__complete', 'ack', ''], contextOf(print, env));
    expect(lines).toEqual([]);
  });
});

describe('tocsin completion', () => {
  it('bash completes commands, options, values and incidents by it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tocsin-completion-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const command = join(folder, 'tocsin');
    await writeFile(
      command,
      `#!/bin/sh\nexec "${process.execPath}" --import tsx "${ROOT}cli/main.ts" "$@"\n`,
    );
    await chmod(command, 0o755);
    const script = `
set -eu
eval "$(tocsin completion bash)"
at() { COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _tocsin; printf '%s\\n' "\${COMPREPLY[*]-}"; }
at tocsin sho
at tocsin incidents --phase mon
at tocsin ack 7
at tocsin declare --se
complete -p tocsin
`;
    const { stdout, stderr } = await run('bash', ['--norc', '--noprofile', '-c', script], {
      cwd: ROOT,
      env: {
        ...process.env,
        PATH: `${folder}:${process.env['PATH'] ?? ''}`,
        TOCSIN_URL: await apiWithIncident(),
        TOCSIN_API_KEY: 'k',
      },
    });
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toEqual([
      'show',
      'monitoring',
      '7KQ2',
      '--service --severity',
      'complete -o default -F _tocsin tocsin',
    ]);
  }, 60_000);

  it('says how to install it, and refuses a shell that it does not know', async () => {
    const lines: string[] = [];
    const print = (line: string): void => void lines.push(line);
    await runProgram(['completion', '--help'], contextOf(print));
    expect(lines.join('\n')).toContain('eval "$(tocsin completion bash)"');
    await runProgram(['completion', 'tcsh'], contextOf(print));
    expect(lines.at(-1)).toBe('exit 2');
  });
});
