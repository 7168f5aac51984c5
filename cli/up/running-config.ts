import { formatProblems } from '../../config/format-problems.js';
import { createConfigHolder, type ConfigHolder } from '../../config/holder.js';
import { CliFailure } from '../failure.js';
import type { ConfigChoice } from './config-choice.js';
import type { Foreground } from './foreground.js';
import type { Secrets } from './secrets.js';
import type { ShownKey } from './try-it.js';

/**
 * Loads the configuration and keeps it up to date while Tocsin runs: by itself, and at once when somebody sends SIGHUP.
 * @throws CliFailure `config-invalid` with every problem
 */
export async function loadHolder(
  choice: ConfigChoice,
  env: Readonly<Record<string, string | undefined>>,
  options: Pick<Foreground, 'progress' | 'warn' | 'onReload'> & { readonly now: () => number },
  logWarning: (sentence: string, fields: object) => void,
): Promise<ConfigHolder> {
  const made = await createConfigHolder({
    path: choice.path,
    env,
    now: options.now,
    onReload: (result, status) => {
      if (result.ok) return options.progress(`the configuration was read again: version ${status.hash}`);
      const errors = result.problems.filter(({ level }) => level === 'error');
      logWarning(
        `The changed configuration was refused and version ${status.hash} stays; \`tocsin check ${choice.path}\` tells all:\n${formatProblems(errors.slice(0, 5))}`,
        { problems: errors.length },
      );
    },
  });
  if (!made.ok) {
    throw new CliFailure(
      `The configuration ${choice.path} can't be used:\n${formatProblems(made.problems)}`,
      {
        code: 'config-invalid',
        remedy: `Mend what is marked as error; \`tocsin check ${choice.path}\` looks without starting.`,
      },
    );
  }
  const { warnings } = made.holder.status();
  if (warnings.length > 0) options.warn(`The configuration has warnings:\n${formatProblems(warnings)}`);
  // Never rejects, and tells how it went.
  options.onReload(() => void made.holder.reload());
  return made.holder;
}

/**
 * Keys that were made up here are shown; those of the environment are referred to by name.
 * @param names the variables that the configuration takes keys from
 * @param set the environment, without what was made up
 */
export function keyShower(
  names: readonly string[],
  secrets: Secrets,
  set: Readonly<Record<string, string | undefined>>,
): ShownKey {
  return ({ id, key }) => {
    const given = names.find((name) => set[name]?.trim() === key);
    if (given !== undefined) return { variable: given };
    const isMadeUp = names.some((name) => set[name] === undefined && secrets[name] === key);
    return { text: isMadeUp ? key : `<the key of integration ${id}>` };
  };
}
