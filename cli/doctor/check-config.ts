import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/types.js';
import { fail, ok, warn, type Finding } from './finding.js';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Whether the configuration can be used, and whether everybody in it can be reached.
 * @param isRunning a Tocsin runs on it: what its environment has this shell may lack
 */
export async function checkConfigAndPeople(
  path: string,
  shown: string,
  env: Variables,
  now: number,
  isRunning: boolean,
): Promise<readonly Finding[]> {
  const result = await loadConfig(path, env, { now, secrets: isRunning ? 'optional' : 'required' });
  if (!result.ok) {
    const errors = result.problems.filter(({ level }) => level === 'error');
    const [first] = errors;
    return [
      fail(
        'Configuration',
        `${shown}: ${errors.length} error${errors.length === 1 ? '' : 's'}${first === undefined ? '' : `, the first in ${first.file}:${first.line}: ${first.path} ${first.message}`}`,
        `See all with: tocsin check ${shown}`,
      ),
    ];
  }
  const { config } = result;
  const unset = [...new Set(result.warnings.flatMap(({ variable }) => variable ?? []))];
  const warnings = result.warnings.filter(({ variable }) => variable === undefined);
  return [
    ...(unset.length === 0 ? [] : [unsetHere(unset)]),
    warnings.length === 0
      ? ok('Configuration', `${shown}, version ${config.hash}`)
      : warn(
          'Configuration',
          `${shown}, version ${config.hash}: ${warnings.length} warning${warnings.length === 1 ? '' : 's'}`,
          `See them with: tocsin check ${shown}`,
        ),
    checkPeople(config, now),
  ];
}

function unsetHere(names: readonly string[]): Finding {
  return warn(
    'Environment',
    `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not set in this shell; the Tocsin that runs has ${names.length === 1 ? 'it' : 'them'}, or it would not have started`,
    'Nothing to mend there. Set them here too, and doctor looks at what needs them.',
  );
}

/** Whether each user can be paged: a page that finds no way to its person is lost time. */
export function checkPeople(config: Config, now: number): Finding {
  const users = [...config.users.values()];
  const mute = users.filter(
    ({ id }) => (config.findPeople([{ kind: 'user', id }], 'high', now).people[0]?.rules ?? []).length === 0,
  );
  const quiet = users.filter(
    (user) =>
      !mute.includes(user) && !user.methods.some(({ channel }) => channel === 'voice' || channel === 'push'),
  );
  if (mute.length > 0) {
    return fail(
      'People',
      `cannot be paged: ${mute.map(({ id }) => id).join(', ')}`,
      'Give them a phone or an email address under `users`, and rules for high urgency.',
    );
  }
  if (quiet.length > 0) {
    return warn(
      'People',
      `nothing wakes ${quiet.map(({ id }) => id).join(', ')}: no phone that can be called`,
      'Give them a phone number: an SMS or a mail is slept through.',
    );
  }
  return ok('People', `all ${users.length} can be paged`);
}
