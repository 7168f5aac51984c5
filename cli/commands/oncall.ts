import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { certainty, tellStale } from '../output/overrides-age.js';
import { safe } from '../output/safe.js';
import { placeWords, places } from '../output/schedule-change.js';
import { table } from '../output/table.js';
import { clockWords, relativeWords, terminalZone } from '../output/times.js';
import { withQuery } from '../query.js';
import { addApiCommand } from './api-command.js';

const answer = z.object({
  at: z.number(),
  schedules: z.array(z.object({ schedule: z.string(), ...places, until: z.number().nullable() })),
  ...certainty,
});

interface Flags extends ApiFlags {
  readonly at?: string;
  readonly schedule?: string;
}

/** `tocsin oncall`: who is on call now, or at another time. */
export function addOnCall(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'oncall',
    summary: 'who is on call now, or at another time',
    description:
      'Tells who is on call, for each schedule, overrides included, and when that changes. The shifts of a time: tocsin schedules <schedule>.',
    examples: [
      ['oncall', 'all schedules, now'],
      [
        'oncall --schedule payments --at "2026-12-24 18:00"',
        "one of them, at a time on the schedule's clock",
      ],
      ['oncall --json', 'for a program'],
    ],
  })
    .option(
      '--at <time>',
      'then: 2026-12-24T18:00+01:00, "2026-12-24 18:00" in the schedule\'s zone, or a date',
    )
    .option('--schedule <id>', 'only this schedule')
    .action(async (flags: Flags) => {
      const client = await createApiClient(flags, context);
      const found = await client.get(withQuery('/v1/oncall', { at: flags.at, schedule: flags.schedule }));
      if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
      const { at, schedules, ...known } = expect(answer, found);
      if (schedules.length === 0) return context.print('The configuration has no schedules.');
      const { colours } = context;
      context.print(
        table([
          ['SCHEDULE', 'PRIMARY', 'SECONDARY', `UNTIL (${terminalZone()})`].map((text) => colours.dim(text)),
          ...schedules.map((each) => [
            safe(each.schedule),
            placeWords(context, each, 'primary'),
            placeWords(context, each, 'secondary'),
            each.until === null
              ? 'further notice'
              : `${clockWords(each.until, at, terminalZone())} ${colours.dim(relativeWords(each.until, at))}`,
          ]),
        ]),
      );
      tellStale(known, context);
    });
}
