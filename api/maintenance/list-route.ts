import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { DAY } from '../../domain/time/instant.js';
import { addRoute } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { createMomentReader, moment, zoneOfMoments } from '../schedules/moments.js';
import { windowsSchema } from './schemas.js';
import { shownPlanned, shownStored } from './shown.js';

/** How far ahead is shown without `to`. */
const AHEAD_DAYS = 14;

const query = z.object({
  from: moment('Those that count then or later. Default: now.').optional(),
  to: moment(`Those that begin before. Default: ${AHEAD_DAYS} days after \`from\`.`).optional(),
  ended: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .default(false)
    .describe('`true`: also those that were ended before their time, or are over: of the last hour.'),
});

/** `GET /v1/maintenance`: windows that count now, and those to come. */
export function listRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/maintenance',
    {
      tag: 'alerts',
      summary: 'List maintenance windows',
      description:
        'Those of the configuration, each time that they come, and those that people made. It answers by what is known here also while the store is away.',
      auth: 'api-key',
      scope: 'read',
      query,
      answers: { 200: { description: 'The windows.', body: windowsSchema } },
    },
    ({ query: asked }) => {
      const config = deps.config();
      const now = deps.now();
      const reader = createMomentReader(zoneOfMoments(config, undefined), now, 'query');
      const from = reader.read('from', asked.from, now);
      const to = reader.read('to', asked.to, from + AHEAD_DAYS * DAY);
      reader.done();
      const known = deps.maintenance?.current();
      const stored = known?.value ?? [];
      const ids = new Set(stored.map(({ id }) => id));
      const made = stored
        .map((window) => shownStored(window, now))
        .filter(({ state }) => asked.ended || state === 'in-force' || state === 'to-come')
        .filter((window) => window.from < to && (asked.ended || window.to > from));
      const planned = config
        .windowsIn(from, to)
        .filter(({ id }) => !ids.has(id))
        .map((window) => shownPlanned(window, now));
      return {
        windows: [...planned, ...made].sort(
          (one, other) => one.from - other.from || (one.id < other.id ? -1 : 1),
        ),
        asOf: known?.asOf ?? null,
      };
    },
  );
}
