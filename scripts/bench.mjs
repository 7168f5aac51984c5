// @ts-check
/** `npm run bench`: builds what ships, then measures it against a bare workflow. What follows `--` goes to bench/main.ts. */
import { join } from 'node:path';
import { prepare, root, runScript } from './prepare.mjs';
import { runNode } from './run-child.mjs';

const HELP = `Measures Tocsin against a bare workflow (start, one activity), both on the same Temporal Server in the same run.

Usage: npm run bench -- [options]

  --quick        few samples, two to four minutes; the numbers say little
  --only NAMES   only these measures, separated by commas; may be repeated. There are: simulations,
                 on-call, rate-1, rate-10, rate-20, burst, ack, storm, lateness, recovery, store, memory,
                 memory-small
  --json FILE    the numbers as JSON too
  --help         this

A whole run takes a quarter of an hour or more. Leave the machine alone meanwhile; only the ratios mean something on another one.
Exit code 1 when an accepted alert never reached the provider.
`;

await runScript(async () => {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(HELP);
    return;
  }
  await prepare({ build: true });
  process.exitCode = await runNode([
    '--import',
    'tsx',
    '--enable-source-maps',
    join(root, 'bench', 'main.ts'),
    ...args,
  ]);
});
