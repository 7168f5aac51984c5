import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { configJsonSchema, type JsonSchema } from '../../../config/json-schema.js';
import { formatProblems } from '../../../config/format-problems.js';
import { DEFAULT_TIMINGS, type Timings } from '../../../domain/incident/plan.js';
import { parseDuration } from '../../../config/duration.js';
import { TIMING_NAMES } from '../../../config/schema/root.js';
import { load, said } from './support.js';

const docs = await readFile('docs/configuration.md', 'utf8');

function keysOf(schema: JsonSchema): readonly string[] {
  const below = [
    ...Object.values(schema.properties ?? {}),
    ...(typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : []),
    ...(schema.items === undefined ? [] : [schema.items]),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
  ];
  return [...Object.keys(schema.properties ?? {}), ...below.flatMap(keysOf)];
}

describe('docs/configuration.md', () => {
  it('names every key', () => {
    const keys = [...new Set(keysOf(configJsonSchema()))];
    expect(keys.length).toBeGreaterThan(80);
    expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(docs))).toEqual([]);
  });

  it('has a smallest config that is valid', () => {
    const yaml = /smallest config that is valid:\n\n```yaml\n([^]*?)```/.exec(docs)?.[1] ?? '';
    const result = load(yaml);
    expect(
      formatProblems(said(result))
        .split('\n')
        .filter((line) => line.includes('  error  ')),
    ).toEqual([]);
    expect(result.ok).toBe(true);
  });

  it('tells the timings as they are', () => {
    const told = Object.entries(TIMING_NAMES).map(([name, key]) => {
      const text = new RegExp(`\\| \`${key}\` +\\| \`(\\w+)\``).exec(docs)?.[1] ?? '';
      return [name, parseDuration(text)];
    });
    expect(Object.fromEntries(told) as Timings).toEqual(DEFAULT_TIMINGS);
  });

  it('shows a problem as it is printed', () => {
    const result = load(`users:
  alice: { name: Alice, phone: '+12025550101' }
policies:
  default: { steps: [{ targets: ['user:alcie'] }], catchAll: { targets: ['user:alice'] } }
services:
  everything: { policy: default, catchAll: true }
`);
    const [problem = '', remedy = ''] = formatProblems(
      said(result).filter(({ level }) => level === 'error'),
    ).split('\n');
    expect(docs).toContain(`tocsin.yaml:27:40${problem.replace(/^\S+/, '')}\n${remedy}\n`);
  });
});
