import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { plainTarget } from '../../temporal-config/connection.js';
import type { DevServer } from '../../temporal-config/server/dev-server.js';
import { freePort } from '../../temporal-config/server/ports.js';
import { createFleet, startProcess, type Fleet } from '../e2e/support/fleet.js';
import { KEYS, PHONES } from '../support/running-system.js';
import { buildTocsin } from '../support/tocsin-process.js';
import { startClusterServer } from './support/cluster-server.js';
import { createCredentials, type Credentials } from './support/credentials.js';
import { sharedCluster } from './support/shared.js';

let directory: string;
let credentials: Credentials;
let server: DevServer;
let fleet: Fleet | undefined;

beforeAll(async () => {
  await buildTocsin();
  const cluster = sharedCluster();
  if (cluster === null) throw new Error('This file runs in the cluster suite: npm run test:cluster.');
  directory = await mkdtemp(join(tmpdir(), 'tocsin-guarded-'));
  credentials = await createCredentials(directory);
  server = await startClusterServer({
    cluster,
    directory,
    // Tocsin registers its own.
    searchAttributes: {},
    security: credentials.security,
    connection: { tls: credentials.tls, apiKey: credentials.token('temporal-system:admin') },
  });
});
afterEach(async () => {
  await fleet?.stop();
  fleet = undefined;
});
afterAll(async () => {
  await server?.stop();
  await credentials?.stop();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

/** An installation whose only word of Temporal is a profile of `temporal.toml`. */
async function installation(permissions: readonly string[], withCertificate = true): Promise<Fleet> {
  const { authority, certificate, key } = credentials.security;
  const file = join(directory, 'temporal.toml');
  const client = `client_cert_path = "${certificate}"\nclient_key_path = "${key}"\n`;
  await writeFile(
    file,
    `[profile.night]
address = "${server.address}"
namespace = "${server.namespace}"
api_key = "${credentials.token(...permissions)}"
[profile.night.tls]
server_ca_cert_path = "${authority}"
server_name = "localhost"
${withCertificate ? client : ''}`,
  );
  const env = {
    TEMPORAL_ADDRESS: '',
    TEMPORAL_NAMESPACE: '',
    TEMPORAL_CONFIG_FILE: file,
    TEMPORAL_PROFILE: 'night',
  };
  return createFleet({ server: { target: plainTarget(server.address) }, env });
}

describe('a cluster that asks for a certificate and an API key', () => {
  test('is not entered without the certificate, and the message names address and security', async () => {
    fleet = await installation(['temporal-system:admin'], false);
    const end = await startProcess('worker', fleet.env);
    expect(end).toMatchObject({ code: 3 });
    if (!('code' in end)) return;
    expect(end.output).toContain(`Temporal can't be reached at ${server.address} (with TLS, an API key)`);
  });

  test('a key that may not register search attributes: which are missing, and what an administrator runs', async () => {
    fleet = await installation(['default:write']);
    const end = await startProcess('api', fleet.env, '--port', String(await freePort()));
    expect(end).toMatchObject({ code: 1 });
    if (!('code' in end)) return;
    expect(end.output).toContain('The search attributes TocsinKind');
    expect(end.output).toContain('temporal operator search-attribute create --namespace default');
  });

  test('pages and takes the answer by a profile of temporal.toml with both; afterwards a lesser key will do', async () => {
    fleet = await installation(['temporal-system:admin']);
    const [first] = await Promise.all([fleet.worker(), fleet.api(0)]);
    await page(fleet, 'by-profile');
    expect(await first.stop()).toBe(0);
    await fleet.stop();

    fleet = await installation(['default:write']);
    await Promise.all([fleet.worker(), fleet.api(0)]);
    await page(fleet, 'by-lesser-key');
  });
});

async function page(at: Fleet, name: string): Promise<void> {
  const body = { key: name, service: 'payments', summary: `${name} is down`, status: 'firing' };
  await expect
    .poll(async () => (await at.request('POST', '/v1/alerts/generic', { key: KEYS.generic, body })).status, {
      timeout: 10_000,
    })
    .toBe(202);
  const sms = await at.booth.nextSms({ to: PHONES.alice, about: `${name} is down`, timeoutMs: 20_000 });
  const code = /ACK (\w{4})/.exec(sms.body)?.[1] ?? '';
  expect(await at.booth.reply(PHONES.alice, `ACK ${code}`)).toContain('You have it');
}
