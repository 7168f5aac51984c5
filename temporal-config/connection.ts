import { Client, Connection, type ClientOptions, type ConnectionLike } from '@temporalio/client';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnection, NativeConnectionOptions } from '@temporalio/worker';
import { messageOf, TemporalSetupError } from './errors.js';

/** The connection options that client and worker share. */
export type SharedConnectionOptions = Readonly<
  { address: string } & Pick<NativeConnectionOptions, 'apiKey' | 'tls' | 'metadata'>
>;

/** One namespace of one Temporal service, with what is needed to get in. */
export interface TemporalTarget {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** Holds secrets (API key, client key): never log it. */
  readonly connectionOptions: SharedConnectionOptions;
}

/** What a client may bring along: payload conversion, interceptors, identity. */
export type TemporalClientOptions = Omit<ClientOptions, 'connection' | 'namespace'>;

/** How long a service may take to answer the first call. Source: the SDK's own default for `connectTimeout`. */
const CONNECT_TIMEOUT_MS = 10_000;
const DEFAULT_NAMESPACE = 'default';

/** The target of a server without TLS and keys, such as our own on loopback. */
export function plainTarget(address: string, namespace: string = DEFAULT_NAMESPACE): TemporalTarget {
  return { address, namespace, connectionOptions: { address } };
}

/**
 * The cluster that the environment (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*) and the profile of
 * `temporal.toml` name, environment first; null when neither names an address. An API key switches TLS on.
 * @throws TemporalSetupError CONFIG_INVALID when the file can't be read or the profile isn't in it
 */
export function loadTemporalTarget(env: Readonly<Record<string, string | undefined>>): TemporalTarget | null {
  let config: ClientConnectConfig;
  try {
    config = loadClientConnectConfig({ overrideEnvVars: settings(env) });
  } catch (error) {
    throw new TemporalSetupError(
      'CONFIG_INVALID',
      `The Temporal settings can't be read: ${messageOf(error)}. Check TEMPORAL_PROFILE, the TEMPORAL_TLS_* paths, and the file that TEMPORAL_CONFIG_FILE names (by default temporal.toml in the user's configuration folder).`,
      { cause: error },
    );
  }
  const { address, apiKey, tls, metadata } = config.connectionOptions;
  if (address === undefined) return null;
  return {
    address,
    namespace: config.namespace ?? DEFAULT_NAMESPACE,
    connectionOptions: {
      address,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(tls === undefined ? {} : { tls }),
      ...(metadata === undefined ? {} : { metadata }),
    },
  };
}

/** Unset and empty variables both count as unset: a compose file passes empty ones on. */
function settings(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && (value !== '' || name.startsWith('TEMPORAL_GRPC_META_'))) set[name] = value;
  }
  return set;
}

/**
 * A gRPC connection that has reached the service. The caller closes it.
 * @throws TemporalSetupError UNREACHABLE
 */
export async function createClientConnection(
  target: TemporalTarget,
  timeoutMs: number = CONNECT_TIMEOUT_MS,
): Promise<Connection> {
  try {
    return await Connection.connect({
      ...target.connectionOptions,
      connectTimeout: timeoutMs,
    });
  } catch (error) {
    throw unreachable(target, error);
  }
}

/**
 * A client of the target's namespace, over `connection` when one is given (a worker's NativeConnection allows eager starts),
 * else over a new one, which the caller closes with `client.connection.close()`.
 * @throws TemporalSetupError UNREACHABLE
 */
export async function createTemporalClient(
  target: TemporalTarget,
  options: TemporalClientOptions = {},
  connection?: ConnectionLike,
): Promise<Client> {
  return new Client({
    ...options,
    connection: connection ?? (await createClientConnection(target)),
    namespace: target.namespace,
  });
}

/**
 * The worker's connection. The caller closes it, after the worker has stopped. Install the SDK's `Runtime` before.
 * @throws TemporalSetupError UNREACHABLE
 */
export async function createNativeConnection(
  target: TemporalTarget,
  timeoutMs: number = CONNECT_TIMEOUT_MS,
): Promise<NativeConnection> {
  // Loaded here, so that commands that only need a client don't load the native library.
  const { NativeConnection } = await import('@temporalio/worker');
  let timer: NodeJS.Timeout | undefined;
  const connecting = NativeConnection.connect({ ...target.connectionOptions });
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1_000} s`)), timeoutMs);
  });
  try {
    return await Promise.race([connecting, late]);
  } catch (error) {
    // One that still succeeds is of no use any more.
    connecting.then((connection) => connection.close()).catch(() => undefined);
    throw unreachable(target, error);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(target: TemporalTarget, cause: unknown): TemporalSetupError {
  const { tls, apiKey } = target.connectionOptions;
  const security = `${tls === undefined || tls === false ? 'without TLS' : 'with TLS'}, ${apiKey === undefined ? 'no API key' : 'an API key'}`;
  return new TemporalSetupError(
    'UNREACHABLE',
    `Temporal can't be reached at ${target.address} (${security}): ${messageOf(cause)}. Check that the server runs, that TEMPORAL_ADDRESS (or the profile in temporal.toml) names its host and gRPC port, and the TLS settings or API key.`,
    { cause },
  );
}
