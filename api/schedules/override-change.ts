import { z } from 'zod';
import { durationOf } from '../../config/duration.js';
import type { Config } from '../../config/types.js';
import { checkOverride } from '../../domain/oncall/check-override.js';
import type { Override } from '../../domain/oncall/override.js';
import type { Instant } from '../../domain/time/instant.js';
import { ApiError } from '../errors.js';
import { foundWords, overrideWords } from './change-words.js';
import { fields, shiftsIn } from './change.js';
import { createMomentReader, spanFields } from './moments.js';
import { shownOverride, slot, type Change } from './schemas.js';

export const overrideBody = z
  .object({
    schedule: fields.schedule,
    slot: slot.default('primary').describe('Which place.'),
    user: fields.user.describe('Id of the user who is to have it.'),
    insteadOf: fields.user
      .optional()
      .describe('Only while this user would have the place. Absent: whoever has it.'),
    ...spanFields('`8h`, `7d`'),
    reason: fields.reason,
    by: fields.by,
    force: z
      .boolean()
      .default(false)
      .describe('Also when others no longer count by it: without, that is an `override-conflict`.'),
    dryRun: fields.dryRun,
  })
  .refine(({ to, for: length }) => (to === undefined) !== (length === undefined), {
    message: 'Expected either `to` or `for`.',
    path: ['to'],
  })
  .refine(({ user, insteadOf }) => user !== insteadOf, {
    message: 'Expected somebody else than `user`.',
    path: ['insteadOf'],
  });

export type OverrideBody = z.output<typeof overrideBody>;

/**
 * The override that a body asks for at this moment. What has been is not changed: a beginning that is past means now.
 * @throws ApiError `invalid-body` for a time that is none
 */
export function wantedOverride(
  body: OverrideBody,
  zone: string,
  made: Pick<Override, 'id' | 'by' | 'createdAt'>,
): Override {
  const now: Instant = made.createdAt;
  const reader = createMomentReader(zone, now, 'body');
  const said = reader.read('from', body.from, now);
  const to = reader.read('to', body.to, said + durationOf(body.for ?? '0s'));
  reader.done();
  return {
    id: made.id,
    schedule: body.schedule,
    slot: body.slot,
    userId: body.user,
    insteadOf: body.insteadOf ?? null,
    // Where both are past, that is what is wrong.
    from: to > now ? Math.max(said, now) : said,
    to,
    reason: body.reason,
    by: made.by,
    createdAt: now,
    swapId: null,
  };
}

/** Whether an override that was made before is what this body asked for then. */
export function isAskedFor(body: OverrideBody, zone: string, kept: Override): boolean {
  const asked = wantedOverride(body, zone, kept);
  const names = ['schedule', 'slot', 'userId', 'insteadOf', 'from', 'to', 'reason'] as const;
  return names.every((name) => asked[name] === kept[name]);
}

/** What an override would change, beside these. */
export function examineOverride(
  config: Config,
  existing: readonly Override[],
  wanted: Override,
  now: Instant,
): Omit<Change, 'dryRun' | 'sentence'> {
  const zone = config.zoneOfSchedule(wanted.schedule);
  const plain = config.schedules.get(wanted.schedule);
  // Those that paging does not count are in nobody's way.
  const counting = existing.filter(({ userId }) => config.users.has(userId));
  const { problems, warnings } =
    plain === undefined ? { problems: [], warnings: [] } : checkOverride(plain, counting, wanted, now);
  const conflicts = problems.flatMap((each) => (each.kind === 'overlaps' ? each.overrides : []));
  return {
    zone,
    overrides: [shownOverride(wanted)],
    conflicts: conflicts.map(shownOverride),
    warnings: warnings.map(({ kind }) => ({
      code: kind,
      sentence:
        kind === 'changes-nothing'
          ? 'It changes nothing: the same people are on call with it as without.'
          : 'It counts only in a part of its time: compare before and after.',
    })),
    before: shiftsIn(config, wanted.schedule, existing, [wanted]),
    after: shiftsIn(config, wanted.schedule, [...existing, wanted], [wanted]),
  };
}

/** The error for an override that would end others unasked. */
export function conflictError(wanted: Override, conflicts: readonly Override[], zone: string): ApiError {
  const [count, verb] =
    conflicts.length === 1
      ? ['Another override', 'counts']
      : [`${conflicts.length} other overrides`, 'count'];
  return new ApiError('override-conflict', `${count} no longer ${verb} by this one; nothing was changed.`, {
    problems: conflicts.map((each) => ({
      path: each.from < wanted.from ? 'from' : 'to',
      message: `${foundWords(each, zone)}.`,
    })),
    remedy:
      'Send it again with "force": true (--force), and the new one counts; or choose another time, or cancel those first.',
  });
}

/** What was done, or would be. */
export function changeSentence(wanted: Override, zone: string, dryRun: boolean): string {
  return `${dryRun ? 'Nothing was changed. It would be so: ' : ''}${overrideWords(wanted, zone)}.`;
}
