import type { ConfigProblem } from './types.js';

/**
 * Problems for people, two lines each:
 * ```
 * tocsin.yaml:12:5  error  policies.default.steps[0].timeout: is not a duration
 *    → Write a number with its unit: 30s, 5m, 1h30m, 48h, 7d.
 * ```
 */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  return problems
    .map(({ file, line, column, level, path, message, remedy }) => {
      const what = path === '' ? message : `${path}: ${message}`;
      return `${file}:${line}:${column}  ${level}  ${what}\n   → ${remedy}`;
    })
    .join('\n');
}
