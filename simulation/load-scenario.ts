import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { mergeFiles, type Documents, type SourceFile } from '../config/documents.js';
import { findingsOf } from '../config/issues.js';
import type { JsonSchema } from '../config/json-schema.js';
import { loadConfig, type EnvironmentVariables, type LoadResult } from '../config/load.js';
import { createProblemList, type Path, type ProblemList, type Spot } from '../config/problems.js';
import type { Config, ConfigProblem } from '../config/types.js';
import type { Instant } from '../domain/time/instant.js';
import { buildScenario } from './build-scenario.js';
import type { Simulation } from './result.js';
import type { Scenario } from './scenario.js';
import { scenarioFile } from './scenario-schema.js';

/** The config of a scenario that names none, beside it. */
const DEFAULT_CONFIG = 'tocsin.yaml';
/** A scenario larger than this is none: 1 MiB, as for configs. */
const LARGEST_FILE = 1_048_576;

/** What is said beside a file, e.g. on the command line. It goes before what the file says; lists are added to. */
export interface Additions {
  readonly value: Readonly<Record<string, unknown>>;
  /** Where a part of it was said. */
  spotOf(at: Path): Spot;
}

export type LoadedScenario =
  | {
      readonly ok: true;
      readonly scenario: Scenario;
      readonly config: Config;
      /** What the simulation found impossible, where it is written. */
      impossible(simulation: Simulation): readonly ConfigProblem[];
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Reads configs for scenarios, each once. Keys that the environment lacks do not matter: nothing is let in. */
export function createConfigReader(env: EnvironmentVariables): (path: string) => Promise<LoadResult> {
  const read = new Map<string, Promise<LoadResult>>();
  return (path) => {
    const known = read.get(path) ?? loadConfig(path, env, { secrets: 'optional' });
    read.set(path, known);
    return known;
  };
}

export interface LoadScenarioDeps {
  readonly readConfig: (path: string) => Promise<LoadResult>;
  /** For a scenario that does not say when it begins. */
  readonly now: Instant;
  /** The config, whatever the scenario names. */
  readonly config?: string;
  /** How the file is called in problems. Default: its path. */
  readonly shownAs?: string;
  readonly additions?: Additions;
}

let schema: JsonSchema | undefined;

/** The JSON Schema (draft 7) of a scenario file, for editors. */
export function scenarioJsonSchema(): JsonSchema {
  schema ??= {
    ...z.toJSONSchema(scenarioFile, { target: 'draft-7', io: 'input' }),
    title: 'Tocsin scenario',
  } as JsonSchema;
  return schema;
}

/**
 * Reads a scenario and the configuration that it is about. Never throws for what stands in a file or for one that cannot be
 * read: each problem has a place and a remedy.
 */
export async function loadScenario(path: string, deps: LoadScenarioDeps): Promise<LoadedScenario> {
  const problems = createProblemList();
  let file: SourceFile;
  try {
    const text = await readFile(path, 'utf8');
    if (text.length > LARGEST_FILE) throw new RangeError('larger than 1 MiB');
    file = { name: deps.shownAs ?? path, text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'larger than 1 MiB';
    const message =
      code === 'ENOENT' ? 'does not exist' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`;
    const remedy = 'Name a scenario file, or a folder of them.';
    problems.add({
      level: 'error',
      spot: { file: deps.shownAs ?? path, line: 1, column: 1 },
      at: [],
      message,
      remedy,
    });
    return { ok: false, problems: problems.all() };
  }
  return loadText(file, dirname(path), problems, deps);
}

/** As {@link loadScenario}, of what was said without a file. `folder` is where relative paths begin. */
export function scenarioOf(
  folder: string,
  deps: LoadScenarioDeps & { readonly additions: Additions },
): Promise<LoadedScenario> {
  return loadText(null, folder, createProblemList(), deps);
}

async function loadText(
  file: SourceFile | null,
  folder: string,
  problems: ProblemList,
  deps: LoadScenarioDeps,
): Promise<LoadedScenario> {
  const documents = mergeFiles(file === null ? [] : [file], folder, problems);
  const { value, spotOf } = added(documents, deps.additions);
  const failed = (): LoadedScenario => ({ ok: false, problems: problems.all() });
  if (!documents.isComplete) return failed();
  const parsed = scenarioFile.safeParse(value);
  if (!parsed.success) {
    for (const { path, part, message, remedy } of findingsOf(
      parsed.error.issues,
      value,
      scenarioJsonSchema(),
    )) {
      if (problems.hasErrorAt(path)) continue;
      problems.add({
        level: 'error',
        spot: spotOf(path, part),
        at: path,
        message,
        remedy: remedy.replace('docs/configuration.md', 'docs/simulation.md'),
      });
    }
    return failed();
  }
  const written = parsed.data;
  const configPath = deps.config ?? resolve(folder, written.config ?? DEFAULT_CONFIG);
  const loaded = await deps.readConfig(configPath);
  if (!loaded.ok) {
    const errors = loaded.problems.filter(({ level }) => level === 'error');
    return { ok: false, problems: [...problems.all(), ...errors] };
  }
  const { config } = loaded;
  const scenario = buildScenario(
    written,
    config,
    deps.now,
    (at, { message, remedy }) =>
      problems.add({ level: 'error', spot: spotOf(at, 'value'), at, message, remedy }),
    // A file says the same to everybody who reads it; whoever types a time means the clock of the people who are called.
    file === null,
  );
  if (scenario === null) return failed();
  return {
    ok: true,
    scenario,
    config,
    impossible(simulation) {
      const found = createProblemList();
      for (const { answer, message, remedy } of simulation.impossible) {
        const at = ['answers', answer];
        found.add({ level: 'error', spot: spotOf(at, 'value'), at, message, remedy });
      }
      return found.all();
    },
  };
}

function added(
  documents: Documents,
  additions: Additions | undefined,
): Pick<Documents, 'spotOf'> & { readonly value: Record<string, unknown> } {
  if (additions === undefined) return documents;
  const value = { ...documents.value };
  const kept = new Map<string, number>();
  for (const [key, more] of Object.entries(additions.value)) {
    const before = value[key];
    if (Array.isArray(before) && Array.isArray(more)) {
      kept.set(key, before.length);
      value[key] = [...(before as unknown[]), ...(more as unknown[])];
    } else value[key] = more;
  }
  return {
    value,
    spotOf(at, part) {
      const [key, index, ...rest] = at;
      if (typeof key !== 'string' || !(key in additions.value)) return documents.spotOf(at, part);
      const first = kept.get(key) ?? 0;
      if (typeof index !== 'number') return additions.spotOf(at);
      return index < first ? documents.spotOf(at, part) : additions.spotOf([key, index - first, ...rest]);
    },
  };
}
