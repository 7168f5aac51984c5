import { join } from 'node:path';
import {
  cacheDirectory,
  type Environment,
  type Progress,
} from '../../../temporal-config/server/cache-directory.js';
import { buildGoProgram } from '../../../temporal-config/server/go-build.js';
import { withLock } from '../../../system/lock.js';
import { isExecutable, runCommand } from '../../../temporal-config/server/run-command.js';

/** The server of the cluster suite; the CLI that `tocsin up` builds brings the same one. */
export const SERVER_VERSION = '1.29.1';

/** What a cluster is made of: the server, and the tool that makes its tables. */
export interface ServerPrograms {
  readonly server: string;
  readonly sqlTool: string;
}

const PACKAGES = {
  server: 'go.temporal.io/server/cmd/server',
  sqlTool: 'go.temporal.io/server/cmd/tools/sql',
} as const;

/**
 * `temporal-server` and its SQL tool: from Tocsin's cache, else built from the published Go module (3 to 4 minutes on 2 cores).
 * Two processes never build at once.
 * @throws Error with what `go` said
 */
export async function serverPrograms(env: Environment, onProgress: Progress): Promise<ServerPrograms> {
  const folder = join(cacheDirectory(env), 'temporal-server');
  const built = join(folder, SERVER_VERSION);
  const programs = { server: join(built, 'temporal-server'), sqlTool: join(built, 'temporal-sql-tool') };
  const names = ['server', 'sqlTool'] as const;
  await withLock(
    join(folder, 'lock'),
    (pid) => onProgress(`process ${pid} is building the Temporal Server already; waiting for it`),
    async () => {
      for (const name of names) {
        if (await isExecutable(programs[name])) continue;
        const result = await buildGoProgram(
          {
            title: name === 'server' ? `Temporal Server ${SERVER_VERSION}` : 'its SQL tool',
            package: PACKAGES[name],
            version: SERVER_VERSION,
          },
          {
            target: programs[name],
            scratch: join(folder, `unfinished-${name}`),
            env,
            onProgress,
            run: runCommand,
          },
        );
        if ('missing' in result)
          throw new Error(
            `The cluster tests need Temporal Server ${SERVER_VERSION}, built with Go 1.24 or newer: ${result.missing}`,
          );
      }
    },
  );
  return programs;
}
