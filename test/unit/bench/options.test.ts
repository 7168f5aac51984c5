import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { MEASURES, readOptions, UsageError } from '../../../bench/options.js';

test('everything is measured unless some of it is named', () => {
  expect(readOptions([])).toEqual({ quick: false, only: new Set(MEASURES) });
  expect(readOptions(['--quick', '--json', 'out.json', '--only', 'burst,ack', '--only', 'storm'])).toEqual({
    quick: true,
    json: 'out.json',
    only: new Set(['burst', 'ack', 'storm']),
  });
});

test('a measure that there is not is refused with those that there are', () => {
  const refused = (...args: readonly string[]) => expect(() => readOptions(args));
  refused('--only', 'brust').toThrow(UsageError);
  refused('--only', 'brust').toThrow(`There is no measure "brust"; there are ${MEASURES.join(', ')}.`);
  refused('--only', 'burst,').toThrow(UsageError);
  refused('--onyl', 'burst').toThrow(UsageError);
});

test('--help names every measure, and nothing else', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['scripts/bench.mjs', '--help']);
  const named = /There are: ([^.]*?)\s*--json/s.exec(stdout)?.[1] ?? '';
  expect(named.split(/[\s,]+/)).toEqual([...MEASURES]);
});
