import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { formatProblems } from '../../config/format-problems.js';
import type { Path, Spot } from '../../config/problems.js';
import type { ConfigProblem } from '../../config/types.js';
import { judge, type Disappointment } from '../../simulation/judge.js';
import {
  createConfigReader,
  loadScenario,
  scenarioOf,
  type Additions,
  type LoadedScenario,
} from '../../simulation/load-scenario.js';
import { pictureOf } from '../../simulation/picture.js';
import type { Simulation } from '../../simulation/result.js';
import type { Scenario } from '../../simulation/scenario.js';
import { findScenarios } from '../../simulation/scenario-files.js';
import { simulate } from '../../simulation/simulate.js';
import { takenAsConfirmed } from '../../simulation/taken-as-confirmed.js';
import { messageOf } from '../../temporal-config/errors.js';
import type { Context } from '../context.js';
import { shownPath } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { disappointments, simulationJson, simulationReport } from '../output/simulation-report.js';
import { writeAtomically } from '../../system/atomic-file.js';
import { chooseConfig, configSetting } from '../up/config-choice.js';
import { examplesText } from './api-command.js';

interface Flags {
  readonly config?: string;
  readonly service?: string;
  readonly policy?: string;
  readonly severity?: string;
  readonly start?: string;
  readonly zone?: string;
  readonly until?: string;
  readonly answer?: readonly string[];
  readonly expect?: readonly string[];
  readonly timeline?: boolean;
  readonly svg?: string;
  readonly json?: boolean;
}

/** What came of one scenario. */
type Told =
  | { readonly file: string; readonly problems: readonly ConfigProblem[] }
  | {
      readonly file: string;
      readonly scenario: Scenario;
      readonly simulation: Simulation;
      readonly failures: readonly Disappointment[];
      /** Ids of users, of takenAsConfirmed. */
      readonly confirmed: readonly string[];
      readonly problems: readonly ConfigProblem[];
    };

const HELP = `
What people do (--answer, again for each; in files under answers:):
  alice acks by sms at 0:40              by sms, call (a key press), link, push, api, cli, web or chat
  bob acks by call 10s after the call    so long after a message: the sms, the 2nd call, the push, the page
  alice acks all by sms at 1:00          every open page of hers
  Also: takes, ok (still on it), resolves, escalates, severity SEV0, updates "…", notes "…", publishes https://…
  alice snoozes for 30m at 2:00          also: gives it back, reassigns to bob, pages carol and service checkout

What must be so (--expect, again for each; in files under expect:):
  erin paged by 20:00                    by any method; "called" is by phone, "texted" by SMS; mailed, pushed
  nobody after 2:00                      nobody hears anything later than that
  alice not called                       never
  bob told at 30:40 because no-progress  a message that is no page
  alice has it at 7:00                   nobody has it at 3:00; acknowledged, resolved, monitored, reopened … at 70:00
  alice hears "You have it" at 0:40      in answer to what she did
  timeline says "skipped primary" at 0:00

Times count from the first alert: 25:40, 63:00:00, 90s, 48h. Scenario files: docs/simulation.md.`;

/** `tocsin simulate`: who would be contacted when, how and why, in virtual time. */
export function addSimulate(program: Command, context: Context): void {
  const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  program
    .command('simulate [scenarios...]')
    .summary('look ahead: who is contacted when, how and why')
    .description(
      'Plays an incident in virtual time, by the same rules that run in production and without any server: who is contacted when, how and why, with what people answer and what providers do. Scenario files, folders of them, or one said by options. Exit code 1 when something expected is not so.',
    )
    .option(
      '--config <path>',
      'configuration (default: what a scenario names, else TOCSIN_CONFIG, else the example)',
    )
    .option('--service <id>', 'the service that is hit (default: the catch-all)')
    .option('--policy <id>', 'instead of a service: the first one with this policy')
    .option('--severity <id>', 'of the configured scheme (default: the service’s)')
    .option('--start <when>', 'when the alert fires: 2026-11-24T10:00, or "sunday 03:00" (default: now)')
    .option(
      '--zone <zone>',
      'time zone of --start and of what is printed (default: what a scenario names, else UTC; without scenarios that of the schedule that is paged first)',
    )
    .option('--until <time>', 'how long to look ahead (default: 80:00)')
    .option('--answer <sentence>', 'what somebody does', several)
    .option('--expect <sentence>', 'what must be so', several)
    .option('--timeline', 'print everything that happens, not only who is contacted')
    .option('--svg <file>', 'draw it; with several scenarios: a folder')
    .option('--json', 'print the results as JSON')
    .addHelpText('after', HELP)
    .addHelpText(
      'after',
      examplesText([
        ['simulate --config ./oncall --service payments --severity SEV1', 'what if nobody answers?'],
        [
          'simulate --service payments --start "sunday 03:00" --answer "bob acks by call after 10s"',
          'at night, and bob does',
        ],
        ['simulate --config ./oncall --expect "erin paged by 20:00"', 'in CI: exit code 1 if not'],
        ['simulate examples/scenarios', 'every scenario of a folder'],
        ['simulate examples/scenarios/01-nobody-answers.yaml --svg night.svg', 'as a picture'],
      ]),
    )
    .action(async (paths: readonly string[], flags: Flags) => run(paths, flags, context));
}

