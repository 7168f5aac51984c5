import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Config } from '../../config/types.js';
import { checkSpan, LONGEST_OVERRIDE_DAYS, type SpanProblem } from '../../domain/oncall/check-override.js';
import type { Span } from '../../domain/oncall/cover.js';
import { shifts } from '../../domain/oncall/on-call.js';
import type { Override } from '../../domain/oncall/override.js';
import type { Instant } from '../../domain/time/instant.js';
import type { AuditContext } from '../../store/audit.js';
import { idempotencyHeader } from '../contract/incident-words.js';
import type { AppDeps } from '../deps.js';
import { ApiError, type ErrorCode, type Problem } from '../errors.js';
import { actorOf, apiKeyOf, requestIdOf, viaOf } from '../incidents/caller.js';
import { shown } from '../validate.js';
import type { Change } from './schemas.js';
import { STORE_ERRORS } from '../store-errors.js';

/** What all writes about schedules have in common. */

const id = z.string().min(1).max(100);

/** Fields of their bodies. */
export const fields = {
  schedule: id.describe('Id of a schedule.').meta({ examples: ['payments'] }),
  user: id.describe('Id of a user.').meta({ examples: ['fay'] }),
  reason: z.string().trim().min(1).max(500).describe('Why, for those who read the schedule.'),
  by: id.optional().describe('Id of the user who does it. Absent: whoever holds the API key.'),
  dryRun: z.boolean().default(false).describe('Change nothing, and tell what would change.'),
};

export const changeHeaders = idempotencyHeader;

export const CHANGE_ERRORS = [
  'unknown-user',
  'idempotency-key-reused',
  ...STORE_ERRORS,
] as const satisfies readonly ErrorCode[];

/** An id that is the same for the same `Idempotency-Key`. @param kind e.g. `ov` */
export function idOf(kind: string, request: FastifyRequest): string {
  return `${kind}-${createHash('sha256')
    .update(`${kind}:${requestIdOf(request)}`)
    .digest('hex')
    .slice(0, 16)}`;
}

/** Who does it, for the audit. */
export function auditOf(deps: AppDeps, request: FastifyRequest, by: string | undefined): AuditContext {
  const { id: actor } = actorOf(deps.config(), apiKeyOf(request), by);
  return { at: deps.now(), actor, via: viaOf(request), address: request.ip };
}

/** The ids of a body that must be in the configuration, by their fields. */
export interface Named {
  readonly schedule: string;
  /** Path → id. */
  readonly users: Readonly<Record<string, string | undefined>>;
  /** Paths of those who are to be on call, and so must be reachable. */
  readonly onCall: readonly string[];
}

/** @throws ApiError `unknown-schedule`, `unknown-user` or `nobody-reachable`, with every id that is wrong */
export function requireKnown(config: Config, { schedule, users, onCall }: Named, now: Instant): void {
  const quoted = (text: string): string => JSON.stringify(shown(text));
  if (!config.schedules.has(schedule))
    throw new ApiError('unknown-schedule', 'The configuration has no such schedule.', {
      problems: [{ path: 'schedule', message: `Expected the id of a schedule, found ${quoted(schedule)}.` }],
      remedy: `Use one under \`schedules\`: ${[...config.schedules.keys()].slice(0, 20).join(', ') || 'there is none'}.`,
    });
  const named = Object.entries(users).flatMap(([path, userId]) =>
    userId === undefined ? [] : [{ path, userId }],
  );
  const unknown = named.filter(({ userId }) => !config.users.has(userId));
  if (unknown.length > 0)
    throw new ApiError('unknown-user', 'No user of the configuration has this id.', {
      problems: unknown.map(({ path, userId }) => ({
        path,
        message: `Expected the id of a user, found ${quoted(userId)}.`,
      })),
      remedy: 'Use an id under `users`.',
    });
  const mute = named.filter(
    ({ path, userId }) =>
      onCall.includes(path) &&
      config.findPeople([{ kind: 'user', id: userId }], 'high', now).people.length === 0,
  );
  if (mute.length > 0)
    throw new ApiError(
      'nobody-reachable',
      'Somebody who is to be on call has no way to be paged; nothing was changed.',
      {
        problems: mute.map(({ path, userId }) => ({ path, message: `${userId} has no way to be paged.` })),
        remedy: 'Name somebody else, or give this user a phone, push or email in the configuration.',
      },
    );
}

/** A problem of a span, at the fields of which it was read. */
export function spanProblem(
  problem: SpanProblem,
  at: { readonly from: string; readonly to: string },
): Problem {
  switch (problem.kind) {
    case 'ends-before-start':
      return { path: at.to, message: `Expected a time after \`${at.from}\`.` };
    case 'in-the-past':
      return { path: at.to, message: 'It is over already: expected a time to come.' };
    case 'too-long':
      return {
        path: at.to,
        message: `Expected at most ${problem.longestDays} days.`,
      };
    default:
      return problem satisfies never;
  }
}

/** @throws ApiError `invalid-override` for a span that is none, is over, or is too long */
export function requireSpan(span: Span, now: Instant): void {
  const problem = checkSpan(span, now);
  if (problem === null) return;
  throw new ApiError('invalid-override', 'The time is not one for an override; nothing was changed.', {
    problems: [spanProblem(problem, { from: 'from', to: 'to' })],
    remedy:
      problem.kind === 'too-long'
        ? `Write down what lasts longer than ${LONGEST_OVERRIDE_DAYS} days in the configuration.`
        : 'Give the time at which it ends as `to`, or how long it lasts as `for`. What has been can no longer be changed.',
  });
}

/** When a change counts as made that is made now, beside these: after all of them, as the store has it. */
export function madeAt(now: Instant, existing: readonly Override[]): Instant {
  return existing.reduce((latest, { createdAt }) => Math.max(latest, createdAt + 1), now);
}

/** Who is on call in these spans, with these overrides. */
export function shiftsIn(
  config: Config,
  schedule: string,
  overrides: readonly Override[],
  spans: readonly Span[],
): Change['before'] {
  const prepared = config.schedulesWith(overrides).get(schedule);
  return prepared === undefined ? [] : spans.flatMap(({ from, to }) => shifts(prepared, from, to));
}
