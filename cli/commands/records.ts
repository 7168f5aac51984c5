import type { Command } from 'commander';
import { rebuiltSchema } from '../../api/records/routes.js';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { EXIT } from '../failure.js';
import { safe } from '../output/safe.js';
import { addApiCommand } from './api-command.js';

/** Ten histories are replayed for each answer; one that can't be takes three seconds. */
const TIMEOUT_MS = 60_000;

/** Unreadable ones that are named one by one. */
const NAMED = 20;

/** `tocsin records rebuild`: fills the store with what Temporal still has. */
export function addRecords(program: Command, context: Context): void {
  const records = program
    .command('records')
    .summary('records of past incidents')
    .description('What the store keeps of past incidents.');
  addApiCommand(records, {
    usage: 'rebuild',
    summary: 'fill the store with the timelines that Temporal still has',
    description:
      'Goes through all incidents and reviews that Temporal still has, open and closed, and keeps what the store lacks of their timelines: after a store was lost, or came late. Needs a running worker. Done again, or stopped half-way, it does no harm.',
    examples: [
      ['records rebuild', 'with a line for each 10 on stderr'],
      ['records rebuild --json', 'the sums for a program'],
    ],
  }).action(async (flags: ApiFlags) => {
    const client = await createApiClient(flags, context, TIMEOUT_MS);
    let [there, added, entries] = [0, 0, 0];
    const unreadable: { readonly workflowId: string; readonly why: string }[] = [];
    let cursor: string | undefined;
    do {
      const asked = cursor === undefined ? {} : { cursor };
      const page = expect(rebuiltSchema, await client.post('/v1/records/rebuild', asked));
      there += page.there;
      added += page.added;
      entries += page.entries;
      unreadable.push(...page.unreadable);
      cursor = page.next;
      if (cursor !== undefined) context.say(`${there + added + unreadable.length} read …`);
    } while (cursor !== undefined);
    if (unreadable.length > 0) context.setExitCode(EXIT.failed);
    if (flags.json === true)
      return context.print(JSON.stringify({ there, added, entries, unreadable }, null, 2));
    if (there + added + unreadable.length === 0)
      return context.print('Temporal has no incidents, open or closed: there is nothing to rebuild.');
    context.print(
      `${there} complete already, ${added} filled (${entries} ${entries === 1 ? 'entry' : 'entries'}), ${unreadable.length} could not be read.`,
    );
    for (const { workflowId, why } of unreadable.slice(0, NAMED))
      context.say(`  ${safe(workflowId)}: ${safe(why)}`);
    if (unreadable.length > NAMED) context.say(`  and ${unreadable.length - NAMED} more (--json names all)`);
  });
}
