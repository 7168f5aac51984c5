import type { Command } from 'commander';
import { formatProblems } from '../../config/format-problems.js';
import { checkConfig, type ConfigSummary } from '../../config/load.js';
import type { Context } from '../context.js';
import { shownPath } from '../context.js';
import { EXIT } from '../failure.js';
import { chooseConfig, configSetting, type ConfigChoice } from '../up/config-choice.js';
import { examplesText } from './api-command.js';

/** `tocsin check`: every problem of a configuration, for people, editors and CI. */
export function addCheck(program: Command, context: Context): void {
  program
    .command('check [path]')
    .summary('check a configuration')
    .description(
      'Checks a configuration, a file or a folder of YAML: its shape, what refers to what, who can be reached, and gaps on call in the coming four weeks. Keys that the environment lacks are warnings here.',
    )
    .option('--json', 'print problems and a summary as JSON')
    .addHelpText(
      'after',
      examplesText([
        ['check ./oncall', 'exit code 1 when there are errors: for CI'],
        ['check', 'what TOCSIN_CONFIG names, else the example'],
      ]),
    )
    .action(async (path: string | undefined, flags: { readonly json?: boolean }) => {
      const choice = chooseConfig(path ?? configSetting(context.env), context.cwd);
      const result = await checkConfig(choice.path, context.env, { now: context.now() });
      if (!result.ok) context.setExitCode(EXIT.failed);
      if (flags.json === true) return context.print(JSON.stringify(result, null, 2));
      if (result.problems.length > 0) context.print(`${formatProblems(result.problems)}\n`);
      const { colours } = context;
      const errors = result.problems.filter(({ level }) => level === 'error').length;
      const warnings = result.problems.length - errors;
      const shown = shownPath(choice.path, context.cwd);
      context.print(
        result.ok
          ? `${colours.green('ok')} ${shown}: ${contents(result.summary)}${warnings > 0 ? `; ${counted(warnings, 'warning')}` : ''}, version ${result.hash ?? ''}`
          : `${colours.red('error')} ${shown}: ${counted(errors, 'error')}${warnings > 0 ? `, ${counted(warnings, 'warning')}` : ''}`,
      );
      const note = needsWords(result.needs, choice);
      if (note !== null) context.print(`${colours.dim('note')} ${note}`);
    });
}

/** How a start gets the keys that the warnings above name one by one; null when none is missing. */
function needsWords(needs: readonly string[], { isExample }: ConfigChoice): string | null {
  if (needs.length === 0) return null;
  if (isExample) return 'npm start makes keys up for the examples; tocsin keys shows them.';
  const them =
    needs.length === 1 ? 'the key that is not set here' : `the ${needs.length} that are not set here`;
  return `a start needs ${them}, in the environment of the shell that starts Tocsin, e.g. export ${needs[0] ?? ''}=…`;
}

function contents({ users, schedules, policies, services, integrations }: ConfigSummary): string {
  const parts: readonly (readonly [number, string, string])[] = [
    [users, 'user', 'users'],
    [schedules, 'schedule', 'schedules'],
    [policies, 'policy', 'policies'],
    [services, 'service', 'services'],
    [integrations, 'integration', 'integrations'],
  ];
  return parts.map(([amount, one, many]) => `${amount} ${amount === 1 ? one : many}`).join(', ');
}

function counted(amount: number, word: string): string {
  return `${amount} ${word}${amount === 1 ? '' : 's'}`;
}
