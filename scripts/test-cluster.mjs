// @ts-check
/**
 * `npm run test:cluster`: the end-to-end suite on `temporal-server` and PostgreSQL. Builds the server once (3 to 4 minutes).
 * What follows `--` goes to vitest.
 */
import { join } from 'node:path';
import { bringPrograms, CLUSTER } from './bring-programs.mjs';
import { prepare, root, runScript } from './prepare.mjs';
import { runNode } from './run-child.mjs';

await runScript(async () => {
  await prepare({ build: true });
  await bringPrograms(CLUSTER, '');
  const config = join(root, 'test', 'cluster', 'vitest.config.ts');
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  process.exitCode = await runNode([vitest, 'run', '--config', config, ...process.argv.slice(2)]);
});
