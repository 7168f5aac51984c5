import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { safe } from '../output/safe.js';
import { addApiCommand } from './api-command.js';

const answer = z.object({ sentence: z.string() });

/** `tocsin postmortem`: says where the postmortem of an incident is. */
export function addPostmortem(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'postmortem <incident> <url>',
    summary: 'publish the postmortem of a resolved incident',
    description: 'Says where the postmortem is, which meets its deadline.',
    examples: [['postmortem 7KQ2 https://wiki.example.com/postmortems/42 --by alice', '']],
    writes: 'once',
  })
    .option('--by <user>', 'id of the user who publishes it (default: the API key)')
    .action(async (incident: string, url: string, flags: ApiFlags & { readonly by?: string }) => {
      const client = await createApiClient(flags, context);
      const result = await client.post(`/v1/incidents/${encodeURIComponent(incident)}/postmortem`, {
        url,
        ...(flags.by === undefined ? {} : { by: flags.by }),
      });
      context.print(
        flags.json === true ? JSON.stringify(result, null, 2) : safe(expect(answer, result).sentence),
      );
    });
}
