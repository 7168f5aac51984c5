import { resolve } from 'node:path';
import { loadEnvironment, type Environment } from '../../config/environment.js';
import { CliFailure, EXIT } from '../failure.js';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The process's settings, checked, with the data folder as an absolute path. Flags have been put into `env` already.
 * @throws CliFailure `bad-setting` that names every wrong variable, never a value
 */
export function checkedEnvironment(env: Variables, cwd: string): Environment {
  const loaded = loadEnvironment(env);
  if (!loaded.ok) {
    throw new CliFailure(`Some settings are wrong: ${loaded.problems.join('; ')}.`, {
      code: 'bad-setting',
      exitCode: EXIT.badUsage,
      remedy: 'Correct or unset these environment variables (or the flags that stand for them).',
    });
  }
  return { ...loaded.environment, dataDir: resolve(cwd, loaded.environment.dataDir) };
}

/** The environment with what flags say, by the name of the variable they stand for. */
export function withFlags(env: Variables, flags: Variables): Variables {
  return { ...env, ...Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) };
}

/**
 * What links are signed with, the one for new links first.
 * @throws Error without any: whoever starts the worker or the API has to see to that
 */
export function signingSecrets({ secret, previousSecret }: Environment): readonly string[] {
  if (secret === undefined) throw new Error('There is no secret to sign links with.');
  return previousSecret === undefined ? [secret] : [secret, previousSecret];
}
