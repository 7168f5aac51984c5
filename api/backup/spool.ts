import { randomUUID } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ApiError } from '../errors.js';

/**
 * A file without a name: whatever ends this process, nothing of it is left. So a slow reader or sender holds no transaction of
 * the store, and a backup of any size takes no memory.
 */
export interface Spool {
  /** @throws ApiError `internal` that says where there is no room */
  write(piece: string | Buffer): Promise<void>;
  /** From the beginning; as often as wanted. The file stays open. */
  read(): Readable;
  size(): Promise<number>;
  /** From the beginning, for the last time: the file is closed at its end. */
  readAndClose(): Readable;
  close(): Promise<void>;
}

/** Opens one in the system's folder for passing files. */
export async function openSpool(): Promise<Spool> {
  const folder = tmpdir();
  const handle = await opened(folder);
  return {
    write: async (piece) => {
      try {
        // Of a handle only this writes all of it, wherever it stands.
        await handle.appendFile(piece);
      } catch (error) {
        throw noRoom(folder, error);
      }
    },
    read: () => handle.createReadStream({ start: 0, autoClose: false }),
    size: async () => (await handle.stat()).size,
    readAndClose: () => handle.createReadStream({ start: 0, autoClose: true }),
    close: () => handle.close(),
  };
}

async function opened(folder: string): Promise<FileHandle> {
  try {
    const path = join(folder, `tocsin-backup-${randomUUID()}`);
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    return handle;
  } catch (error) {
    throw noRoom(folder, error);
  }
}

function noRoom(folder: string, cause: unknown): ApiError {
  return new ApiError(
    'internal',
    `The backup can’t be kept for the moment it takes, in ${folder} of the API.`,
    {
      remedy: 'Make room there, or start the API with TMPDIR set to a folder that has it.',
      cause,
    },
  );
}
