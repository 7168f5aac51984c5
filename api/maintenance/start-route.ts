import type { FastifyInstance } from 'fastify';
import { closest } from '../../config/closest.js';
import { durationOf } from '../../config/duration.js';
import { hasNestedRepetition, regexOf } from '../../config/regex.js';
import type { Config } from '../../config/types.js';
import { zoneTimes } from '../../config/zone-times.js';
import { LONGEST_WINDOW, quietUntil } from '../../domain/maintenance/window.js';
import { DAY, type Instant } from '../../domain/time/instant.js';
import type { StoredWindow } from '../../store/maintenance.js';
import { addRoute } from '../contract/contract.js';
import { idempotencyHeader } from '../contract/incident-words.js';
import type { AppDeps } from '../deps.js';
import { ApiError, type Problem } from '../errors.js';
import { keyReused } from '../incidents/caller.js';
import { TemporalUnavailable } from '../incidents/incidents.js';
import { auditOf, idOf, spanProblem } from '../schedules/change.js';
import { createMomentReader, zoneOfMoments } from '../schedules/moments.js';
import { asked, requireStore, STORE_ERRORS } from '../store-errors.js';
import { shown } from '../validate.js';
import { changedSchema, startBody, type ChangedAnswer, type StartBody } from './schemas.js';
import { shownStored, windowWords } from './shown.js';
import { openIncidents, tellIncidents } from './tell-incidents.js';

/** `POST /v1/maintenance`: a window from now on, or from a time to come. */
export function startRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/maintenance',
    {
      tag: 'alerts',
      summary: 'Start maintenance',
      description:
        'For a time the alerts of services, or with labels, are recorded and page nobody, whatever their severity; what still fires at the end pages then. At most 30 days. What is being paged already goes on, unless `stopPages` says otherwise. Incidents that people declare are not held back.',
      auth: 'api-key',
      scope: 'admin',
      headers: idempotencyHeader,
      body: {
        schema: startBody,
        examples: {
          example: { services: ['payments'], for: '2h', reason: 'database upgrade', by: 'alice' },
          labels: { match: { cluster: '/staging-.*/' }, to: '2026-12-02 06:00', reason: 'new hardware' },
        },
      },
      answers: { 201: { description: 'It was made.', body: changedSchema } },
      errors: [
        'unknown-service',
        'unknown-user',
        'invalid-maintenance',
        'idempotency-key-reused',
        ...STORE_ERRORS,
      ],
    },
    async ({ body }, request, reply): Promise<unknown> => {
      const config = deps.config();
      const store = requireStore(deps.store).maintenance;
      const now = deps.now();
      requireServices(config, body.services ?? []);
      requireSafe(body.match);
      const audit = auditOf(deps, request, body.by);
      const wanted = wantedWindow(body, config, {
        id: idOf('mw', request),
        by: audit.actor,
        createdAt: now,
      });
      const kept = await asked(store.add(wanted, audit), 'write');
      if (!isSame(kept, wanted, body)) throw keyReused();
      await deps.maintenance?.refresh();
      return reply.code(201).send(await answer(deps, config, kept, now));
    },
  );
}

/** @throws ApiError `unknown-service` */
function requireServices(config: Config, services: readonly string[]): void {
  const problems = services.flatMap((id, index): readonly Problem[] => {
    if (config.serviceIds.includes(id)) return [];
    const near = closest(id, config.serviceIds);
    const meant = near === undefined ? '' : ` Did you mean ${JSON.stringify(near)}?`;
    return [
      {
        path: `services[${index}]`,
        message: `Expected the id of a service, found ${JSON.stringify(shown(id))}.${meant}`,
      },
    ];
  });
  if (problems.length === 0) return;
  throw new ApiError('unknown-service', 'The configuration has no such service; nothing was changed.', {
    problems,
    remedy: `Use ids under \`services\`: ${config.serviceIds.slice(0, 20).join(', ')}.`,
  });
}

/** @throws ApiError `invalid-maintenance` for a regular expression that is none, or may block */
function requireSafe(match: StartBody['match'] = {}): void {
  const problems = Object.entries(match).flatMap(([label, value]) =>
    (Array.isArray(value) ? value : [value]).flatMap((text): readonly Problem[] => {
      if (typeof text !== 'string') return [];
      const path = `match.${shown(label)}`;
      try {
        return regexOf(text) !== null && hasNestedRepetition(text)
          ? [
              {
                path,
                message:
                  'It repeats something that repeats or chooses itself, which can block Tocsin on a long label. Write it without, or list several values.',
              },
            ]
          : [];
      } catch {
        // SyntaxError is how RegExp says no.
        return [{ path, message: 'Expected a regular expression between the slashes.' }];
      }
    }),
  );
  if (problems.length > 0)
    throw new ApiError('invalid-maintenance', 'Labels can’t be matched so; nothing was changed.', {
      problems,
      remedy: 'Write a text, or a regular expression that matches the whole value: "/disk-.*/".',
    });
}

