import { z } from 'zod';
import type { Span } from '../../domain/oncall/cover.js';
import { dutyAt, onCallAt, type Duty, type PreparedSchedule } from '../../domain/oncall/on-call.js';
import type { SwapProblem, SwapSide } from '../../domain/oncall/swap.js';
import type { Instant } from '../../domain/time/instant.js';
import { ApiError, type Problem } from '../errors.js';
import { spanWords } from './change-words.js';
import { fields, spanProblem } from './change.js';
import { createMomentReader, moment } from './moments.js';
import { slot } from './schemas.js';

/** What one of two people gives away. */
const side = z
  .object({
    user: fields.user,
    slot: slot.optional().describe('Which place they give away. Absent: the one that they have then.'),
    at: moment('Their whole shift around this time. Instead of `from` and `to`.').optional(),
    from: moment('The beginning of a part of their time.').optional(),
    to: moment('Its end, not included.').optional(),
  })
  .refine(
    ({ at, from, to }) =>
      at === undefined ? from !== undefined && to !== undefined : from === undefined && to === undefined,
    { message: 'Expected either `at`, or `from` and `to`.', path: ['at'] },
  );

export const swapBody = z.object({
  schedule: fields.schedule,
  first: side.describe('What one of the two gives to the other.'),
  second: side.describe('What they get for it.'),
  reason: fields.reason,
  by: fields.by,
  dryRun: fields.dryRun,
});

export type SwapBody = z.output<typeof swapBody>;

const SIDES = ['first', 'second'] as const satisfies readonly SwapSide[];

/**
 * What the two give away, as it stands now. What has been is not swapped: a beginning that is past means now.
 * @throws ApiError `invalid-body` for times that are none; `swap-refused` when somebody has no place then
 */
export function dutiesOf(
  body: SwapBody,
  schedule: PreparedSchedule,
  zone: string,
  now: Instant,
): Readonly<Record<SwapSide, Duty>> {
  const reader = createMomentReader(zone, now, 'body');
  const read = SIDES.map((name) => {
    const { at, from, to } = body[name];
    const begin = reader.read(`${name}.${at === undefined ? 'from' : 'at'}`, at ?? from, now);
    return { name, begin, end: at === undefined ? reader.read(`${name}.to`, to, now) : null };
  });
  reader.done();
  const problems: Problem[] = [];
  const duties = read.map(({ name, begin, end }): Duty => {
    const { user, slot: named } = body[name];
    const start = end === null ? begin : Math.max(begin, Math.min(now, end));
    const current = onCallAt(schedule, start);
    const had = current.primary === user ? 'primary' : current.secondary === user ? 'secondary' : null;
    const place = named ?? had ?? 'primary';
    const duty = end === null ? dutyAt(schedule, place, start) : null;
    if (end === null && duty?.userId !== user) {
      const who = duty === null ? 'nobody is' : `${duty.userId} is`;
      problems.push({
        path: `${name}.at`,
        message: `${user} does not have this place then: ${who} ${place} of ${schedule.id}.`,
      });
    }
    const span: Span = duty ?? { from: start, to: end ?? start };
    return {
      slot: place,
      userId: user,
      from: span.to > now ? Math.max(span.from, now) : span.from,
      to: span.to,
    };
  });
  if (problems.length > 0) throw refused(problems);
  const [first, second] = duties as [Duty, Duty];
  return { first, second };
}

function refused(problems: readonly Problem[]): ApiError {
  return new ApiError('swap-refused', 'These two cannot swap like that; nothing was changed.', {
    problems,
    remedy: 'See who is on call when: GET /v1/schedules/{id}/shifts (tocsin schedules <schedule>).',
  });
}

/** The error for a swap that cannot be. */
export function swapError(
  problems: readonly SwapProblem[],
  duties: Readonly<Record<SwapSide, Duty>>,
  zone: string,
): ApiError {
  const told = problems.flatMap((problem): readonly Problem[] => {
    switch (problem.kind) {
      case 'same-person':
        return [{ path: 'second.user', message: 'Expected somebody else than `first.user`.' }];
      case 'spans-overlap':
        return [{ path: 'second', message: 'Both times are of the same place and overlap.' }];
      case 'not-on-duty': {
        const { userId, slot: place } = duties[problem.side];
        return problem.spans.map((span) => ({
          path: problem.side,
          message: `${userId} is not ${place} ${spanWords(span, zone)}.`,
        }));
      }
      default: {
        const { side: name } = problem;
        return [spanProblem(problem, { from: `${name}.from`, to: `${name}.to` })];
      }
    }
  });
  return refused(told);
}
