import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createApp } from '../../api/create-app.js';
import { createIncidents } from '../../api/incidents/create-incidents.js';
import { createMetrics } from '../../api/metrics.js';
import { loadConfig } from '../../config/load.js';
import { createTokens } from '../../tokens/signed-token.js';
import { KEYS } from './running-system.js';
import type { RealServer } from './temporal.js';

/** One API of several on one Temporal: an app with a connection of its own, listening on loopback. */
export interface Replica {
  readonly url: string;
  /** Ends it as SIGTERM does: what it has taken is handed over first. */
  stop(): Promise<void>;
}

/** Starts another API beside the one of a running system. */
export async function startReplica(server: RealServer, yaml: string): Promise<Replica> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-replica-'));
  const path = join(directory, 'tocsin.yaml');
  await writeFile(path, yaml);
  const loaded = await loadConfig(path, {
    KEY_ALERTMANAGER: KEYS.alertmanager,
    KEY_GENERIC: KEYS.generic,
    KEY_API: KEYS.api,
  });
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  const { config } = loaded;
  const client = await server.client();
  const app = createApp({
    config: () => config,
    incidents: createIncidents({ client }),
    tokens: createTokens(['a-secret-of-sixteen-characters']),
    twilioAuthTokens: [],
    publicUrl: 'http://127.0.0.1',
    now: () => Date.now(),
    log: pino({ level: 'silent' }),
    metrics: createMetrics(),
    readiness: () => Promise.resolve({ ok: true, checks: [] }),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await app.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
