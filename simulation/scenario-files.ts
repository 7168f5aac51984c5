import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A folder with more scenarios than this was not meant. */
const MOST_FILES = 5_000;

export type FoundScenarios =
  | { readonly ok: true; readonly files: readonly string[] }
  | { readonly ok: false; readonly path: string; readonly message: string; readonly remedy: string };

/**
 * The scenario files that these paths mean: a file is one, a folder means those of its YAML files that have `scenario:` at
 * their top, by name. Not recursive. None for no paths.
 */
export async function findScenarios(paths: readonly string[]): Promise<FoundScenarios> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => null);
    if (found === null)
      return {
        ok: false,
        path,
        message: 'does not exist',
        remedy: 'Name a scenario file, or a folder of them.',
      };
    if (!found.isDirectory()) {
      files.push(path);
      continue;
    }
    const names = (await readdir(path)).filter((name) => /^[^.].*\.ya?ml$/.test(name)).sort();
    if (names.length > MOST_FILES)
      return {
        ok: false,
        path,
        message: `holds more than ${MOST_FILES} YAML files`,
        remedy: 'Name a smaller folder.',
      };
    const before = files.length;
    for (const name of names) {
      const file = join(path, name);
      if (/^scenario:/m.test(await readFile(file, 'utf8'))) files.push(file);
    }
    if (files.length === before)
      return {
        ok: false,
        path,
        message: 'holds no scenario',
        remedy:
          'A scenario is a YAML file that begins with scenario: and its title; examples/scenarios has some.',
      };
  }
  return { ok: true, files };
}
