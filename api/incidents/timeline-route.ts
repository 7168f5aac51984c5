import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import {
  exportedTimeline,
  timelineCsv,
  timelineMarkdown,
  type ExportedTimeline,
} from '../../domain/messages/export.js';
import { addRoute, paramOf } from '../contract/contract.js';
import { incidentId } from '../contract/incident-words.js';
import { instant, timelineEntry } from '../contract/timeline.js';
import { phase } from '../contract/words.js';
import type { AppDeps } from '../deps.js';
import { noSuchIncident, openingOf } from './opening.js';

const FORMATS = ['json', 'csv', 'markdown'] as const;
type Format = (typeof FORMATS)[number];

const TYPES: Readonly<Record<Format, string>> = {
  json: 'application/json',
  csv: 'text/csv',
  markdown: 'text/markdown',
};

const query = z.object({
  format: z.enum(FORMATS).optional().describe('Absent: what the header `Accept` asks for, else `json`.'),
});

const exportSchema = z
  .object({
    openingId: z.string(),
    code: z.string(),
    title: z.string(),
    service: z.string(),
    severity: z.string(),
    phase,
    openedAt: instant,
    acknowledgedAt: instant.exactOptional(),
    mitigatedAt: instant.exactOptional(),
    resolvedAt: instant.exactOptional(),
    timelineDropped: z.int().describe('Entries that no longer fit.'),
    entries: z.array(
      z.object({
        at: instant,
        time: z.string().describe('ISO 8601, UTC.'),
        type: z.string(),
        text: z.string().describe('For people; times in it are UTC.'),
        entry: timelineEntry,
      }),
    ),
  })
  .meta({ id: 'Timeline' });

/** `GET /v1/incidents/{id}/timeline`: what happened, to be kept elsewhere. */
export function timelineRoute(app: FastifyInstance, { incidents, now }: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/incidents/:id/timeline',
    {
      tag: 'incidents',
      summary: 'Export the timeline',
      description:
        'As JSON, as CSV for a spreadsheet, or as Markdown with which a postmortem can begin. For open incidents, and for closed ones, from their record when Temporal has let go of them.',
      auth: 'api-key',
      scope: 'read',
      params: { id: incidentId },
      query,
      headers: { accept: '`application/json`, `text/csv` or `text/markdown`, where `format` is absent.' },
      answers: {
        200: {
          description: 'All of it, in the form that was asked for.',
          body: exportSchema,
          headers: { 'content-disposition': 'A name for the file.' },
          others: {
            [TYPES.csv]: { body: z.string(), example: 'time,seconds_since_opening,type,text,fields' },
            [TYPES.markdown]: { body: z.string(), example: '# Postmortem: checkout is down' },
          },
        },
      },
      errors: [
        'incident-not-found',
        'ambiguous-code',
        'temporal-unavailable',
        'worker-unavailable',
        'store-away',
        'store-too-new',
      ],
    },
    async ({ query: asked }, request, reply) => {
      const format = asked.format ?? accepted(request.headers.accept);
      const view = await incidents.get(await openingOf(incidents, paramOf(request, 'id'), 'past'));
      if (view === null) throw noSuchIncident();
      void reply.headers({
        'cache-control': 'private, no-cache',
        vary: 'accept',
        'content-disposition': `attachment; filename="${fileName(view.code, format)}"`,
      });
      switch (format) {
        case 'csv':
          return reply.type('text/csv; charset=utf-8').send(timelineCsv(view));
        case 'markdown':
          return reply.type('text/markdown; charset=utf-8').send(timelineMarkdown(view, now()));
        case 'json': {
          const exported: ExportedTimeline = exportedTimeline(view);
          return reply.send(exported);
        }
        default:
          return format satisfies never;
      }
    },
  );
}

function fileName(code: string, format: Format): string {
  const ending = { json: 'json', csv: 'csv', markdown: 'md' }[format];
  return `incident-${code.replaceAll(/[^0-9A-Za-z]/g, '')}.${ending}`;
}

/** The first form that the header likes best; JSON for whatever else it asks. Source: RFC 9110, "Accept". */
function accepted(header: string | undefined): Format {
  const asked = (header ?? '').split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { type, weight: weight === undefined ? 1 : Number(weight) };
  });
  const known = asked.flatMap(({ type, weight }) => {
    const format = FORMATS.find((one) => TYPES[one] === type || (one === 'json' && type === '*/*'));
    return format === undefined || !(weight > 0) ? [] : [{ format, weight }];
  });
  return known.reduce(
    (best, one) => (one.weight > best.weight ? one : best),
    known[0] ?? { format: 'json' as const, weight: 0 },
  ).format;
}
