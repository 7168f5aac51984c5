import { LOOPBACK } from '../../../temporal-config/server/ports.js';
import type { SharedCluster } from './shared.js';
import type { Databases } from './template.js';

interface ServicePorts {
  readonly grpc: number;
  readonly membership: number;
}

/** Where each service of a server listens. */
export interface ServerPorts {
  readonly frontend: ServicePorts;
  readonly history: ServicePorts;
  readonly matching: ServicePorts;
  readonly worker: ServicePorts;
  /** The door of the server's own worker where the other asks for tokens. */
  readonly internal: ServicePorts;
}

/** Who may come in: by certificate and by token. Paths of PEM files. */
export interface ServerSecurity {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
  /** Where the public keys of tokens are. */
  readonly jwks: string;
}

/** The static configuration, after `config/development-postgres12.yaml` of the server's own sources. JSON is YAML. */
export function serverConfig(options: {
  readonly postgres: SharedCluster['postgres'];
  readonly databases: Databases;
  readonly ports: ServerPorts;
  /** Path of the dynamic configuration. */
  readonly dynamic: string;
  readonly security?: ServerSecurity;
}): string {
  const { postgres, databases, ports } = options;
  const store = (databaseName: string): object => ({
    sql: {
      pluginName: 'postgres12',
      databaseName,
      connectAddr: `${LOOPBACK}:${postgres.port}`,
      connectProtocol: 'tcp',
      user: postgres.user,
      password: 'unused',
      maxConns: 20,
      maxIdleConns: 20,
      maxConnLifetime: '1h',
    },
  });
  const service = ({ grpc, membership }: ServicePorts): object => ({
    rpc: { grpcPort: grpc, membershipPort: membership, bindOnLocalHost: true },
  });
  const archival = { state: 'disabled', enableRead: false };
  return JSON.stringify({
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'main',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: { main: store(databases.main), visibility: store(databases.visibility) },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: LOOPBACK },
      ...(options.security === undefined ? {} : guarded(options.security)),
    },
    services: {
      frontend: service(ports.frontend),
      history: service(ports.history),
      matching: service(ports.matching),
      worker: service(ports.worker),
      ...(options.security === undefined ? {} : { 'internal-frontend': service(ports.internal) }),
    },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: {
          enabled: true,
          initialFailoverVersion: 1,
          rpcName: 'frontend',
          rpcAddress: `${LOOPBACK}:${ports.frontend.grpc}`,
        },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: archival, visibility: archival },
    dynamicConfigClient: { filepath: options.dynamic, pollInterval: '10s' },
  });
}

/** Clients show a certificate of the authority and a token. */
function guarded({ authority, certificate, key, jwks }: ServerSecurity): object {
  return {
    tls: {
      frontend: {
        server: { certFile: certificate, keyFile: key, clientCaFiles: [authority], requireClientAuth: true },
        client: { serverName: 'localhost', rootCaFiles: [authority] },
      },
    },
    authorization: {
      jwtKeyProvider: { keySourceURIs: [jwks], refreshInterval: '1m' },
      permissionsClaimName: 'permissions',
      authorizer: 'default',
      claimMapper: 'default',
    },
  };
}
