import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { now, pause } from './clock.js';

const run = promisify(execFile);

/** What processes took so far. */
export interface Usage {
  /** CPU seconds in user and system mode, all threads. Resolution 10 ms on Linux, up to 1 s elsewhere. */
  readonly cpuSeconds: number;
  /** Resident memory in MiB (2^20 bytes). */
  readonly rssMiB: number;
}

/** USER_HZ: what /proc counts CPU time in; 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Usage of one process, all of its threads. Zero of a process that has ended. */
export async function usageOf(pid: number): Promise<Usage> {
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

async function fromProc(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all(
    ['stat', 'status'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
  );
  // The command's name may hold spaces; what follows its bracket does not. Source: proc(5), fields 14 and 15.
  const fields = (stat ?? '').slice((stat ?? '').lastIndexOf(')') + 2).split(' ');
  const rss = /^VmRSS:\s+(\d+) kB$/m.exec(status ?? '')?.[1];
  return {
    cpuSeconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS,
    rssMiB: Number(rss ?? 0) / 1_024,
  };
}

async function fromPs(pid: number): Promise<Usage> {
  const { stdout } = await run('ps', ['-o', 'rss=,time=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  const [rss = '0', time = '0'] = stdout.trim().split(/\s+/);
  const cpuSeconds = time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
  return { cpuSeconds, rssMiB: Number(rss) / 1_024 };
}

/** CPU seconds of several processes together. */
export async function cpuOf(pids: readonly number[]): Promise<number> {
  const usages = await Promise.all(pids.map(usageOf));
  return usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** Below this share of one core the processes count as idle; pollers alone take a few hundredths. */
const IDLE_SHARE = 0.15;
const LOOK_EVERY_MS = 500;
const LONGEST_WAIT_MS = 120_000;

/**
 * Waits until these processes have hardly anything to do, so that what one block left behind does not slow down the next.
 * @returns false when they were still busy after two minutes
 */
export async function untilIdle(pids: readonly number[]): Promise<boolean> {
  const began = now();
  for (let last = await cpuOf(pids), lastAt = now(); now() - began < LONGEST_WAIT_MS;) {
    await pause(LOOK_EVERY_MS);
    const [cpu, at] = [await cpuOf(pids), now()];
    if ((cpu - last) * 1_000 < IDLE_SHARE * (at - lastAt)) return true;
    last = cpu;
    lastAt = at;
  }
  return false;
}
