import { InvalidArgumentError, Option, type Command } from 'commander';
import { coverageSchema } from '../../api/contract/coverage.js';
import { coverageSource } from '../../config/duty.js';
import { MOMENT_FORMS, momentOf } from '../../config/moment.js';
import type { Config } from '../../config/types.js';
import { COVERAGE_WEEKS, coverageOf } from '../../domain/oncall/coverage.js';
import type { Urgency } from '../../domain/severity/severity.js';
import { DAY } from '../../domain/time/instant.js';
import { expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { dutyFrom, sayOrigin } from '../duty-source.js';
import { CliFailure, EXIT } from '../failure.js';
import { coverageCsv } from '../output/coverage-csv.js';
import { coverageReport, type CoverageAnswer } from '../output/coverage-report.js';
import { withQuery } from '../query.js';
import { addApiCommand } from './api-command.js';

const FAIL_ON = ['nobody', 'gaps', 'warnings'] as const;

interface Flags extends ApiFlags {
  readonly weeks: number;
  readonly from?: string;
  readonly policy?: string;
  readonly urgency: Urgency;
  readonly csv?: boolean;
  readonly strict?: boolean;
  readonly failOn: (typeof FAIL_ON)[number];
}

function weeksOf(text: string): number {
  const weeks = Number(text);
  if (Number.isInteger(weeks) && weeks >= 1 && weeks <= COVERAGE_WEEKS.longest) return weeks;
  throw new InvalidArgumentError(`Expected a whole number from 1 to ${COVERAGE_WEEKS.longest}.`);
}

/** `tocsin coverage`: proves that somebody is paged at any time, or shows when nobody is. */
export function addCoverage(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'coverage [path]',
    summary: 'prove that somebody is paged at any time',
    description: [
      'Finds every interval of the coming weeks in which a step of a policy, or none of them, pages anybody; who can’t be reached; who has confirmed no contact method; steps that page the same person again; duties that are too long and rests that are too short (`limits`).',
      'Asks the Tocsin that runs, which knows the overrides. With a path, or where none runs, it looks at the files alone.',
      'Exit code 1 when there are gaps: for CI.',
    ].join('\n\n'),
    examples: [
      ['coverage', 'the coming 26 weeks'],
      ['coverage ./oncall --weeks 52 --strict', 'of files in CI; warnings fail as well'],
      ['coverage --policy payments --from 2026-12-01 --weeks 6', 'over the holidays'],
      ['coverage --csv > gaps.csv', 'one line for each finding, for a spreadsheet'],
    ],
  })
    .option('--weeks <number>', 'how many weeks, 1 to 104', weeksOf, COVERAGE_WEEKS.default)
    .option('--from <time>', 'from when on: a date, or a time like 2026-11-21T13:00:00Z (default: now)')
    .option('--policy <id>', 'of one policy')
    .addOption(
      new Option('--urgency <urgency>', 'gaps for pages of this urgency')
        .choices(['high', 'low'])
        .default('high'),
    )
    .addOption(new Option('--csv', 'print every finding as a line of CSV, times in UTC').conflicts('json'))
    .addOption(
      new Option(
        '--fail-on <what>',
        'what makes the exit code 1: times when nobody is paged before the catch-all, gaps of single steps as well, or warnings as well',
      )
        .choices(FAIL_ON)
        .default('gaps'),
    )
    .option('--strict', 'the same as --fail-on warnings')
    .action(async (path: string | undefined, flags: Flags) => {
      const from = await dutyFrom(path, flags, context);
      const found =
        from.kind === 'files'
          ? ofFiles(from.config, flags, context)
          : expect(coverageSchema, await from.client.get(apiPath(flags)));
      if (isFailure(found, flags.strict === true ? 'warnings' : flags.failOn))
        context.setExitCode(EXIT.failed);
      if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
      sayOrigin(from, found, context);
      context.print(flags.csv === true ? coverageCsv(found) : coverageReport(found, context.colours));
    });
}

function apiPath({ weeks, from, policy, urgency }: Flags): string {
  return withQuery('/v1/coverage', { weeks: String(weeks), urgency, from, policy });
}

function ofFiles({ duty, policyIds }: Config, flags: Flags, context: Context): CoverageAnswer {
  const { weeks, policy, urgency } = flags;
  if (policy !== undefined && !policyIds.includes(policy)) {
    throw new CliFailure(`There is no policy ${JSON.stringify(policy)} in these files.`, {
      code: 'unknown-policy',
      exitCode: EXIT.badUsage,
      remedy: `Use one of: ${policyIds.join(', ')}.`,
    });
  }
  const from = flags.from === undefined ? context.now() : momentIn(duty.zone, '--from', flags.from);
  const source = coverageSource(duty, [], policy);
  const span = { from, to: from + weeks * 7 * DAY };
  // Copied for its type alone: what the schema makes of an answer can be changed.
  return coverageSchema.parse({
    ...coverageOf(source, span, urgency),
    zone: duty.zone,
    overrides: 'no-store',
  });
}

/**
 * The instant that an option names.
 * @throws CliFailure `bad-usage`
 */
export function momentIn(zone: string, option: string, text: string): number {
  const at = momentOf(text, zone);
  if (at !== null) return at;
  throw new CliFailure(`${option} is not ${MOMENT_FORMS}.`, {
    code: 'bad-usage',
    exitCode: EXIT.badUsage,
    remedy: `Write ${option} 2026-12-01, for example.`,
  });
}

function isFailure({ summary }: CoverageAnswer, on: Flags['failOn']): boolean {
  const { nobody, gaps, unreachable, unverified, repeats, tooLong, shortRests, ignored } = summary;
  switch (on) {
    case 'nobody':
      return nobody > 0;
    case 'gaps':
      return nobody + gaps > 0;
    case 'warnings':
      return nobody + gaps + unreachable + unverified + repeats + tooLong + shortRests + ignored > 0;
    default:
      return on satisfies never;
  }
}