async function run(paths: readonly string[], flags: Flags, context: Context): Promise<void> {
  const began = performance.now();
  const files = await findScenarios(paths.map((path) => resolve(context.cwd, path)));
  if (!files.ok)
    throw new CliFailure(`${shownPath(files.path, context.cwd)} ${files.message}.`, {
      code: 'no-scenario',
      exitCode: EXIT.badUsage,
      remedy: files.remedy,
    });
  const told: Told[] = [];
  for (const loaded of await loadAll(files.files, flags, context))
    told.push(tell(loaded.file, loaded.loaded));
  // Where a scenario takes them, they are right; what is wrong then is of the others.
  const areTaken = told.some((one) => 'scenario' in one);
  const wrong = areTaken ? undefined : told.flatMap(({ problems }) => problems).find(isOfOption);
  if (wrong !== undefined && flags.json !== true) throw badOption(told, flags);
  if (flags.svg !== undefined) await draw(told, flags.svg, context);
  if (told.some((one) => !isFine(one)))
    context.setExitCode(wrong === undefined ? EXIT.failed : EXIT.badUsage);
  if (flags.json === true) return context.print(JSON.stringify(asJson(told), null, 2));
  const [only, another] = told;
  if (only !== undefined && another === undefined) printOne(only, flags, context);
  else printAll(told, performance.now() - began, context);
}

async function loadAll(files: readonly string[], flags: Flags, context: Context) {
  const { service, policy, severity, start, zone, until, answer, expect } = flags;
  const said: Record<string, unknown> = {};
  for (const [key, value] of Object.entries({ service, policy, severity, start, zone, until })) {
    if (value !== undefined) said[key] = value;
  }
  if (answer !== undefined) said['answers'] = answer;
  if (expect !== undefined) said['expect'] = expect;
  const readConfig = createConfigReader(context.env);
  const now = context.now();
  const asked = flags.config ?? (files.length > 0 ? undefined : configSetting(context.env));
  const config =
    asked !== undefined || files.length === 0 ? chooseConfig(asked, context.cwd).path : undefined;
  const deps = { readConfig, now, ...(config === undefined ? {} : { config }) };
  if (files.length === 0) {
    const additions: Additions = { value: { scenario: 'What if', ...said }, spotOf: spotOfOption };
    return [{ file: '', loaded: await scenarioOf(context.cwd, { ...deps, additions }) }];
  }
  const additions: Additions = { value: said, spotOf: spotOfOption };
  const loaded: { readonly file: string; readonly loaded: LoadedScenario }[] = [];
  for (const path of files) {
    const file = shownPath(path, context.cwd);
    loaded.push({ file, loaded: await loadScenario(path, { ...deps, additions, shownAs: file }) });
  }
  return loaded;
}

/** `--answer:2:1` is the second --answer. */
function spotOfOption(at: Path): Spot {
  const [key, index] = at;
  const option = key === 'answers' ? 'answer' : String(key ?? 'config');
  return { file: `--${option}`, line: typeof index === 'number' ? index + 1 : 1, column: 1 };
}

function isOfOption({ file }: ConfigProblem): boolean {
  return file.startsWith('--');
}

/** Everything that is wrong with the options, and with the files beside them, each once. */
function badOption(told: readonly Told[], flags: Flags): CliFailure {
  const all = told.flatMap(({ problems }) => problems);
  const [first, ...others] = new Set(
    all.filter(isOfOption).map((problem) => `${optionWords(problem, flags)}\n   → ${problem.remedy}`),
  );
  const inFiles = all.filter((problem) => !isOfOption(problem));
  const rest = [...others, ...(inFiles.length === 0 ? [] : [formatProblems(inFiles)])];
  return new CliFailure([first, ...rest].join('\n'), { code: 'bad-usage', exitCode: EXIT.badUsage });
}

