import { ProviderSetupError } from '../../activities/providers/create-providers.js';
import { ListenError } from '../../api/server.js';
import { TemporalSetupError } from '../../temporal-config/errors.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { createCleanups } from './cleanups.js';
import { ownDirectory } from './run-state.js';
import { checkedEnvironment, withFlags } from './settings.js';
import { startTocsin, type Started } from './start-tocsin.js';
import { listenForStop } from './stop-request.js';
import { summary } from './summary.js';

/** The flags of `tocsin up`. */
export interface UpFlags {
  readonly config?: string;
  readonly port?: string;
  readonly dataDir?: string;
  readonly json?: boolean;
}

/** Runs everything until it is told to stop; then ends the process. Rejects when it could not start. */
export async function runUp(flags: UpFlags, context: Context): Promise<void> {
  const { dim, yellow } = context.errorColours;
  const began = Date.now();
  const seconds = (): string => dim(`[${Math.round((Date.now() - began) / 1_000)} s]`);
  const progress = (line: string): void => context.say(`${seconds()} ${line}`);
  const warn = (sentence: string): void => context.say(`${yellow('warning')} ${sentence}`);

  const env = withFlags(context.env, {
    TOCSIN_CONFIG: flags.config,
    PORT: flags.port,
    TOCSIN_DATA_DIR: flags.dataDir,
  });
  const environment = checkedEnvironment(env, context.cwd);
  const directory = await ownDirectory(environment.dataDir);
  const cleanups = createCleanups(progress, (words, error) =>
    warn(`${words} did not go well: ${error instanceof Error ? error.message : String(error)}`),
  );
  cleanups.add('', () => directory.release());
  const stop = listenForStop(
    () => context.say('\nStopping. Again to stop at once, without draining.'),
    () => context.say('Stopped at once.'),
  );
  try {
    const started = await startTocsin({
      environment,
      cwd: context.cwd,
      directory,
      cleanups,
      signal: stop.signal,
      progress,
      warn,
      now: context.now,
    });
    if (!stop.signal.aborted) {
      context.print(
        flags.json === true
          ? asJson(started)
          : summary(started, context.cwd, Date.now() - began, context.colours),
      );
    }
    await stop.asked;
    await cleanups.run();
    context.say('Stopped. Open incidents are kept and go on at the next start.');
    stop.dispose();
    // Nothing is left to wait for; a handle that somebody forgot must not keep the process.
    process.exit(EXIT.ok);
  } catch (error) {
    await cleanups.run();
    if (stop.signal.aborted) {
      context.say('Stopped before it was ready.');
      process.exit(EXIT.interrupted);
    }
    throw inWords(error);
  }
}

function asJson({ url, config, dataDir, logFile, temporal, booth, openIncidents, tryIt }: Started): string {
  return JSON.stringify({
    url,
    pid: process.pid,
    config: config.path,
    dataDir,
    logFile,
    temporal,
    booth: booth?.url ?? null,
    openIncidents,
    curl: tryIt?.curl ?? null,
  });
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
