import { ProviderSetupError } from '../../activities/providers/create-providers.js';
import { ListenError } from '../../api/listen.js';
import { messageOf, TemporalSetupError } from '../../temporal-config/errors.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { createCleanups, type Cleanups } from './cleanups.js';
import { listenForStop } from './stop-request.js';

/** What a command that runs until it is stopped works with while it starts. */
export interface Foreground {
  readonly cleanups: Cleanups;
  /** Ends slow steps when nobody wants them any more. */
  readonly signal: AbortSignal;
  /** A step begins or ends, for a person. */
  readonly progress: (line: string) => void;
  /** Something that a person should mend. */
  readonly warn: (sentence: string) => void;
  /** What is done from now on when somebody sends SIGHUP. Before, there is nothing that could be read again. */
  readonly onReload: (reload: () => void) => void;
}

/** A command that runs until it is stopped. */
export interface ForegroundCommand<T> {
  /** What was started is in `cleanups`, also when a later step fails. */
  start(foreground: Foreground): Promise<T>;
  /** Once it runs. */
  ready(started: T, tookMs: number): void;
  /** The last sentence, after everything has ended. */
  readonly stopped: string;
  /** Nothing but JSON is wanted: no sentences on the way. */
  readonly isQuiet?: boolean;
}

/**
 * Starts something and runs it until a signal comes; then ends it in order, and the process with exit code 0. A second signal
 * ends the process at once. Rejects when it could not start.
 */
export async function runInForeground<T>(command: ForegroundCommand<T>, context: Context): Promise<void> {
  const { dim, yellow } = context.errorColours;
  const began = beganAt(context.env);
  const say = (line: string): void => {
    if (command.isQuiet !== true) context.say(line);
  };
  const progress = (line: string): void =>
    say(`${dim(`[${Math.round((Date.now() - began) / 1_000)} s]`)} ${line}`);
  const warn = (sentence: string): void => context.say(`${yellow('warning')} ${sentence}`);
  const cleanups = createCleanups(progress, (words, error) =>
    warn(`${words} did not go well: ${messageOf(error)}`),
  );
  let reload: () => void = () => undefined;
  const onReload = (next: () => void): void => {
    reload = next;
  };
  const stop = listenForStop(
    () => say('\nStopping. Again to stop at once, without draining.'),
    () => say('Stopped at once.'),
    { reload: () => reload() },
  );
  try {
    const started = await command.start({ cleanups, signal: stop.signal, progress, warn, onReload });
    if (!stop.signal.aborted) command.ready(started, Date.now() - began);
    await stop.asked;
    await cleanups.run();
    say(command.stopped);
    stop.dispose();
    // Nothing is left to wait for; a handle that somebody forgot must not keep the process.
    process.exit(EXIT.ok);
  } catch (error) {
    await cleanups.run();
    if (stop.signal.aborted) {
      say('Stopped before it was ready.');
      process.exit(EXIT.interrupted);
    }
    throw inWords(error);
  }
}

/** When the person gave the command: `npm start` installs and builds before this process is there. */
export function beganAt(env: Context['env']): number {
  const now = Date.now();
  const told = Number(env['TOCSIN_BEGAN_AT']);
  return told > 0 && told <= now ? told : now;
}

/** What is known to go wrong is told without a stack. */
function inWords(error: unknown): unknown {
  if (error instanceof TemporalSetupError) {
    const exitCode = error.code === 'UNREACHABLE' ? EXIT.unreachable : EXIT.failed;
    return new CliFailure(error.message, { code: error.code, exitCode, cause: error });
  }
  if (error instanceof ListenError || error instanceof ProviderSetupError)
    return new CliFailure(error.message, { code: error.code, cause: error });
  return error;
}
