import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Environment } from '../config/environment.js';
import type { ConfigHolder } from '../config/holder.js';
import type { Tokens } from '../tokens/signed-token.js';
import { registerConfigMetrics } from './config-metrics.js';
import { createApp } from './create-app.js';
import { createIncidents } from './incidents/create-incidents.js';
import { createMetrics } from './metrics.js';
import { createReadiness } from './readiness.js';

/** What the API is made of. */
export interface ApiOptions {
  readonly environment: Environment;
  /** Over a worker's NativeConnection when both share a process: that allows eager starts. */
  readonly client: Client;
  readonly config: ConfigHolder;
  readonly tokens: Tokens;
  readonly log: Logger;
  readonly registry: Registry;
  /** Whether the worker of this process runs; absent: the task queue is asked. */
  readonly workerRuns?: () => boolean;
  /** Providers that refuse our credentials, as the worker of this process sees them; absent: not told. */
  readonly refusedProviders?: () => readonly string[];
}

/** An API that listens. */
export interface RunningApi {
  /** Where it is reached on this machine. */
  readonly url: string;
  /** Answers what it has been asked, takes nothing new, and ends within 5 s. Repeated calls share one end. */
  stop(): Promise<void>;
}

/** The port or address can't be had. The message says so in one sentence. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor(
    readonly code: string,
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** How long requests may go on when the API is told to end. The longest of ours takes 3 s (an update, then a signal). */
const GRACE_MS = 5_000;

/**
 * Starts the API with everything real behind it.
 * @throws ListenError when the port is taken or the address isn't this machine's
 */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const { environment, client, config, workerRuns, refusedProviders } = options;
  const { host, port } = environment;
  registerConfigMetrics(options.registry, config);
  const app = createApp({
    config: () => config.current(),
    incidents: createIncidents({ client }),
    tokens: options.tokens,
    twilioAuthTokens: environment.twilioAuthTokens,
    publicUrl: environment.publicUrl,
    now: () => Date.now(),
    log: options.log.child({ component: 'api' }),
    metrics: createMetrics(options.registry),
    readiness: createReadiness({
      client,
      config,
      ...(workerRuns === undefined ? {} : { workerRuns }),
      ...(refusedProviders === undefined ? {} : { refusedProviders }),
    }),
  });
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw listenError(error, host, port);
  }
  let end: Promise<void> | undefined;
  return {
    url: `http://${shownHost(host)}:${port}`,
    stop: () =>
      (end ??= (async () => {
        const timer = setTimeout(() => app.server.closeAllConnections(), GRACE_MS);
        await app.close();
        clearTimeout(timer);
      })()),
  };
}

/** The sentence for a busy API port. */
export function portTaken(port: number, cause?: unknown): ListenError {
  return new ListenError(
    'EADDRINUSE',
    `Port ${port}, meant for Tocsin's API, is taken by another program: stop that program, or choose another port with --port or PORT.`,
    cause,
  );
}

function listenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'EADDRINUSE':
      return portTaken(port, error);
    case 'EACCES':
      return new ListenError(
        code,
        `Tocsin may not listen on port ${port}: choose one above 1023 with --port or PORT.`,
        error,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError(
        code,
        `HOST=${host} is not an address of this machine: use 127.0.0.1, or 0.0.0.0 for all.`,
        error,
      );
    default:
      return error;
  }
}

function shownHost(host: string): string {
  if (host === '127.0.0.1' || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
