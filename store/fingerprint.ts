import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { StoreState } from './store.js';

/** Hex digits: enough to tell the few stores of one installation apart, too few to be sure of a guessed name. */
const LENGTH = 8;

/**
 * By what people can tell whether two processes have the same store, without learning where it is: a hash of host, port and
 * database, or of machine and folder. Who names one host in two ways gets two. What each of several machines calls `localhost`
 * counts as one, since a proxy beside each process often is.
 * @param machine this one's name
 */
export function fingerprintOf(
  { kind, where }: Pick<StoreState, 'kind' | 'where'>,
  machine: string = hostname(),
): string {
  // Hosts are the same in any case; databases that differ in nothing else are hardly two.
  const place = kind === 'pglite' ? `${machine} ${where}` : where.toLowerCase();
  return createHash('sha256').update(`${kind} ${place}`).digest('hex').slice(0, LENGTH);
}
