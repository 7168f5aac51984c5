import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loadTemporalTarget, type TemporalTarget } from '../connection.js';
import { messageOf, TemporalSetupError } from '../errors.js';
import { BUILT_CLI_VERSION, buildCli } from './build-cli.js';
import { cacheDirectory, type Environment, type Progress } from './cache-directory.js';
import { withLock } from '../../system/lock.js';
import { findOnPath, isExecutable, runCommand, type RunCommand } from './run-command.js';
import { downloadWithSdk, sdkVersion, type WayResult } from './sdk-download.js';

/** A Temporal CLI that can run a server here, and how it was come by. */
export interface TemporalCli {
  readonly way: 'configured' | 'path' | 'cache' | 'download' | 'build';
  readonly path: string;
  /** What the executable says of itself, e.g. `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`. */
  readonly version: string;
}

/** Where this installation's Temporal is: a cluster that exists, or an executable to start one. */
export type TemporalSource =
  | { readonly kind: 'cluster'; readonly target: TemporalTarget }
  | { readonly kind: 'own'; readonly cli: TemporalCli };

export interface FindOptions {
  readonly env: Environment;
  readonly onProgress: Progress;
  /** Starts processes; tests pass their own. */
  readonly run?: RunCommand;
}

/** `temporal --version` answers in 0.1 s; a machine under load gets a hundred times that. */
const VERSION_TIMEOUT_MS = 10_000;
/** Folders of unfinished downloads and builds begin so. Only the holder of the lock makes or removes them. */
const SCRATCH = 'unfinished-';

/**
 * Finds Temporal in Tocsin's order: an existing cluster (TEMPORAL_ADDRESS or a profile), then {@link findTemporalCli}.
 * @throws TemporalSetupError CONFIG_INVALID or CLI_NOT_FOUND
 */
export async function findTemporal(options: FindOptions): Promise<TemporalSource> {
  const target = loadTemporalTarget(options.env);
  if (target !== null) {
    options.onProgress(`Temporal: the existing cluster at ${target.address}, namespace ${target.namespace}`);
    return { kind: 'cluster', target };
  }
  return { kind: 'own', cli: await findTemporalCli(options) };
}

/**
 * Finds or makes a CLI of our own: TOCSIN_TEMPORAL_CLI or `temporal` on PATH, the cached copy, the SDK's download, a build
 * with Go. Says through `onProgress` which it took. Two processes never download or build at once.
 * @throws TemporalSetupError CLI_NOT_FOUND with the five ways and what stood against each
 */
