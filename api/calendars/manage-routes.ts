import { createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { AuditContext } from '../../store/audit.js';
import { addRoute, paramOf } from '../contract/contract.js';
import { by, idempotencyHeader } from '../contract/incident-words.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { actorOf, apiKeyOf, keyReused, requestIdOf, viaOf } from '../incidents/caller.js';
import { requireStore, STORE_ERRORS } from '../store-errors.js';
import { shown } from '../validate.js';
import { feedUrl } from './feed-route.js';
import { hashOfToken, type KnownCalendars } from './known-calendars.js';
import { calendarSchema, calendarView, subjectSchema } from './schemas.js';

/** `/v1/calendars`: makes addresses of calendars, lists them, and takes them back. */
export function calendarRoutes(
  app: FastifyInstance,
  deps: AppDeps,
  known: Pick<KnownCalendars, 'changed'> | undefined,
): void {
  createRoute(app, deps, known);
  listRoute(app, deps);
  revokeRoute(app, deps, known);
}

function createRoute(
  app: FastifyInstance,
  deps: AppDeps,
  known: Pick<KnownCalendars, 'changed'> | undefined,
): void {
  addRoute(
    app,
    'POST',
    '/v1/calendars',
    {
      tag: 'on call',
      summary: 'Make an address of a calendar',
      description:
        'For calendar programs to subscribe to, without a key. Whoever has the address can read who is on call when, and nothing else. It is told here once: only a hash of it is kept.',
      auth: 'api-key',
      scope: 'respond',
      headers: idempotencyHeader,
      body: {
        schema: subjectSchema.extend({ by }),
        examples: { person: { kind: 'person', id: 'alice' }, schedule: { kind: 'schedule', id: 'payments' } },
      },
      answers: {
        201: {
          description: 'Made.',
          body: z
            .object({ calendar: calendarSchema, url: z.string().describe('Told only this once.') })
            .meta({ id: 'MadeCalendar' }),
        },
      },
      errors: ['unknown-user', 'unknown-schedule', 'idempotency-key-reused', ...STORE_ERRORS],
    },
    async ({ body }, request, reply) => {
      const { calendars } = requireStore(deps.store);
      const { kind, id: subjectId } = body;
      const audit = auditOf(request, deps, body.by);
      requireSubject(deps, kind, subjectId);
      const { id, tokens } = namesOf(request, deps);
      const [token] = tokens;
      const made = await calendars.add({ id, kind, subjectId, tokenHash: hashOfToken(token) }, audit);
      const { calendar } = made;
      if (calendar.kind !== kind || calendar.subjectId !== subjectId || calendar.createdBy !== audit.actor)
        throw keyReused();
      const current = tokens.find((each) => hashOfToken(each) === made.tokenHash);
      if (current === undefined)
        throw keyReused(
          `This Idempotency-Key made calendar ${calendar.id} before, and its address can't be told again since the secret was changed.`,
        );
      known?.changed(calendar);
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ calendar: calendarView(calendar), url: feedUrl(deps.publicUrl, current) });
    },
  );
}

function listRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/calendars',
    {
      tag: 'on call',
      summary: 'List the addresses of calendars',
      description: 'Not the addresses themselves: nobody can be told these again.',
      auth: 'api-key',
      scope: 'read',
      query: z.object({
        kind: subjectSchema.shape.kind.optional(),
        id: subjectSchema.shape.id.optional(),
        revoked: z.enum(['true', 'false']).optional().describe('`true`: also those that were taken back.'),
      }),
      answers: {
        200: {
          description: 'By what they are of, then by age.',
          body: z.object({ calendars: z.array(calendarSchema) }),
        },
      },
      errors: [...STORE_ERRORS],
    },
    async ({ query: { kind, id, revoked } }) => {
      const found = await requireStore(deps.store).calendars.list({
        ...(kind === undefined ? {} : { kind }),
        ...(id === undefined ? {} : { subjectId: id }),
        includeRevoked: revoked === 'true',
      });
      return { calendars: found.map(calendarView) };
    },
  );
}

function revokeRoute(
  app: FastifyInstance,
  deps: AppDeps,
  known: Pick<KnownCalendars, 'changed'> | undefined,
): void {
  addRoute(
    app,
    'POST',
    '/v1/calendars/:id/revoke',
    {
      tag: 'on call',
      summary: 'Take the address of a calendar back',
      description: 'It can’t be read any more, at other APIs within two seconds. Twice is as good as once.',
      auth: 'api-key',
      scope: 'respond',
      params: { id: z.string().describe('`id` of the list.') },
      headers: idempotencyHeader,
      body: { schema: z.object({ by }), optional: true, examples: { example: { by: 'alice' } } },
      answers: {
        200: { description: 'It is taken back.', body: z.object({ calendar: calendarSchema }) },
      },
      errors: ['calendar-not-found', 'unknown-user', ...STORE_ERRORS],
    },
    async ({ body }, request) => {
      const { calendars } = requireStore(deps.store);
      const calendar = await calendars.revoke(paramOf(request, 'id'), auditOf(request, deps, body.by));
      if (calendar === null)
        throw new ApiError('calendar-not-found', 'There is no calendar of this id.', {
          remedy: 'GET /v1/calendars (or `tocsin calendar list`) tells their ids.',
        });
      known?.changed(calendar);
      return { calendar: calendarView(calendar) };
    },
  );
}

/**
 * The id and the token of a new address: random, or such as the same `Idempotency-Key` gives again. The first token is the one
 * to use; of the others one may have been used under a secret of before.
 */
function namesOf(
  request: FastifyRequest,
  { tokens }: Pick<AppDeps, 'tokens'>,
): { readonly id: string; readonly tokens: readonly [string, ...string[]] } {
  const seed = requestIdOf(request);
  const id = createHash('sha256').update(`calendar:${seed}`).digest('hex').slice(0, 12);
  const [first, ...others] =
    request.headers['idempotency-key'] === undefined ? [] : tokens.derive('calendar', seed);
  return { id, tokens: [first ?? randomBytes(32).toString('base64url'), ...others] };
}

function requireSubject({ config }: AppDeps, kind: 'person' | 'schedule', id: string): void {
  const { users, schedules } = config();
  const found = `found ${JSON.stringify(shown(id))}`;
  if (kind === 'person' && !users.has(id))
    throw new ApiError('unknown-user', 'No user of the configuration has this id.', {
      problems: [{ path: 'id', message: `Expected the id of a user, ${found}.` }],
      remedy: 'Use an id under `users`.',
    });
  if (kind === 'schedule' && !schedules.has(id))
    throw new ApiError('unknown-schedule', 'No schedule of the configuration has this id.', {
      problems: [{ path: 'id', message: `Expected the id of a schedule, ${found}.` }],
      remedy: 'Use an id under `schedules`: `tocsin oncall` lists them.',
    });
}

/** @throws ApiError `unknown-user` */
function auditOf(request: FastifyRequest, deps: AppDeps, user: string | undefined): AuditContext {
  const { id: actor } = actorOf(deps.config(), apiKeyOf(request), user);
  return { at: deps.now(), actor, via: viaOf(request), address: request.ip };
}
