import { PLACEHOLDERS, type Placeholder } from './provider-settings.js';

/** `${NAME}`: an environment variable; `{name}`: a placeholder. */
const TOKEN = /\$\{([A-Z_][A-Z0-9_]*)\}|\{([A-Za-z][A-Za-z0-9]*)\}/g;

/** The environment variables that a text refers to. */
export function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(TOKEN)].flatMap(([, variable]) => (variable === undefined ? [] : [variable]));
}

/** The words in braces, known or not. */
export function placeholdersIn(text: string): readonly string[] {
  return [...text.matchAll(TOKEN)].flatMap(([, , name]) => (name === undefined ? [] : [name]));
}

export function isPlaceholder(name: string): name is Placeholder {
  return PLACEHOLDERS.some((known) => known === name);
}

/**
 * The text with everything filled in, in one pass: what was filled in is not looked through again. `encode` is for values
 * that stand in an address.
 */
export function fill(
  text: string,
  values: Readonly<Record<Placeholder, string>>,
  variables: Readonly<Record<string, string>>,
  encode: (value: string) => string = (value) => value,
): string {
  return text.replace(TOKEN, (token, variable: string | undefined, name: string | undefined) => {
    if (variable !== undefined) return encode(variables[variable] ?? '');
    return name !== undefined && isPlaceholder(name) ? encode(values[name]) : token;
  });
}

/** Every text in a value, with the path to it. */
export function* textsIn(
  value: unknown,
  at: readonly (string | number)[] = [],
): Generator<{ readonly text: string; readonly at: readonly (string | number)[] }> {
  if (typeof value === 'string') yield { text: value, at };
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) yield* textsIn(item, [...at, index]);
  else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) yield* textsIn(item, [...at, key]);
}

/** What stands at a path of keys and indexes joined by dots, as text; null when there is no text, number or truth value. */
export function scalarAt(value: unknown, path: string): string | null {
  let current: unknown = value;
  for (const part of path.split('.')) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, part)) return null;
    current = (current as Readonly<Record<string, unknown>>)[part];
  }
  return typeof current === 'string' || typeof current === 'number' || typeof current === 'boolean'
    ? String(current)
    : null;
}
