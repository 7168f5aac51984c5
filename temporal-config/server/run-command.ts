import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Environment, Progress } from './cache-directory.js';

/** How a command ended. */
export interface CommandResult {
  /** The exit code; null when a signal or a time-out ended it. */
  readonly code: number | null;
  /** The last 4,000 characters of what it wrote to either stream. */
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  readonly env: Environment;
  /** Ends the command. */
  readonly signal: AbortSignal;
}

/** Runs a command to its end. Rejects only when it could not be started. */
export type RunCommand = (
  command: string,
  args: readonly string[],
  options: CommandOptions,
) => Promise<CommandResult>;

const KEPT_OUTPUT = 4_000;

/** The real {@link RunCommand}. An aborted command is killed. */
export const runCommand: RunCommand = (command, args, options) =>
  new Promise((resolve, reject) => {
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
    };
    const child = spawn(command, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: { ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = (): void => void child.kill('SIGKILL');
    options.signal.addEventListener('abort', kill, { once: true });
    if (options.signal.aborted) kill();
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => {
      options.signal.removeEventListener('abort', kill);
      reject(error);
    });
    // `exit`, not `close`: a grandchild may keep the pipes open after its killed parent.
    child.on('exit', (code) => {
      options.signal.removeEventListener('abort', kill);
      setImmediate(() => resolve({ code, output }));
    });
  });

/** The path of an executable named so on PATH, or null. */
export async function findOnPath(name: string, env: Environment): Promise<string | null> {
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const directory of (env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue;
    for (const candidate of names) {
      const path = join(directory, candidate);
      if (await isExecutable(path)) return path;
    }
  }
  return null;
}

/** Whether this user may run the file. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

const TICK_MS = 5_000;

/** Says that a step goes on, every 5 seconds with the time it has taken. The returned function stops that. */
export function startTicker(label: string, onProgress: Progress): () => void {
  const began = Date.now();
  const timer = setInterval(
    () => onProgress(`${label} … ${Math.round((Date.now() - began) / 1_000)} s`),
    TICK_MS,
  );
  return () => clearInterval(timer);
}

/** The last lines of a command's output, as one line for an error sentence. */
export function lastLines(output: string, count = 3): string {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-count)
    .join(' | ');
}
