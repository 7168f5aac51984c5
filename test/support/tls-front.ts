import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';

/** HTTPS in front of a server that speaks HTTP, as a reverse proxy does it: for clients that know nothing else. */
export interface TlsFront {
  /** Host and port. */
  readonly host: string;
  /** Trusts this front and nobody else. */
  readonly agent: Agent;
  stop(): Promise<void>;
}

/** Ends TLS on a free loopback port, with a certificate of its own made by openssl for this day. */
export async function startTlsFront(port: number): Promise<TlsFront> {
  const { key, cert } = await certificate();
  const sockets = new Set<Socket>();
  const server = createServer({ key, cert }, (front) => {
    const back = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [front, back],
      [back, front],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ ca: cert });
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    agent,
    async stop() {
      agent.destroy();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

async function certificate(): Promise<{ readonly key: Buffer; readonly cert: Buffer }> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-tls-'));
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  try {
    await promisify(execFile)('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
      ],
      ...[
        '-subj',
        '/CN=tocsin-tests',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        key,
        '-out',
        cert,
      ],
    ]);
    return { key: await readFile(key), cert: await readFile(cert) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
