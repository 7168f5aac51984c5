#!/usr/bin/env node
// @ts-check
/** The `tocsin` command: the built program, built first when this is a fresh checkout. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const main = join(root, 'dist', 'cli', 'main.js');

if (!existsSync(main)) {
  const { prepare, runScript } = await import('../scripts/prepare.mjs');
  await runScript(() => prepare({ build: true }));
}
if (existsSync(main)) {
  // In this very process, so that signals and the exit code are the program's own.
  process.argv[1] = main;
  await import(pathToFileURL(main).href);
} else if (process.exitCode === undefined) {
  process.stderr.write('The build gave no dist/cli/main.js: cli/main.ts is missing.\n');
  process.exitCode = 1;
}
