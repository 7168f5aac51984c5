import { mkdtemp, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, TemporalSetupError } from '../../temporal-config/errors.js';
import { plainTarget, type TemporalTarget } from '../../temporal-config/connection.js';
import { searchAttributeTypes } from '../../temporal-config/search-attributes.js';
import { takeOver } from '../../temporal-config/server/dev-server-claim.js';
import {
  startDevServer,
  type DevServer,
  type DevServerOptions,
} from '../../temporal-config/server/dev-server.js';
import { portFrom, portSetting } from './ports.js';

/** A Temporal Server of our own that is started again whenever it ends by itself. */
export interface OwnTemporal {
  readonly target: TemporalTarget;
  /** Null when it runs without its web UI. */
  readonly uiUrl: string | null;
  readonly logFile: string;
  readonly pid: () => number;
  stop(): Promise<void>;
}

export interface OwnTemporalOptions {
  /** Path of the Temporal CLI. */
  readonly cli: string;
  /** Folder of its database and log. */
  readonly directory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onProgress: (line: string) => void;
  /** What a person should know while it runs. */
  readonly say: (sentence: string) => void;
}

/** Temporal's own defaults. */
const PORT = 7233;
const UI_PORT = 8233;
const PORT_NAME = 'TOCSIN_TEMPORAL_PORT';
const UI_PORT_NAME = 'TOCSIN_TEMPORAL_UI_PORT';
const TAKE_OVER_GRACE_MS = 10_000;
const FIRST_BACK_OFF_MS = 500;
const LONGEST_BACK_OFF_MS = 30_000;
const DATABASE = 'temporal.db';
/** Says that the database got as far as being used. */
const COMPLETE = 'temporal.db.complete';

/**
 * Starts the server on the usual ports, the next free ones, or those that TOCSIN_TEMPORAL_PORT and TOCSIN_TEMPORAL_UI_PORT name.
 * @throws TemporalSetupError as `startDevServer`
 */
export async function startOwnTemporal(options: OwnTemporalOptions): Promise<OwnTemporal> {
  const { directory, env, onProgress, say } = options;
  // First, so that the ports of a server that a killed Tocsin left are free again.
  await takeOver(directory, TAKE_OVER_GRACE_MS, onProgress);
  const port = portSetting(env, PORT_NAME) ?? (await portFrom(PORT));
  const uiPort = portSetting(env, UI_PORT_NAME) ?? (await portFrom(UI_PORT, [port]));
  const settings: DevServerOptions = {
    cli: options.cli,
    directory,
    port,
    uiPort,
    searchAttributes: searchAttributeTypes,
    env,
    onProgress,
    portSetting: `${PORT_NAME} or ${UI_PORT_NAME}`,
  };
  let server = await startOnTables(settings, say);
  await writeFile(join(directory, COMPLETE), '');

  const stopping = new AbortController();
  const restart = async (): Promise<DevServer | null> => {
    for (
      let backOffMs = FIRST_BACK_OFF_MS;
      !stopping.signal.aborted;
      backOffMs = Math.min(backOffMs * 2, LONGEST_BACK_OFF_MS)
    ) {
      await delay(backOffMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return null;
      try {
        return await startDevServer(settings);
      } catch (error) {
        say(`Temporal did not start: ${messageOf(error)} It is tried again.`);
      }
    }
    return null;
  };
  const supervise = async (): Promise<void> => {
    for (;;) {
      const exit = await server.exited;
      if (stopping.signal.aborted) return;
      const how = exit.signal === null ? `with code ${exit.code ?? 'unknown'}` : `by ${exit.signal}`;
      say(`The Temporal Server ended ${how}; it is started again. Alerts are answered 503 until then.`);
      const next = await restart();
      if (next === null) return;
      server = next;
      if (stopping.signal.aborted) return server.stop();
      say('The Temporal Server is back. What fell due meanwhile happens now.');
    }
  };
  const supervised = supervise();
  return {
    target: plainTarget(server.address, server.namespace),
    uiUrl: server.uiUrl,
    logFile: server.logFile,
    pid: () => server.pid,
    stop: async () => {
      stopping.abort();
      await server.stop();
      await supervised;
    },
  };
}

/**
 * Starts the server; on a database whose making was cut short (a first start that was killed), on a new one instead. Only the
 * server can tell which it is: the file itself stays one empty page for long, its tables and incidents are in the -wal file.
 * A database that was complete before is never left for a new one.
 */
async function startOnTables(
  settings: DevServerOptions,
  say: (sentence: string) => void,
): Promise<DevServer> {
  try {
    return await startDevServer(settings);
  } catch (error) {
    const { directory } = settings;
    if (!lacksTables(error) || (await exists(join(directory, COMPLETE)))) throw error;
    const kept = await putAside(directory);
    say(
      `Temporal’s database was never finished (it lacks tables of the server), so a new one is made; the old files are in ${kept}. Where they are a restored backup, its ${DATABASE}-wal file is missing: stop Tocsin, and restore both.`,
    );
    return startDevServer(settings);
  }
}

/** The server ends at once (DATABASE_DAMAGED) where most are missing, and refuses the namespace where the last ones are. */
function lacksTables(error: unknown): boolean {
  return error instanceof TemporalSetupError && /no such table/i.test(error.message);
}

/** Moves the database with all its files into a folder that nobody had before; that folder. */
async function putAside(directory: string): Promise<string> {
  const folder = await mkdtemp(join(directory, 'unfinished-'));
  // The database last: without it a new one would be made, and swallow what still lies beside it.
  for (const ending of ['-wal', '-shm', '-journal', '']) {
    const name = `${DATABASE}${ending}`;
    if (await exists(join(directory, name))) await rename(join(directory, name), join(folder, name));
  }
  return folder;
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
