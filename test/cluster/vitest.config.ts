import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * The cluster suite, `npm run test:cluster`: the end-to-end suite and the rolling restart on `temporal-server` and PostgreSQL.
 * Left out is what is about a Temporal Server of our own (finding, starting, killing it): a cluster is somebody else's.
 */
export default defineConfig({
  root: dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  test: {
    name: 'cluster',
    pool: 'forks',
    include: ['test/cluster/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/fault/rolling-restart.test.ts'],
    exclude: ['test/e2e/dev-server.test.ts', 'test/e2e/up.test.ts'],
    fileParallelism: false,
    globalSetup: ['test/cluster/support/global-setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
