import type { Command } from 'commander';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { detailed, incidentDetails } from '../output/incident-details.js';
import { safe } from '../output/safe.js';
import { terminalZone } from '../output/times.js';
import { addApiCommand } from './api-command.js';

/** `tocsin show`: one incident with its timeline. */
export function addShow(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'show <incident>',
    summary: 'show one incident: state, what happens next, timeline',
    description:
      'Shows one incident, by its code (7KQ2) or its id: state, who has it, what happens next, what happened.',
    examples: [
      ['show 7KQ2', 'the open incident with this code, else the latest that had it'],
      ['show 7KQ2 --json', 'all of it, times in milliseconds'],
      ['show 7KQ2 --etag', 'and what names this state of it, for `tocsin take 7KQ2 --if-match ...`'],
    ],
  })
    .option('--etag', 'what names this state of it, too, for --if-match; with --json: {"etag", "incident"}')
    .action(async (incident: string, flags: ApiFlags & { readonly etag?: boolean }) => {
      const client = await createApiClient(flags, context);
      const { body, tag } = await client.tagged(`/v1/incidents/${encodeURIComponent(incident)}`);
      if (flags.json === true)
        return context.print(
          JSON.stringify(flags.etag === true ? { etag: tag, incident: body } : body, null, 2),
        );
      context.print(incidentDetails(expect(detailed, body), context.now(), terminalZone(), context.colours));
      if (flags.etag === true) context.print(`\netag      ${tag === null ? 'none was told' : safe(tag)}`);
    });
}
