import { z } from 'zod';
import { instant } from '../contract/timeline.js';
import type { ListedHeartbeat } from './desk.js';

const listed = z
  .object({
    id: z.string(),
    service: z.string().describe('Id of the service whose people are paged.'),
    severity: z.string().nullable().describe('Null: as for any alert of the service.'),
    everyMs: z.int().describe('A beat is expected so often.'),
    graceMs: z.int().describe('How late it may be.'),
    state: z
      .enum(['waiting', 'beating', 'missed', 'unknown'])
      .describe('waiting: no beat was seen yet, and none is overdue; unknown: nothing watches it yet.'),
    lastBeat: instant.nullable().describe('Null: none is known.'),
    dueAt: instant
      .nullable()
      .describe('It is missed then, unless it beats before. Null: it is missed already, or never beat.'),
    missedAt: instant.nullable(),
  })
  .meta({ id: 'Heartbeat' }) satisfies z.ZodType<ListedHeartbeat>;

export const heartbeatListSchema = z
  .object({ at: instant, heartbeats: z.array(listed) })
  .meta({ id: 'HeartbeatList' });
