import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../temporal-config/errors.js';
import { createApiClient, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { CliFailure } from '../failure.js';
import { createProgress, linesOf } from '../output/transfer.js';

interface Flags extends ApiFlags {
  readonly output?: string;
}

const header = z.object({ tables: z.array(z.object({ name: z.string(), rows: z.number() })) });

/** `tocsin export --all`: a backup of the store, to a file or to stdout. */
export async function exportStore(flags: Flags, context: Context): Promise<void> {
  const client = await createApiClient(flags, context);
  const progress = createProgress(context);
  const pieces = await client.stream('/v1/backup');
  const { output } = flags;
  const write = output === undefined ? toStdout(context) : await toFile(resolve(context.cwd, output));
  let rows = 0;
  let tables = 0;
  let isWhole = false;
  try {
    for await (const line of linesOf(pieces)) {
      if (rows === 0 && tables === 0) {
        ({ rows, tables } = sizeIn(line));
        progress.begin(rows);
      } else {
        progress.step();
      }
      isWhole = line.startsWith('{"end":');
      await write.line(line);
    }
    if (!isWhole) throw cutOff();
    await write.done();
  } catch (error) {
    await write.undo();
    throw error;
  }
  context.say(
    `${output === undefined ? 'a backup' : `written to ${output}`}: ${progress.words(rows)} of ${tables} tables`,
  );
}

function sizeIn(line: string): { readonly rows: number; readonly tables: number } {
  const parsed = header.safeParse(jsonIn(line));
  if (!parsed.success) throw cutOff();
  const { tables } = parsed.data;
  return { rows: tables.reduce((sum, { rows }) => sum + rows, 0), tables: tables.length };
}

function jsonIn(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function cutOff(): CliFailure {
  return new CliFailure('What came is no whole backup: it ends too early.', {
    code: 'unexpected-answer',
    remedy: 'Ask again; the log of the API says what broke.',
  });
}

/** Where a backup goes, line by line. */
interface Target {
  line(line: string): Promise<void>;
  done(): Promise<void>;
  /** Nothing of it is to stay. */
  undo(): Promise<void>;
}

function toStdout(context: Context): Target {
  return {
    line: (line) => {
      context.print(line);
      return Promise.resolve();
    },
    done: () => Promise.resolve(),
    // What was read of it lacks its last line, by which `import` finds out.
    undo: () => Promise.resolve(),
  };
}

/** A file is there whole, or not at all; only its owner may read it. @throws CliFailure `write-failed` */
async function toFile(path: string): Promise<Target> {
  const part = `${path}.part`;
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new CliFailure(`The backup can't be written to ${path}: ${messageOf(error)}.`, {
        code: 'write-failed',
        remedy: 'Name a file in a folder that exists, has room, and may be written to.',
        cause: error,
      });
    }
  };
  const handle: FileHandle = await guarded(open(part, 'w', 0o600));
  return {
    line: (line) => guarded(handle.appendFile(`${line}\n`)),
    done: () =>
      guarded(
        (async () => {
          await handle.sync();
          await handle.close();
          await rename(part, path);
        })(),
      ),
    undo: async () => {
      await handle.close().catch(() => undefined);
      await rm(part, { force: true });
    },
  };
}
