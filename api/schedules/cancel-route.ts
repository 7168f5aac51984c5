import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { endOf } from '../../domain/oncall/override.js';
import type { Instant } from '../../domain/time/instant.js';
import type { StoredOverride } from '../../store/override-rows.js';
import type { Overrides } from '../../store/overrides.js';
import { addRoute, paramOf } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { ApiError } from '../errors.js';
import { arrangementWords } from './change-words.js';
import { auditOf, CHANGE_ERRORS, changeHeaders, fields, shiftsIn } from './change.js';
import { changeSchema, overrideSchema, shownOverride, type Change } from './schemas.js';
import { asked, requireStore, STORE_ERRORS } from '../store-errors.js';

const overrideId = z
  .string()
  .describe('Id of an override.')
  .meta({ examples: ['ov-0123456789abcdef'] });

/** @throws ApiError `override-not-found` */
async function overrideOf(store: Overrides, id: string): Promise<StoredOverride> {
  const found = await asked(store.get(id), 'read');
  if (found !== null) return found;
  throw new ApiError('override-not-found', 'There is no override with this id.', {
    remedy: 'GET /v1/overrides (tocsin override list) has those that count now and later.',
  });
}

/** It, and the other half of its swap. */
async function withOtherHalf(store: Overrides, one: StoredOverride): Promise<readonly StoredOverride[]> {
  if (one.swapId === null) return [one];
  const all = await asked(store.list({ schedule: one.schedule, includeCancelled: true }), 'read');
  return all.filter(({ swapId }) => swapId === one.swapId);
}

function cancelSentence(taken: readonly StoredOverride[], zone: string, dryRun: boolean): string {
  const words = taken.map((each) => arrangementWords(each, zone)).join('; ');
  const both = taken.length > 1 ? 'both halves of the swap are' : 'it is';
  return dryRun
    ? `Nothing was changed. What would no longer count: ${words}.`
    : `${both[0]?.toUpperCase() ?? ''}${both.slice(1)} taken back: ${words}.`;
}

/** `GET /v1/overrides/{id}` and `POST /v1/overrides/{id}/cancel`. */
export function cancelRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'GET',
    '/v1/overrides/:id',
    {
      tag: 'on call',
      summary: 'Read an override',
      auth: 'api-key',
      scope: 'read',
      params: { id: overrideId },
      answers: { 200: { description: 'The override.', body: overrideSchema } },
      errors: ['override-not-found', ...STORE_ERRORS],
    },
    async (_asked, request) =>
      shownOverride(await overrideOf(requireStore(deps.store).overrides, paramOf(request, 'id'))),
  );

  addRoute(
    app,
    'POST',
    '/v1/overrides/:id/cancel',
    {
      tag: 'on call',
      summary: 'Take an override back',
      description:
        'From now on it does not count; who was on call by it stays who was. Of a swap both halves are taken back, as far as they are not over. Done already: the same answer.',
      auth: 'api-key',
      scope: 'respond',
      params: { id: overrideId },
      headers: changeHeaders,
      body: {
        schema: z.object({ by: fields.by, dryRun: fields.dryRun }),
        optional: true,
        examples: { example: { by: 'bob' } },
      },
      answers: { 200: { description: 'It no longer counts, or would not.', body: changeSchema } },
      errors: [
        'override-not-found',
        'override-over',
        ...CHANGE_ERRORS.filter((code) => code !== 'idempotency-key-reused'),
      ],
    },
    async ({ body }, request): Promise<Change> => {
      const config = deps.config();
      const store = requireStore(deps.store).overrides;
      const audit = auditOf(deps, request, body.by);
      const halves = await withOtherHalf(store, await overrideOf(store, paramOf(request, 'id')));
      const [{ schedule }] = halves as readonly [StoredOverride];
      const zone = config.zoneOfSchedule(schedule);
      const standing = halves.filter(({ cancelledAt, to }) => cancelledAt === undefined && to > audit.at);
      const before = halves.filter(({ cancelledAt }) => cancelledAt !== undefined);
      if (standing.length === 0 && before.length === 0)
        throw new ApiError('override-over', 'It is over: nothing is left to take back.', {
          remedy: 'Who was on call by it stays who was.',
        });
      const taken = standing.length > 0 ? standing : before;
      const spans = taken
        .map(({ from, to }) => ({ from: Math.max(from, audit.at), to }))
        .filter(({ from, to }) => from < to);
      const others = await overridesBeside(store, schedule, spans);
      const without = others.filter(({ id }) => !taken.some((each) => each.id === id));
      const change = {
        dryRun: body.dryRun,
        zone,
        conflicts: [],
        warnings: [],
        before: shiftsIn(config, schedule, [...without, ...standing], spans),
        after: shiftsIn(config, schedule, without, spans),
        sentence: cancelSentence(taken, zone, body.dryRun),
      };
      if (body.dryRun || standing.length === 0) return { ...change, overrides: taken.map(shownOverride) };
      const ids = standing.map(({ id }) => id);
      const { cancelled, already } = await asked(store.cancel(ids, audit), 'write');
      await deps.known?.refresh();
      return { ...change, overrides: [...cancelled, ...already].map(shownOverride) };
    },
  );
}

async function overridesBeside(
  store: Overrides,
  schedule: string,
  spans: readonly { readonly from: Instant; readonly to: Instant }[],
): Promise<readonly StoredOverride[]> {
  if (spans.length === 0) return [];
  const from = Math.min(...spans.map((span) => span.from));
  const to = Math.max(...spans.map((span) => span.to));
  const found = await asked(store.list({ schedule, from, to }), 'read');
  return found.filter((each) => each.from < endOf(each));
}
