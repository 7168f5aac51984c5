import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../errors.js';
import type { Environment, Progress } from './cache-directory.js';
import { findOnPath, lastLines, startTicker, type RunCommand } from './run-command.js';
import type { WayResult } from './sdk-download.js';

/** Cold it takes 2 to 3 minutes on 2 cores; a slow network and one core get ten times that. */
const BUILD_TIMEOUT_MS = 30 * 60_000;

/** One program of a published Go module. */
export interface GoProgram {
  /** What it is, for progress, e.g. `the Temporal CLI 1.5.1`. */
  readonly title: string;
  /** Import path of its `main` package. */
  readonly package: string;
  /** Without the `v`. */
  readonly version: string;
  /** For `go build -ldflags`. */
  readonly linkerFlags?: string;
}

export interface GoBuildOptions {
  /** Where the finished executable goes. */
  readonly target: string;
  /** A folder of ours for the build; removed afterwards. */
  readonly scratch: string;
  readonly env: Environment;
  readonly onProgress: Progress;
  readonly run: RunCommand;
}

/**
 * Builds a program from its published module, saying so every 5 seconds. As a tool of an empty module, since
 * `go install …@version` refuses modules with `replace`. Needs `go` 1.24 or newer.
 */
export async function buildGoProgram(program: GoProgram, options: GoBuildOptions): Promise<WayResult> {
  const go = await findOnPath('go', options.env);
  if (go === null) return { missing: '`go` is not on PATH' };
  await rm(options.scratch, { recursive: true, force: true });
  await mkdir(options.scratch, { recursive: true });
  const executable = join(options.scratch, process.platform === 'win32' ? 'built.exe' : 'built');
  const flags = program.linkerFlags === undefined ? [] : ['-ldflags', program.linkerFlags];
  const steps: readonly [label: string, args: readonly string[]][] = [
    ['fetching its Go modules', ['get', '-tool', `${program.package}@v${program.version}`]],
    ['compiling (2 to 3 minutes the first time)', ['build', '-o', executable, ...flags, program.package]],
  ];
  const signal = AbortSignal.timeout(BUILD_TIMEOUT_MS);
  try {
    // Written here, since `go mod init` would put the running toolchain's version in.
    await writeFile(join(options.scratch, 'go.mod'), 'module tocsin.local/build\n\ngo 1.24\n');
    for (const [label, args] of steps) {
      const words = `building ${program.title}: ${label}`;
      options.onProgress(words);
      const stopTicker = startTicker(words, options.onProgress);
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
