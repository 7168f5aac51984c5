import { readFile } from 'node:fs/promises';
import { formatProblems } from '../../../../config/format-problems.js';
import { loadConfigFiles } from '../../../../config/load.js';
import type { Config } from '../../../../config/types.js';

/** The example with planted gaps. */
export const PLANTED = 'test/unit/oncall/planted/tocsin.yaml';

/** Reads it; must be valid. */
export async function plantedConfig(): Promise<Config> {
  const result = loadConfigFiles(
    [{ name: 'tocsin.yaml', text: await readFile(PLANTED, 'utf8') }],
    PLANTED,
    {},
  );
  if (!result.ok) throw new Error(formatProblems(result.problems));
  return result.config;
}
