import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** The port or address can't be had. The message says so in one sentence. */
export class ListenError extends Error {
  override readonly name = 'ListenError';

  constructor(
    readonly code: string,
    message: string,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** Where to listen, and the words for when it can't be. */
export interface ListenOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The sentence for a busy port. */
  readonly taken: string;
  /** How a person chooses another port, e.g. `--port or PORT`. */
  readonly setting: string;
}

/**
 * Makes the app listen; its port. An app that can't is closed.
 * @throws ListenError when the port is taken or the address isn't this machine's
 */
export async function listen(app: FastifyInstance, options: ListenOptions): Promise<number> {
  const { host, port } = options;
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw inWords(error, options);
  }
  return (app.server.address() as AddressInfo).port;
}

function inWords(error: unknown, { host, port, taken, setting }: ListenOptions): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'EADDRINUSE':
      return new ListenError(code, taken, error);
    case 'EACCES':
      return new ListenError(
        code,
        `Tocsin may not listen on port ${port}: choose one above 1023 with ${setting}.`,
        error,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new ListenError(
        code,
        `HOST=${host} is not an address of this machine: use 127.0.0.1, or 0.0.0.0 for all.`,
        error,
      );
    default:
      return error;
  }
}

/** A host as it stands in an address that a person opens on this machine. */
export function shownAddress(host: string): string {
  if (host === '127.0.0.1' || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
