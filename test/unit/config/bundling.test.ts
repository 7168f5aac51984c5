import { describe, expect, it } from 'vitest';
import { configOf, load, yamlWith } from './support.js';

describe('limits.bundling', () => {
  it.each([
    [undefined, 5_000],
    ['{ bundling: 2s }', 2_000],
    ['{ bundling: off }', null],
    ['{ pagesPerNight: 5 }', 5_000],
  ])('%s is %s', (limits, expected) => {
    expect(configOf(limits === undefined ? {} : { limits }).bundlingMs).toBe(expected);
  });

  it.each(['0s', 'never', '5'])('refuses %s', (bundling) => {
    const result = load(yamlWith({ limits: `{ bundling: ${bundling} }` }));
    expect(result.ok ? [] : result.problems.map(({ path }) => path)).toEqual(['limits.bundling']);
  });
});
