import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUILT_CLI_VERSION } from '../../../temporal-config/server/build-cli.js';
import { findTemporal, findTemporalCli } from '../../../temporal-config/server/find-cli.js';
import type { CommandResult, RunCommand } from '../../../temporal-config/server/run-command.js';

let root: string;
let bin: string;
let cache: string;
const lines: string[] = [];
const onProgress = (line: string): void => void lines.push(line);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tocsin-find-cli-'));
  bin = join(root, 'bin');
  cache = join(root, 'cache');
  await mkdir(bin);
  lines.length = 0;
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function executable(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, 0o755);
  return path;
}

const env = (extra: Record<string, string> = {}): Record<string, string> => ({
  PATH: bin,
  HOME: root,
  XDG_CONFIG_HOME: join(root, 'config'),
  TOCSIN_CACHE_DIR: cache,
  ...extra,
});

/** Processes as the machine would answer them: each started command is noted, `fails` names those that don't work. */
function machine(behaviour: {
  download?: 'works' | 'fails' | 'hangs';
  build?: 'works' | 'fails';
  broken?: readonly string[];
}): { run: RunCommand; started: string[] } {
  const started: string[] = [];
  const run: RunCommand = async (command, args, { signal, cwd }): Promise<CommandResult> => {
    if (args[0] === '--version') {
      return behaviour.broken?.includes(command) === true
        ? { code: 126, output: 'cannot execute' }
        : { code: 0, output: 'temporal version 9.9.9 (Server 1.29.1, UI 2.42.1)\n' };
    }
    if (command === process.execPath) {
      started.push('download');
      if (behaviour.download === 'hangs') {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        return { code: null, output: '' };
      }
      if (behaviour.download !== 'works') return { code: 1, output: 'failed to download: no route\n' };
      await writeFile(join(args.at(-1) ?? '', 'temporal-sdk-typescript-1.24.0'), 'cli');
      return { code: 0, output: '' };
    }
    started.push(`go ${args[0] ?? ''}`);
    if (behaviour.build !== 'works') return { code: 1, output: 'go: no module proxy\n' };
    if (args[0] === 'build') await writeFile(args[2] ?? join(cwd ?? '', 'x'), 'cli');
    return { code: 0, output: '' };
  };
  return { run, started };
}

const built = (): string => join(cache, 'temporal-cli', BUILT_CLI_VERSION, 'temporal');