export async function findTemporalCli(options: FindOptions): Promise<TemporalCli> {
  const { env, onProgress } = options;
  const run = options.run ?? runCommand;
  const reasons = new Map<TemporalCli['way'], string>();
  const accept = async (way: TemporalCli['way'], result: WayResult): Promise<TemporalCli | null> => {
    if ('missing' in result) {
      reasons.set(way, result.missing);
      return null;
    }
    const version = await versionOf(result.path, env, run);
    if ('missing' in version) {
      reasons.set(way, `${result.path} does not work: ${version.missing}`);
      return null;
    }
    onProgress(`Temporal: ${version.text}, ${WAY_WORDS[way]} ${result.path}`);
    return { way, path: result.path, version: version.text };
  };

  const configured = env['TOCSIN_TEMPORAL_CLI'];
  if (configured !== undefined && configured !== '') {
    const found = await accept('configured', { path: configured });
    if (found !== null) return found;
    throw new TemporalSetupError(
      'CLI_NOT_FOUND',
      `TOCSIN_TEMPORAL_CLI names no working Temporal CLI: ${reasons.get('configured') ?? configured}. Correct the path, or unset it to let Tocsin look for one.`,
    );
  }
  const onPath = await findOnPath('temporal', env);
  const fromPath = await accept(
    'path',
    onPath === null ? { missing: '`temporal` is not on PATH' } : { path: onPath },
  );
  if (fromPath !== null) return fromPath;

  const folder = join(cacheDirectory(env), 'temporal-cli');
  const downloaded = join(folder, `sdk-${await sdkVersion()}`, EXECUTABLE);
  const built = join(folder, BUILT_CLI_VERSION, EXECUTABLE);
  const cached = async (): Promise<TemporalCli | null> => {
    for (const path of [downloaded, built]) {
      if (!(await isExecutable(path))) continue;
      const found = await accept('cache', { path });
      if (found !== null) return found;
    }
    if (!reasons.has('cache')) reasons.set('cache', `nothing in ${folder}`);
    return null;
  };
  const early = await cached();
  if (early !== null) return early;

  try {
    const found = await withLock(
      join(folder, 'lock'),
      (pid) => onProgress(`process ${pid} is getting the Temporal CLI already; waiting for it`),
      async () => {
        const meanwhile = await cached();
        if (meanwhile !== null) return meanwhile;
        await removeLeftovers(folder);
        const common = { env, onProgress, run };
        onProgress('Temporal: none here yet; trying the SDK’s download');
        const scratch = join(folder, `${SCRATCH}download`);
        const viaSdk = await accept(
          'download',
          await downloadWithSdk({ ...common, artifact: 'cli', target: downloaded, scratch }),
        );
        if (viaSdk !== null) return viaSdk;
        onProgress(`the download did not work (${reasons.get('download') ?? ''}); trying to build with Go`);
        return accept(
          'build',
          await buildCli({ ...common, target: built, scratch: join(folder, `${SCRATCH}build`) }),
        );
      },
    );
    if (found !== null) return found;
  } catch (error) {
    reasons.set('cache', messageOf(error));
  }
  throw new TemporalSetupError('CLI_NOT_FOUND', notFound(reasons));
}

const EXECUTABLE = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

const WAY_WORDS: Readonly<Record<TemporalCli['way'], string>> = {
  configured: 'from TOCSIN_TEMPORAL_CLI:',
  path: 'from PATH:',
  cache: 'the copy in Tocsin’s cache:',
  download: 'downloaded by the SDK:',
  build: 'built with Go:',
};

function notFound(reasons: ReadonlyMap<TemporalCli['way'], string>): string {
  const why = (way: TemporalCli['way']): string => reasons.get(way) ?? 'not tried';
  return [
    'No Temporal Server found. Any one of these five ways gives Tocsin one:',
    '  1. an existing cluster: set TEMPORAL_ADDRESS, or a profile in temporal.toml (neither is set)',
    `  2. the Temporal CLI: put \`temporal\` on PATH, or set TOCSIN_TEMPORAL_CLI to it (${why('path')})`,
    `  3. a copy from an earlier run in Tocsin’s cache, TOCSIN_CACHE_DIR (${why('cache')})`,
    `  4. the Temporal SDK’s own download: needs the open internet (${why('download')})`,
    `  5. a build from its Go module: needs Go 1.24 or newer and a Go module proxy (${why('build')})`,
  ].join('\n');
}

async function versionOf(
  path: string,
  env: Environment,
  run: RunCommand,
): Promise<{ text: string } | { missing: string }> {
  try {
    const signal = AbortSignal.timeout(VERSION_TIMEOUT_MS);
    const result = await run(path, ['--version'], { env, signal });
    const text = /^temporal version .*$/m.exec(result.output)?.[0];
    if (result.code === 0 && text !== undefined) return { text };
    return { missing: '`--version` does not answer as a Temporal CLI does' };
  } catch (error) {
    return { missing: messageOf(error) };
  }
}

/** What a killed download or build left. The lock is ours, so nobody uses it. */
async function removeLeftovers(folder: string): Promise<void> {
  const names = await readdir(folder);
  await Promise.all(
    names
      .filter((name) => name.startsWith(SCRATCH))
      .map((name) => rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })),
  );
}
