import { expect, test } from 'vitest';
import { reportOf } from '../../../bench/report.js';
import { SIMULATIONS_AIM, type Results } from '../../../bench/results.js';

const nothing: Results = {
  facts: {
    at: '2026-11-21T10:00:00.000Z',
    cores: 2,
    cpu: 'a processor',
    loadBefore: 0.25,
    os: 'Linux 6',
    node: '20.20.2',
    quick: false,
  },
  rates: [],
  accepted: 0,
  lost: [],
};

function withSimulations(perSecond: number): Results {
  const each = { samples: 640, p50: 1.94, p95: 5, p99: 39.46, max: 50 };
  return { ...nothing, simulations: { scenarios: 32, perSecond, each } };
}

/** The cells of the lines of its table, without the head. */
function rowsOf(report: string): readonly (readonly string[])[] {
  const lines = report.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

test('simulations a second are set against their aim, and p99 of one is told', () => {
  expect(rowsOf(reportOf(withSimulations(249.4)))).toEqual([
    ['32 scenario files: simulations a second', '', '249', '', `≥ ${SIMULATIONS_AIM}`, 'yes'],
    ['one simulation, p50 / p99 (n = 640)', '', '1.9 / 39.5', '', '', ''],
  ]);
});

test.each([
  [SIMULATIONS_AIM, 'yes'],
  // What is shown is rounded; what is judged is not.
  [SIMULATIONS_AIM - 0.1, 'no'],
])('%d simulations a second: is the aim met? %s', (perSecond, met) => {
  expect(rowsOf(reportOf(withSimulations(perSecond)))[0]?.at(-1)).toBe(met);
});

test('a measure that was left out has no row', () => {
  expect(rowsOf(reportOf(nothing))).toEqual([]);
});

test('what is true of a server only is told when one was measured', () => {
  const without = reportOf(withSimulations(249));
  expect(without.split('\n')[0]).toBe('2 cores (a processor), load 0.3 at the start; Linux 6; Node 20.20.2');
  expect(without).not.toMatch(/provider|cache|accepted|undefined/);
  const temporal = { server: 'temporal version 1', cachedWorkflows: 2_310 };
  const report = reportOf({
    ...nothing,
    facts: { ...nothing.facts, temporal },
    accepted: 7,
    lost: ['bench-1'],
  });
  expect(report.split('\n').slice(0, 2)).toEqual([
    '2 cores (a processor), load 0.3 at the start; Linux 6; Node 20.20.2; temporal version 1',
    "2026-11-21T10:00:00.000Z; times in ms, from request to provider; a worker's cache holds 2310 workflows by default",
  ]);
  expect(report.split('\n').at(-1)).toBe('accepted: 7, lost: 1 (bench-1)');
});
