import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

/** A file that lines are appended to. */
export interface LogFile {
  /** Writes at once: what a killed process had to say last is what one looks for. Never throws. */
  write(text: string): void;
  close(): void;
}

/** Only the owner may read it. */
const MODE = 0o600;

/**
 * Opens a file that is put aside as `.1` whenever the next line would make it larger than `largestBytes`; an older `.1` goes.
 * @param failed told once, at the first line that could not be written; the lines that can't be are lost, those after it are
 * tried again
 * @throws Error when the file can't be opened
 */
export function openLogFile(file: string, largestBytes: number, failed: (error: unknown) => void): LogFile {
  let size = 0;
  let descriptor: number | null = null;
  let isClosed = false;
  let isTold = false;
  let isCut = false;

  const open = (): number => {
    descriptor = openSync(file, 'a', MODE);
    size = fstatSync(descriptor).size;
    return descriptor;
  };
  const close = (): void => {
    if (descriptor !== null) closeSync(descriptor);
    descriptor = null;
  };
  const rotate = (): void => {
    close();
    renameSync(file, `${file}.1`);
  };
  open();
  return {
    write: (text) => {
      if (isClosed) return;
      try {
        // A line that was cut off must not swallow the next one.
        const bytes = Buffer.from(isCut ? `\n${text}` : text);
        if (size > 0 && size + bytes.length > largestBytes) rotate();
        const to = descriptor ?? open();
        for (let done = 0; done < bytes.length;) {
          const written = writeSync(to, bytes, done);
          size += written;
          done += written;
          isCut = done < bytes.length;
        }
      } catch (error) {
        if (isTold) return;
        isTold = true;
        failed(error);
      }
    },
    close: () => {
      isClosed = true;
      close();
    },
  };
}