/** `--service nix: there is no service nix in the config`. */
function optionWords({ file, line, message }: ConfigProblem, flags: Flags): string {
  const said = flags[file.slice(2) as keyof Flags];
  const value = Array.isArray(said) ? (said as readonly string[])[line - 1] : said;
  if (typeof value !== 'string') return `${file}: ${message}`;
  return `${file} ${value.includes(' ') ? `"${value}"` : value}: ${message}`;
}

function tell(file: string, loaded: LoadedScenario): Told {
  if (!loaded.ok) return { file, problems: loaded.problems };
  const { scenario, config } = loaded;
  const simulation = simulate(scenario, config);
  return {
    file,
    scenario,
    simulation,
    failures: judge(scenario, simulation),
    confirmed: takenAsConfirmed(simulation, config),
    problems: loaded.impossible(simulation),
  };
}

function isFine(one: Told): boolean {
  return one.problems.length === 0 && 'scenario' in one && one.failures.length === 0;
}

function printOne(one: Told, { timeline }: Flags, context: Context): void {
  const { colours } = context;
  if ('scenario' in one) {
    const { scenario, simulation, failures, confirmed } = one;
    context.print(
      simulationReport(scenario, simulation, { colours, timeline: timeline === true, confirmed }),
    );
    const count = expectations(scenario);
    if (failures.length > 0) context.print(`\n${disappointments(failures, colours)}`);
    else if (count > 0 && one.problems.length === 0)
      context.print(
        `\n${colours.green('ok')} ${count === 1 ? 'what is expected is so' : `all ${count} expectations are met`}`,
      );
  }
  if (one.problems.length > 0)
    context.print(`${'scenario' in one ? '\n' : ''}${formatProblems(one.problems)}`);
}

function printAll(told: readonly Told[], tookMs: number, context: Context): void {
  const { colours } = context;
  for (const one of told) {
    const title = 'scenario' in one ? one.scenario.title : '';
    context.print(
      `${isFine(one) ? colours.green('ok') : colours.red('failed')} ${one.file}  ${colours.dim(title)}`,
    );
    const details = [
      ...(one.problems.length > 0 ? [formatProblems(one.problems)] : []),
      ...('scenario' in one && one.failures.length > 0 ? [disappointments(one.failures, colours)] : []),
    ].join('\n');
    if (details !== '') context.print(details.replaceAll(/^/gm, '   '));
  }
  const failed = told.filter((one) => !isFine(one)).length;
  const count = told.reduce((sum, one) => sum + ('scenario' in one ? expectations(one.scenario) : 0), 0);
  const words = `${told.length} scenarios, ${count} expectations, ${failed === 0 ? 'all met' : `${failed} scenarios failed`}`;
  context.print(
    `\n${failed === 0 ? colours.green(words) : colours.red(words)} ${colours.dim(`(${(tookMs / 1_000).toFixed(2)} s)`)}`,
  );
}

function expectations({ expect, contacts }: Scenario): number {
  return expect.length + (contacts === null ? 0 : 1);
}

function asJson(told: readonly Told[]) {
  return {
    ok: told.every(isFine),
    scenarios: told.map((one) => ({
      ...(one.file === '' ? {} : { file: one.file }),
      ok: isFine(one),
      problems: one.problems,
      ...('scenario' in one ? simulationJson(one.scenario, one.simulation, one.failures, one.confirmed) : {}),
    })),
  };
}

async function draw(told: readonly Told[], asked: string, context: Context): Promise<void> {
  const path = resolve(context.cwd, asked);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (told.length > 1 && !isFolder)
    throw new CliFailure(`There are ${told.length} scenarios, and ${asked} is no folder.`, {
      code: 'not-a-folder',
      exitCode: EXIT.badUsage,
      remedy: 'Name a folder that exists, or a single scenario.',
    });
  for (const one of told) {
    if (!('scenario' in one)) continue;
    const name = `${one.file === '' ? 'simulation' : basename(one.file).replace(/\.ya?ml$/, '')}.svg`;
    const target = isFolder ? join(path, name) : path;
    try {
      await writeAtomically(target, pictureOf(one.scenario, one.simulation), 0o644);
    } catch (error) {
      throw new CliFailure(`The picture can't be written to ${target}: ${messageOf(error)}.`, {
        code: 'write-failed',
        remedy: 'Name a file in a folder that exists and may be written to.',
        cause: error,
      });
    }
    context.say(`drawn: ${shownPath(target, context.cwd)}`);
  }
}
