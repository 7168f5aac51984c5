import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** One process, told from a later one with the same number by its start time (absent where the system doesn't say). */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt?: string;
}

/** The identity of a running process; null when there is none with that number, or only its unreaped remains. */
export function identify(pid: number): ProcessIdentity | null {
  if (process.platform === 'linux') {
    try {
      // proc(5): after the command in brackets come the state, and 19 fields later the start time in clock ticks since boot.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const startedAt = fields[19];
      if (fields[0] === 'Z' || fields[0] === 'X') return null;
      return startedAt === undefined ? { pid } : { pid, startedAt };
    } catch {
      return null;
    }
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return null;
  }
  try {
    const startedAt = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return startedAt === '' ? { pid } : { pid, startedAt };
  } catch {
    return { pid };
  }
}

/** Whether that very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  if (now === null) return false;
  return (
    identity.startedAt === undefined || now.startedAt === undefined || identity.startedAt === now.startedAt
  );
}
