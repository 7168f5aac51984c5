import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { multistream, pino, type Logger } from 'pino';
import { z } from 'zod';
import { messageOf } from '../../temporal-config/errors.js';
import { openLogFile } from './log-file.js';

/** Twice that is kept: the file, and the one before it. */
const LARGEST_BYTES = 50_000_000;
/** The same warning is shown once in this time; the log file has them all. */
const SHOWN_EVERY_MS = 10_000;
/** pino's number for `warn`. */
const WARN = 40;

const line = z.object({
  level: z.number(),
  msg: z.string().default(''),
  component: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
  detail: z.string().optional(),
});

/** A log file, with its warnings on the terminal too. */
export interface UpLog {
  readonly log: Logger;
  /** Closes the file; what is logged afterwards is lost. */
  readonly close: () => void;
}

/**
 * Opens the log file (JSON lines; past 50 MB it is kept as `.1` and a new one is begun). A disk that is full costs lines of
 * the log and nothing else: one warning says so.
 * @param warn shows one warning to a person
 */
export async function openLog(
  file: string,
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent',
  warn: (text: string) => void,
): Promise<UpLog> {
  await mkdir(dirname(file), { recursive: true });
  const sink = openLogFile(file, LARGEST_BYTES, (error) =>
    warn(
      `The log ${file} can't be written (${messageOf(error)}), so lines of it are lost; Tocsin goes on. Make room on that disk.`,
    ),
  );
  const log = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    multistream([
      { level: 'debug', stream: sink },
      { level: 'warn', stream: { write: createTerminalStream(warn, () => Date.now()) } },
    ]),
  );
  return { log, close: () => sink.close() };
}

/** A log whose lines (JSON) are handed on one by one, for a process whose supervisor keeps its output. */
export function createPrintedLog(
  level: 'debug' | 'info' | 'warn' | 'error' | 'silent',
  print: (line: string) => void,
): Logger {
  const write = (text: string): void => print(text.trimEnd());
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
}

/** Turns log lines into warnings for a terminal: the SDK's own are left out, repetitions too. */
export function createTerminalStream(
  warn: (text: string) => void,
  now: () => number,
): (text: string) => void {
  const shownAt = new Map<string, number>();
  return (text) => {
    const parsed = line.safeParse(readJson(text));
    if (!parsed.success) return;
    const { level, msg, component, err, detail } = parsed.data;
    if (level < WARN || component === 'temporal-sdk') return;
    const parts = [msg, detail, err?.message].filter((part) => part !== undefined && part !== '');
    // A sentence in front of another loses its full stop.
    const words = parts
      .map((part, at) => (at < parts.length - 1 ? part?.replace(/\.$/, '') : part))
      .join(': ');
    const last = shownAt.get(words);
    if (last !== undefined && now() - last < SHOWN_EVERY_MS) return;
    if (shownAt.size > 100) shownAt.clear();
    shownAt.set(words, now());
    warn(words);
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
