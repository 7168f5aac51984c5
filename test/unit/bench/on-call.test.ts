import { expect, test } from 'vitest';
import { minuteByMinute, timeOnCall, type OnCallSizes } from '../../../bench/measures/on-call.js';
import { createOnCallSubject, OVERRIDES, type OnCallEngine } from '../../../bench/on-call-subject.js';
import { coverageSource } from '../../../config/duty.js';
import { loadConfigFiles } from '../../../config/load.js';
import { coverageOf } from '../../../domain/oncall/coverage.js';
import { onCallAt, prepare, shifts, type OnCallSpan } from '../../../domain/oncall/on-call.js';
import { DAY } from '../../../domain/time/instant.js';

const engine: OnCallEngine = { loadConfigFiles, prepare, onCallAt, shifts, coverageSource, coverageOf };
const SIZES: OnCallSizes = { warmUpMs: 0, forMs: 0, days: 20, references: 1, policies: 3, weeks: 2 };

const whysOf = (spans: readonly OnCallSpan[]): ReadonlySet<string> =>
  new Set(
    spans.flatMap(({ why }) =>
      [why.primary, why.secondary].flatMap((one) => {
        if (one === null) return [];
        return one.kind === 'override' ? one.id : one.name;
      }),
    ),
  );

test('every layer and most overrides of the schedule matter at some time of the year', () => {
  const { schedule, year } = createOnCallSubject(engine, 1, 26);
  expect(schedule.layers.map(({ name }) => name)).toEqual(['holidays', 'Berlin', 'New York', 'the rest']);
  expect(new Set(schedule.layers.map(({ zone }) => zone.id)).size).toBe(2);
  expect(year.to - year.from).toBe(365 * DAY);
  const whys = whysOf(shifts(schedule, year.from, year.to));
  for (const { name } of schedule.layers) expect(whys).toContain(name);
  const overrides = [...whys].filter((why) => why.startsWith('override-'));
  expect(OVERRIDES).toBe(200);
  expect(overrides.length).toBeGreaterThan(OVERRIDES / 2);
});

test('every team has a policy that is looked at, and everybody of its five is on duty', () => {
  const { duty, overrides, ahead } = createOnCallSubject(engine, 20, 26);
  expect(ahead.to - ahead.from).toBe(26 * 7 * DAY);
  const { policies, duties, summary } = coverageOf(coverageSource(duty, overrides), ahead);
  expect(policies).toHaveLength(20);
  expect(duties).toHaveLength(20 * 5);
  expect(summary).toMatchObject({ gaps: 0, nobody: 0, unreachable: 0, ignored: 0 });
  const covered = overrides.filter(({ from, to }) => from >= ahead.from && to > from && from < ahead.to);
  expect(covered).toHaveLength(OVERRIDES);
  expect(new Set(overrides.map(({ schedule }) => schedule)).size).toBe(20);
});

test('minute by minute the same shifts are found, over a change of the clocks too', () => {
  const { schedule } = createOnCallSubject(engine, 1, 26);
  const march = { from: Date.UTC(2027, 2, 10), to: Date.UTC(2027, 3, 2) };
  const found = minuteByMinute(onCallAt, schedule, march);
  expect(found.length).toBeGreaterThan(50);
  expect(found).toEqual(shifts(schedule, march.from, march.to));
});

test('an answer a millisecond: how many there are in a second, and how much faster shifts are', () => {
  let at = 0;
  const result = timeOnCall(engine, SIZES, () => (at += 1));
  const once = { samples: 1, p50: 1, p95: 1, p99: 1, max: 1 };
  expect(result).toEqual({
    layers: 4,
    overrides: 200,
    onCallAtPerSecond: 8_192 * 1_000,
    shifts: once,
    minuteByMinuteMs: 1,
    policies: 3,
    weeks: 2,
    coverage: once,
  });
});

test('when shifts and minutes do not agree, nothing is measured', () => {
  const wrong: OnCallEngine = {
    ...engine,
    shifts: (schedule, from, to) => shifts(prepare(schedule, []), from, to),
  };
  expect(() => timeOnCall(wrong, SIZES)).toThrow(/^shifts says \{.*, and minute by minute it is \{.*\}\.$/);
});

test('when nobody is on call, or a policy is left out, nothing is measured', () => {
  const nobody: OnCallEngine = {
    ...engine,
    onCallAt: () => ({ primary: null, secondary: null, why: { primary: null, secondary: null } }),
  };
  expect(() => timeOnCall(nobody, SIZES)).toThrow('Nobody is on call');
  const fewer: OnCallEngine = {
    ...engine,
    coverageSource: (duty, overrides) => coverageSource(duty, overrides, 'team-000'),
  };
  expect(() => timeOnCall(fewer, SIZES)).toThrow('Only 1 policies were looked at.');
});
