import { homedir } from 'node:os';
import { join } from 'node:path';

/** Environment variables as a plain record; entry points pass `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Receives one line of progress, without a line end, for a person to read. */
export type Progress = (line: string) => void;

/** Where Tocsin keeps what is costly to get again: `TOCSIN_CACHE_DIR`, else `$XDG_CACHE_HOME/tocsin`, else `~/.cache/tocsin`. */
export function cacheDirectory(env: Environment): string {
  const own = env['TOCSIN_CACHE_DIR'];
  if (own !== undefined && own !== '') return own;
  const xdg = env['XDG_CACHE_HOME'];
  if (xdg !== undefined && xdg !== '') return join(xdg, 'tocsin');
  return join(homedir(), '.cache', 'tocsin');
}
