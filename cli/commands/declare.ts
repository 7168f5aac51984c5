import type { Command } from 'commander';
import { z } from 'zod';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { safe } from '../output/safe.js';
import { addApiCommand } from './api-command.js';

interface Flags extends ApiFlags {
  readonly title: string;
  readonly service?: string;
  readonly severity?: string;
  readonly by?: string;
}

const answer = z.object({
  openingId: z.string(),
  service: z.string(),
  severity: z.string(),
  remarks: z.array(z.string()).default([]),
});

/** `tocsin declare`: opens an incident by hand. */
export function addDeclare(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'declare',
    summary: 'open an incident by hand',
    description: 'Opens an incident by hand and pages for it. When in doubt, declare.',
    examples: [
      ['declare --service payments --title "Customers cannot pay"', 'pages who is on call for payments'],
      ['declare --title "Odd smell in the data centre" --severity SEV1 --by alice', 'pages the catch-all'],
    ],
    writes: 'once',
  })
    .requiredOption('--title <text>', 'what is wrong, in one line')
    .option('--service <id>', 'the service it is about (default: the catch-all)')
    .option('--severity <id>', 'of the configured scheme (default: the service’s)')
    .option('--by <user>', 'id of the user who declares it (default: the API key)')
    .action(async (flags: Flags) => {
      const client = await createApiClient(flags, context);
      const result = await client.post('/v1/incidents', {
        title: flags.title,
        ...(flags.service === undefined ? {} : { service: flags.service }),
        ...(flags.severity === undefined ? {} : { severity: flags.severity }),
        ...(flags.by === undefined ? {} : { by: flags.by }),
      });
      if (flags.json === true) return context.print(JSON.stringify(result, null, 2));
      const { openingId, service, severity, remarks } = expect(answer, result);
      context.print(`Declared: ${severity} of ${safe(service)}. People are being paged.`);
      for (const remark of remarks) context.print(`  ${safe(remark)}`);
      context.print(`  tocsin show ${openingId}`);
    });
}
