import { defineConfig } from 'vitest/config';

/** Each file has servers, ports and folders of its own, and waits more than it works; more than two would wait for each other. */
const TWO_AT_A_TIME = { maxWorkers: 2, sequence: { groupOrder: 1 } };

/**
 * Four projects: `unit` needs no server; `store` starts a PostgreSQL; `workflow` runs on the time-skipping server, one file at a time
 * since skipping is global; `e2e` runs on a real Temporal Server with the stand-ins over loopback.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/api/**/*.test.ts', 'test/replay/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'store',
          include: ['test/store/**/*.test.ts'],
          ...TWO_AT_A_TIME,
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'workflow',
          include: ['test/workflow/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/fault/**/*.test.ts'],
          ...TWO_AT_A_TIME,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
