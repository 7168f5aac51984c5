import type { Context } from '../context.js';
import { runInForeground } from './foreground.js';
import { ownDirectory } from './run-state.js';
import { checkedEnvironment, withFlags } from './settings.js';
import { startTocsin, type Started } from './start-tocsin.js';
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
  const env = withFlags(context.env, {
    TOCSIN_CONFIG: flags.config,
    PORT: flags.port,
    TOCSIN_DATA_DIR: flags.dataDir,
  });
  const environment = checkedEnvironment(env, context.cwd);
  await runInForeground(
    {
      start: async (foreground) => {
        const directory = await ownDirectory(environment.dataDir);
        foreground.cleanups.add('', () => directory.release());
        const { cwd, now } = context;
        return startTocsin({ ...foreground, environment, cwd, directory, now });
      },
      ready: (started, tookMs) =>
        context.print(
          flags.json === true ? asJson(started) : summary(started, context.cwd, tookMs, context.colours),
        ),
      stopped: 'Stopped. Open incidents are kept and go on at the next start.',
    },
    context,
  );
}

function asJson({ url, config, dataDir, logFile, temporal, booth, openIncidents, tryIt }: Started): string {
  return JSON.stringify({
    ready: true,
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
