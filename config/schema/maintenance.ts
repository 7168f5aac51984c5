import * as z from 'zod';
import { momentIn } from '../moments.js';
import { days, id, positiveDuration, text, time, zone } from './leaves.js';
import { match } from './response.js';
import { WORDS } from './words.js';

const moment = z
  .string({ error: WORDS.moment.message })
  .regex(/^\d{4}-/, { error: WORDS.moment.message })
  // Whether it is one does not depend on the zone.
  .refine((value) => momentIn('UTC', value, 0) !== null, { error: WORDS.moment.message });

/** A time in which alerts are recorded and page nobody: once, or each week. */
export const maintenance = z.strictObject({
  reason: text(200).describe('Why, for people.'),
  services: z.array(id).min(1).optional().describe('Of these services. Default: of all.'),
  match: match.optional().describe('Only alerts with these labels.'),
  from: moment.optional().describe('Once: when it begins, on the clock of the zone.'),
  to: moment.optional().describe('Once: when it ends; or write for.'),
  days: days.optional().describe('Each week: the days on which it begins.'),
  at: time.optional().describe('Each week: the time of day at which it begins.'),
  for: positiveDuration.optional().describe('How long it lasts.'),
  zone: zone.optional().describe('Default: defaults.zone.'),
});
