import { resolve } from 'node:path';
import type { Command } from 'commander';
import { configJsonSchema } from '../../config/json-schema.js';
import { scenarioJsonSchema } from '../../simulation/load-scenario.js';
import { messageOf } from '../../temporal-config/errors.js';
import type { Context } from '../context.js';
import { CliFailure } from '../failure.js';
import { writeAtomically } from '../../system/atomic-file.js';
import { examplesText } from './api-command.js';

/** `tocsin schema`: the JSON Schema of the configuration, for editors. */
export function addSchema(program: Command, context: Context): void {
  program
    .command('schema')
    .summary('print the JSON Schema of the configuration')
    .description(
      'Prints the JSON Schema (draft 7) of a configuration file. Editors complete and check by it when a file begins with\n# yaml-language-server: $schema=tocsin.schema.json',
    )
    .option('--scenario', 'of a scenario file for tocsin simulate instead')
    .option('--out <file>', 'write it to this file instead')
    .option('--json', 'it is JSON in any case')
    .addHelpText(
      'after',
      examplesText([
        ['schema --out oncall/tocsin.schema.json', 'beside the configuration'],
        ['schema --scenario --out oncall/scenario.schema.json', 'for scenario files'],
        ['schema | jq .properties', 'what there is'],
      ]),
    )
    .action(async (flags: { readonly out?: string; readonly scenario?: boolean }) => {
      const schema = flags.scenario === true ? scenarioJsonSchema() : configJsonSchema();
      const text = JSON.stringify(schema, null, 2);
      if (flags.out === undefined) return context.print(text);
      const path = resolve(context.cwd, flags.out);
      try {
        await writeAtomically(path, `${text}\n`, 0o644);
      } catch (error) {
        throw new CliFailure(`The schema can't be written to ${path}: ${messageOf(error)}.`, {
          code: 'write-failed',
          remedy: 'Name a file in a folder that exists and may be written to.',
          cause: error,
        });
      }
      context.say(`written to ${flags.out}`);
    });
}
