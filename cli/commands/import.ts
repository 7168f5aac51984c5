import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { messageOf } from '../../temporal-config/errors.js';
import { createApiClient, expect, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { safe } from '../output/safe.js';
import { table } from '../output/table.js';
import { createProgress } from '../output/transfer.js';
import { withQuery } from '../query.js';
import { addApiCommand } from './api-command.js';

interface Flags extends ApiFlags {
  readonly merge?: boolean;
}

const answer = z.object({
  tables: z.array(z.object({ name: z.string(), added: z.number(), kept: z.number() })),
  warnings: z.array(z.string()).default([]),
});

/** `tocsin import`: puts a backup into the store. */
export function addImport(program: Command, context: Context): void {
  addApiCommand(program, {
    usage: 'import <file>',
    summary: 'put a backup of `tocsin export --all` into the store',
    description:
      'Puts a backup into the store of a running Tocsin: all of it or nothing. A store that is in use is refused; with --merge what is missing is added, and rows that exist stay. A file that is damaged, cut off or of a newer Tocsin changes nothing, and the line is told. Needs a key of scope admin.',
    examples: [
      ['import tocsin.jsonl', 'into a store that is not in use yet'],
      ['import tocsin.jsonl --merge', 'into one that is: rows that exist stay'],
    ],
  })
    .option('--merge', 'also into a store that is in use: rows that exist stay')
    .action(async (file: string, flags: Flags) => {
      const client = await createApiClient(flags, context);
      const { open: pieces, size } = await fileOf(file, context);
      const progress = createProgress(context, 'kB');
      const path = withQuery('/v1/backup', { merge: flags.merge === true ? 'true' : undefined });
      const upload = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
        progress.begin(Math.ceil(size / 1_024));
        for await (const piece of pieces()) {
          yield piece;
          progress.step(Math.round(piece.length / 1_024));
        }
        context.say('All is sent. Whether it is put in follows once Tocsin has checked it.');
      };
      const told = await client.upload(path, { type: 'application/x-ndjson', pieces: upload });
      if (flags.json === true) return context.print(JSON.stringify(told, null, 2));
      const { tables, warnings } = expect(answer, told);
      const { dim } = context.colours;
      context.print(
        table([
          ['TABLE', 'ADDED', 'WAS THERE'].map((text) => dim(text)),
          ...tables
            .filter(({ added, kept }) => added + kept > 0)
            .map(({ name, added, kept }) => [safe(name), String(added), String(kept)]),
        ]),
      );
      const sum = tables.reduce((all, { added }) => all + added, 0);
      context.say(`Put in: ${sum.toLocaleString('en-US')} rows.`);
      for (const warning of warnings) context.say(`${context.errorColours.yellow('!')} ${safe(warning)}`);
    });
}

/** @throws CliFailure `no-file` */
async function fileOf(
  file: string,
  { cwd }: Context,
): Promise<{ readonly open: () => AsyncIterable<Buffer>; readonly size: number }> {
  try {
    const path = resolve(cwd, file);
    const handle = await open(path);
    const { size } = await handle.stat();
    await handle.close();
    return { open: () => createReadStream(path) as AsyncIterable<Buffer>, size };
  } catch (error) {
    throw new CliFailure(`${file} can't be read: ${messageOf(error)}.`, {
      code: 'no-file',
      exitCode: EXIT.badUsage,
      remedy: 'Name a file that `tocsin export --all -o <file>` wrote.',
      cause: error,
    });
  }
}
