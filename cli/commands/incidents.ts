import { InvalidArgumentError, type Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { incidentList, listed } from '../output/incident-list.js';
import { addApiCommand } from './api-command.js';

interface Flags extends ApiFlags {
  readonly all?: boolean;
  readonly phase?: string;
  readonly service?: string;
  readonly limit: number;
}

const answer = z.object({ incidents: z.array(listed), next: z.string().optional() });

function limitOf(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100) return limit;
  throw new InvalidArgumentError('Expected a whole number from 1 to 100.');
}

/** `tocsin incidents`: the open ones, or all. */
export function addIncidents(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'incidents',
    summary: 'list incidents',
    description: 'Lists open incidents, newest first.',
    examples: [
      ['incidents', 'what is open'],
      ['incidents --all --service payments', 'open and over, of one service'],
      ['incidents --phase triggered --json', 'nobody has these yet, for a program'],
    ],
  })
    .option('--all', 'those that are over, too')
    .option('--phase <phase>', 'triggered, acknowledged, investigating, mitigated, monitoring or resolved')
    .option('--service <id>', 'of one service')
    .option('--limit <number>', 'at most so many, 1 to 100', limitOf, 50)
    .action(async (flags: Flags) => {
      const client = await createApiClient(flags, context);
      const query = new URLSearchParams({ limit: String(flags.limit) });
      // Resolved ones are over, so that asking for them means all.
      const onlyOpen = flags.all !== true && flags.phase !== 'resolved';
      if (onlyOpen) query.set('open', 'true');
      if (flags.phase !== undefined) query.set('phase', flags.phase);
      if (flags.service !== undefined) query.set('service', flags.service);
      const found = await client.get(`/v1/incidents?${query.toString()}`);
      if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
      const { incidents, next } = expect(answer, found);
      context.print(incidentList(incidents, onlyOpen, context.now(), context.colours));
      if (next !== undefined)
        context.say('There are more: narrow it down with --service or --phase, or raise --limit.');
    });
}
