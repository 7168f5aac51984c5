import type { Context } from './context.js';
import { createColours, wantsColours } from './output/colours.js';
import { runProgram } from './program.js';

const context: Context = {
  env: process.env,
  cwd: process.cwd(),
  print: (line) => void process.stdout.write(`${line}\n`),
  say: (line) => void process.stderr.write(`${line}\n`),
  colours: createColours(wantsColours(process.stdout.isTTY === true, process.env)),
  errorColours: createColours(wantsColours(process.stderr.isTTY === true, process.env)),
  ...(process.stdout.isTTY && process.env['TERM'] !== 'dumb'
    ? {
        terminal: {
          write: (text: string) => void process.stdout.write(text),
          rows: () => process.stdout.rows,
        },
      }
    : {}),
  now: () => Date.now(),
  setExitCode: (code) => {
    process.exitCode = code;
  },
};

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
await runProgram(process.argv.slice(2), context);
