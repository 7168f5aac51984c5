import type { Command } from 'commander';
import { dataDirOf } from '../api-client.js';
import { shownPath, type Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { table } from '../output/table.js';
import { chooseConfig, configSetting, keyPlaces } from '../up/config-choice.js';
import { readRunState } from '../up/run-state.js';
import { readSecrets } from '../up/secrets.js';
import { examplesText } from './api-command.js';
import { addCreate, addList, addRevoke } from './stored-keys.js';

interface Flags {
  readonly dataDir?: string;
  readonly json?: boolean;
}

interface KnownKey {
  /** The environment variable that holds it, or would. */
  readonly variable: string;
  /** Where the configuration takes it in, e.g. `integrations.generic`. */
  readonly usedBy: readonly string[];
  /** Only of keys that Tocsin made up: others are known to whoever set them. */
  readonly key: string | null;
  readonly from: 'made up' | 'the environment' | 'nowhere';
}

/** `tocsin keys`: keys of the API and of integrations. */
export function addKeys(program: Command, context: Context): void {
  const keys = program
    .command('keys')
    .summary('keys of the API and of integrations: make, list, take back; show those that npm start made up')
    .description(
      'Keys that open the API, or the intake of an integration. Those that are made here are kept in the store as hashes; those of the configuration stay there.',
    );
  addCreate(keys, context);
  addList(keys, context);
  addRevoke(keys, context);
  addShow(keys, context);
}

/** The keys that `tocsin up` made up for the examples. What somebody else set is never shown. */
function addShow(parent: Command, context: Context): void {
  parent
    .command('show [variable]', { isDefault: true })
    .summary('show the keys that npm start made up')
    .description(
      'Shows the keys of the Tocsin of the data folder, by the environment variables that its configuration names, and what each is for. Keys that `npm start` (`tocsin up`) made up are shown; those that were set in its environment are named only. With a variable: its key alone, for $(…).',
    )
    .option('--data-dir <folder>', 'data folder of `tocsin up` (default: TOCSIN_DATA_DIR, else .tocsin)')
    .option('--json', 'print them as JSON')
    .addHelpText(
      'after',
      examplesText([
        ['keys show', 'all, with what each is for (`tocsin keys` does the same)'],
        [
          'keys TOCSIN_KEY_GENERIC',
          'one alone: -H "Authorization: Bearer $(tocsin keys TOCSIN_KEY_GENERIC)"',
        ],
      ]),
    )
    .action(async (variable: string | undefined, flags: Flags) => {
      const dataDir = dataDirOf(flags, context);
      const { keys, config } = await keysOf(dataDir, context);
      const shown = { dataDir: shownPath(dataDir, context.cwd), config: shownPath(config, context.cwd) };
      if (variable !== undefined) {
        const one = keys.find((each) => each.variable === variable);
        if (one === undefined) throw unknownKey(variable, keys, shown.config);
        if (one.key === null) throw noKey(one, shown.dataDir);
        return context.print(flags.json === true ? JSON.stringify(one, null, 2) : one.key);
      }
      if (flags.json === true) return context.print(JSON.stringify({ keys }, null, 2));
      if (keys.length === 0) return context.print(`${shown.config} takes no keys.`);
      const { dim } = context.colours;
      context.print(
        table([
          ['VARIABLE', 'KEY', 'FOR'].map((text) => dim(text)),
          ...keys.map((each) => [each.variable, each.key ?? dim(wordsOf(each)), each.usedBy.join(', ')]),
        ]),
      );
    });
}

async function keysOf(
  dataDir: string,
  context: Context,
): Promise<{ readonly keys: readonly KnownKey[]; readonly config: string }> {
  const running = await readRunState(dataDir);
  const { path } = chooseConfig(running?.config ?? configSetting(context.env), context.cwd);
  const made = await readSecrets(dataDir);
  const isSet = (name: string): boolean =>
    running === null ? (context.env[name] ?? '').trim() !== '' : running.given?.includes(name) === true;
  const keys = [...(await keyPlaces(path))].map(([variable, usedBy]): KnownKey => {
    if (isSet(variable)) return { variable, usedBy, key: null, from: 'the environment' };
    const key = made[variable];
    return key === undefined
      ? { variable, usedBy, key: null, from: 'nowhere' }
      : { variable, usedBy, key, from: 'made up' };
  });
  return { keys, config: path };
}

function wordsOf({ from }: KnownKey): string {
  return from === 'the environment' ? 'set in the environment' : 'not there yet';
}

function noKey({ variable, from }: KnownKey, dataDir: string): CliFailure {
  return from === 'the environment'
    ? new CliFailure(`${variable} was set in the environment, and what is set there is not shown.`, {
        code: 'key-not-shown',
        remedy: 'Look where you set it.',
      })
    : new CliFailure(`There is no key for ${variable} in ${dataDir} yet.`, {
        code: 'no-key',
        remedy: '`npm start` makes keys up for the examples; for a configuration of your own set it.',
      });
}

function unknownKey(variable: string, keys: readonly KnownKey[], config: string): CliFailure {
  return new CliFailure(`${config} takes no key from ${variable}.`, {
    code: 'unknown-key',
    exitCode: EXIT.badUsage,
    remedy:
      keys.length === 0 ? 'It takes no keys.' : `It takes ${keys.map((each) => each.variable).join(', ')}.`,
  });
}
