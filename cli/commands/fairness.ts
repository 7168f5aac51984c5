import { Option, type Command } from 'commander';
import { fairnessSchema } from '../../api/contract/coverage.js';
import { fairnessSource } from '../../config/duty.js';
import type { Config } from '../../config/types.js';
import { FAIRNESS_SPAN, fairnessOf, LONGEST_FAIRNESS } from '../../domain/oncall/fairness.js';
import { expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { dutyFrom, sayOrigin } from '../duty-source.js';
import { CliFailure, EXIT } from '../failure.js';
import { fairnessCsv } from '../output/coverage-csv.js';
import { fairnessReport, type FairnessAnswer } from '../output/fairness-report.js';
import { withQuery } from '../query.js';
import { addApiCommand } from './api-command.js';
import { momentIn } from './coverage.js';

interface Flags extends ApiFlags {
  readonly from?: string;
  readonly to?: string;
  readonly schedule?: string;
  readonly csv?: boolean;
}

/** `tocsin fairness`: hours, nights, weekends and holidays per person. */
export function addFairness(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'fairness [path]',
    summary: 'who is on call how much: hours, nights, weekends, holidays',
    description: [
      'Counts hours, nights (22:00 to 07:00), weekends and holidays on call per person, by the person’s own clocks, over any span, past or future, of at most 400 days.',
      'Asks the Tocsin that runs, which knows the overrides. With a path, or where none runs, it looks at the files alone. The past is worked out from the configuration in force and the overrides of then.',
    ].join('\n\n'),
    examples: [
      ['fairness', 'the four weeks until now'],
      ['fairness --from 2026-11-01 --to 2026-12-01 --csv > november.csv', 'what is paid for a month'],
      ['fairness --from 2026-12-01 --to 2027-01-07', 'who has the holidays'],
    ],
  })
    .option('--from <time>', 'a date, or a time like 2026-11-21T13:00:00Z (default: four weeks before --to)')
    .option('--to <time>', 'in the same forms; not included (default: now)')
    .option('--schedule <id>', 'duty by one schedule')
    .addOption(new Option('--csv', 'print a line of CSV for each person').conflicts('json'))
    .action(async (path: string | undefined, flags: Flags) => {
      const from = await dutyFrom(path, flags, context);
      const found =
        from.kind === 'files'
          ? ofFiles(from.config, flags, context)
          : expect(
              fairnessSchema,
              await from.client.get(
                withQuery('/v1/fairness', { from: flags.from, to: flags.to, schedule: flags.schedule }),
              ),
            );
      if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
      sayOrigin(from, found, context);
      context.print(flags.csv === true ? fairnessCsv(found) : fairnessReport(found, context.colours));
    });
}

function ofFiles({ duty, scheduleIds }: Config, flags: Flags, context: Context): FairnessAnswer {
  const { schedule } = flags;
  const wrong = (message: string, remedy: string): CliFailure =>
    new CliFailure(message, { code: 'bad-usage', exitCode: EXIT.badUsage, remedy });
  if (schedule !== undefined && !scheduleIds.includes(schedule))
    throw wrong(
      `There is no schedule ${JSON.stringify(schedule)} in these files.`,
      `Use one of: ${scheduleIds.join(', ')}.`,
    );
  const to = flags.to === undefined ? context.now() : momentIn(duty.zone, '--to', flags.to);
  const from = flags.from === undefined ? to - FAIRNESS_SPAN : momentIn(duty.zone, '--from', flags.from);
  if (from >= to) throw wrong('--from is not before --to.', 'Write a --from that is earlier.');
  if (to - from > LONGEST_FAIRNESS)
    throw wrong('The span is longer than 400 days.', 'Ask for a shorter one, e.g. year by year.');
  return fairnessSchema.parse({
    ...fairnessOf(fairnessSource(duty, [], schedule), { from, to }),
    zone: duty.zone,
    overrides: 'no-store',
  });
}
