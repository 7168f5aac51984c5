import { formatProblems } from '../config/format-problems.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/types.js';
import { createApiClient, dataDirOf, type ApiClient, type ApiFlags } from './api-client.js';
import { shownPath, type Context } from './context.js';
import { CliFailure, EXIT } from './failure.js';
import { tellStale } from './output/overrides-age.js';
import { chooseConfig, configSetting } from './up/config-choice.js';
import { readRunState } from './up/run-state.js';

/** Where coverage and fairness come from: a running Tocsin, which has the overrides, or files. */
export type DutyFrom =
  | { readonly kind: 'api'; readonly client: ApiClient }
  | { readonly kind: 'files'; readonly config: Config; readonly path: string };

function isSet(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== '';
}

/**
 * Files where a path is given; else the Tocsin that --url, TOCSIN_URL or the data folder name; else the files of TOCSIN_CONFIG, or the example.
 * @throws CliFailure `bad-usage`, `invalid-config`, and as the API client
 */
export async function dutyFrom(
  path: string | undefined,
  flags: ApiFlags,
  context: Context,
): Promise<DutyFrom> {
  if (path !== undefined && flags.url !== undefined) {
    throw new CliFailure('A configuration and --url were given: one of them says where to look.', {
      code: 'bad-usage',
      exitCode: EXIT.badUsage,
      remedy: 'Leave the path out to ask the running Tocsin, or --url to look at the files.',
    });
  }
  const isNamed = flags.url !== undefined || isSet(context.env['TOCSIN_URL']);
  if (path === undefined && (isNamed || (await readRunState(dataDirOf(flags, context))) !== null))
    return { kind: 'api', client: await createApiClient(flags, context) };
  const chosen = chooseConfig(path ?? configSetting(context.env), context.cwd);
  const loaded = await loadConfig(chosen.path, context.env, { secrets: 'optional' });
  const shown = shownPath(chosen.path, context.cwd);
  if (loaded.ok) return { kind: 'files', config: loaded.config, path: shown };
  throw new CliFailure(`The configuration ${shown} has errors:\n${formatProblems(loaded.problems)}`, {
    code: 'invalid-config',
    remedy: 'Mend them first; `tocsin check` shows them with what to do.',
  });
}

/** What an answer says of the overrides in it. */
interface CountedOverrides {
  readonly overrides: 'counted' | 'no-store' | 'store-away';
  readonly overridesAsOf?: number | null;
  readonly stale?: boolean;
}

/** Tells a person where the answer is from, what is not in it, and how old what is. */
export function sayOrigin(from: DutyFrom, found: CountedOverrides, context: Context): void {
  const { overrides } = found;
  const warn = (text: string): void => context.say(`${context.errorColours.yellow('note')} ${text}`);
  if (from.kind === 'files') {
    warn(
      `From the files of ${from.path} alone: overrides are not counted. A running Tocsin has them: leave the path out, or name it with --url.`,
    );
  } else if (overrides === 'no-store') {
    warn('Overrides are not counted: the API that was asked has no store.');
  } else if (overrides === 'store-away') {
    warn(
      'Overrides are not counted: the store does not answer now. Try again later; `tocsin doctor` looks closer.',
    );
  } else {
    tellStale(found, context);
  }
}
