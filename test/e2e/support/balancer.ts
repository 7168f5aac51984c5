import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { freePort, LOOPBACK } from '../../../temporal-config/server/ports.js';

/** A load balancer in front of several APIs: shares requests out among those that are ready. */
export interface Balancer {
  readonly url: string;
  /** Requests that no API answered; what an outside caller would have seen as an outage. */
  readonly failures: readonly string[];
  /** How many requests each API answered, by its port. */
  readonly served: ReadonlyMap<number, number>;
  stop(): Promise<void>;
}

const LOOK_EVERY_MS = 100;

/**
 * Starts it on a free loopback port. As common ones do, it asks `/readyz` all the time and gives a request to another API
 * only when the connection was refused: one that broke in the middle is not sent twice.
 */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const ready = new Set<number>();
  const served = new Map<number, number>();
  const failures: string[] = [];
  let isStopped = false;
  let turn = 0;
  const look = async (port: number): Promise<void> => {
    while (!isStopped) {
      const isReady = await fetch(`http://${LOOPBACK}:${port}/readyz`).then(
        async (answer) => {
          await answer.arrayBuffer();
          return answer.ok;
        },
        () => false,
      );
      if (isReady) ready.add(port);
      else ready.delete(port);
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  };
  const looking = ports.map(look);

  const forward = async (from: IncomingMessage, to: ServerResponse): Promise<void> => {
    const body: Buffer[] = [];
    for await (const chunk of from) body.push(chunk as Buffer);
    turn += 1;
    const candidates = [...ready].sort((a, b) => a - b);
    for (let index = 0; index < candidates.length; index += 1) {
      const port = candidates[(turn + index) % candidates.length] ?? 0;
      const outcome = await pass(from, to, port, Buffer.concat(body));
      if (outcome === 'answered') {
        served.set(port, (served.get(port) ?? 0) + 1);
        return;
      }
      ready.delete(port);
      if (outcome === 'broken') break;
    }
    failures.push(`${from.method ?? ''} ${(from.url ?? '').split('?')[0] ?? ''}`);
    if (!to.headersSent) to.writeHead(502);
    to.end();
  };
  const server = createServer((from, to) => void forward(from, to));
  const port = await freePort();
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  return {
    url: `http://${LOOPBACK}:${port}`,
    failures,
    served,
    async stop() {
      isStopped = true;
      server.closeAllConnections();
      server.close();
      await Promise.all(looking);
    },
  };
}

function pass(
  from: IncomingMessage,
  to: ServerResponse,
  port: number,
  body: Buffer,
): Promise<'answered' | 'refused' | 'broken'> {
  return new Promise((resolve) => {
    const onward = request(
      { host: LOOPBACK, port, method: from.method, path: from.url, headers: from.headers },
      (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(to);
        answer.on('end', () => resolve('answered'));
        answer.on('error', () => resolve('broken'));
      },
    );
    onward.on('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'broken'),
    );
    onward.end(body);
  });
}
