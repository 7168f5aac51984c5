import { execFile } from 'node:child_process';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ServerSecurity } from './server-config.js';

/** What a guarded server lets in, made for one test. */
export interface Credentials {
  readonly security: ServerSecurity;
  /** The same files for a client. */
  readonly tls: {
    readonly serverRootCACertificate: Buffer;
    readonly clientCertPair: { readonly crt: Buffer; readonly key: Buffer };
  };
  /** A signed token (an API key, as Temporal calls it) with these permissions, e.g. `default:read`. */
  token(...permissions: string[]): string;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const KEY_ID = 'test';

/** Makes an authority, a certificate for localhost, and a key for tokens whose public half is served on loopback. */
export async function createCredentials(directory: string): Promise<Credentials> {
  const at = (name: string): string => join(directory, name);
  const [authority, authorityKey, certificate, key] = [
    'ca.pem',
    'ca.key',
    'localhost.pem',
    'localhost.key',
  ].map(at) as [string, string, string, string];
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args);
  const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  await openssl('req', '-x509', ...made, '-keyout', authorityKey, '-out', authority, '-subj', '/CN=tests');
  await openssl('req', ...made, '-keyout', key, '-out', at('request'), '-subj', '/CN=localhost');
  await writeFile(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  await openssl(
    ...['x509', '-req', '-in', at('request'), '-CA', authority, '-CAkey', authorityKey, '-CAcreateserial'],
    ...['-days', '2', '-extfile', at('names'), '-out', certificate],
  );

  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: KEY_ID, alg: 'RS256', use: 'sig' };
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: [jwk] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    security: { authority, certificate, key, jwks: `http://127.0.0.1:${port}/jwks.json` },
    tls: {
      serverRootCACertificate: await readFile(authority),
      clientCertPair: { crt: await readFile(certificate), key: await readFile(key) },
    },
    token(...permissions) {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const claims = { sub: 'tocsin', permissions, exp: Math.floor(Date.now() / 1_000) + 3_600 };
      const signed = `${part({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })}.${part(claims)}`;
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(pair.privateKey).toString('base64url')}`;
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
