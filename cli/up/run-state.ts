import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../temporal-config/errors.js';
import { withLock } from '../../system/lock.js';
import { identify, isRunning } from '../../system/process-identity.js';
import { CliFailure } from '../failure.js';
import { writeAtomically } from '../../system/atomic-file.js';

const schema = z.object({
  pid: z.number().int().positive(),
  /** The process's start time as the system tells it: a later process with the same number is another one. */
  startedAt: z.string().optional(),
  /** Where its API is, once it listens. */
  url: z.string().optional(),
  temporal: z.object({ address: z.string(), namespace: z.string(), uiUrl: z.string().nullable() }).optional(),
  booth: z.string().optional(),
  config: z.string().optional(),
  /** The variables of keys that its environment had set: what was made up for them before is not in force. */
  given: z.array(z.string()).optional(),
});

/** What a running `tocsin up` says of itself in its data folder. */
export type RunState = z.infer<typeof schema>;

const FILE = 'run.json';

/** A data folder that belongs to this process. */
export interface OwnedDirectory {
  /** Tells others where things are. */
  announce(state: Omit<RunState, 'pid' | 'startedAt'>): Promise<void>;
  /** Gives the folder back. */
  release(): Promise<void>;
}

/** The living `tocsin up` of a data folder, or null. A file that cannot be read, or is of a dead process, counts as none. */
export async function readRunState(dataDir: string): Promise<RunState | null> {
  try {
    const state = schema.parse(JSON.parse(await readFile(join(dataDir, FILE), 'utf8')));
    return isRunning(identityOf(state)) ? state : null;
  } catch {
    return null;
  }
}

/**
 * Makes the data folder and takes it for this process. What a killed process left is taken over.
 * @throws CliFailure `already-running`, or `data-directory` when the folder cannot be used
 */
export async function ownDirectory(dataDir: string): Promise<OwnedDirectory> {
  const file = join(dataDir, FILE);
  const me = identify(process.pid) ?? { pid: process.pid };
  const write = (state: object): Promise<void> =>
    writeAtomically(file, `${JSON.stringify({ ...me, ...state })}\n`, 0o600);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await withLock(
      join(dataDir, 'run.lock'),
      () => undefined,
      async () => {
        const other = await readRunState(dataDir);
        if (other !== null) throw alreadyRuns(other, dataDir);
        await write({});
      },
    );
  } catch (error) {
    if (error instanceof CliFailure) throw error;
    throw new CliFailure(`The data folder ${dataDir} can't be used: ${messageOf(error)}.`, {
      code: 'data-directory',
      remedy: 'Give Tocsin a folder that it may write to, with --data-dir or TOCSIN_DATA_DIR.',
      cause: error,
    });
  }
  return {
    announce: write,
    release: async () => {
      const state = await readRunState(dataDir);
      if (state?.pid === process.pid) await rm(file, { force: true });
    },
  };
}

function alreadyRuns(other: RunState, dataDir: string): CliFailure {
  const where = other.url === undefined ? 'it is still starting' : other.url;
  return new CliFailure(`Tocsin already runs here (pid ${other.pid}): ${where}`, {
    code: 'already-running',
    remedy: `Use that one, stop it first, or give this one a data folder and a port of its own (--data-dir, --port); this folder is ${dataDir}.`,
  });
}

function identityOf(state: RunState): { pid: number; startedAt?: string } {
  return state.startedAt === undefined ? { pid: state.pid } : { pid: state.pid, startedAt: state.startedAt };
}
