import type { FastifyInstance } from 'fastify';
import { ApiError } from './errors.js';
import { shown } from './validate.js';

/**
 * Reads JSON strictly: bytes that are not UTF-8 and text that is not JSON are refused with the place, instead of
 * being replaced silently. An empty body is `undefined`. Every other content type is a 415.
 */
export function readJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(Buffer.isBuffer(body) ? body : Buffer.from(body)));
    } catch (error) {
      done(error as Error);
    }
  });
}

/** @throws ApiError `invalid-utf8` or `invalid-json` */
export function parseJson(body: Buffer): unknown {
  const text = decode(body);
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text, dropPrototype(text)) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ApiError('invalid-json', `The body is not JSON: ${shown(reason)}${place(text, reason)}.`, {
      remedy: 'Check the template that makes the body; the place named is where reading stopped.',
      cause: error,
    });
  }
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw new ApiError('invalid-utf8', 'The body is not valid UTF-8.', {
      remedy: 'Send the body in UTF-8.',
      cause: error,
    });
  }
}

/** `__proto__` has no business in a body; the reviver is only paid for when it occurs. */
function dropPrototype(text: string): ((key: string, value: unknown) => unknown) | undefined {
  if (!text.includes('__proto__') && !text.includes('\\u')) return undefined;
  return (key, value) => (key === '__proto__' ? undefined : value);
}

/** Line and column, where the engine says how far it read. */
function place(text: string, reason: string): string {
  const position = /at position (\d+)(?! \(line)/.exec(reason)?.[1];
  const end = reason.startsWith('Unexpected end') ? text.length : undefined;
  const offset = position === undefined ? end : Number(position);
  if (offset === undefined) return '';
  const before = text.slice(0, offset).split('\n');
  return ` (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`;
}
