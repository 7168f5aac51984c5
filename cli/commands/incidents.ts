import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';
import { PHASES } from '../../domain/incident/view.js';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { incidentList, listed } from '../output/incident-list.js';
import { withQuery } from '../query.js';
import { addApiCommand } from './api-command.js';

/** Which incidents are meant: flags of `incidents` and `watch`. */
export interface FilterFlags {
  readonly all?: boolean;
  readonly closed?: boolean;
  readonly phase?: string;
  readonly service?: string;
  readonly team?: string;
  readonly severity?: string;
  readonly owner?: string;
  readonly responder?: string;
  readonly since?: string;
  readonly until?: string;
  readonly text?: string;
  readonly limit: number;
}

interface Flags extends ApiFlags, FilterFlags {
  readonly cursor?: string;
}

/** A page of the API's list. */
export const incidentPage = z.object({ incidents: z.array(listed), next: z.string().optional() });

/** How many incidents a command shows. */
interface Limit {
  readonly most: number;
  readonly usual: number;
}

/** One page of the API. */
const A_PAGE: Limit = { most: 100, usual: 50 };

/** Adds the filters to a command that lists. */
export function addFilters(command: Command, { most, usual }: Limit = A_PAGE): Command {
  const limitOf = (text: string): number => {
    const limit = Number(text);
    if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
    throw new InvalidArgumentError(`Expected a whole number from 1 to ${most}.`);
  };
  return command
    .option('--all', 'those that are over, too')
    .addOption(new Option('--closed', 'only those that are over').conflicts('all'))
    .addOption(new Option('--phase <phase>', 'where they stand').choices(PHASES))
    .option('--service <id>', 'of one service')
    .option('--team <id>', 'of one team')
    .option('--severity <id>', 'of one severity')
    .option('--owner <id>', 'that this user or API key has')
    .option('--responder <id>', 'for which this user was ever paged, or about which they did something')
    .option('--since <time>', 'not opened before, e.g. 2026-11-21T13:00:00Z')
    .option('--until <time>', 'not opened after')
    .option('--text <words>', 'with this in the title')
    .option('--limit <number>', `at most so many, 1 to ${most}`, limitOf, usual);
}

/** Open ones only: resolved ones are over, so that asking for them means all. */
export function isOnlyOpen(flags: FilterFlags): boolean {
  return flags.all !== true && flags.closed !== true && flags.phase !== 'resolved';
}

/** The address of the list that these flags mean. */
export function listPath(flags: FilterFlags & { readonly cursor?: string }): string {
  const { phase, service, team, severity, owner, responder, since, until, text, cursor } = flags;
  const open = flags.closed === true ? 'false' : isOnlyOpen(flags) ? 'true' : undefined;
  const filters = { phase, service, team, severity, owner, responder, since, until, text, cursor };
  return withQuery('/v1/incidents', { limit: String(flags.limit), open, ...filters });
}

/** `tocsin incidents`: the open ones, or all. */
export function addIncidents(program: Command, context: Context): void {
  const command = addApiCommand(program, {
    usage: 'incidents',
    summary: 'list incidents',
    description: 'Lists open incidents, newest first.',
    examples: [
      ['incidents', 'what is open'],
      ['incidents --all --service payments', 'open and over, of one service'],
      ['incidents --closed --team billing', 'what is over, of one team'],
      ['incidents --all --since 2026-11-21T00:00:00Z --text checkout', 'what that day had of it'],
      ['incidents --phase triggered --json', 'nobody has these yet, for a program'],
    ],
  });
  addFilters(command)
    .option('--cursor <cursor>', 'the next page: what the page before said, with the same filters')
    .action(async (flags: Flags) => {
      const client = await createApiClient(flags, context);
      const found = await client.get(listPath(flags));
      if (flags.json === true) return context.print(JSON.stringify(found, null, 2));
      const { incidents, next } = expect(incidentPage, found);
      context.print(incidentList(incidents, isOnlyOpen(flags), context.now(), context.colours));
      if (next !== undefined)
        context.say(`There are more: narrow it down, or add --cursor ${next} for the next page.`);
    });
}
