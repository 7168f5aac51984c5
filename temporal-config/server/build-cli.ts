import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../errors.js';
import type { Environment, Progress } from './cache-directory.js';
import { findOnPath, lastLines, startTicker, type RunCommand } from './run-command.js';
import type { WayResult } from './sdk-download.js';

/**
 * The newest published version that resolves as a Go module (1.9.1 does not: its `cliext` module is unpublished). It
 * brings Temporal Server 1.29.1 and UI 2.42.1. Tried with Go 1.26, November 2026.
 */
export const BUILT_CLI_VERSION = '1.5.1';

const PACKAGE = 'github.com/temporalio/cli/cmd/temporal';
/** Without it the executable calls itself 0.0.0-DEV. */
const VERSION_FLAG = `-X github.com/temporalio/cli/temporalcli.Version=${BUILT_CLI_VERSION}`;
/** Cold it takes 2 to 3 minutes on 2 cores; a slow network and one core get ten times that. */
const BUILD_TIMEOUT_MS = 30 * 60_000;

export interface BuildCliOptions {
  /** Where the finished executable goes. */
  readonly target: string;
  /** A folder of ours for the build; removed afterwards. */
  readonly scratch: string;
  readonly env: Environment;
  readonly onProgress: Progress;
  readonly run: RunCommand;
}

/** Builds the Temporal CLI, server included, from its published Go module. Needs `go` 1.24 or newer. */
export async function buildCli(options: BuildCliOptions): Promise<WayResult> {
  const go = await findOnPath('go', options.env);
  if (go === null) return { missing: '`go` is not on PATH' };
  await rm(options.scratch, { recursive: true, force: true });
  await mkdir(options.scratch, { recursive: true });
  const executable = join(
    options.scratch,
    process.platform === 'win32' ? 'temporal-built.exe' : 'temporal-built',
  );
  const steps: readonly [label: string, args: readonly string[]][] = [
    ['fetching its Go modules', ['get', '-tool', `${PACKAGE}@v${BUILT_CLI_VERSION}`]],
    [
      'compiling (2 to 3 minutes the first time)',
      ['build', '-o', executable, '-ldflags', VERSION_FLAG, PACKAGE],
    ],
  ];
  const signal = AbortSignal.timeout(BUILD_TIMEOUT_MS);
  try {
    // Written here, since `go mod init` would put the running toolchain's version in.
    await writeFile(join(options.scratch, 'go.mod'), 'module tocsin.local/temporal-cli\n\ngo 1.24\n');
    for (const [label, args] of steps) {
      options.onProgress(`building the Temporal CLI ${BUILT_CLI_VERSION}: ${label}`);
      const stopTicker = startTicker(
        `building the Temporal CLI ${BUILT_CLI_VERSION}: ${label}`,
        options.onProgress,
      );
      const result = await options
        .run(go, args, { cwd: options.scratch, env: { ...options.env, GOWORK: 'off', GOFLAGS: '' }, signal })
        .finally(stopTicker);
      if (result.code !== 0) {
        const why = signal.aborted ? 'took more than 30 minutes' : lastLines(result.output, 2);
        return { missing: `\`go ${args[0] ?? ''}\` failed: ${why}` };
      }
    }
    await chmod(executable, 0o755);
    await mkdir(dirname(options.target), { recursive: true });
    await rename(executable, options.target);
    return { path: options.target };
  } catch (error) {
    return { missing: messageOf(error) };
  } finally {
    await rm(options.scratch, { recursive: true, force: true });
  }
}
