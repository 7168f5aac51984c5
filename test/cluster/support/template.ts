import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { LOOPBACK } from '../../../temporal-config/server/ports.js';
import { postgresClient, type Postgres } from './postgres.js';

/** The two stores of Temporal, each a database of its own. */
export interface Databases {
  readonly main: string;
  readonly visibility: string;
}

const run = promisify(execFile);
const TEMPLATE: Databases = { main: 'template_main', visibility: 'template_visibility' };
/** As the SQL tool names the schemas that are built into it. */
const SCHEMAS = { main: 'postgresql/v12/temporal', visibility: 'postgresql/v12/visibility' } as const;

/** Makes the databases with Temporal's tables once, by its own tool, to be copied for each server. */
export async function makeTemplate(postgres: Postgres, sqlTool: string): Promise<void> {
  for (const store of ['main', 'visibility'] as const) {
    const tool = (...words: string[]): Promise<unknown> =>
      run(sqlTool, [
        ...['--plugin', 'postgres12', '--endpoint', LOOPBACK, '--port', String(postgres.port)],
        ...['--user', postgres.user, '--password', 'unused', '--database', TEMPLATE[store]],
        ...words,
      ]);
    await tool('create-database');
    await tool('setup-schema', '-v', '0.0');
    await tool('update-schema', '--schema-name', SCHEMAS[store]);
  }
}

/** Copies the template for one server. */
export async function copyTemplate(
  postgres: Pick<Postgres, 'port' | 'user' | 'programs'>,
  name: string,
): Promise<Databases> {
  const databases: Databases = { main: name, visibility: `${name}_visibility` };
  for (const store of ['main', 'visibility'] as const) {
    const database = databases[store];
    await postgresClient(postgres, 'createdb', ['-T', TEMPLATE[store], database]);
    // The tables' version is kept by the name of the database; names of ours need no quoting.
    const rename = `UPDATE schema_version SET db_name = '${database}' WHERE db_name = '${TEMPLATE[store]}'`;
    await postgresClient(postgres, 'psql', ['-q', '-d', database, '-v', 'ON_ERROR_STOP=1', '-c', rename]);
  }
  return databases;
}
