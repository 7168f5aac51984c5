import { z } from 'zod';

const shared = z.object({
  /** `temporal-server`. */
  server: z.string(),
  postgres: z.object({ port: z.number(), user: z.string(), programs: z.string() }),
});

/** What the whole run shares: one PostgreSQL, and the server's program. */
export type SharedCluster = z.infer<typeof shared>;

/** Set by the cluster suite's set-up for all test files: then real servers are clusters on PostgreSQL. */
const VARIABLE = 'TOCSIN_TEST_CLUSTER';

export function shareCluster(cluster: SharedCluster): void {
  process.env[VARIABLE] = JSON.stringify(cluster);
}

/** The cluster to run on; null: the development server, as in every other run. */
export function sharedCluster(): SharedCluster | null {
  const text = process.env[VARIABLE] ?? '';
  return text === '' ? null : shared.parse(JSON.parse(text));
}
