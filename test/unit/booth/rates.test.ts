import { describe, expect, it } from 'vitest';
import { createRates } from '../../../booth/rates.js';

describe('the rates of the booth', () => {
  const at = (limits: Parameters<typeof createRates>[0]) => {
    const clock = { now: 0 };
    const rates = createRates(limits, () => clock.now);
    return { clock, take: (from: string, count = 1) => rates.take('segments', from, count), rates };
  };

  it('one a second: the second within it is refused, as by Twilio, and does not count', () => {
    const { clock, take } = at({ segmentsPerSecond: 1 });
    expect(take('a')).toBeNull();
    clock.now = 500;
    expect(take('a')).toMatchObject({ status: 429, code: 20429, retryAfterSeconds: 1 });
    expect(take('b')).toBeNull();
    clock.now = 950;
    expect(take('a')).toBeNull();
    clock.now = 1_800;
    expect(take('a')).not.toBeNull();
    clock.now = 2_000;
    expect(take('a', 3)).toBeNull();
    clock.now = 4_800;
    expect(take('a')).not.toBeNull();
  });

  it('as much as a second holds may come at once', () => {
    const { clock, take } = at({ segmentsPerSecond: 5 });
    expect(Array.from({ length: 7 }, () => take('a') === null)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    clock.now = 1_000;
    expect(take('a')).toBeNull();
  });

  it('calls are of all numbers together, and nothing is limited that nobody limits', () => {
    const { rates, take } = at({ callsPerSecond: 1 });
    expect(rates.take('calls', 'a', 1)).toBeNull();
    expect(rates.take('calls', 'b', 1)).not.toBeNull();
    for (let count = 0; count < 100; count += 1) expect(take('a')).toBeNull();
  });
});
