import type { Command } from 'commander';

/** What a command that asks the API says of itself. */
export interface ApiCommandWords {
  /** Name and arguments, as commander reads them, e.g. `ack <incident>`. */
  readonly usage: string;
  readonly summary: string;
  readonly description: string;
  /** Command lines without `tocsin` in front, with what they do. */
  readonly examples: readonly (readonly [line: string, what: string])[];
}

/** Adds a command with the options that all of them have, and its examples. */
export function addApiCommand(program: Command, words: ApiCommandWords): Command {
  return program
    .command(words.usage)
    .summary(words.summary)
    .description(words.description)
    .option('--url <url>', 'where Tocsin runs (default: TOCSIN_URL, else what runs on the data folder)')
    .option(
      '--data-dir <folder>',
      'data folder of a Tocsin on this machine (default: TOCSIN_DATA_DIR, else .tocsin)',
    )
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', examplesText(words.examples));
}

/** Examples as the end of a help text. */
export function examplesText(examples: readonly (readonly [line: string, what: string])[]): string {
  const width = Math.max(...examples.map(([line]) => line.length));
  return `\nExamples:\n${examples.map(([line, what]) => `  tocsin ${line.padEnd(width)}  ${what}`).join('\n')}`;
}