/** @throws ApiError `invalid-body` for a time that is none, `invalid-maintenance` for a span that is none */
function wantedWindow(
  body: StartBody,
  config: Config,
  made: Pick<StoredWindow, 'id' | 'by' | 'createdAt'>,
): StoredWindow {
  const now = made.createdAt;
  const reader = createMomentReader(zoneOfMoments(config, undefined), now, 'body');
  const said = reader.read('from', body.from, now);
  const to = reader.read('to', body.to, said + durationOf(body.for ?? '0s'));
  reader.done();
  const from = to > now ? Math.max(said, now) : said;
  const end = body.to === undefined ? 'for' : 'to';
  const wrong =
    to <= said
      ? spanProblem({ kind: 'ends-before-start' }, { from: 'from', to: end })
      : to <= now
        ? spanProblem({ kind: 'in-the-past' }, { from: 'from', to: end })
        : to - from > LONGEST_WINDOW
          ? spanProblem({ kind: 'too-long', longestDays: LONGEST_WINDOW / DAY }, { from: 'from', to: end })
          : null;
  if (wrong !== null)
    throw new ApiError('invalid-maintenance', 'The time is not one for maintenance; nothing was changed.', {
      problems: [wrong],
      remedy: `Give the time at which it ends as \`to\`, or how long it lasts as \`for\`: at most ${LONGEST_WINDOW / DAY} days.`,
    });
  return {
    ...made,
    ...{ services: body.services ?? [], match: body.match ?? null },
    ...{ from, to, reason: body.reason, stopPages: body.stopPages },
  };
}

/** Whether what is kept under this id is what is asked for; times that count from now differ by when they were asked. */
function isSame(kept: StoredWindow, wanted: StoredWindow, body: StartBody): boolean {
  const told = ({ services, match, reason, stopPages, by }: StoredWindow): string =>
    JSON.stringify([services, match, reason, stopPages, by]);
  const isSameSpan =
    body.to === undefined ? kept.to - kept.from === wanted.to - wanted.from : kept.to === wanted.to;
  return told(kept) === told(wanted) && isSameSpan;
}

async function answer(
  deps: AppDeps,
  config: Config,
  window: StoredWindow,
  now: Instant,
): Promise<ChangedAnswer> {
  const zone = zoneOfMoments(config, undefined);
  const shownWindow = shownStored(window, now);
  const beside = config
    .windowsIn(window.from, window.to)
    .filter(({ id, services }) => id !== window.id && overlap(services, window.services));
  const until = quietUntil([window, ...beside], window.from);
  const notes = [
    ...(beside.length === 0
      ? []
      : [
          `Other windows overlap it: ${beside
            .map(({ id }) => id)
            .slice(0, 5)
            .join(
              ', ',
            )}. The last end counts${until > window.to ? `: what all of them cover is quiet until ${zoneTimes(zone).moment(until)}` : ''}.`,
        ]),
  ];
  let told: number | null = null;
  try {
    if (window.from <= now && !window.stopPages && window.match === null) {
      const open = await openIncidents(deps.incidents, window.services);
      const loud = open.filter(({ phase, quiet }) => phase === 'triggered' && quiet === undefined).length;
      if (loud > 0)
        notes.push(
          `${loud} open incident${loud === 1 ? '' : 's'} that nobody has acknowledged go${loud === 1 ? 'es' : ''} on paging: with stopPages (--stop-pages) such pages rest too.`,
        );
    }
    told = window.stopPages && window.from > now ? 0 : await tellIncidents(deps.incidents, window, 'began');
  } catch (error) {
    if (!(error instanceof TemporalUnavailable)) throw error;
    notes.push('Temporal is away: incidents that are open hear of it when it is back.');
  }
  if (window.match !== null)
    notes.push('Labels are compared as alerts come in: what came in before is not held back by them.');
  return { window: shownWindow, sentence: `${windowWords(shownWindow, zone)}.`, notes, incidents: told };
}

/** No services means all. */
export function overlap(one: readonly string[], other: readonly string[]): boolean {
  return one.length === 0 || other.length === 0 || one.some((id) => other.includes(id));
}
