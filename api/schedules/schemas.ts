import { z } from 'zod';
import type { OnCallSpan } from '../../domain/oncall/on-call.js';
import type { StoredOverride } from '../../store/override-rows.js';
import { overridesAge } from '../contract/overrides-age.js';
import { instant } from '../contract/timeline.js';

/** What addresses about schedules answer with. */

export const slot = z.enum(['primary', 'secondary']);

const user = z.string().describe('Id of a user.');

const why = z
  .discriminatedUnion('kind', [
    z.object({
      kind: z.literal('rotation'),
      name: z.string().describe('Of the rotation in the configuration.'),
    }),
    z.object({ kind: z.literal('override'), id: z.string().describe('Of the override.') }),
  ])
  .nullable()
  .describe('By what somebody has the place; null: nobody has.')
  .meta({ id: 'Why' });

const places = {
  primary: user.nullable().describe('Id of a user; null: a gap.'),
  secondary: user.nullable().describe('Id of a user; null: nobody.'),
  why: z.object({ primary: why, secondary: why }),
};

export const overrideSchema = z
  .object({
    id: z.string(),
    schedule: z.string(),
    slot,
    user,
    insteadOf: user.describe('It counts only while this user would have the place.').exactOptional(),
    from: instant,
    to: instant.describe('Not included.'),
    reason: z.string(),
    by: z.string().describe('Id of the user or API key that made it.'),
    createdAt: instant,
    swapId: z.string().describe('The other half of the swap has the same.').exactOptional(),
    cancelledAt: instant.describe('From then on it does not count.').exactOptional(),
    cancelledBy: z.string().exactOptional(),
  })
  .meta({ id: 'Override' });

/** An override as the API shows it. */
export type ShownOverride = z.output<typeof overrideSchema>;

export function shownOverride(override: StoredOverride): ShownOverride {
  const { userId, insteadOf, swapId, cancelledAt, cancelledBy, id, schedule, from, to } = override;
  return {
    ...{ id, schedule, slot: override.slot, user: userId },
    ...(insteadOf === null ? {} : { insteadOf }),
    ...{ from, to, reason: override.reason, by: override.by, createdAt: override.createdAt },
    ...(swapId === null ? {} : { swapId }),
    ...(cancelledAt === undefined ? {} : { cancelledAt }),
    ...(cancelledBy === undefined ? {} : { cancelledBy }),
  };
}

const shift = z
  .object({ from: instant, to: instant.describe('Not included.'), ...places })
  .describe('Who is on call, as long as the same people are for the same reasons.')
  .meta({ id: 'Shift' }) satisfies z.ZodType<OnCallSpan>;

/** How sure an answer about shifts is of its overrides. */
const certainty = {
  overrides: z.array(overrideSchema).describe('Those by which somebody has a place here.'),
  ...overridesAge,
};

export const onCallSchema = z
  .object({
    at: instant,
    schedules: z.array(
      z.object({
        schedule: z.string(),
        ...places,
        until: instant.nullable().describe('When this changes next, if it does.'),
      }),
    ),
    ...certainty,
  })
  .meta({ id: 'OnCall' });

export const shiftsSchema = z
  .object({
    schedule: z.string(),
    zone: z.string().describe('IANA zone of the schedule.'),
    from: instant,
    to: instant,
    shifts: z.array(shift).describe('In order and without holes: a gap is a shift of nobody.'),
    ...certainty,
  })
  .meta({ id: 'Shifts' });

const rotation = z.object({
  name: z.string(),
  zone: z.string(),
  participants: z.array(user).describe('In their order.'),
});

export const schedulesSchema = z
  .object({
    schedules: z.array(
      z.object({
        id: z.string(),
        zone: z.string().describe('IANA zone of times that are written without one.'),
        rotations: z.array(rotation).describe('The first that covers an instant has it.'),
        secondary: z.discriminatedUnion('kind', [
          z.object({ kind: z.literal('next') }).describe('Who follows the primary in the same rotation.'),
          z.object({ kind: z.literal('none') }),
          z.object({ kind: z.literal('own'), rotations: z.array(rotation) }),
        ]),
      }),
    ),
  })
  .meta({ id: 'Schedules' });

const shifts = z.array(shift);

export const changeSchema = z
  .object({
    dryRun: z.boolean().describe('Nothing was changed: this is what would be.'),
    sentence: z.string().describe('For people.'),
    zone: z.string().describe('IANA zone of the schedule.'),
    overrides: z.array(overrideSchema).describe('Made or taken back: two for a swap.'),
    conflicts: z
      .array(overrideSchema)
      .describe('Those that no longer count for a time: only with `force`, or in a dry run.'),
    warnings: z.array(
      z.object({
        code: z.enum(['changes-nothing', 'counts-in-part']),
        sentence: z.string(),
      }),
    ),
    before: shifts.describe('Who is on call in that time without the change.'),
    after: shifts.describe('And with it.'),
  })
  .meta({ id: 'ScheduleChange' });

/** What a change of a schedule is answered with. */
export type Change = z.output<typeof changeSchema>;

export const overridesSchema = z
  .object({
    overrides: z.array(overrideSchema).describe('By their beginning.'),
    next: z.string().describe('The `cursor` of the next page. Absent on the last one.').exactOptional(),
  })
  .meta({ id: 'OverrideList' });
