import { describe, expect, it } from 'vitest';
import { durationOf, parseDuration } from '../../../config/duration.js';

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['48h', 172_800_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
  ])('%s is %i milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '5', '5 m', '-5m', '1.5h', 'm', 'PT5M', '401d', '999999999w'])('is not %j', (text) => {
    expect(parseDuration(text)).toBeNull();
    expect(() => durationOf(text)).toThrow('is not a duration');
  });
});
