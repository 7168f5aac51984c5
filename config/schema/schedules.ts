import * as z from 'zod';
import { closingTime, count, date, day, days, id, text, time, zone } from './leaves.js';
import { WORDS } from './words.js';

/** Hours of the week in the rotation's zone. `to` at or before `from` means the next day. */
const hours = z.strictObject({
  days: days.optional().describe('Days on which these hours begin. Default: every day.'),
  from: time,
  to: closingTime,
});

export const rotation = z.strictObject({
  name: text(80).optional(),
  type: z.enum(['daily', 'weekly']),
  every: count.optional().describe('Days or weeks of one shift. Default 1.'),
  handover: time.describe('Wall-clock time of the hand-over in the zone.'),
  day: day.optional().describe('Weekly: the day of the hand-over. Must be the weekday of `start`.'),
  start: date.describe('Local date of the first shift. Before it nobody is on call by this rotation.'),
  participants: z.array(id).min(1).describe('User ids, in order.'),
  zone: zone.optional().describe('Default: the zone of the schedule.'),
  restrict: z.array(hours).min(1).optional().describe('Only in these hours. Default: always.'),
});

export const schedule = z.strictObject({
  name: text(80).optional(),
  zone: zone.optional().describe('IANA time zone. Default: defaults.zone.'),
  rotation: rotation.optional(),
  rotations: z
    .array(rotation)
    .min(1)
    .optional()
    .describe('Several: the first that covers an instant has it.'),
  secondary: z
    .union([z.enum(['next', 'none']), rotation], { error: WORDS.secondary.message })
    .optional()
    .describe('next (default): who follows the primary in the same rotation.'),
});

export const businessHours = z.strictObject({
  zone: zone.optional().describe('Default: defaults.zone.'),
  days: days.optional().describe('Default [mon-fri].'),
  from: time.optional().describe('Default 09:00.'),
  to: closingTime.optional().describe('Default 17:00.'),
  holidays: z.array(date).optional().describe('Days without business hours.'),
});
