import { randomInt } from 'node:crypto';
import { connect, createServer } from 'node:net';

/** The loopback address on which our own servers listen. */
export const LOOPBACK = '127.0.0.1';

/** Whether something listens on the port of the loopback address, or it may not be used. */
export async function isPortTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen({ port, host: LOOPBACK, exclusive: true }, () => server.close(() => resolve(false)));
  });
}

/** Below the ports that systems hand out for outgoing connections (from 32,768 on Linux): nobody takes one by chance. */
const [FIRST_PORT, LAST_PORT] = [20_000, 32_000] as const;
const TRIES = 100;

/**
 * A port that was free just now. Somebody may take it before it is used: be ready to ask again.
 * @throws Error when a hundred ports in a row are taken
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (!(await isPortTaken(port))) return port;
  }
  throw new Error(`None of ${TRIES} ports from ${FIRST_PORT} to ${LAST_PORT} was free.`);
}

/** Whether the port of the loopback address accepts a connection now. */
export async function acceptsConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: LOOPBACK });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
