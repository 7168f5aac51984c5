import { z } from 'zod';
import type { StoredCalendar } from '../../store/calendars.js';
import { instant } from '../contract/timeline.js';

/** What a calendar is of. */
export const subjectSchema = z.object({
  kind: z
    .enum(['person', 'schedule'])
    .describe('`person`: all shifts of one user, in all schedules. `schedule`: all shifts of one schedule.'),
  id: z.string().min(1).describe('Id of the user, or of the schedule.'),
});

/** An address, without what makes it work. */
export const calendarSchema = z
  .object({
    id: z.string().describe('Names this address, to take it back; it opens nothing.'),
    subject: subjectSchema,
    createdAt: instant,
    createdBy: z.string().describe('Id of the user or API key.'),
    revokedAt: instant.exactOptional().describe('Absent: it can be read.'),
    revokedBy: z.string().exactOptional(),
  })
  .meta({ id: 'Calendar' });

/** As the API tells it. */
export function calendarView(calendar: StoredCalendar): z.output<typeof calendarSchema> {
  const { kind, subjectId, ...rest } = calendar;
  return { subject: { kind, id: subjectId }, ...rest };
}
