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

/** A port that was free just now. Somebody may take it before it is used: be ready to ask again. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: LOOPBACK }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
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
