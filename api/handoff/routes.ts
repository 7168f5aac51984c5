import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { plannedHandoffs } from '../../config/handoffs.js';
import type { HandoffMemo, PlannedHandoff } from '../../domain/handoff/handoff.js';
import { NO_OVERRIDES } from '../../domain/oncall/known.js';
import { DAY, HOUR } from '../../domain/time/instant.js';
import { addRoute, paramOf } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { actorOf, apiKeyOf, viaOf } from '../incidents/caller.js';
import { requireKnown } from '../schedules/change.js';
import { confirmAs, notYetWords } from './confirm.js';
import { findHandoff, type FoundHandoff } from './find-handoff.js';
import { noteRoutes } from './note-routes.js';
import { confirmedSchema, handoffListSchema, type ShownHandoff } from './schemas.js';

const DEFAULT_DAYS = 7;
const LONGEST_DAYS = 31;
/** One that is under way is listed as long as it can be confirmed. */
const BEHIND_MS = 12 * HOUR;

/** `/v1/handoffs`: what comes and how it stands, confirmations; and notes for whoever comes next. */
export function handoffRoutes(app: FastifyInstance, deps: AppDeps): void {
  listRoute(app, deps);
  confirmRoute(app, deps);
  noteRoutes(app, deps);
}

function listRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/handoffs',
    {
      tag: 'on call',
      summary: 'List the hand-overs that come, and those under way',
      description:
        'Every change of a primary or secondary in the coming days, by the rotations and the overrides that are known now, with how far its hand-over is.',
      auth: 'api-key',
      scope: 'read',
      query: z.object({
        schedule: z.string().min(1).max(100).optional().describe('Only of this one.'),
        days: z.coerce
          .number()
          .int()
          .min(1)
          .max(LONGEST_DAYS)
          .optional()
          .describe(`So many days ahead, up to ${LONGEST_DAYS}. Default ${DEFAULT_DAYS}.`),
      }),
      answers: { 200: { description: 'By time.', body: handoffListSchema } },
      errors: ['unknown-schedule', 'temporal-unavailable'],
    },
    async ({ query: { schedule, days = DEFAULT_DAYS } }) => {
      const [config, at] = [deps.config(), deps.now()];
      if (schedule !== undefined) requireKnown(config, { schedule, users: {}, onCall: [] }, at);
      const { overrides } = deps.known?.current() ?? NO_OVERRIDES;
      const running = (await deps.handoffs?.running()) ?? new Map<string, HandoffMemo>();
      const planned = plannedHandoffs(config, overrides, at - BEHIND_MS, at + days * DAY)
        .filter((plan) => plan.at > at || running.has(plan.id))
        .filter((plan) => schedule === undefined || plan.schedule === schedule);
      return { at, handoffs: planned.map((plan) => shownHandoff(plan, running.get(plan.id))) };
    },
  );
}

function confirmRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/handoffs/:handoff/confirm',
    {
      tag: 'on call',
      summary: 'Confirm a hand-over as who comes on duty',
      description:
        'Before the change it takes effect at the change: then what the other leaves open of the schedule’s services belongs to who confirmed. Twice is as good as once.',
      auth: 'api-key',
      scope: 'respond',
      params: {
        handoff: z.string().describe('The id of a hand-over, or its code (4 characters, any case).'),
      },
      body: {
        schema: z.object({ by: z.string().min(1).describe('Id of the user who comes on duty.') }),
        examples: { example: { by: 'bob' } },
      },
      answers: { 200: { description: 'It is confirmed.', body: confirmedSchema } },
      errors: [
        'unknown-user',
        'handoff-not-found',
        'ambiguous-code',
        'handoff-refused',
        'handoff-over',
        'temporal-unavailable',
      ],
    },
    async ({ body }, request) => {
      const { id } = actorOf(deps.config(), apiKeyOf(request), body.by);
      const user = deps.config().person(id);
      const workflows = deps.handoffs;
      const looked: FoundHandoff =
        workflows === undefined
          ? { kind: 'none' }
          : await findHandoff(deps, workflows, paramOf(request, 'handoff'));
      if (user !== null && looked.kind === 'not-yet')
        throw new ApiError('handoff-refused', notYetWords(deps, looked.plan, user), {
          remedy: 'Who comes on duty is asked then, by a message with the code.',
        });
      if (user === null || workflows === undefined || looked.kind !== 'found')
        throw new ApiError('handoff-not-found', 'No hand-over of this id or code is under way.', {
          remedy:
            'GET /v1/handoffs (or `tocsin handoff list`) tells those that are; one begins shortly before its digest.',
        });
      const found = looked.handoff;
      const via = viaOf(request) === 'cli' ? 'cli' : 'api';
      const { outcome, sentence } = await confirmAs(deps, workflows, found, user, via);
      switch (outcome) {
        case 'not-yours':
          throw new ApiError('handoff-refused', sentence, {
            remedy: 'Only who comes on duty can confirm it.',
          });
        case 'over':
          throw new ApiError('handoff-over', sentence, { remedy: 'Take single incidents: `tocsin take`.' });
        case 'confirmed':
        case 'confirmed-already': {
          const confirmedAt = found.confirmedAt ?? deps.now();
          return {
            outcome,
            sentence,
            handoff: shownHandoff(found.plan, {
              ...found,
              status: outcome === 'confirmed' ? 'confirmed' : found.status,
              confirmedAt,
            }),
          };
        }
        default:
          return outcome satisfies never;
      }
    },
  );
}

function shownHandoff(plan: PlannedHandoff, memo: HandoffMemo | undefined): ShownHandoff {
  const { id, code, schedule, slot, at, leaving, coming } = plan;
  return {
    ...{ id, code, schedule, slot, at, leaving, coming },
    digestAt: plan.digestAt.coming,
    status: memo?.status ?? 'planned',
    confirmedAt: memo?.confirmedAt ?? null,
  };
}
