import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { PHASES } from '../../domain/incident/view.js';
import type { Instant } from '../../domain/time/instant.js';
import { addRoute } from '../contract/contract.js';
import { listSchema } from '../contract/schemas.js';
import type { AppDeps } from '../deps.js';
import { CONDITIONAL, NOT_MODIFIED, sendTagged, TAGGED } from '../etag.js';
import type { IncidentFilter } from './incidents.js';
import { requireKnown } from './known-filters.js';

const id = z.string().min(1).max(200).optional();

/** A time of a query string: RFC 3339, or milliseconds as answers have them. */
const time = z
  .string()
  .refine((text) => instantOf(text) !== null, {
    message: 'Expected a time like 2026-11-21T13:00:00Z, or milliseconds since 1970',
  })
  .transform((text): Instant => instantOf(text) ?? 0)
  .optional();

function instantOf(text: string): Instant | null {
  const at = /^\d{1,15}$/.test(text)
    ? Number(text)
    : /^\d{4}-\d\d-\d\dT/.test(text)
      ? Date.parse(text)
      : Number.NaN;
  return Number.isNaN(at) || Math.abs(at) > 8.64e15 ? null : at;
}

const querySchema = z.object({
  phase: z.enum(PHASES).optional().describe('Where it stands.'),
  service: id.describe('Id of a service.'),
  team: id.describe('Id of a team.'),
  severity: id.describe('Id of a severity, e.g. SEV1.'),
  owner: id.describe('Id of the user or API key that has it.'),
  responder: id.describe('Id of a user who was ever paged for it, or did something about it.'),
  since: time.describe('Not opened before: RFC 3339, or milliseconds since 1970.'),
  until: time.describe('Not opened after: RFC 3339, or milliseconds since 1970.'),
  text: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe(
      'In the title, in any case. At most 1,000 incidents are looked through for one page: a page may be empty and have a next one.',
    ),
  open: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional()
    .describe('`true`: open ones only; `false`: those that are over.'),
  limit: z.coerce.number().int().min(1).max(100).default(50).describe('At most so many in a page.'),
  cursor: z
    .string()
    .min(1)
    .max(2_000)
    .optional()
    .describe('`next` of the page before, with the same filters.'),
});

/** `GET /v1/incidents`: pages of incidents. */
export function listRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/incidents',
    {
      tag: 'incidents',
      summary: 'List incidents',
      description:
        'Open ones first, those that began last in front; then those that are over, the latest end in front. A page goes on after the last incident of the page before, so that new incidents move nothing; an incident that ends between two pages may be seen twice. Filters are joined with "and". One that ran so long that it went on in a new run stands where that run began.',
      auth: 'api-key',
      scope: 'read',
      query: querySchema,
      headers: CONDITIONAL,
      answers: {
        200: {
          description: 'A page.',
          body: listSchema,
          headers: { ...TAGGED, link: 'The first page and, where there is one, the next (RFC 8288).' },
        },
        ...NOT_MODIFIED,
      },
      errors: ['temporal-unavailable'],
    },
    async ({ query }, request, reply) => {
      const filter = filterOf(query);
      const found = await deps.incidents.list(filter);
      if (found.incidents.length === 0 && query.cursor === undefined) requireKnown(filter, deps.config());
      void reply.header('link', linksOf(request, found.next));
      return sendTagged(request, reply, found);
    },
  );
}

function filterOf({ limit, ...optional }: z.output<typeof querySchema>): IncidentFilter {
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { limit, ...(Object.fromEntries(given) as Omit<IncidentFilter, 'limit'>) };
}

/** The ways on, with the query as it came. Source: RFC 8288. */
function linksOf(request: FastifyRequest, next: string | undefined): string {
  const to = (rel: string, cursor?: string): string => {
    const query = new URLSearchParams(request.url.split('?')[1] ?? '');
    query.delete('cursor');
    if (cursor !== undefined) query.set('cursor', cursor);
    const text = query.toString();
    return `</v1/incidents${text === '' ? '' : `?${text}`}>; rel="${rel}"`;
  };
  return [to('first'), ...(next === undefined ? [] : [to('next', next)])].join(', ');
}
