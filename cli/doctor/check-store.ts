import { inspectPostgres } from '../../store/inspect.js';
import { fail, ok, warn, type Finding } from './finding.js';

/**
 * Whether the PostgreSQL of DATABASE_URL is there, and as this Tocsin needs it; nothing is changed. An embedded store is open
 * to the process that has it only: the API tells of that.
 */
export async function checkStore(databaseUrl: string | undefined): Promise<readonly Finding[]> {
  if (databaseUrl === undefined) return [];
  const found = await inspectPostgres(databaseUrl);
  switch (found.kind) {
    case 'ready':
      return [ok('Store', found.where)];
    case 'pending':
      return [
        warn(
          'Store',
          `${found.where}: its tables are not up to date (${found.migrations.join(', ')})`,
          'Start Tocsin: it brings them up to date by itself.',
        ),
      ];
    case 'too-new':
      return [fail('Store', found.message, 'Use the newer version for all processes.')];
    case 'away':
      return [
        fail(
          'Store',
          found.message,
          'Check DATABASE_URL, and that PostgreSQL runs and lets this machine in. People are paged without it.',
        ),
      ];
    default:
      return found satisfies never;
  }
}
