import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { OnCall, Why } from '../../domain/oncall/places.js';
import { NO_OVERRIDES } from '../../domain/oncall/known.js';
import { shifts } from '../../domain/oncall/on-call.js';
import type { Layers } from '../../domain/oncall/schedule.js';
import { DAY } from '../../domain/time/instant.js';
import { addRoute, paramOf } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { shown } from '../validate.js';
import { createMomentReader, invalidQuery, moment, zoneOfMoments } from './moments.js';
import { onCallSchema, schedulesSchema, shiftsSchema, shownOverride } from './schemas.js';
import { ageOf, overridesAt, overridesIn, requireOverrides, type OverridesFound } from './overrides-in.js';

/** As much as is answered at once. Source: the longest duration of a config. */
const LONGEST_DAYS = 400;
const DEFAULT_DAYS = 28;

const id = z.string().min(1).max(100);

/** The part `{id}` of an address. */
export const scheduleId = z
  .string()
  .describe('Id of a schedule.')
  .meta({ examples: ['payments'] });

/** What an answer says of its overrides: those by which somebody has a place in it. */
function certaintyOf(found: OverridesFound, places: readonly OnCall[]) {
  const ids = new Set(
    places
      .flatMap(({ why }) => [why.primary, why.secondary])
      .flatMap((each: Why | null) => (each?.kind === 'override' ? [each.id] : [])),
  );
  return {
    overrides: found.overrides.filter((each) => ids.has(each.id)).map(shownOverride),
    ...ageOf(found),
  };
}

const onCallQuery = z.object({
  at: moment('Default: now.').optional(),
  schedule: id.optional().describe('Only this one.'),
});

/** `GET /v1/oncall`, `/v1/schedules` and `/v1/schedules/{id}/shifts`: who is on call, and why. No phone numbers. */
export function readingRoutes(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/oncall',
    {
      tag: 'on call',
      summary: 'Tell who is on call now, or at another time',
      description:
        'By the rotations of the configuration in force and the overrides: as paging goes by them. While the store is away the last overrides that were known count, and the answer says so.',
      auth: 'api-key',
      scope: 'read',
      query: onCallQuery,
      answers: { 200: { description: 'Every schedule.', body: onCallSchema } },
      errors: ['store-away', 'store-too-new'],
    },
    async ({ query }) => {
      const config = deps.config();
      const { schedule } = query;
      if (schedule !== undefined) requireSchedule(deps, schedule, 'schedule');
      const reader = createMomentReader(zoneOfMoments(config, schedule), deps.now(), 'query');
      const at = reader.read('at', query.at, deps.now());
      reader.done();
      const found = requireOverrides(await overridesAt(deps, at));
      const all = config.onCall(at, found.kind === 'no-store' ? NO_OVERRIDES : found);
      const schedules = all.filter((each) => schedule === undefined || each.schedule === schedule);
      return { at, schedules, ...certaintyOf(found, schedules) };
    },
  );

  addRoute(
    app,
    'GET',
    '/v1/schedules',
    {
      tag: 'on call',
      summary: 'List the schedules',
      description: 'As the configuration in force has them, without overrides.',
      auth: 'api-key',
      scope: 'read',
      answers: { 200: { description: 'Every schedule.', body: schedulesSchema } },
    },
    () => {
      const config = deps.config();
      return {
        schedules: [...config.schedules.values()].map(({ id: schedule, layers, secondary }) => ({
          id: schedule,
          zone: config.zoneOfSchedule(schedule),
          rotations: rotationsOf(layers),
          secondary:
            secondary.kind === 'own'
              ? { kind: secondary.kind, rotations: rotationsOf(secondary.layers) }
              : { kind: secondary.kind },
        })),
      };
    },
  );

  addRoute(
    app,
    'GET',
    '/v1/schedules/:id/shifts',
    {
      tag: 'on call',
      summary: 'Tell who is on call by a schedule in a time',
      description: `The final schedule, overrides included, and why each has the place. At most ${LONGEST_DAYS} days. Of the past it says what the configuration in force makes of it.`,
      auth: 'api-key',
      scope: 'read',
      params: { id: scheduleId },
      query: z.object({
        from: moment('Default: now.').optional(),
        to: moment(`Default: ${DEFAULT_DAYS} days after \`from\`.`).optional(),
      }),
      answers: { 200: { description: 'Shift by shift.', body: shiftsSchema } },
      errors: ['schedule-not-found', 'store-away', 'store-too-new'],
    },
    async ({ query }, request) => {
      const schedule = paramOf(request, 'id');
      requireSchedule(deps, schedule, null);
      const config = deps.config();
      const zone = config.zoneOfSchedule(schedule);
      const reader = createMomentReader(zone, deps.now(), 'query');
      const from = reader.read('from', query.from, deps.now());
      const to = reader.read('to', query.to, from + DEFAULT_DAYS * DAY);
      reader.done();
      if (!(from < to))
        throw invalidQuery(
          [{ path: 'to', message: 'Expected a time after `from`.' }],
          'Swap the two, or leave `to` out.',
        );
      if (to - from > LONGEST_DAYS * DAY)
        throw invalidQuery(
          [{ path: 'to', message: `Expected a time at most ${LONGEST_DAYS} days after \`from\`.` }],
          'Ask for less at once.',
        );
      const found = requireOverrides(await overridesIn(deps, { schedule, from, to }));
      const prepared = config.schedulesWith(found.overrides).get(schedule);
      const spans = prepared === undefined ? [] : shifts(prepared, from, to);
      return { schedule, zone, from, to, shifts: spans, ...certaintyOf(found, spans) };
    },
  );
}

function rotationsOf(layers: Layers) {
  return layers.map(({ name, zone, participants }) => ({ name, zone: zone.id, participants }));
}

/**
 * @param path the field that named it; null: the address did
 * @throws ApiError `schedule-not-found`, `unknown-schedule`, or for a query `invalid-query`
 */
function requireSchedule(deps: AppDeps, schedule: string, path: 'schedule' | null): void {
  const { schedules } = deps.config();
  if (schedules.has(schedule)) return;
  const found = `Expected the id of a schedule, found ${JSON.stringify(shown(schedule))}.`;
  const remedy = `Use one under \`schedules\` in the configuration: ${[...schedules.keys()].slice(0, 20).join(', ') || 'it has none'}.`;
  if (path !== null) throw invalidQuery([{ path, message: found }], remedy);
  throw new ApiError('schedule-not-found', 'The configuration has no such schedule.', { remedy });
}
