#!/usr/bin/env node
// @ts-check
/** The `tocsin` command: the built program, built first when this is a fresh checkout, or a newer one (git pull). */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'dist', 'cli', 'main.js');

const { isStale, prepare, runScript } = await import('../scripts/prepare.mjs');
if (!existsSync(main) || isStale()) {
  await runScript(() => prepare({ build: true }));
}
if (process.exitCode !== undefined) {
  // The build has said what is wrong; the old program could do what its newer configuration does not mean.
} else if (existsSync(main)) {
  // In this very process, so that signals and the exit code are the program's own.
  process.argv[1] = main;
  await import(pathToFileURL(main).href);
} else {
  process.stderr.write('The build gave no dist/cli/main.js: cli/main.ts is missing.\n');
  process.exitCode = 1;
}
