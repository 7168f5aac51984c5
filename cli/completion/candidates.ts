import type { Command, Option } from 'commander';

/** Something that may stand at the cursor. */
export interface Candidate {
  readonly word: string;
  /** One line for people; shells that can show it do. */
  readonly what: string;
}

/** What has an id in the configuration. */
export type Named = 'user' | 'severity' | 'service' | 'team' | 'schedule' | 'policy';

/** What options with a value `<id>` and arguments take, by their names; an option with a value `<user>` takes that. */
const NAMED: Readonly<Record<string, Named>> = {
  ...{ user: 'user', first: 'user', second: 'user', owner: 'user', responder: 'user' },
  ...{ severity: 'severity', service: 'service', team: 'team', schedule: 'schedule', policy: 'policy' },
};

/** What may stand where the cursor is. */
export type Wanted =
  | { readonly kind: 'candidates'; readonly candidates: readonly Candidate[] }
  /** The code of an open incident. */
  | { readonly kind: 'incident'; readonly command: Command; readonly flags: readonly string[] }
  /** The id of something in the configuration. */
  | { readonly kind: 'named'; readonly of: Named; readonly typed: string; readonly flags: readonly string[] }
  /** Nothing that we know: a file, or words of one's own. */
  | { readonly kind: 'nothing' };

/**
 * What may stand at the end of a command line of this program: its commands, their options, and the values of those that have
 * a list.
 * @param words after `tocsin`; the last one is being typed, and may be empty
 */
export function wantedAt(program: Command, words: readonly string[]): Wanted {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = program.commands.find(
    (one) => before.includes(one.name()) && one.name() === firstWord(before),
  );
  if (command === undefined) {
    if (firstWord(before) !== undefined) return { kind: 'nothing' };
    return only(typed, typed.startsWith('-') ? optionsOf(program) : commandsOf(program));
  }
  const place = before.indexOf(command.name()) + 1;
  if (command.commands.length > 0) return wantedAt(command, words.slice(place));
  const given = before.slice(place);
  const open = optionNamed(command, given.at(-1));
  if (open !== undefined && takesValue(open)) return valuesOf(open, typed, given);
  if (typed.startsWith('-')) return only(typed, optionsOf(command));
  const position = argumentsIn(command, given);
  const argument = command.registeredArguments.at(
    Math.min(position, Math.max(0, command.registeredArguments.length - 1)),
  );
  if (argument === undefined || (position >= command.registeredArguments.length && !argument.variadic))
    return { kind: 'nothing' };
  if (argument.argChoices !== undefined)
    return only(
      typed,
      argument.argChoices.map((word) => ({ word, what: '' })),
    );
  if (argument.name() === 'incident') return { kind: 'incident', command, flags: given };
  return named(argument.name(), typed, given);
}

function firstWord(words: readonly string[]): string | undefined {
  return words.find((word) => !word.startsWith('-'));
}

/** How many arguments stand there already: options and their values left out. */
function argumentsIn(command: Command, given: readonly string[]): number {
  return given.filter((word, index) => {
    if (word.startsWith('-')) return false;
    const before = optionNamed(command, given[index - 1]);
    return before === undefined || !takesValue(before);
  }).length;
}

function optionNamed(command: Command, word: string | undefined): Option | undefined {
  return command.options.find(({ long, short }) => word !== undefined && (long === word || short === word));
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function named(name: string, typed: string, flags: readonly string[]): Wanted {
  const of = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  return of === undefined ? { kind: 'nothing' } : { kind: 'named', of, typed, flags };
}

function valuesOf(option: Option, typed: string, given: readonly string[]): Wanted {
  if (option.argChoices === undefined) {
    const value = /<([\w-]+)>/.exec(option.flags)?.[1];
    if (value === 'id') return named(option.name(), typed, given);
    return value === 'user' ? named(value, typed, given) : { kind: 'nothing' };
  }
  return only(
    typed,
    option.argChoices.map((word) => ({ word, what: '' })),
  );
}

function only(typed: string, candidates: readonly Candidate[]): Wanted {
  return { kind: 'candidates', candidates: candidates.filter(({ word }) => word.startsWith(typed)) };
}

function commandsOf(program: Command): readonly Candidate[] {
  const own = program.commands.map((command) => ({ word: command.name(), what: command.summary() }));
  return [...own, { word: 'help', what: 'how a command is used' }];
}

function optionsOf(command: Command): readonly Candidate[] {
  const own = command.options.flatMap(({ long, description }) =>
    long === undefined || long === null ? [] : [{ word: long, what: description }],
  );
  return [...own, { word: '--help', what: 'how it is used' }];
}
