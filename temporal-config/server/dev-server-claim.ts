import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { TemporalSetupError } from '../errors.js';
import type { Progress } from './cache-directory.js';
import { identify, isRunning, type ProcessIdentity } from '../../system/process-identity.js';

const identitySchema = z
  .object({ pid: z.number().int().positive(), startedAt: z.string().optional() })
  .transform(({ pid, startedAt }): ProcessIdentity =>
    startedAt === undefined ? { pid } : { pid, startedAt },
  );
/** Who runs a server on a data folder: the server's process and the Tocsin that started it. */
const claimSchema = z.object({ server: identitySchema, owner: identitySchema });

const FILE = 'temporal-server.json';
const POLL_MS = 50;

/**
 * Makes sure that no server runs on the folder: two on one database file would destroy it. A server that a killed Tocsin left
 * behind is stopped; one of a living Tocsin is an error.
 * @throws TemporalSetupError DATABASE_IN_USE
 */
export async function takeOver(directory: string, graceMs: number, onProgress: Progress): Promise<void> {
  const claim = await readClaim(directory);
  if (claim === null || !isRunning(claim.server)) return;
  if (isRunning(claim.owner)) {
    throw new TemporalSetupError(
      'DATABASE_IN_USE',
      `Another Tocsin (process ${claim.owner.pid}) already runs a Temporal Server on ${directory}. Stop that one first, or give this one another data folder.`,
    );
  }
  onProgress(
    `stopping the Temporal Server (process ${claim.server.pid}) that a killed Tocsin left on ${directory}`,
  );
  await endProcess(claim.server, graceMs);
}

/** Writes down that this process runs that server on the folder. */
export async function writeClaim(directory: string, serverPid: number): Promise<void> {
  const claim = {
    server: identify(serverPid) ?? { pid: serverPid },
    owner: identify(process.pid) ?? { pid: process.pid },
  };
  await writeFile(join(directory, FILE), `${JSON.stringify(claim)}\n`);
}

/** Forgets the claim, once the server has ended. */
export async function removeClaim(directory: string): Promise<void> {
  await rm(join(directory, FILE), { force: true });
}

/** SIGTERM, and SIGKILL after the grace time. Returns when the process has ended. */
async function endProcess(identity: ProcessIdentity, graceMs: number): Promise<void> {
  const deadline = Date.now() + graceMs;
  signal(identity.pid, 'SIGTERM');
  while (isRunning(identity)) {
    if (Date.now() > deadline) signal(identity.pid, 'SIGKILL');
    await delay(POLL_MS);
  }
}

/** Sends a signal to a process that may have ended in the meantime. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function readClaim(directory: string): Promise<z.output<typeof claimSchema> | null> {
  try {
    return claimSchema.parse(JSON.parse(await readFile(join(directory, FILE), 'utf8')));
  } catch {
    return null;
  }
}
