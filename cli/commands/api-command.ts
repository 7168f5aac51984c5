import { InvalidArgumentError, Option, type Command } from 'commander';

/** What a command that asks the API says of itself. */
export interface ApiCommandWords {
  /** Name and arguments, as commander reads them, e.g. `ack <incident>`. */
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  /** Command lines without `tocsin` in front, with what they do. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** In place of the option `--url` that the others have. */
  readonly url?: Option;
  /** It writes: `once` takes --idempotency-key; `once-if-unchanged` --if-match, too. */
  readonly writes?: 'once' | 'once-if-unchanged';
}

/** Adds a command with the options that all of them have, and its examples. */
export function addApiCommand(program: Command, words: ApiCommandWords): Command {
  const command = program
    .command(words.usage)
    .summary(words.summary)
    .description(words.description)
    .addOption(
      words.url ??
        new Option(
          '--url <url>',
          'where Tocsin runs (default: TOCSIN_URL, else what runs on the data folder)',
        ),
    )
    .option(
      '--data-dir <folder>',
      'data folder of a Tocsin on this machine (default: TOCSIN_DATA_DIR, else .tocsin)',
    )
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examplesText(words.examples));
  if (words.writes !== undefined)
    command.option(
      '--idempotency-key <key>',
      'a name of your own for this request: run again with the same one, it is done once (default: a new one)',
      idempotencyKeyOf,
    );
  if (words.writes === 'once-if-unchanged')
    command.option(
      '--if-match <etag>',
      'only if nothing has happened to it since `tocsin show --etag` told this',
      etagOf,
    );
  return command;
}

/** Source: api/incidents/caller.ts. */
function idempotencyKeyOf(text: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected 1 to 255 printable characters without blanks, best a UUID.');
}

/** With its quotes, which a shell may have eaten. */
function etagOf(text: string): string {
  if (!/^[\x21-\x7e]{1,200}$/.test(text))
    throw new InvalidArgumentError('Expected what `tocsin show --etag` prints, e.g. 12-Zm9vYmFy.');
  return text === '*' || text.includes('"') ? text : `"${text}"`;
}

/** Examples as the end of a help text. */
export function examplesText(examples: readonly (readonly [line: string, what: string])[]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  return `\nExamples:\n${examples.map(([line, what]) => `  tocsin ${line.padEnd(width)}  ${what}`).join('\n')}`;
}
