import { everythingIsUsed, RESPONSE_CHECKS } from './checks/response.js';
import { PEOPLE_CHECKS } from './checks/people.js';
import { PROVIDER_CHECKS } from './checks/providers.js';
import { HEARTBEAT_CHECKS } from './checks/heartbeats.js';
import { maintenanceChecks } from './checks/maintenance.js';
import { stepsReachOthers } from './checks/steps.js';
import type { Check } from './checks/check.js';
import { scheduleChecks } from './checks/schedules.js';
import { createConfig, type Secrets } from './create-config.js';
import { HEARTBEAT_KEY } from './heartbeats.js';
import { readVariables } from './environment-references.js';
import { mergeFiles, readFiles, type Documents, type SourceFile } from './documents.js';
import { findingsOf } from './issues.js';
import { configJsonSchema } from './json-schema.js';
import { createProblemList, type ProblemList } from './problems.js';
import { entriesOf, entryOf } from './raw.js';
import { checkReference, referencesOf } from './references.js';
import { environmentNameOf, secret } from './schema/leaves.js';
import { root as rootSchema, type Written } from './schema/root.js';
import type { Config, ConfigProblem } from './types.js';
import type { Instant } from '../domain/time/instant.js';

/** Environment variables by name. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

export interface LoadOptions {
  /**
   * `required` (default): a secret that the environment lacks is an error. `optional`: a warning, and what needs it is
   * left out, for `tocsin check` in CI.
   */
  readonly secrets?: 'required' | 'optional';
  /** Given, schedules are looked through for gaps in the coming four weeks. */
  readonly now?: Instant;
}

/** A configuration that may be used, or everything that is wrong with it. */
export type LoadResult =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly ConfigProblem[] }
  /** At least one of level `error`; warnings among them. */
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** How much a config holds. */
export interface ConfigSummary {
  readonly files: number;
  readonly users: number;
  readonly groups: number;
  readonly teams: number;
  readonly schedules: number;
  readonly policies: number;
  readonly services: number;
  readonly integrations: number;
}

/** What `tocsin check` tells. */
export interface CheckResult {
  readonly ok: boolean;
  readonly problems: readonly ConfigProblem[];
  readonly summary: ConfigSummary;
  /** The environment variables that a start needs and that are not set here. */
  readonly needs: readonly string[];
  /** Of a valid config. */
  readonly hash?: string;
}

/** Who has to know a key too. */
const KEY_IS_FOR = {
  integrations: 'the same that the sender uses',
  apiKeys: 'the same that programs and `tocsin` in other shells use',
  heartbeats: 'it is a part of the address that the job calls',
} as const;

/** Reads the keys from the environment; what is missing is a problem that names the variable, never a value. */
function readSecrets(
  documents: Documents,
  env: EnvironmentVariables,
  level: ConfigProblem['level'],
  problems: ProblemList,
): Secrets {
  const openers = new Map<string, string>();
  const read = (section: 'integrations' | 'apiKeys' | 'heartbeats'): ReadonlyMap<string, string> => {
    const found = new Map<string, string>();
    for (const [id, entry] of entriesOf(entryOf(documents.value, section))) {
      const at = [section, id, 'key'];
      const reference = secret.safeParse(entryOf(entry, 'key'));
      // A malformed reference is the schema's to tell.
      if (!reference.success) continue;
      const name = environmentNameOf(reference.data);
      const value = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
      const spot = documents.spotOf(at, 'value');
      if (value === undefined || value === '') {
        problems.add({
          level,
          spot,
          at,
          message: `the environment variable ${name} is ${value === '' ? 'empty' : 'not set'}`,
          remedy: `Set ${name} to a long random text, e.g. from \`openssl rand -hex 16\`: ${KEY_IS_FOR[section]}.`,
          variable: name,
        });
        continue;
      }
      const first = openers.get(value);
      if (first !== undefined) {
        problems.add({
          level: 'error',
          spot,
          at,
          message: `is the same key as that of ${first}, so that the two cannot be told apart`,
          remedy: 'Use a key of its own for each integration, heartbeat and API key.',
        });
      }
      if (section === 'heartbeats' && !HEARTBEAT_KEY.test(value)) {
        problems.add({
          level: 'error',
          spot,
          at,
          message: `the environment variable ${name} does not hold a key for a heartbeat: it is a part of an address, and nobody may guess it`,
          remedy: `Set ${name} to 16 to 200 letters, digits, dashes or underscores, e.g. from \`openssl rand -hex 16\`.`,
        });
      }
      openers.set(value, `${section}.${id}`);
      found.set(id, value);
    }
    return found;
  };
  return {
    integrations: read('integrations'),
    apiKeys: read('apiKeys'),
    heartbeats: read('heartbeats'),
    variables: readVariables(documents, env, level, problems),
  };
}