describe('looking for Temporal', () => {
  it('takes an existing cluster before everything else', async () => {
    await executable(join(bin, 'temporal'));
    const source = await findTemporal({
      env: env({ TEMPORAL_ADDRESS: 'temporal.internal:7233', TEMPORAL_NAMESPACE: 'oncall' }),
      onProgress,
      ...machine({}),
    });
    expect(source).toMatchObject({
      kind: 'cluster',
      target: { address: 'temporal.internal:7233', namespace: 'oncall' },
    });
    expect(lines).toEqual(['Temporal: the existing cluster at temporal.internal:7233, namespace oncall']);
  });

  it('takes TOCSIN_TEMPORAL_CLI before the one on PATH', async () => {
    await executable(join(bin, 'temporal'));
    const own = await executable(join(root, 'own', 'temporal'));
    const cli = await findTemporalCli({
      env: env({ TOCSIN_TEMPORAL_CLI: own }),
      onProgress,
      ...machine({}),
    });
    expect(cli).toEqual({
      way: 'configured',
      path: own,
      version: 'temporal version 9.9.9 (Server 1.29.1, UI 2.42.1)',
    });
  });

  it('does not look further when TOCSIN_TEMPORAL_CLI does not work', async () => {
    await executable(join(bin, 'temporal'));
    const own = await executable(join(root, 'own', 'temporal'));
    await expect(
      findTemporalCli({
        env: env({ TOCSIN_TEMPORAL_CLI: own }),
        onProgress,
        ...machine({ broken: [own] }),
      }),
    ).rejects.toThrow(/^TOCSIN_TEMPORAL_CLI names no working Temporal CLI: .*Correct the path, or unset it/);
  });

  it('takes the one on PATH before the cached copy, and the cached copy before a download', async () => {
    await executable(built());
    const { run, started } = machine({ download: 'works' });
    expect(await findTemporalCli({ env: env(), onProgress, run })).toMatchObject({
      way: 'cache',
      path: built(),
    });
    const path = await executable(join(bin, 'temporal'));
    expect(await findTemporalCli({ env: env(), onProgress, run })).toMatchObject({ way: 'path', path });
    expect(started).toEqual([]);
  });

  it('passes over an executable that does not answer as a Temporal CLI', async () => {
    const other = await executable(join(bin, 'temporal'));
    await executable(built());
    const { run } = machine({ broken: [other] });
    expect(await findTemporalCli({ env: env(), onProgress, run })).toMatchObject({ way: 'cache' });
  });

  it('downloads before it builds, and finds the download in the cache the next time', async () => {
    await executable(join(bin, 'go'));
    const { run, started } = machine({ download: 'works', build: 'works' });
    const first = await findTemporalCli({ env: env(), onProgress, run });
    expect(first.way).toBe('download');
    expect((await stat(first.path)).mode & 0o111).not.toBe(0);
    expect(await findTemporalCli({ env: env(), onProgress, run })).toEqual({ ...first, way: 'cache' });
    expect(started).toEqual(['download']);
  });

  it('builds when the download fails, saying so, and leaves nothing unfinished behind', async () => {
    await executable(join(bin, 'go'));
    const leftover = join(cache, 'temporal-cli', 'unfinished-build');
    await mkdir(join(leftover, 'old'), { recursive: true });
    const { run, started } = machine({ download: 'fails', build: 'works' });
    expect(await findTemporalCli({ env: env(), onProgress, run })).toMatchObject({
      way: 'build',
      path: built(),
    });
    expect(started).toEqual(['download', 'go get', 'go build']);
    expect(lines).toContain(
      'the download did not work (failed to download: no route); trying to build with Go',
    );
    expect(await readdir(join(cache, 'temporal-cli'))).toEqual([BUILT_CLI_VERSION]);
  });

  it('lets two seekers build only once', async () => {
    await executable(join(bin, 'go'));
    const { run, started } = machine({ download: 'fails', build: 'works' });
    const found = await Promise.all([1, 2].map(() => findTemporalCli({ env: env(), onProgress, run })));
    expect(found.map(({ way }) => way).sort()).toEqual(['build', 'cache']);
    expect(started.filter((command) => command === 'go build')).toHaveLength(1);
  });

  it('gives up a download that sends nothing after 6 seconds', async () => {
    await executable(join(bin, 'go'));
    const { run } = machine({ download: 'hangs', build: 'works' });
    const began = Date.now();
    expect(await findTemporalCli({ env: env(), onProgress, run })).toMatchObject({ way: 'build' });
    expect(Date.now() - began).toBeLessThan(8_000);
    expect(lines).toContain('the download did not work (no answer within 6 s); trying to build with Go');
  });

  it('names the five ways, and what stood against each, when there is none', async () => {
    const { run } = machine({ download: 'fails' });
    const error: unknown = await findTemporalCli({ env: env(), onProgress, run }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: 'CLI_NOT_FOUND' });
    expect(String((error as Error).message).split('\n')).toEqual([
      'No Temporal Server found. Any one of these five ways gives Tocsin one:',
      '  1. an existing cluster: set TEMPORAL_ADDRESS, or a profile in temporal.toml (neither is set)',
      '  2. the Temporal CLI: put `temporal` on PATH, or set TOCSIN_TEMPORAL_CLI to it (`temporal` is not on PATH)',
      `  3. a copy from an earlier run in Tocsin’s cache, TOCSIN_CACHE_DIR (nothing in ${join(cache, 'temporal-cli')})`,
      '  4. the Temporal SDK’s own download: needs the open internet (failed to download: no route)',
      '  5. a build from its Go module: needs Go 1.24 or newer and a Go module proxy (`go` is not on PATH)',
    ]);
  });
});
