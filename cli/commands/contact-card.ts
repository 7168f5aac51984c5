import type { Command } from 'commander';
import { contactCard } from '../../domain/messages/contact-card.js';
import type { Context } from '../context.js';
import { CliFailure, EXIT } from '../failure.js';
import { examplesText } from './api-command.js';

interface CardFlags {
  readonly name: string;
  readonly number?: readonly string[];
  readonly json?: boolean;
}

/** E.164. */
const NUMBER = /^\+[1-9]\d{6,14}$/;

/** `tocsin contact card`: the numbers that pages come from, for people's phones. */
export function addCard(contact: Command, context: Context): void {
  contact
    .command('card')
    .summary('print a vCard with the numbers that pages come from')
    .description(
      'Prints a vCard (.vcf) with the numbers of TWILIO_FROM. Whoever adds it to their phone sees who writes and calls, and can let that contact through at night.',
    )
    .option('--number <number...>', 'these numbers instead, e.g. that of an SMS gateway; E.164')
    .option('--name <name>', 'what the contact is called', 'Tocsin')
    .option('--json', 'name and numbers as JSON')
    .addHelpText(
      'after',
      examplesText([
        ['contact card > tocsin.vcf', 'to send to everybody who goes on call'],
        ['contact card --number +12025550100 --name "Acme on-call"', 'another number, another name'],
      ]),
    )
    .action((flags: CardFlags) => {
      const given = flags.number ?? (context.env['TWILIO_FROM'] ?? '').split(',');
      const numbers = [...new Set(given.map((number) => number.trim()).filter((number) => number !== ''))];
      const [wrong] = numbers.filter((number) => !NUMBER.test(number));
      if (wrong !== undefined)
        throw new CliFailure(`${wrong} is no number in E.164.`, {
          code: 'not-a-number',
          exitCode: EXIT.badUsage,
          remedy: 'Write it with + and country code, without spaces: +12025550100.',
        });
      if (numbers.length === 0)
        throw new CliFailure('It is not known which numbers pages come from: TWILIO_FROM is not set here.', {
          code: 'no-numbers',
          remedy: 'Set it as the workers have it, or name the numbers: --number +12025550100.',
        });
      const name = flags.name.trim() === '' ? 'Tocsin' : flags.name.trim();
      if (flags.json === true) return context.print(JSON.stringify({ name, numbers }, null, 2));
      context.print(contactCard(name, numbers).replace(/\n$/, ''));
    });
}
