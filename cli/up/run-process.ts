import type { Context } from '../context.js';
import { runInForeground, type ForegroundCommand } from './foreground.js';
import { createPrintedLog } from './logger.js';
import type { ProcessOptions } from './one-process.js';
import { checkedEnvironment, withFlags } from './settings.js';

/** The flags that `tocsin worker` and `tocsin api` have in common. */
export interface ProcessFlags {
  readonly config?: string;
  readonly port?: string;
  readonly healthPort?: string;
  readonly json?: boolean;
}

/** Runs a worker until it is told to stop; then ends the process. */
export async function runWorkerProcess(flags: ProcessFlags, context: Context): Promise<void> {
  const { startWorkerProcess } = await import('./start-worker-process.js');
  const options = { TOCSIN_CONFIG: flags.config, TOCSIN_HEALTH_PORT: flags.healthPort };
  return run(flags, options, context, startWorkerProcess, {
    words: ({ healthUrl }) => `The worker is ready and polls; its health: ${healthUrl}/readyz`,
    stopped: 'Stopped. What is open goes on with the other workers, or with the next one.',
  });
}

/** Runs an API until it is told to stop; then ends the process. */
export async function runApiProcess(flags: ProcessFlags, context: Context): Promise<void> {
  // Each loads its own: an API has no need of the worker's native library.
  const { startApiProcess } = await import('./start-api-process.js');
  return run(flags, { TOCSIN_CONFIG: flags.config, PORT: flags.port }, context, startApiProcess, {
    words: ({ url }) => `The API is ready at ${url}; its health: ${url}/readyz`,
    stopped: 'Stopped. What was accepted is with Temporal.',
  });
}

function run<T extends object>(
  flags: ProcessFlags,
  settings: Readonly<Record<string, string | undefined>>,
  context: Context,
  start: (options: ProcessOptions) => Promise<T>,
  told: { readonly words: (started: T) => string; readonly stopped: string },
): Promise<void> {
  const environment = checkedEnvironment(withFlags(context.env, settings), context.cwd);
  const isQuiet = flags.json === true;
  const log = createPrintedLog(environment.logLevel, context.print);
  const command: ForegroundCommand<T> = {
    start: (foreground) =>
      start({
        ...foreground,
        environment,
        cwd: context.cwd,
        now: context.now,
        log,
        ...(isQuiet ? { warn: (sentence) => log.warn(sentence) } : {}),
      }),
    ready: (started) => {
      if (isQuiet) context.print(JSON.stringify({ ready: true, pid: process.pid, ...started }));
      else context.say(told.words(started));
    },
    stopped: told.stopped,
    isQuiet,
  };
  return runInForeground(command, context);
}
