import type { BusinessTime } from '../domain/time/business-time.js';
import type { Instant } from '../domain/time/instant.js';
import type { WrittenBusinessHours } from './schema/root.js';
import { dateIn, dayNumbers, instantOf, minuteOfDay } from './wall-clock.js';

/** How far ahead the windows are worked out: days. Beyond them every instant counts as business time. */
export const BUSINESS_DAYS_AHEAD = 35;

/** Business hours that can be asked. */
export interface BusinessHours {
  /** The windows of the coming {@link BUSINESS_DAYS_AHEAD} days; the first may have begun before `from`. */
  windows(from: Instant): BusinessTime;
}

/** Defaults: Monday to Friday, 09:00 to 17:00 in `defaultZone`, no holidays. */
export function createBusinessHours(written: WrittenBusinessHours, defaultZone: string): BusinessHours {
  const zone = written.zone ?? defaultZone;
  const days = dayNumbers(written.days ?? ['mon-fri']);
  const opens = minuteOfDay(written.from ?? '09:00');
  const closes = minuteOfDay(written.to ?? '17:00');
  const holidays = new Set(written.holidays ?? []);
  return {
    windows: (from) => {
      const today = dateIn(zone, from);
      const windows: (readonly [Instant, Instant])[] = [];
      for (let offset = 0; offset < BUSINESS_DAYS_AHEAD; offset += 1) {
        const date = today.add({ days: offset });
        if (!days.has(date.dayOfWeek) || holidays.has(date.toString())) continue;
        const window = [instantOf(zone, date, opens), instantOf(zone, date, closes)] as const;
        if (window[0] < window[1] && window[1] > from) windows.push(window);
      }
      return windows;
    },
  };
}
