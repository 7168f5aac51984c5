import { readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { listFiles } from '../../config/documents.js';
import { installationRoot } from '../context.js';

/** Which configuration `tocsin up` runs. */
export interface ConfigChoice {
  readonly path: string;
  /** One of Tocsin's own examples: keys for it are made up and kept in the data folder. */
  readonly isExample: boolean;
}

/** What TOCSIN_CONFIG names, as `checkedEnvironment` reads it: an empty one counts as unset. */
export function configSetting(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return env['TOCSIN_CONFIG']?.trim() || undefined;
}

/** The configuration that was asked for, else the smallest example. */
export function chooseConfig(asked: string | undefined, cwd: string): ConfigChoice {
  const examples = join(installationRoot(), 'examples');
  const path = asked === undefined ? join(examples, 'small') : resolve(cwd, asked);
  const inside = relative(examples, path);
  return { path, isExample: inside !== '' && !inside.startsWith('..') && !isAbsolute(inside) };
}

/**
 * The environment variables that a configuration takes its keys from, each with the entries that use it, e.g.
 * `integrations.generic`; none where it can't be read (checking tells why).
 */
export async function keyPlaces(path: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const places = new Map<string, string[]>();
  const files = await listFiles(path).catch(() => []);
  for (const file of files) {
    try {
      collect(parse(await readFile(file, 'utf8')), [], places);
    } catch {
      continue;
    }
  }
  return new Map([...places].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Their names alone. */
export async function keyNames(path: string): Promise<readonly string[]> {
  return [...(await keyPlaces(path)).keys()];
}

/** Gathers the names in every `key: { env: NAME }`. */
function collect(value: unknown, at: readonly string[], places: Map<string, string[]>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (key === 'key' && typeof inner === 'object' && inner !== null && 'env' in inner) {
      if (typeof inner.env === 'string')
        places.set(inner.env, [...(places.get(inner.env) ?? []), at.join('.')]);
    } else {
      collect(inner, [...at, key], places);
    }
  }
}
