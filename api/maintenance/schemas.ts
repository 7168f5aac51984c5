import { z } from 'zod';
import { LONGEST_REASON } from '../../domain/maintenance/window.js';
import { by } from '../contract/incident-words.js';
import { instant } from '../contract/timeline.js';
import { spanFields } from '../schedules/moments.js';

const id = z.string().min(1).max(100);

const labelValue = z.union([z.string().min(1).max(400), z.number(), z.boolean()]);

/** Labels and what they must be: as in the configuration. */
const match = z
  .record(z.string().min(1).max(200), z.union([labelValue, z.array(labelValue).min(1).max(50)]))
  .describe(
    'Labels that an alert must have, all of them. A value between slashes is a regular expression that matches the whole: `/disk-.*/`.',
  );

export const startBody = z
  .object({
    services: z
      .array(id)
      .min(1)
      .max(100)
      .optional()
      .describe('Ids of services. Absent: alerts of all, which then need `match`.')
      .meta({ examples: [['payments']] }),
    match: match.optional(),
    ...spanFields('`2h`'),
    reason: z.string().trim().min(1).max(LONGEST_REASON).describe('Why, for people.'),
    stopPages: z
      .boolean()
      .default(false)
      .describe(
        'What is being paged of these services when it begins rests too, and is paged at its end if it still fires. Not together with `match`.',
      ),
    by,
  })
  .refine(({ to, for: length }) => (to === undefined) !== (length === undefined), {
    message: 'Expected either `to` or `for`: a window always has an end.',
    path: ['to'],
  })
  .refine(({ services, match: labels }) => services !== undefined || Object.keys(labels ?? {}).length > 0, {
    message: 'Expected services, or labels under `match`: without, nothing at all would page.',
    path: ['services'],
  })
  .refine(({ stopPages, match: labels }) => !stopPages || labels === undefined, {
    message:
      'Expected no `match` beside it: incidents know their service, and not the labels of their alerts.',
    path: ['stopPages'],
  })
  .refine(({ stopPages, services }) => !stopPages || services !== undefined, {
    message: 'Expected `services` beside it.',
    path: ['stopPages'],
  });

export type StartBody = z.output<typeof startBody>;

export const windowSchema = z
  .object({
    id: z.string().describe('Of one that comes back each week with its date behind an @.'),
    origin: z
      .enum(['config', 'api'])
      .describe('`config`: it stands in the configuration, and is changed there. `api`: somebody made it.'),
    state: z.enum(['to-come', 'in-force', 'over', 'ended']),
    services: z.array(z.string()).describe('Ids; empty: all services.'),
    match: match.exactOptional(),
    from: instant,
    to: instant.describe('Not included. Of one that was ended: when.'),
    reason: z.string(),
    stopPages: z.boolean(),
    by: z.string().describe('Id of the user or API key that made it.').exactOptional(),
    endedBy: z.string().exactOptional(),
    problem: z
      .string()
      .describe('Why its labels can’t be compared: it covers nothing. Absent: they can.')
      .exactOptional(),
  })
  .meta({ id: 'MaintenanceWindow' });

/** A window as the API shows it. */
export type ShownWindow = z.output<typeof windowSchema>;

export const windowsSchema = z
  .object({
    windows: z.array(windowSchema).describe('By their beginning.'),
    asOf: instant
      .nullable()
      .describe('When the store was asked last and answered: there may be newer ones. Null: there is none.'),
  })
  .meta({ id: 'MaintenanceList' });

export const changedSchema = z
  .object({
    window: windowSchema,
    sentence: z.string().describe('What was done, for people.'),
    notes: z.array(z.string()).describe('What whoever asked should know, for people.'),
    incidents: z
      .int()
      .nullable()
      .describe('How many open incidents were told. Null: Temporal is away; they are told when it is back.'),
  })
  .meta({ id: 'MaintenanceChange' });

export type ChangedAnswer = z.output<typeof changedSchema>;