/** Every problem of the merged value; the value itself when it has the right shape. */
function examine(
  documents: Documents,
  problems: ProblemList,
  now: Instant | undefined,
  isComplete: boolean,
): Written | null {
  const parsed = rootSchema.safeParse(documents.value);
  if (!parsed.success) {
    const findings = findingsOf(parsed.error.issues, documents.value, configJsonSchema());
    for (const { path, part, message, remedy } of findings) {
      // Two rules of one value may both complain: the first says it all.
      if (problems.hasErrorAt(path)) continue;
      problems.add({ level: 'error', spot: documents.spotOf(path, part), at: path, message, remedy });
    }
  }
  // What a broken file would have defined is unknown: looking for what is missing would only mislead.
  if (!isComplete) return null;
  for (const reference of referencesOf(documents.value)) {
    const words = checkReference(documents.value, reference);
    if (words === null) continue;
    const { at, part } = reference;
    problems.add({ level: 'error', spot: documents.spotOf(at, part), at, ...words });
  }
  const run = (check: Check): void =>
    check(documents.value, (level, at, part, words) => {
      if (problems.hasErrorAt(at) && at.length > 1) return;
      problems.add({
        level,
        spot: documents.spotOf(at, part),
        at,
        message: words.message,
        remedy: words.remedy,
      });
    });
  for (const check of [
    ...PEOPLE_CHECKS,
    ...PROVIDER_CHECKS,
    ...scheduleChecks(now),
    ...RESPONSE_CHECKS,
    ...HEARTBEAT_CHECKS,
    ...maintenanceChecks(now),
    stepsReachOthers,
  ])
    run(check);
  if (!problems.hasErrors()) run(everythingIsUsed);
  return parsed.success ? parsed.data : null;
}

interface Loaded {
  readonly result: LoadResult;
  readonly documents: Documents;
}

function loadAll(
  files: readonly SourceFile[],
  path: string,
  env: EnvironmentVariables,
  options: LoadOptions,
  problems: ProblemList,
): Loaded {
  const areAllRead = problems.all().length === 0;
  const documents = mergeFiles(files, path, problems);
  const written = examine(documents, problems, options.now, areAllRead && documents.isComplete);
  const secrets = readSecrets(documents, env, options.secrets === 'optional' ? 'warning' : 'error', problems);
  const all = problems.all();
  if (written === null || problems.hasErrors()) {
    return { result: { ok: false, problems: all }, documents };
  }
  return { result: { ok: true, config: createConfig(written, secrets), warnings: all }, documents };
}

/** Like {@link loadConfig}, for files that are already read. `path` stands in problems that belong to no file. */
export function loadConfigFiles(
  files: readonly SourceFile[],
  path: string,
  env: EnvironmentVariables,
  options: LoadOptions = {},
): LoadResult {
  return loadAll(files, path, env, options, createProblemList()).result;
}

/**
 * Reads and checks a configuration: a directory of YAML files, or one file. Never throws for what stands in the files
 * or for a file that cannot be read: that is a problem with a place and a remedy. Problems never repeat a secret.
 */
export async function loadConfig(
  path: string,
  env: EnvironmentVariables,
  options: LoadOptions = {},
): Promise<LoadResult> {
  const problems = createProblemList();
  const files = await readFiles(path, problems);
  return loadAll(files, path, env, options, problems).result;
}

/** {@link loadConfig} for people: all problems and warnings, and how much there is. Missing secrets are warnings. */
export async function checkConfig(
  path: string,
  env: EnvironmentVariables,
  options: Pick<LoadOptions, 'now'> = {},
): Promise<CheckResult> {
  const list = createProblemList();
  const files = await readFiles(path, list);
  const { result, documents } = loadAll(files, path, env, { ...options, secrets: 'optional' }, list);
  const problems = result.ok ? result.warnings : result.problems;
  const size = (section: string): number => entriesOf(entryOf(documents.value, section)).length;
  return {
    ok: result.ok,
    problems,
    needs: [...new Set(problems.flatMap(({ variable }) => variable ?? []))].sort(),
    summary: {
      files: files.length,
      users: size('users'),
      groups: size('groups'),
      teams: size('teams'),
      schedules: size('schedules'),
      policies: size('policies'),
      services: size('services'),
      integrations: size('integrations'),
    },
    ...(result.ok ? { hash: result.config.hash } : {}),
  };
}
