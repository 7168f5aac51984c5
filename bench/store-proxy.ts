import { createServer, connect, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** `up`: as it is. `slow`: each answer comes so much later. `gone`: connections break, and new ones do too. */
export type StoreMode = 'up' | 'slow' | 'gone';

/** How late the answers of a slow store are. Source: the issue "On-call". */
export const SLOW_MS = 2_000;

/** Stands between Tocsin and a real PostgreSQL, and makes it slow or unreachable. */
export interface StoreProxy {
  readonly port: number;
  become(mode: StoreMode): void;
  stop(): Promise<void>;
}

/** Listens on loopback, and hands on to this port. */
export async function startStoreProxy(port: number): Promise<StoreProxy> {
  let mode: StoreMode = 'up';
  const open = new Set<Socket>();
  const keep = (socket: Socket): void => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // The other side goes with it.
    socket.on('error', () => socket.destroy());
  };
  const server: Server = createServer((client) => {
    keep(client);
    if (mode === 'gone') return void client.destroy();
    const database = connect(port, '127.0.0.1');
    keep(database);
    client.on('data', (asked: Buffer) => database.write(asked));
    database.on('data', (said: Buffer) => {
      const hand = (): void => void (client.writable && client.write(said));
      if (mode === 'slow') setTimeout(hand, SLOW_MS).unref();
      else hand();
    });
    client.on('close', () => database.destroy());
    database.on('close', () => client.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy listens on no port.');
  const breakAll = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: address.port,
    become: (next) => {
      mode = next;
      if (next === 'gone') breakAll();
    },
    stop: async () => {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
