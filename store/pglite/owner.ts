import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../../system/atomic-file.js';
import { withLock } from '../../system/lock.js';
import { identify, isRunning, type ProcessIdentity } from '../../system/process-identity.js';
import { StoreAway } from '../errors.js';

const schema = z.object({ pid: z.number().int().positive(), startedAt: z.string().optional() });

const FILE = 'owner.json';

/** Folders that this process has open: it would take its own claim for its own. */
const mine = new Set<string>();

/**
 * Takes a folder for this process: two on one embedded database would destroy it. What a killed process left is taken over.
 * @returns gives it back
 * @throws StoreAway `in-use`
 */
export async function ownFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, FILE);
  await withLock(
    join(folder, 'owner.lock'),
    () => undefined,
    async () => {
      const owner = await readOwner(file);
      const isOurs = owner?.pid === process.pid;
      if (owner !== null && isRunning(owner) && (!isOurs || mine.has(folder))) throw inUse(folder, owner.pid);
      await writeAtomically(
        file,
        `${JSON.stringify(identify(process.pid) ?? { pid: process.pid })}\n`,
        0o600,
      );
      mine.add(folder);
    },
  );
  return async () => {
    if (mine.delete(folder)) await rm(file, { force: true });
  };
}

async function readOwner(file: string): Promise<ProcessIdentity | null> {
  try {
    const { pid, startedAt } = schema.parse(JSON.parse(await readFile(file, 'utf8')));
    return startedAt === undefined ? { pid } : { pid, startedAt };
  } catch {
    return null;
  }
}

function inUse(folder: string, pid: number): StoreAway {
  return new StoreAway(
    'in-use',
    `The store in ${folder} is in use by process ${pid}, and only one process at a time may open it. Stop that one, give this one a data folder of its own, or set DATABASE_URL to a PostgreSQL that all may share.`,
  );
}
