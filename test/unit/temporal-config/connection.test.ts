import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createClientConnection,
  createNativeConnection,
  loadTemporalTarget,
  plainTarget,
} from '../../../temporal-config/connection.js';
import { cacheDirectory } from '../../../temporal-config/server/cache-directory.js';

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'tocsin-connection-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

const env = (extra: Record<string, string>): Record<string, string> => ({
  HOME: directory,
  XDG_CONFIG_HOME: directory,
  ...extra,
});

describe('the settings of a cluster', () => {
  it('are absent when neither environment nor file names an address', () => {
    expect(loadTemporalTarget(env({}))).toBeNull();
    expect(loadTemporalTarget(env({ TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: 'x' }))).toBeNull();
  });

  it('switch TLS on with an API key', () => {
    expect(
      loadTemporalTarget(env({ TEMPORAL_ADDRESS: 'a:7233', TEMPORAL_NAMESPACE: 'n', TEMPORAL_API_KEY: 'k' })),
    ).toEqual({
      address: 'a:7233',
      namespace: 'n',
      connectionOptions: { address: 'a:7233', apiKey: 'k', tls: true },
    });
  });

  it('come from the chosen profile of temporal.toml, client certificate included, environment first', async () => {
    const file = join(directory, 'temporal.toml');
    await writeFile(
      file,
      '[profile.prod]\naddress = "prod:7233"\nnamespace = "oncall"\n[profile.prod.tls]\nclient_cert_data = "CERT"\nclient_key_data = "KEY"\nserver_name = "prod"\n',
    );
    const target = loadTemporalTarget(
      env({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'prod', TEMPORAL_NAMESPACE: 'other' }),
    );
    expect(target).toMatchObject({
      address: 'prod:7233',
      namespace: 'other',
      connectionOptions: { tls: { serverNameOverride: 'prod' } },
    });
    const tls = target?.connectionOptions.tls;
    const pair = typeof tls === 'object' && tls !== null ? tls.clientCertPair : undefined;
    expect(String(Buffer.from(pair?.crt ?? []))).toBe('CERT');
  });

  it('say which settings to check when the profile is not in the file', async () => {
    const file = join(directory, 'temporal.toml');
    await writeFile(file, '[profile.default]\naddress = "a:7233"\n');
    expect(() => loadTemporalTarget(env({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'gone' }))).toThrow(
      /^The Temporal settings can't be read: Profile 'gone' not found.*Check TEMPORAL_PROFILE/,
    );
  });
});

describe('a cluster that is away', () => {
  it.each([
    ['client', createClientConnection],
    ['worker', createNativeConnection],
  ])('is named with its address and what to check, for the %s', async (_, connect) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    await expect(connect(plainTarget(`127.0.0.1:${port}`), 1_000)).rejects.toMatchObject({
      code: 'UNREACHABLE',
      message: expect.stringMatching(
        new RegExp(
          `^Temporal can't be reached at 127\\.0\\.0\\.1:${port} \\(without TLS, no API key\\): .*Check that the server runs`,
        ),
      ) as string,
    });
  });
});

describe('the cache folder', () => {
  it('is TOCSIN_CACHE_DIR, else inside XDG_CACHE_HOME, else inside the home folder', () => {
    expect(cacheDirectory({ TOCSIN_CACHE_DIR: '/c', XDG_CACHE_HOME: '/x' })).toBe('/c');
    expect(cacheDirectory({ TOCSIN_CACHE_DIR: '', XDG_CACHE_HOME: '/x' })).toBe(join('/x', 'tocsin'));
    expect(cacheDirectory({})).toBe(join(homedir(), '.cache', 'tocsin'));
  });
});
