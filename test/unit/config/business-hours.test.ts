import { describe, expect, it } from 'vitest';
import { createBusinessHours } from '../../../config/business-hours.js';
import { isBusinessTime, nextOpening } from '../../../domain/time/business-time.js';
import { DAY, HOUR } from '../../../domain/time/instant.js';
import { configOf, utc } from './support.js';

describe('business hours', () => {
  it('are Monday to Friday, 09:00 to 17:00 UTC, unless written', () => {
    // A Friday.
    const windows = createBusinessHours({}, 'UTC').windows(utc('2026-06-05 12:00'));
    expect(windows.slice(0, 3)).toEqual([
      [utc('2026-06-05 09:00'), utc('2026-06-05 17:00')],
      [utc('2026-06-08 09:00'), utc('2026-06-08 17:00')],
      [utc('2026-06-09 09:00'), utc('2026-06-09 17:00')],
    ]);
    expect(windows).toHaveLength(25);
  });

  it('leave out a day that is over', () => {
    const [first] = createBusinessHours({}, 'UTC').windows(utc('2026-06-05 17:00'));
    expect(first).toEqual([utc('2026-06-08 09:00'), utc('2026-06-08 17:00')]);
  });

  it('follow the clocks of their zone', () => {
    const windows = createBusinessHours({ zone: 'Europe/Berlin' }, 'UTC').windows(utc('2026-03-27 12:00'));
    expect(windows.slice(0, 2)).toEqual([
      [utc('2026-03-27 08:00'), utc('2026-03-27 16:00')],
      [utc('2026-03-30 07:00'), utc('2026-03-30 15:00')],
    ]);
  });

  it('are not on holidays, and may end at midnight', () => {
    const hours = createBusinessHours(
      { days: ['fri', 'sat-sun'], from: '22:00', to: '24:00', holidays: ['2026-06-06'] },
      'UTC',
    );
    expect(hours.windows(utc('2026-06-05 00:00')).slice(0, 3)).toEqual([
      [utc('2026-06-05 22:00'), utc('2026-06-06 00:00')],
      [utc('2026-06-07 22:00'), utc('2026-06-08 00:00')],
      [utc('2026-06-12 22:00'), utc('2026-06-13 00:00')],
    ]);
  });

  it('are ordered, apart and long enough for 30 days, whenever they are asked', () => {
    const hours = createBusinessHours({ zone: 'America/New_York' }, 'UTC');
    for (let hour = 0; hour < 14 * 24; hour += 5) {
      const at = utc('2026-10-25 00:00') + hour * HOUR;
      const windows = hours.windows(at);
      windows.forEach(([opens, closes], index) => {
        expect(closes - opens).toBe(8 * HOUR);
        if (index > 0) expect(opens).toBeGreaterThan(windows[index - 1]?.[1] ?? Infinity);
      });
      expect(nextOpening(windows, at)).toBeLessThan(at + 4 * DAY);
      expect(isBusinessTime(windows, at + 29 * DAY)).toBe(
        windows.some(([opens, closes]) => opens <= at + 29 * DAY && at + 29 * DAY < closes),
      );
    }
  });

  it('of a service go before the global ones', () => {
    const config = configOf({
      businessHours: '{ zone: Europe/Berlin }',
      services: '\n  other: { policy: default, catchAll: true, businessHours: { from: "06:00" } }',
    });
    const at = utc('2026-06-05 00:00');
    expect(config.plan('other', at, []).businessTime[0]).toEqual([
      utc('2026-06-05 06:00'),
      utc('2026-06-05 17:00'),
    ]);
    expect(config.businessTime(at)[0]).toEqual([utc('2026-06-05 07:00'), utc('2026-06-05 15:00')]);
  });
});
