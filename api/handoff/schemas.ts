import { z } from 'zod';
import type { HandoffStatus } from '../../domain/handoff/handoff.js';
import type { HandoffNote } from '../../store/handoffs.js';
import { instant } from '../contract/timeline.js';
import { slot } from '../schedules/schemas.js';

const STATUSES = [
  'planned',
  'waiting',
  'asked',
  'unconfirmed',
  'confirmed',
  'done',
  'void',
  'over',
] as const satisfies readonly (HandoffStatus | 'planned')[];

const user = z.string().nullable().describe('Id of a user; null: nobody.');

export const handoffSchema = z
  .object({
    id: z.string(),
    code: z.string().describe('By this people confirm it in a text message: HANDOFF and the code.'),
    schedule: z.string(),
    slot,
    at: instant.describe('When the place changes hands.'),
    leaving: user,
    coming: user,
    digestAt: instant
      .nullable()
      .describe('When who comes reads what is open; null: nobody comes, or they are not in the config.'),
    status: z
      .enum(STATUSES)
      .describe(
        'planned: nothing runs for it yet; waiting: nothing was sent yet; asked: who comes has not confirmed; unconfirmed: others were told; confirmed: it takes effect at the change; done: who comes has what was open; void: the schedule says otherwise by now; over: it ended unconfirmed.',
      ),
    confirmedAt: instant.nullable(),
  })
  .meta({ id: 'Handoff' });

export type ShownHandoff = z.output<typeof handoffSchema>;

export const handoffListSchema = z
  .object({ at: instant, handoffs: z.array(handoffSchema) })
  .meta({ id: 'HandoffList' });

export const confirmedSchema = z
  .object({
    outcome: z.enum(['confirmed', 'confirmed-already']),
    sentence: z.string(),
    handoff: handoffSchema,
  })
  .meta({ id: 'ConfirmedHandoff' });

export const noteSchema = z
  .object({
    id: z.string(),
    schedule: z.string(),
    text: z.string(),
    by: z.string().describe('Id of the user or API key.'),
    createdAt: instant,
  })
  .meta({ id: 'HandoffNote' }) satisfies z.ZodType<HandoffNote>;
