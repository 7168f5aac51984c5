import * as z from 'zod';
import {
  closingTime,
  count,
  date,
  day,
  days,
  durationOrOff,
  id,
  target,
  text,
  time,
  zone,
} from './leaves.js';
import { WORDS } from './words.js';

/** Hours of the week in the rotation's zone. `to` at or before `from` means the next day. */
const hours = z.strictObject({
  days: days.optional().describe('Days on which these hours begin. Default: every day.'),
  from: time,
  to: closingTime,
});

/** From when to when it is night. */
export const night = z
  .strictObject({ from: time, to: time })
  .refine(({ from, to }) => from !== to, { path: ['to'], error: WORDS.emptyNight.message });

export const rotation = z.strictObject({
  name: text(80).optional(),
  type: z.enum(['hourly', 'daily', 'weekly']),
  every: count.optional().describe('Hours, days or weeks of one shift. Default 1.'),
  handover: time.describe('Wall-clock time of the hand-over in the zone.'),
  day: day.optional().describe('Weekly: the day of the hand-over. Must be the weekday of `start`.'),
  start: date.describe('Local date of the first shift. Before it nobody is on call by this rotation.'),
  until: date
    .optional()
    .describe('Local date at whose hand-over time the rotation ends. Default: it never ends.'),
  participants: z.array(id).min(1).describe('User ids, in order.'),
  zone: zone.optional().describe('Default: the zone of the schedule.'),
  restrict: z.array(hours).min(1).optional().describe('Only in these hours. Default: always.'),
  only: id.optional().describe('A list of holidays: the rotation covers these dates only.'),
  except: id.optional().describe('A list of holidays: the rotation does not cover these dates.'),
});

/** Layers, as a schedule has them. */
const rotations = z.array(rotation).min(1);

/** Whether shifts are handed over, and how. */
export const handoff = z.union(
  [
    z.enum(['on', 'off'], { error: WORDS.handoff.message }),
    z.strictObject({
      call: durationOrOff.optional().describe('Length of the hand-over call in the calendar. Default 30m.'),
      owner: target
        .optional()
        .describe('Told when nobody confirms. Default: the manager of who comes on duty.'),
    }),
  ],
  { error: WORDS.handoff.message },
);

export const schedule = z.strictObject({
  name: text(80).optional(),
  zone: zone.optional().describe('IANA time zone. Default: defaults.zone.'),
  rotation: rotation.optional(),
  rotations: rotations.optional().describe('Several: the first that covers an instant has it.'),
  holidays: id
    .optional()
    .describe('A list of holidays, for `tocsin fairness`: those of people who name none. Changes no shift.'),
  secondary: z
    .union([z.enum(['next', 'none']), rotation, z.strictObject({ rotations })], {
      error: WORDS.secondary.message,
    })
    .optional()
    .describe('next (default): who follows the primary in the same rotation.'),
  handoff: handoff
    .optional()
    .describe('Digests, confirmations and announcements of its shifts. Default: defaults.handoff, else on.'),
});

/** Named lists of dates, for `only` and `except` of rotations. */
export const holidays = z
  .record(id, z.array(date).min(1))
  .describe('Lists of dates that rotations name with only: and except:.');

export const businessHours = z.strictObject({
  zone: zone.optional().describe('Default: defaults.zone.'),
  days: days.optional().describe('Default [mon-fri].'),
  from: time.optional().describe('Default 09:00.'),
  to: closingTime.optional().describe('Default 17:00.'),
  holidays: z.array(date).optional().describe('Days without business hours.'),
});
