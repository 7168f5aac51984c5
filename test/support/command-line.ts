import { tmpdir } from 'node:os';
import type { Context } from '../../cli/context.js';
import { createColours } from '../../cli/output/colours.js';
import { runProgram } from '../../cli/program.js';

/** What a command line came to. */
export interface Ran {
  readonly code: number;
  /** Stdout. */
  readonly out: string;
  /** Stderr. */
  readonly err: string;
  /** Both, in the order in which they came. */
  readonly all: string;
}

/** A world around a command that remembers what is printed. */
export interface Recording {
  readonly context: Context;
  /** The lines of both streams so far. */
  readonly lines: readonly string[];
  readonly ran: () => Ran;
}

/** Without colours, in the folder for temporary files, at the beginning of 1970, unless said otherwise. */
export function recording(world: Partial<Context> = {}): Recording {
  const [out, err, lines]: [string[], string[], string[]] = [[], [], []];
  let code = 0;
  return {
    context: {
      env: {},
      cwd: tmpdir(),
      print: (line) => void (out.push(line), lines.push(line)),
      say: (line) => void (err.push(line), lines.push(line)),
      colours: createColours(false),
      errorColours: createColours(false),
      now: () => 0,
      setExitCode: (value) => {
        code = value;
      },
      ...world,
    },
    lines,
    ran: () => ({ code, out: out.join('\n'), err: err.join('\n'), all: lines.join('\n') }),
  };
}

/** Runs one command line to its end, as a person types it. */
export async function runCommand(args: readonly string[], world: Partial<Context> = {}): Promise<Ran> {
  const { context, ran } = recording(world);
  await runProgram(args, context);
  return ran();
}
