// @ts-check
/** `npm start`: everything on one machine. What follows `--` goes to `tocsin up`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { began, Failure, prepare, root, runScript } from './prepare.mjs';
import { runNode } from './run-child.mjs';

await runScript(async () => {
  await prepare({ build: true });
  const main = join(root, 'dist', 'cli', 'main.js');
  if (!existsSync(main)) throw new Failure('The build gave no dist/cli/main.js: cli/main.ts is missing.');
  // Its clock goes on from where this one began: a first start installs and builds for minutes.
  process.env['TOCSIN_BEGAN_AT'] = String(began);
  const args = ['--enable-source-maps', main, 'up', ...process.argv.slice(2)];
  process.exitCode = await runNode(args, { knowsHangup: true });
});
