import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { messageOf } from '../../temporal-config/errors.js';
import { createApiClient, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { writeAtomically } from '../../system/atomic-file.js';
import { addApiCommand } from './api-command.js';
import { exportStore } from './export-store.js';

const TYPES = { json: 'application/json', csv: 'text/csv', markdown: 'text/markdown' } as const;

interface Flags extends ApiFlags {
  readonly format: keyof typeof TYPES;
  readonly output?: string;
  readonly all?: boolean;
}

/** `tocsin export`: the timeline of an incident, for a spreadsheet or a postmortem; or a backup of the store. */
export function addExport(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'export [incident]',
    summary: 'export the timeline of an incident, or with --all a backup of the store',
    description:
      'Exports the timeline of an incident: as Markdown with which a postmortem can begin, as CSV for a spreadsheet, or as JSON. For open incidents and closed ones; those that Temporal has let go of come from their record in the store. With --all instead: a backup of all that the store keeps, for `tocsin import` (needs a key of scope admin).',
    examples: [
      ['export 7KQ2 --output postmortem.md', 'the beginning of a postmortem'],
      ['export 7KQ2 --format csv -o 7KQ2.csv', 'one line for each thing that happened'],
      ['export 7KQ2 --json | jq .entries', 'the same as --format json'],
      ['export --all -o tocsin.jsonl', 'a backup of the store'],
    ],
  })
    .addOption(
      new Option('--format <format>', 'in this form').choices(Object.keys(TYPES)).default('markdown'),
    )
    .option('-o, --output <file>', 'write it to this file instead')
    .option('--all', 'not an incident: all that the store keeps')
    .action(async (incident: string | undefined, flags: Flags) => {
      if ((incident === undefined) !== (flags.all === true)) throw oneOf();
      if (incident === undefined) return exportStore(flags, context);
      const format = flags.json === true ? 'json' : flags.format;
      const client = await createApiClient(flags, context);
      const path = `/v1/incidents/${encodeURIComponent(incident)}/timeline?format=${format}`;
      const text = await client.text(path, TYPES[format]);
      const whole = format === 'json' ? `${JSON.stringify(JSON.parse(text), null, 2)}\n` : text;
      if (flags.output === undefined) {
        // What others wrote into an alert must not move the cursor of a terminal: lines stay, what can't be seen goes.
        return context.print(whole.trimEnd().replaceAll(/[^\P{Cc}\r\n]/gu, ''));
      }
      await write(resolve(context.cwd, flags.output), whole);
      context.say(`written to ${flags.output}`);
    });
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeAtomically(path, text, 0o644);
  } catch (error) {
    throw new CliFailure(`The timeline can't be written to ${path}: ${messageOf(error)}.`, {
      code: 'write-failed',
      remedy: 'Name a file in a folder that exists and may be written to.',
      cause: error,
    });
  }
}

function oneOf(): CliFailure {
  return new CliFailure('Say what: an incident, or --all for a backup of the store.', {
    code: 'bad-usage',
    exitCode: EXIT.badUsage,
    remedy: 'tocsin export 7KQ2, or: tocsin export --all -o tocsin.jsonl',
  });
}
