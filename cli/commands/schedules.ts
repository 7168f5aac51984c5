import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { certainty, tellStale } from '../output/overrides-age.js';
import { safe } from '../output/safe.js';
import { momentWords, override, placeWords, shift } from '../output/schedule-change.js';
import { table } from '../output/table.js';
import { withQuery } from '../query.js';
import { addApiCommand } from './api-command.js';

const rotations = z.array(z.object({ name: z.string(), participants: z.array(z.string()) }));

const list = z.object({
  schedules: z.array(
    z.object({
      id: z.string(),
      zone: z.string(),
      rotations,
      secondary: z.object({ kind: z.string(), rotations: rotations.optional() }),
    }),
  ),
});

const final = z.object({
  schedule: z.string(),
  zone: z.string(),
  shifts: z.array(shift),
  overrides: z.array(override),
  ...certainty,
});

interface Flags extends ApiFlags {
  readonly from?: string;
  readonly to?: string;
}

/** `tocsin schedules`: which there are, or the shifts of one. */
export function addSchedules(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'schedules [schedule]',
    summary: 'list schedules, or the shifts of one',
    description:
      'Lists the schedules. With one: who is on call when, overrides included, and why; the coming 28 days, or from --from to --to (at most 400 days).',
    examples: [
      ['schedules', 'which there are'],
      ['schedules payments', 'its coming four weeks'],
      ['schedules payments --from 2026-12-21 --to 2027-01-04', "by dates, in the schedule's zone"],
    ],
  })
    .option(
      '--from <time>',
      'the beginning: 2026-12-24T18:00+01:00, "2026-12-24 18:00", or a date (default: now)',
    )
    .option('--to <time>', 'the end, not included (default: 28 days later)')
    .action(async (schedule: string | undefined, flags: Flags) => {
      if (schedule === undefined) {
        if (flags.from !== undefined || flags.to !== undefined)
          throw new CliFailure('--from and --to are about the shifts of one schedule.', {
            code: 'no-schedule',
            exitCode: EXIT.badUsage,
            remedy:
              'Name it: tocsin schedules payments --from 2026-12-21. Without, tocsin schedules lists them.',
          });
        return listSchedules(flags, context);
      }
      const client = await createApiClient(flags, context);
      const { from, to } = flags;
      const found = await client.get(
        withQuery(`/v1/schedules/${encodeURIComponent(schedule)}/shifts`, { from, to }),
      );
      if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
      showShifts(expect(final, found), context);
    });
}

async function listSchedules(flags: ApiFlags, context: Context): Promise<void> {
  const client = await createApiClient(flags, context);
  const found = await client.get('/v1/schedules');
  if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
  const { schedules } = expect(list, found);
  if (schedules.length === 0) return context.print('The configuration has no schedules.');
  const people = (all: z.output<typeof rotations>): string =>
    all.map(({ name, participants }) => `${safe(name)}: ${participants.map(safe).join(', ')}`).join('; ');
  context.print(
    table([
      ['SCHEDULE', 'ZONE', 'PRIMARY', 'SECONDARY'].map((text) => context.colours.dim(text)),
      ...schedules.map(({ id, zone, rotations: layers, secondary }) => [
        safe(id),
        safe(zone),
        people(layers),
        secondary.rotations === undefined
          ? secondary.kind === 'next'
            ? 'who follows'
            : 'nobody'
          : people(secondary.rotations),
      ]),
    ]),
  );
}

function showShifts(answer: z.output<typeof final>, context: Context): void {
  const { zone, shifts, overrides } = answer;
  const { colours } = context;
  const now = context.now();
  const reasons = new Map(overrides.map((each) => [each.id, `${each.reason} (${each.by})`]));
  // Where an override has a place, that is the news; else by which rotation they have it.
  const why = ({ why: { primary, secondary } }: z.output<typeof shift>): string => {
    const all = [primary, secondary].filter((each) => each !== null);
    const overridden = all.filter(({ kind }) => kind === 'override');
    return (overridden.length > 0 ? overridden : all)
      .map((each) => (each.kind === 'override' ? (reasons.get(each.id) ?? each.id) : each.name))
      .filter((text, index, all) => all.indexOf(text) === index)
      .map(safe)
      .join('; ');
  };
  context.print(
    table([
      ['FROM', 'UNTIL', 'PRIMARY', 'SECONDARY', 'WHY'].map((text) => colours.dim(text)),
      ...shifts.map((each) => [
        momentWords(each.from, now, zone),
        momentWords(each.to, now, zone),
        placeWords(context, each, 'primary'),
        placeWords(context, each, 'secondary'),
        why(each),
      ]),
    ]),
  );
  tellStale(answer, context);
}
