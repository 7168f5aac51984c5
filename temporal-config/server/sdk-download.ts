import { chmod, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { messageOf } from '../errors.js';
import type { Environment, Progress } from './cache-directory.js';
import { lastLines, type RunCommand } from './run-command.js';

/** How a way of getting something went: the path, or why it gave none. */
export type WayResult = { readonly path: string } | { readonly missing: string };

export interface SdkDownloadOptions {
  readonly artifact: 'cli' | 'test-server';
  /** Where the finished executable goes. Its folder is made. */
  readonly target: string;
  /** A folder of ours that holds the unfinished download; removed afterwards. */
  readonly scratch: string;
  readonly env: Environment;
  readonly onProgress: Progress;
  readonly run: RunCommand;
  /** How long to wait for the first byte before there counts as no internet. Default 6 s. */
  readonly firstByteMs?: number;
}

const FIRST_BYTE_MS = 6_000;
/** The archive is about 60 MB; a connection that moves nothing for so long is dead. */
const STALLED_MS = 20_000;
const POLL_MS = 250;

/**
 * What the child runs: the SDK downloads, starts the server once on a free loopback port, and stops it. A process of its
 * own, since the SDK's native code can't be cancelled.
 */
const CHILD_PROGRAM = `
const { TestWorkflowEnvironment: T } = require(process.argv[1]);
const server = { executable: { type: 'cached-download', downloadDir: process.argv[3], ttl: '10 years' } };
(process.argv[2] === 'cli' ? T.createLocal({ server }) : T.createTimeSkipping({ server }))
  .then((env) => env.teardown())
  .then(() => process.exit(0), (error) => { console.error(String(error && error.message || error)); process.exit(1); });
`;

const require = createRequire(import.meta.url);

/** The version of the SDK whose download it is. */
export async function sdkVersion(): Promise<string> {
  const file = join(dirname(require.resolve('@temporalio/testing')), '..', 'package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(await readFile(file, 'utf8'))).version;
}

/**
 * Lets the SDK download its server and moves the executable to `target`. Gives up after 6 s without a first byte (no
 * internet), or when a download stands still for 20 s.
 */
export async function downloadWithSdk(options: SdkDownloadOptions): Promise<WayResult> {
  await rm(options.scratch, { recursive: true, force: true });
  await mkdir(options.scratch, { recursive: true });
  const abort = new AbortController();
  const finished = new AbortController();
  try {
    const watching = watch(options, abort, finished.signal);
    const result = await options
      .run(
        process.execPath,
        ['-e', CHILD_PROGRAM, require.resolve('@temporalio/testing'), options.artifact, options.scratch],
        { env: options.env, signal: abort.signal },
      )
      .finally(() => finished.abort());
    await watching;
    const name = (await readdir(options.scratch)).find((file) => !file.endsWith('.downloading'));
    if (result.code !== 0 || name === undefined) {
      const reason: unknown = abort.signal.reason;
      return {
        missing: abort.signal.aborted ? messageOf(reason) : shortened(result.output),
      };
    }
    const file = join(options.scratch, name);
    await chmod(file, 0o755);
    await mkdir(dirname(options.target), { recursive: true });
    await rename(file, options.target);
    return { path: options.target };
  } catch (error) {
    return { missing: messageOf(error) };
  } finally {
    await rm(options.scratch, { recursive: true, force: true });
  }
}

/** The SDK's words without its repeated wrapping and addresses: what is left names the cause. */
function shortened(output: string): string {
  const cause = lastLines(output, 1)
    .replace(/^Failed to start ephemeral server: /, '')
    .replace(/^failed to download ephemeral server executable: /, '')
    .replace(/error sending request for url \([^)]*\): /g, '');
  return cause === '' ? 'it gave no file' : cause;
}

/** Aborts the child when nothing arrives; tells how much has. */
async function watch(
  options: SdkDownloadOptions,
  abort: AbortController,
  finished: AbortSignal,
): Promise<void> {
  const firstByteMs = options.firstByteMs ?? FIRST_BYTE_MS;
  const began = Date.now();
  let bytes = 0;
  let grewAt = began;
  let toldAt = began;
  while (!finished.aborted) {
    await delay(POLL_MS, undefined, { signal: finished }).catch(() => undefined);
    const now = Date.now();
    const size = await sizeOf(options.scratch);
    if (size > bytes) grewAt = now;
    bytes = size;
    if (bytes === 0 && now - began > firstByteMs) {
      abort.abort(new Error(`no answer within ${Math.round(firstByteMs / 1_000)} s`));
      return;
    }
    if (bytes > 0 && now - grewAt > STALLED_MS) {
      abort.abort(new Error(`the download stood still for ${STALLED_MS / 1_000} s`));
      return;
    }
    if (bytes > 0 && now - toldAt >= 5_000) {
      toldAt = now;
      options.onProgress(
        `downloading … ${Math.round(bytes / 1e6)} MB, ${Math.round((now - began) / 1_000)} s`,
      );
    }
  }
}

async function sizeOf(directory: string): Promise<number> {
  const files = await readdir(directory).catch(() => []);
  const sizes = await Promise.all(
    files.map((file) =>
      stat(join(directory, file)).then(
        (found) => found.size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
