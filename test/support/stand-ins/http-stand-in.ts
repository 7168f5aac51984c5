import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What goes wrong on demand, for the next request or several. */
export type Trouble = {
  /** 1 unless told. */
  readonly times?: number | 'always';
} & (
  | { readonly kind: 'status'; readonly status: number; readonly body?: string }
  /** 429 with Retry-After. */
  | { readonly kind: 'rate-limited'; readonly retryAfterSeconds: number }
  /** Never answered; `accept` says whether the message goes out all the same. */
  | { readonly kind: 'hang'; readonly accept: boolean }
  /** 307 to this address. */
  | { readonly kind: 'redirect'; readonly to: string }
  /** 200 with a page of HTML, as a proxy or a login portal answers. */
  | { readonly kind: 'html' }
  /** 200 with a body that goes on for ever. */
  | { readonly kind: 'endless' }
  /** 200, and then nothing: the body never comes. */
  | { readonly kind: 'silent-body' }
  /** The connection breaks once the request was read. */
  | { readonly kind: 'break' }
);

/** One request as it came in. */
export interface StandInRequest {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface StandInAnswer {
  readonly status: number;
  readonly json?: unknown;
  readonly text?: string;
}

/** A server of somebody else's, over loopback. It keeps its port when it is started again. */
export interface HttpStandIn {
  /** Without trailing slash. @throws Error before `start()` */
  readonly url: string;
  /** Requests to send something, whatever became of them, oldest first. */
  readonly requests: readonly StandInRequest[];
  start(): Promise<void>;
  stop(): Promise<void>;
  misbehave(trouble: Trouble): void;
  behave(): void;
  /** Waits until so many requests have come in. */
  untilRequests(count: number): Promise<void>;
}

export interface HttpStandInOptions {
  /** What a request does when nothing goes wrong. */
  readonly answer: (request: StandInRequest) => StandInAnswer;
  /** Whether a request asks to send something; the others never meet trouble. */
  readonly sends: (request: StandInRequest) => boolean;
}

export function createHttpStandIn({ answer, sends }: HttpStandInOptions): HttpStandIn {
  let server: Server | undefined;
  let port = 0;
  let troubles: { readonly trouble: Trouble; left: number }[] = [];
  const requests: StandInRequest[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();

  function take(): Trouble | undefined {
    const entry = troubles[0];
    if (entry === undefined) return undefined;
    entry.left -= 1;
    troubles = troubles.filter(({ left }) => left > 0);
    return entry.trouble;
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const request: StandInRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: Object.fromEntries(
        Object.entries(incoming.headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)] as const],
        ),
      ),
      body: Buffer.concat(chunks).toString('utf8'),
    };
    const trouble = sends(request) ? take() : undefined;
    if (sends(request)) {
      requests.push(request);
      for (const look of waiting) look();
    }
    if (trouble === undefined) return write(outgoing, answer(request));
    switch (trouble.kind) {
      case 'status':
        return write(outgoing, { status: trouble.status, text: trouble.body ?? 'no' });
      case 'rate-limited':
        outgoing.setHeader('retry-after', String(trouble.retryAfterSeconds));
        return write(outgoing, { status: 429, text: 'slow down' });
      case 'hang':
        if (trouble.accept) answer(request);
        return;
      case 'redirect':
        outgoing.setHeader('location', trouble.to);
        return write(outgoing, { status: 307, text: '' });
      case 'html':
        outgoing.setHeader('content-type', 'text/html');
        return void outgoing.writeHead(200).end('<!DOCTYPE html><html><body>Please log in</body></html>');
      case 'endless': {
        outgoing.writeHead(200, { 'content-type': 'application/json' });
        const more = (): void => {
          while (!outgoing.destroyed && outgoing.write('x'.repeat(16_384)));
        };
        outgoing.on('drain', more);
        return more();
      }
      case 'silent-body':
        return outgoing.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
      case 'break':
        return void incoming.socket.destroy();
      default:
        return trouble satisfies never;
    }
  }

  return {
    get url() {
      if (port === 0) throw new Error('The stand-in was not started.');
      return `http://127.0.0.1:${port}`;
    },
    requests,
    start: async () => {
      const started = createServer((incoming, outgoing) => {
        serve(incoming, outgoing).catch(() => outgoing.destroy());
      });
      started.on('connection', (socket) => {
        sockets.add(socket);
        socket.once('close', () => sockets.delete(socket));
      });
      started.listen(port, '127.0.0.1');
      await once(started, 'listening');
      ({ port } = started.address() as AddressInfo);
      server = started;
    },
    stop: async () => {
      const stopping = server;
      server = undefined;
      if (stopping === undefined) return;
      for (const socket of sockets) socket.destroy();
      stopping.close();
      await once(stopping, 'close');
    },
    misbehave: (trouble) => {
      troubles.push({ trouble, left: trouble.times === 'always' ? Infinity : (trouble.times ?? 1) });
    },
    behave: () => {
      troubles = [];
    },
    untilRequests: (count) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (requests.length < count) return;
          waiting.delete(look);
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`Waited for ${count} requests; there were ${requests.length}.`));
        }, 15_000);
        waiting.add(look);
        look();
      }),
  };
}

function write(outgoing: ServerResponse, { status, json, text }: StandInAnswer): void {
  if (json !== undefined) outgoing.setHeader('content-type', 'application/json');
  outgoing.writeHead(status).end(json === undefined ? (text ?? '') : JSON.stringify(json));
}
