import { serverPrograms } from './build-server.js';
import { startPostgres } from './postgres.js';
import { shareCluster } from './shared.js';
import { makeTemplate } from './template.js';

/** vitest calls it once before the first file of the cluster suite; what it returns, after the last. */
export default async function setup(): Promise<() => Promise<void>> {
  const began = Date.now();
  const say = (line: string): void =>
    void process.stderr.write(`[${Math.round((Date.now() - began) / 1_000)} s] ${line}\n`);
  const programs = await serverPrograms(process.env, say);
  const postgres = await startPostgres();
  say(`${postgres.version} on port ${postgres.port}`);
  try {
    await makeTemplate(postgres, programs.sqlTool);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  say('Temporal’s tables are made');
  const { port, user } = postgres;
  shareCluster({ server: programs.server, postgres: { port, user, programs: postgres.programs } });
  return () => postgres.stop();
}
