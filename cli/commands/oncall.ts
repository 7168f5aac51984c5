import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { safe } from '../output/safe.js';
import { table } from '../output/table.js';
import { clockWords, relativeWords, terminalZone } from '../output/times.js';
import { addApiCommand } from './api-command.js';

const answer = z.object({
  at: z.number(),
  schedules: z.array(
    z.object({
      schedule: z.string(),
      primary: z.string().nullable(),
      secondary: z.string().nullable(),
      until: z.number().nullable(),
    }),
  ),
});

/** `tocsin oncall`: who is on call now. */
export function addOnCall(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'oncall',
    summary: 'who is on call now',
    description: 'Tells who is on call now, for each schedule, and when that changes.',
    examples: [
      ['oncall', 'all schedules'],
      ['oncall --json', 'for a program'],
    ],
  }).action(async (flags: ApiFlags) => {
    const client = await createApiClient(flags, context);
    const found = await client.get('/v1/oncall');
    if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
    const { at, schedules } = expect(answer, found);
    if (schedules.length === 0) return context.print('The configuration has no schedules.');
    const { colours } = context;
    const who = (id: string | null): string => (id === null ? colours.red('nobody') : safe(id));
    context.print(
      table([
        ['SCHEDULE', 'PRIMARY', 'SECONDARY', 'UNTIL'].map((text) => colours.dim(text)),
        ...schedules.map(({ schedule, primary, secondary, until }) => [
          safe(schedule),
          who(primary),
          secondary === null ? colours.dim('nobody') : safe(secondary),
          until === null
            ? 'further notice'
            : `${clockWords(until, at, terminalZone())} ${colours.dim(relativeWords(until, at))}`,
        ]),
      ]),
    );
  });
}
