import type { FastifyInstance } from 'fastify';
import { addRoute } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { keyReused } from '../incidents/caller.js';
import type { Override } from '../../domain/oncall/override.js';
import { cancelRoute } from './cancel-route.js';
import { auditOf, CHANGE_ERRORS, changeHeaders, idOf, madeAt, requireKnown, requireSpan } from './change.js';
import { listRoute } from './list-route.js';
import {
  changeSentence,
  conflictError,
  examineOverride,
  isAskedFor,
  overrideBody,
  wantedOverride,
} from './override-change.js';
import { changeSchema, type Change } from './schemas.js';
import { asked, requireStore } from '../store-errors.js';

/** `/v1/overrides`: made, listed, and taken back. */
export function overrideRoutes(app: FastifyInstance, deps: AppDeps): void {
  listRoute(app, deps);
  cancelRoute(app, deps);
  addRoute(
    app,
    'POST',
    '/v1/overrides',
    {
      tag: 'on call',
      summary: 'Put somebody on call for a time',
      description:
        'Gives one place of a schedule to a user, whatever its rotations say. Where nobody would be on call it fills the gap. It counts for every step that pages from then on, also of incidents under way. At most 366 days.',
      auth: 'api-key',
      scope: 'respond',
      headers: changeHeaders,
      body: {
        schema: overrideBody,
        examples: {
          example: {
            schedule: 'payments',
            user: 'fay',
            insteadOf: 'bob',
            from: '2026-12-24 18:00',
            to: '2026-12-27',
            reason: 'Bob is away over Christmas',
            by: 'bob',
          },
        },
      },
      answers: {
        200: { description: 'A dry run: what would change.', body: changeSchema },
        201: { description: 'It was made.', body: changeSchema },
      },
      errors: [
        'unknown-schedule',
        'nobody-reachable',
        'invalid-override',
        'override-conflict',
        ...CHANGE_ERRORS,
      ],
    },
    async ({ body }, request, reply) => {
      const config = deps.config();
      const store = requireStore(deps.store).overrides;
      const now = deps.now();
      const { schedule, user, insteadOf, dryRun, force } = body;
      requireKnown(config, { schedule, users: { user, insteadOf }, onCall: ['user'] }, now);
      const audit = auditOf(deps, request, body.by);
      const zone = config.zoneOfSchedule(schedule);
      const made = { id: idOf('ov', request), by: audit.actor, createdAt: now };
      const wanted = wantedOverride(body, zone, made);
      const answer = (change: Omit<Change, 'dryRun' | 'sentence'>, kept: Override): Change => ({
        dryRun,
        sentence: changeSentence(kept, zone, dryRun),
        ...change,
      });
      requireSpan(wanted, now);
      if (dryRun) {
        const { from, to } = wanted;
        const existing = await asked(store.list({ schedule, from, to }), 'read');
        const latest = { ...wanted, createdAt: madeAt(now, existing) };
        return answer(examineOverride(config, existing, latest, now), latest);
      }
      let examined: Omit<Change, 'dryRun' | 'sentence'> | undefined;
      const added = await asked(
        store.add([wanted], audit, (existing, [kept = wanted]) => {
          examined = examineOverride(config, existing, kept, now);
          const { conflicts } = examined;
          const displaced = existing.filter(({ id }) => conflicts.some((each) => each.id === id));
          return displaced.length > 0 && !force ? displaced : null;
        }),
        'write',
      );
      if (added.kind === 'refused') throw conflictError(wanted, added.refusal, zone);
      const [kept = wanted] = added.overrides;
      // Absent: it was made before, by the same request or by another one under the same key.
      if (examined === undefined) {
        if (kept.by !== audit.actor || !isAskedFor(body, zone, kept)) throw keyReused();
        const { from, to } = kept;
        const beside = await asked(store.list({ schedule, from, to }), 'read');
        examined = examineOverride(
          config,
          beside.filter(({ id }) => id !== kept.id),
          kept,
          kept.createdAt,
        );
      }
      await deps.known?.refresh();
      return reply.code(201).send(answer(examined, kept));
    },
  );
}
