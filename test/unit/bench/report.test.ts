import { expect, test } from 'vitest';
import { reportOf } from '../../../bench/report.js';
import { ON_CALL_AIM, SIMULATIONS_AIM, type Results } from '../../../bench/results.js';

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

/** A year of shifts takes 4 ms. */
function withOnCall(minuteByMinuteMs: number): Results {
  const shifts = { samples: 900, p50: 4, p95: 5, p99: 7.26, max: 9 };
  const coverage = { samples: 12, p50: 400.04, p95: 420, p99: 421, max: 421.5 };
  const sizes = { layers: 4, overrides: 200, policies: 100, weeks: 26 };
  return {
    ...nothing,
    onCall: { ...sizes, onCallAtPerSecond: 512_345.6, shifts, minuteByMinuteMs, coverage },
  };
}

test('a year of shifts is set against the same year minute by minute, and coverage is told', () => {
  expect(rowsOf(reportOf(withOnCall(1_200)))).toEqual([
    ['4 layers, 200 overrides: onCallAt a second', '', '512346', '', '', ''],
    ['4 layers, 200 overrides: a year of shifts, p50 / p99 (n = 900)', '', '4.0 / 7.3', '', '', ''],
    [
      '4 layers, 200 overrides: times as fast as minute by minute (1200)',
      '',
      '300',
      '',
      `≥ ${ON_CALL_AIM}`,
      'yes',
    ],
    ['coverage of 100 policies over 26 weeks, p50 / max (n = 12)', '', '400.0 / 421.5', '', '', ''],
  ]);
});

test.each([
  [4 * ON_CALL_AIM, 'yes'],
  [4 * ON_CALL_AIM - 1, 'no'],
])('minute by minute in %d ms: is the aim met? %s', (minuteByMinuteMs, met) => {
  expect(rowsOf(reportOf(withOnCall(minuteByMinuteMs)))[2]?.at(-1)).toBe(met);
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
