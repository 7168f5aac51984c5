import { Command, CommanderError } from 'commander';
import { VERSION } from '../domain/version.js';
import { addActions } from './commands/act.js';
import { addApi } from './commands/api.js';
import { addCalendar } from './commands/calendar.js';
import { addCheck } from './commands/check.js';
import { addContact } from './commands/contact.js';
import { addCoverage } from './commands/coverage.js';
import { addDeclare } from './commands/declare.js';
import { addDoctor } from './commands/doctor.js';
import { addExport } from './commands/export.js';
import { addFairness } from './commands/fairness.js';
import { addHandoff } from './commands/handoff.js';
import { addHeartbeats } from './commands/heartbeats.js';
import { addImport } from './commands/import.js';
import { addIncidents } from './commands/incidents.js';
import { addKeys } from './commands/keys.js';
import { addMaintenance } from './commands/maintenance.js';
import { addOnCall } from './commands/oncall.js';
import { addOverride } from './commands/override.js';
import { addPostmortem } from './commands/postmortem.js';
import { addRecords } from './commands/records.js';
import { addSchedules } from './commands/schedules.js';
import { addSchema } from './commands/schema.js';
import { addShow } from './commands/show.js';
import { addSimulate } from './commands/simulate.js';
import { addUp } from './commands/up.js';
import { addWorker } from './commands/worker.js';
import { addCompletion } from './commands/completion.js';
import { addWatch } from './commands/watch.js';
import { COMPLETE, complete } from './completion/complete.js';
import type { Context } from './context.js';
import { CliFailure, EXIT } from './failure.js';

const HELP = `
First steps:
  tocsin up                          run everything here, and print an alert to try
  tocsin incidents                   what is open
  tocsin ack 7KQ2 --by alice         somebody has it

Exit codes:
  0  done
  1  it failed: the message says what and how to mend it (check: the config has errors; coverage: there are gaps; doctor: something is broken)
  2  the command line or a setting is wrong
  3  Tocsin or Temporal can't be reached
  130  stopped by Ctrl-C before it was ready (a running up, api, worker or watch ends with 0)

Every command has --json for programs, and --help with examples. Colours: only on a terminal, never with NO_COLOR.`;

/** In the order of `tocsin --help`. */
const COMMANDS = [
  addUp,
  addWorker,
  addApi,
  addCheck,
  addSchema,
  addSimulate,
  addIncidents,
  addShow,
  addWatch,
  addDeclare,
  addActions,
  addExport,
  addImport,
  addPostmortem,
  addOnCall,
  addSchedules,
  addOverride,
  addCoverage,
  addFairness,
  addCalendar,
  addContact,
  addHandoff,
  addHeartbeats,
  addMaintenance,
  addKeys,
  addRecords,
  addDoctor,
  addCompletion,
] as const;

/**
 * The whole command line.
 * @param json errors are told as JSON: commander, which tells its own to people, is to be silent
 */
export function createProgram(context: Context, json: boolean = false): Command {
  const program = new Command('tocsin')
    .description('On-call paging and incident escalation on Temporal.')
    .version(VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', HELP)
    .showHelpAfterError('Run with --help to see how it is used.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => (json ? undefined : context.say(text.trimEnd())),
    })
    .configureHelp({ styleTitle: (title) => context.colours.bold(title) });
  for (const add of COMMANDS) add(program, context);
  return program;
}

/** Runs one command line (without `node` and the script); errors become words and an exit code. */
export async function runProgram(args: readonly string[], context: Context): Promise<void> {
  // What follows `--` are words.
  const json = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined).includes('--json');
  try {
    const [first, ...rest] = args;
    // Asked by a shell's completion at each Tab: no command of its own, and never an error.
    if (first === COMPLETE) return await complete(createProgram(context), rest, context);
    await createProgram(context, json).parseAsync([...args], { from: 'user' });
  } catch (error) {
    context.setExitCode(tell(error, json, context));
  }
}

function tell(error: unknown, json: boolean, context: Context): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok;
    // To people commander has said it already.
    if (json) tellJson(context, 'bad-usage', usageWords(error), 'Run it with --help to see how it is used.');
    return EXIT.badUsage;
  }
  if (error instanceof CliFailure) {
    const { code, message, remedy } = error;
    if (json) {
      tellJson(context, code, message, remedy);
    } else {
      context.say(`${context.errorColours.red('error')} ${message}`);
      if (remedy !== undefined) context.say(`   → ${remedy}`);
    }
    return error.exitCode;
  }
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (json)
    tellJson(
      context,
      'unexpected',
      `Something went wrong that Tocsin did not expect: ${error instanceof Error ? error.message : String(error)}`,
      'stderr has where; it is a mistake in Tocsin.',
    );
  context.say(
    `${context.errorColours.red('error')} something went wrong that Tocsin did not expect:\n${words}`,
  );
  return EXIT.failed;
}

/** The one shape of errors for programs, as the API's. */
function tellJson({ print }: Context, code: string, message: string, remedy: string | undefined): void {
  print(JSON.stringify({ error: { code, message, ...(remedy === undefined ? {} : { remedy }) } }));
}

function usageWords({ code, message }: CommanderError): string {
  return code === 'commander.help' ? 'A command is missing.' : message.replace(/^error: /, '');
}
