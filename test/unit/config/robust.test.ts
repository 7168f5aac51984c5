import fc from 'fast-check';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { load, said } from './support.js';

type Path = readonly (string | number)[];
const FILES = ['people', 'schedules', 'services', 'integrations'];
const texts = await Promise.all(
  FILES.map((name) => readFile(`examples/follow-the-sun/${name}.yaml`, 'utf8')),
);
const whole = Object.assign({}, ...texts.map((text) => parse(text) as object)) as object;

function pathsOf(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return [at];
  const below = Array.isArray(value)
    ? value.flatMap((item, index) => pathsOf(item, [...at, index]))
    : Object.entries(value).flatMap(([key, item]) => pathsOf(item, [...at, key]));
  return [at, ...below];
}

/** A copy with what stands at the path replaced, or taken away when `junk` is undefined. */
function changed(value: unknown, [head, ...rest]: Path, junk: unknown): unknown {
  if (head === undefined) return junk;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) => (index === head ? changed(item, rest, junk) : item));
    return items.filter((item) => item !== undefined);
  }
  const entries = Object.entries(value as object).map(([key, item]) => [
    key,
    key === head ? changed(item, rest, junk) : (item as unknown),
  ]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

describe('a slip of the pen anywhere in a config', () => {
  it('leads to problems with a place, a message and a remedy, or to a config; never to an exception', () => {
    const junk = fc.constantFrom<unknown>(
      undefined,
      null,
      '',
      'x',
      0,
      -1,
      true,
      [],
      {},
      [null],
      [[]],
      { a: 1 },
      ['x', 'x'],
      'user:',
      'schedule:platform/secondary/primary',
      'manager:,',
      '99:99',
      '2026-13-45',
      '/(/',
      '999999999w',
      '__proto__',
      'constructor',
    );
    fc.assert(
      fc.property(fc.constantFrom(...pathsOf(whole).slice(1)), junk, (at, instead) => {
        const text = stringify(changed(whole, at, instead), { aliasDuplicateObjects: false });
        const result = load(text, {}, { secrets: 'optional' });
        if (!result.ok) expect(said(result).some(({ level }) => level === 'error')).toBe(true);
        for (const { line, column, message, remedy } of said(result)) {
          expect(line).toBeGreaterThan(0);
          expect(column).toBeGreaterThan(0);
          expect(message).not.toMatch(/Invalid|Too small|expected/);
          expect(remedy).not.toBe('');
        }
      }),
      { numRuns: 150 },
    );
  });
});
