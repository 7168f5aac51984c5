import type { Variables } from './contacts.js';
import type { Documents } from './documents.js';
import type { ConfigProblem } from './types.js';
import type { Path, ProblemList } from './problems.js';
import { TEMPLATES } from './providers.js';
import { entriesOf, entryOf, itemsOf } from './raw.js';
import { variableOf } from './schema/contact-address.js';
import { textsIn, variablesIn } from './text-template.js';

interface Found {
  readonly name: string;
  readonly at: Path;
}

/** Where, beside the keys of integrations and of the API, the config names environment variables. */
function* referencesIn(raw: unknown): Generator<Found> {
  const reference = function* (value: unknown, at: Path): Generator<Found> {
    const name = variableOf(value);
    if (name !== null) yield { name, at };
  };
  for (const [section, list] of [
    ['users', 'methods'],
    ['groups', 'contacts'],
  ] as const) {
    for (const [id, entry] of entriesOf(entryOf(raw, section))) {
      yield* reference(entryOf(entry, 'push'), [section, id, 'push']);
      for (const [index, contact] of itemsOf(entryOf(entry, list)).entries()) {
        yield* reference(entryOf(contact, 'to'), [section, id, list, index, 'to']);
      }
    }
  }
  for (const [id, provider] of entriesOf(entryOf(raw, 'providers'))) {
    for (const key of ['token', 'secret'] as const) {
      yield* reference(entryOf(provider, key), ['providers', id, key]);
    }
    yield* reference(entryOf(entryOf(provider, 'replies'), 'key'), ['providers', id, 'replies', 'key']);
    for (const key of TEMPLATES) {
      for (const { text, at } of textsIn(entryOf(provider, key), ['providers', id, key])) {
        for (const name of variablesIn(text)) yield { name, at };
      }
    }
  }
}

/** Reads what addresses and providers refer to; what is missing is a problem that names the variable, never a value. */
export function readVariables(
  documents: Documents,
  env: Readonly<Record<string, string | undefined>>,
  level: ConfigProblem['level'],
  problems: ProblemList,
): Variables {
  const found = new Map<string, string>();
  for (const { name, at } of referencesIn(documents.value)) {
    const value = Object.hasOwn(env, name) ? env[name]?.trim() : undefined;
    if (value !== undefined && value !== '') {
      found.set(name, value);
      continue;
    }
    problems.add({
      level,
      spot: documents.spotOf(at, 'value'),
      at,
      message: `the environment variable ${name} is ${value === '' ? 'empty' : 'not set'}`,
      remedy: `Set ${name} to what belongs here, or remove what needs it.`,
      variable: name,
    });
  }
  return found;
}
