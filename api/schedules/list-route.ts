import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { StoredOverride } from '../../store/override-rows.js';
import { addRoute } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { requestHash } from '../incidents/caller.js';
import { createMomentReader, invalidQuery, moment, zoneOfMoments } from './moments.js';
import { overridesSchema, shownOverride } from './schemas.js';
import { asked, requireStore, STORE_ERRORS } from '../store-errors.js';

const id = z.string().min(1).max(100).optional();

const query = z.object({
  schedule: id.describe('Id of a schedule.'),
  user: id.describe('Id of a user who has a place by it, or gives one away.'),
  from: moment('Those that count then or later. Default: now.').optional(),
  to: moment('Those that begin before.').optional(),
  cancelled: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .default(false)
    .describe('`true`: also those that were taken back while they counted.'),
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('At most so many in a page.'),
  cursor: z.string().min(1).max(500).optional().describe('`next` of the page before, with the same filters.'),
});

type Query = z.output<typeof query>;

const cursorSchema = z.object({ from: z.number(), id: z.string(), filters: z.string() });

function filtersOf({ cursor: _cursor, limit: _limit, ...filters }: Query): string {
  return requestHash(filters);
}

/** @throws ApiError `invalid-query` for a cursor that no page of this list gave */
function readCursor(asked: Query): z.output<typeof cursorSchema> | null {
  if (asked.cursor === undefined) return null;
  try {
    const read = cursorSchema.parse(JSON.parse(Buffer.from(asked.cursor, 'base64url').toString('utf8')));
    if (read.filters === filtersOf(asked)) return read;
  } catch {
    // Told below.
  }
  throw invalidQuery(
    [{ path: 'cursor', message: 'Expected the `next` of a page with the same filters.' }],
    'Begin again without `cursor`.',
  );
}

type Place = Pick<StoredOverride, 'from' | 'id'>;

/** The order of pages: databases have orders of text of their own. */
function compare(one: Place, other: Place): number {
  return one.from - other.from || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

/** `GET /v1/overrides`: those that count now and later, or in another time. */
export function listRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/overrides',
    {
      tag: 'on call',
      summary: 'List overrides',
      description: 'By their beginning. Filters are joined with "and".',
      auth: 'api-key',
      scope: 'read',
      query,
      answers: { 200: { description: 'A page.', body: overridesSchema } },
      errors: STORE_ERRORS,
    },
    async ({ query: sent }) => {
      const config = deps.config();
      const { schedule, user, limit, cancelled } = sent;
      const reader = createMomentReader(zoneOfMoments(config, schedule), deps.now(), 'query');
      const from = reader.read('from', sent.from, deps.now());
      const to = reader.read('to', sent.to, Number.POSITIVE_INFINITY);
      reader.done();
      const after = readCursor(sent);
      const found = await asked(
        requireStore(deps.store).overrides.list({
          from,
          ...(schedule === undefined ? {} : { schedule }),
          ...(to === Number.POSITIVE_INFINITY ? {} : { to }),
          includeCancelled: cancelled,
        }),
        'read',
      );
      const meant = found
        .filter(
          (each) =>
            (user === undefined || each.userId === user || each.insteadOf === user) &&
            (after === null || compare(each, after) > 0),
        )
        .sort(compare);
      const page = meant.slice(0, limit);
      const last = page.at(-1);
      const cursor = { from: last?.from, id: last?.id, filters: filtersOf(sent) };
      return {
        overrides: page.map(shownOverride),
        ...(meant.length > limit ? { next: Buffer.from(JSON.stringify(cursor)).toString('base64url') } : {}),
      };
    },
  );
}
