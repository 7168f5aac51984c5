// @ts-check
/** `npm test`: brings what the tests need, then runs them. What follows `--` goes to vitest (e.g. `--project unit`). */
import { join } from 'node:path';
import { bringPrograms, END_TO_END, STORE } from './bring-programs.mjs';
import { Failure, prepare, root, runScript } from './prepare.mjs';
import { runNode } from './run-child.mjs';

/** The folders of each vitest project, see vitest.config.ts. */
const PROJECTS = /** @type {const} */ ({
  unit: ['test/unit', 'test/api', 'test/replay'],
  store: ['test/store'],
  workflow: ['test/workflow'],
  e2e: ['test/e2e', 'test/fault'],
});

/**
 * The projects that a command line runs: those it names, else those of the files it names, else all.
 * @param {readonly string[]} args
 * @returns {Set<string>}
 */
export function projectsOf(args) {
  const all = Object.keys(PROJECTS);
  const named = args.flatMap((arg, index) => {
    if (arg === '--project') return [args[index + 1] ?? ''];
    return arg.startsWith('--project=') ? [arg.slice('--project='.length)] : [];
  });
  // A pattern or an exclusion is vitest's to read: then everything is brought.
  if (named.length > 0) return new Set(named.every((name) => all.includes(name)) ? named : all);
  const files = args.filter((arg) => arg.includes('test/') && !arg.startsWith('-'));
  if (files.length === 0) return new Set(all);
  return new Set(
    files.flatMap((file) => {
      const found = Object.entries(PROJECTS).filter(([, folders]) =>
        folders.some((folder) => file.includes(`${folder}/`)),
      );
      return found.length > 0 ? found.map(([name]) => name) : all;
    }),
  );
}

/** @param {Set<string>} projects */
async function bringServers(projects) {
  const wanted = [
    ...(projects.has('e2e') ? ['cli'] : []),
    ...(projects.has('workflow') ? ['test-server'] : []),
  ];
  if (projects.has('e2e') && !wanted.includes('test-server')) wanted.push('test-server');
  if (wanted.length === 0) return;
  const code = await runNode([
    '--import',
    'tsx',
    join(root, 'temporal-config', 'server', 'ensure.ts'),
    ...wanted,
  ]);
  if (code !== 0)
    throw new Failure(
      'The servers that the tests need are not there: see above. Unit tests run without: npm test -- --project unit.',
    );
}

await runScript(async () => {
  const args = process.argv.slice(2);
  const projects = projectsOf(args);
  await prepare({ build: false });
  await bringServers(projects);
  if (projects.has('e2e')) {
    await bringPrograms(END_TO_END, 'Or run only the others: npm test -- --project unit --project workflow.');
  }
  if (projects.has('store')) await bringPrograms(STORE, 'Or leave them out: npm test -- --project unit.');
  process.exitCode = await runNode([join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...args]);
});
