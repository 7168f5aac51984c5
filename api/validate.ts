import type { z } from 'zod';
import { cut, oneLine } from '../domain/messages/text.js';
import { ApiError, type Problem } from './errors.js';

/** A request can hold thousands of wrong fields; an answer of this many is still read. */
const MAX_PROBLEMS = 100;

/** What a sender wrote may be as long as its body: an answer, a timeline and a workflow's input carry so much of it. */
const SHOWN = 200;

/** Text of a request as it may be repeated: one line of at most 200 characters. */
export function shown(text: string): string {
  return cut(oneLine(text.slice(0, 2 * SHOWN)), SHOWN);
}

/** The outcome of a check. */
export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Checks a value and names every wrong field: at most 100, then how many more there are. */
export function check<S extends z.ZodType>(schema: S, value: unknown): Checked<z.output<S>> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  const { issues } = result.error;
  const more = issues.length - MAX_PROBLEMS;
  return {
    ok: false,
    problems: [
      ...issues.slice(0, MAX_PROBLEMS).map((issue) => ({
        path: shown(pathOf(issue.path)),
        message: sentence(shown(issue.message)),
      })),
      ...(more > 0 ? [{ path: '(body)', message: `${more} more fields are wrong.` }] : []),
    ],
  };
}

/**
 * The checked body of a request; a missing one counts as `{}`.
 * @throws ApiError `invalid-body` with every wrong field
 */
export function checkBody<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const checked = check(schema, body ?? {});
  if (checked.ok) return checked.value;
  throw invalidBody(checked.problems);
}

/**
 * The checked query string of a request.
 * @throws ApiError `invalid-query` with every wrong parameter
 */
export function checkQuery<S extends z.ZodType>(schema: S, query: unknown): z.output<S> {
  const checked = check(schema, query);
  if (checked.ok) return checked.value;
  throw new ApiError('invalid-query', `The query string has ${counted(checked.problems)}.`, {
    problems: checked.problems,
    remedy: 'Mend the parameters named in `problems`.',
  });
}

/** The error for a body with these wrong fields. */
export function invalidBody(problems: readonly Problem[]): ApiError {
  return new ApiError('invalid-body', `The body has ${counted(problems)}.`, {
    problems,
    remedy: 'Mend the fields named in `problems` and send it again.',
  });
}

function counted(problems: readonly Problem[]): string {
  return problems.length === 1 ? '1 wrong field' : `${problems.length} wrong fields`;
}

function sentence(message: string): string {
  return /[.…]$/.test(message) ? message : `${message}.`;
}

function pathOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(body)';
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, '');
}
