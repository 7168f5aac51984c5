import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { identify, isRunning } from './process-identity.js';

const holderSchema = z.object({
  host: z.string(),
  pid: z.number().int(),
  startedAt: z.string().optional(),
  token: z.string(),
});
type Holder = z.infer<typeof holderSchema>;

const POLL_MS = 200;

/**
 * Runs `work` while this process holds the lock file, waiting as long as another living process of this machine holds it.
 * The lock of a process that was killed is taken over. A holder on another machine (a cache on a network disk) is always
 * waited for; remove the file by hand when that machine is gone. Locks within one process exclude each other too.
 */
export async function withLock<T>(
  path: string,
  onWait: (holderPid: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const mine: Holder = {
    host: hostname(),
    ...(identify(process.pid) ?? { pid: process.pid }),
    token: randomUUID(),
  };
  let told = false;
  while (!(await acquire(path, mine))) {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) continue;
    const holder = parseHolder(text);
    if (holder === null || (holder.host === mine.host && !isRunning(identityOf(holder)))) {
      await takeAway(path, text);
      continue;
    }
    if (!told) onWait(holder.pid);
    told = true;
    await delay(POLL_MS);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** The file appears with its content at once (a link to a finished file), so that nobody reads half of it. */
async function acquire(path: string, mine: Holder): Promise<boolean> {
  const draft = `${path}.${mine.token}`;
  await writeFile(draft, JSON.stringify(mine));
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Removes a dead holder's file, unless somebody else did and locked anew in between: then theirs is put back. */
async function takeAway(path: string, expected: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8')) !== expected) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function parseHolder(text: string): Holder | null {
  try {
    return holderSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function identityOf(holder: Holder): { pid: number; startedAt?: string } {
  return holder.startedAt === undefined
    ? { pid: holder.pid }
    : { pid: holder.pid, startedAt: holder.startedAt };
}
