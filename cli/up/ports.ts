import { connect } from 'node:net';
import { portTaken } from '../../api/server.js';
import { freePort, isPortTaken } from '../../temporal-config/server/ports.js';
import { CliFailure } from '../failure.js';

/** How far from the usual port to look for a free one before any will do. */
const TRIED = 50;

/** The first free port of loopback from this one up that is not in `except`. */
export async function portFrom(first: number, except: readonly number[] = []): Promise<number> {
  for (let port = first; port < first + TRIED && port <= 65_535; port += 1) {
    if (!except.includes(port) && !(await isPortTaken(port))) return port;
  }
  return freePort();
}

/**
 * A port that a person set by an environment variable; null when it isn't set.
 * @throws CliFailure `bad-setting`
 */
export function portSetting(env: Readonly<Record<string, string | undefined>>, name: string): number | null {
  const text = env[name]?.trim() ?? '';
  if (text === '') return null;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new CliFailure(`${name} is not a port: expected a whole number from 1 to 65535.`, {
    code: 'bad-setting',
    exitCode: 2,
  });
}

/**
 * Makes sure that nobody answers on the port that the API is to have: neither on its address nor on the one that
 * `localhost` may mean as well (a browser would land there instead).
 * @throws ListenError
 */
export async function requireFreePort(port: number, host: string): Promise<void> {
  const addresses = host === '127.0.0.1' || host === 'localhost' ? ['127.0.0.1', '::1'] : [host];
  for (const address of addresses) {
    if (await answers(port, address)) throw portTaken(port);
  }
}

function answers(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host });
    socket.setTimeout(1_000, () => socket.destroy(new Error('no answer')));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
