import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { zoneTimes } from '../../config/zone-times.js';
import { DAY } from '../../domain/time/instant.js';
import type { StoredWindow } from '../../store/maintenance.js';
import { addRoute, paramOf } from '../contract/contract.js';
import { by, idempotencyHeader } from '../contract/incident-words.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { TemporalUnavailable } from '../incidents/incidents.js';
import { auditOf } from '../schedules/change.js';
import { zoneOfMoments } from '../schedules/moments.js';
import { asked, requireStore, STORE_ERRORS } from '../store-errors.js';
import { changedSchema, type ChangedAnswer } from './schemas.js';
import { shownStored, whomWords } from './shown.js';
import { overlap } from './start-route.js';
import { tellIncidents } from './tell-incidents.js';

/** `POST /v1/maintenance/{id}/end`: it is over now. */
export function endRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/maintenance/:id/end',
    {
      tag: 'alerts',
      summary: 'End maintenance before its time',
      description:
        'From now on its alerts page, and what it kept quiet and still fires pages at once, unless another window covers it. One that has not begun yet never does. Ended already: the same answer.',
      auth: 'api-key',
      scope: 'admin',
      params: {
        id: z
          .string()
          .describe('Id of a window.')
          .meta({ examples: ['mw-0123456789abcdef'] }),
      },
      headers: idempotencyHeader,
      body: { schema: z.object({ by }), optional: true, examples: { example: { by: 'alice' } } },
      answers: { 200: { description: 'It is over.', body: changedSchema } },
      errors: [
        'unknown-user',
        'maintenance-not-found',
        'maintenance-in-config',
        'maintenance-over',
        ...STORE_ERRORS,
      ],
    },
    async ({ body }, request): Promise<ChangedAnswer> => {
      const id = paramOf(request, 'id');
      const now = deps.now();
      refuseConfigured(deps, id, now);
      const store = requireStore(deps.store).maintenance;
      const ended = await asked(store.end(id, auditOf(deps, request, body.by)), 'write');
      switch (ended.kind) {
        case 'unknown':
          throw new ApiError('maintenance-not-found', 'There is no maintenance window with this id.', {
            remedy: 'GET /v1/maintenance (tocsin maintenance list) has those that count now and later.',
          });
        case 'over':
          throw new ApiError('maintenance-over', 'It is over: nothing is left to end.', {
            remedy: 'What still fires was paged when it ended.',
          });
        case 'already':
        case 'ended':
          break;
        default:
          return ended satisfies never;
      }
      await deps.maintenance?.refresh();
      const notes: string[] = [];
      let told: number | null = null;
      try {
        told = await tellIncidents(deps.incidents, ended.window, 'ended');
      } catch (error) {
        if (!(error instanceof TemporalUnavailable)) throw error;
        notes.push('Temporal is away: what it kept quiet hears of it when that is back.');
      }
      const window = shownStored(ended.window, now);
      const already = ended.kind === 'already' ? ' already' : '';
      return {
        window,
        sentence: `${whomWords(window)}: maintenance is${already} over (${window.reason}); ${restWords(deps, ended.window, now)}.`,
        notes,
        incidents: told,
      };
    },
  );
}

/** What comes of that which still fires: not all of it pages where another window covers some. */
function restWords(deps: AppDeps, { id, services }: StoredWindow, now: number): string {
  const beside = deps
    .config()
    .windowsIn(now, now + 1)
    .filter((window) => window.id !== id && overlap(window.services, services));
  if (beside.length === 0) return 'what still fires pages now';
  const zone = zoneOfMoments(deps.config(), undefined);
  const each = beside
    .slice(0, 5)
    .map((window) => `${window.id} (until ${zoneTimes(zone).moment(window.to)})`)
    .join(', ');
  const others = beside.length === 1 ? 'another window covers' : 'other windows cover';
  return `what still fires and ${others} stays quiet: ${each}; what none covers pages now`;
}

/** @throws ApiError `maintenance-in-config` */
function refuseConfigured(deps: AppDeps, id: string, now: number): void {
  const made = new Set(deps.maintenance?.current().value.map((window) => window.id));
  const planned = deps.config().windowsIn(now - DAY, now + 30 * DAY);
  const isConfigured = planned.some(
    (window) => !made.has(window.id) && [window.id, window.id.split('@')[0]].includes(id),
  );
  if (!isConfigured) return;
  throw new ApiError(
    'maintenance-in-config',
    'This window stands in the configuration; nothing was changed.',
    {
      remedy:
        'Change it there (`maintenance:`) and let it be read again: alerts that come in from then on page. What is quiet already is paged at the end that it was given, or by `tocsin escalate`.',
    },
  );
}
