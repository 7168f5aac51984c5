import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NEWEST_RULES } from '../../domain/incident/machine.js';

test('every version of the rules after the first is guarded by a patch, so that runs of before replay with theirs', () => {
  const source = readFileSync('workflows/rules.ts', 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const versions = Array.from({ length: NEWEST_RULES - 1 }, (_, index) => index + 2);
  for (const version of versions) expect(source).toContain(`patched('rules-${version}')`);
  expect(source.match(/patched\(/g) ?? []).toHaveLength(versions.length);
});
