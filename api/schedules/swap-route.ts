import type { FastifyInstance } from 'fastify';
import type { Override } from '../../domain/oncall/override.js';
import { prepare } from '../../domain/oncall/on-call.js';
import { swap, type Swap, type SwapSide } from '../../domain/oncall/swap.js';
import { addRoute } from '../contract/contract.js';
import type { AppDeps } from '../deps.js';
import { keyReused } from '../incidents/caller.js';
import { overrideWords } from './change-words.js';
import { auditOf, CHANGE_ERRORS, changeHeaders, idOf, madeAt, requireKnown, shiftsIn } from './change.js';
import { changeSchema, shownOverride, type Change } from './schemas.js';
import { asked, requireStore } from '../store-errors.js';
import { dutiesOf, swapBody, swapError, type SwapBody } from './swap-sides.js';

/** Whether a swap that may have been made before is what this body asks for. */
function isAskedFor(
  body: SwapBody,
  actor: string,
  kept: readonly Override[],
  ids: Readonly<Record<SwapSide, string>>,
): boolean {
  const { first, second, schedule, reason } = body;
  const half = kept.find(({ id }) => id === ids.first);
  const other = kept.find(({ id }) => id === ids.second);
  return (
    half?.schedule === schedule &&
    half.reason === reason &&
    half.by === actor &&
    half.insteadOf === first.user &&
    other?.insteadOf === second.user
  );
}

/** `POST /v1/swaps`: two people take over each other's time. */
export function swapRoute(app: FastifyInstance, deps: AppDeps): void {
  addRoute(
    app,
    'POST',
    '/v1/swaps',
    {
      tag: 'on call',
      summary: 'Let two people swap shifts',
      description:
        'Two overrides that belong together: each of the two takes what the other gives away, whole shifts or parts. Each must be on call in what they give away. Taking one half back takes back both.',
      auth: 'api-key',
      scope: 'respond',
      headers: changeHeaders,
      body: {
        schema: swapBody,
        examples: {
          example: {
            schedule: 'payments',
            first: { user: 'alice', at: '2026-12-21 12:00' },
            second: { user: 'bob', from: '2026-12-29 09:00', to: '2026-12-31' },
            reason: 'Alice is away',
            by: 'alice',
          },
        },
      },
      answers: {
        200: { description: 'A dry run: what would change.', body: changeSchema },
        201: { description: 'They have swapped.', body: changeSchema },
      },
      errors: ['unknown-schedule', 'nobody-reachable', 'swap-refused', ...CHANGE_ERRORS],
    },
    async ({ body }, request, reply) => {
      const config = deps.config();
      const store = requireStore(deps.store).overrides;
      const now = deps.now();
      const { schedule, dryRun } = body;
      const users = { 'first.user': body.first.user, 'second.user': body.second.user };
      requireKnown(config, { schedule, users, onCall: Object.keys(users) }, now);
      const plain = config.schedules.get(schedule);
      if (plain === undefined) throw new TypeError('A schedule that was there a moment ago is gone.');
      const audit = auditOf(deps, request, body.by);
      const zone = config.zoneOfSchedule(schedule);
      const id = idOf('ov', request);
      const details = {
        swapId: idOf('sw', request),
        ids: { first: `${id}-1`, second: `${id}-2` },
        reason: body.reason,
        by: audit.actor,
      };
      const counting = (overrides: readonly Override[]) =>
        prepare(
          plain,
          overrides.filter(({ userId }) => config.users.has(userId)),
        );
      const answer = (overrides: readonly Override[], beside: readonly Override[]): Change => ({
        dryRun,
        sentence: `${dryRun ? 'Nothing was changed. It would be so: ' : ''}${overrides.map((each) => overrideWords(each, zone)).join('; ')}.`,
        zone,
        overrides: overrides.map(shownOverride),
        conflicts: [],
        warnings: [],
        before: shiftsIn(config, schedule, beside, overrides),
        after: shiftsIn(config, schedule, [...beside, ...overrides], overrides),
      });
      const around = await asked(store.list({ schedule, from: now }), 'read');
      const others = around.filter(({ swapId }) => swapId !== details.swapId);
      const duties = dutiesOf(body, counting(others), zone, now);
      const examine = (existing: readonly Override[]): Swap =>
        swap(
          counting(existing),
          duties.first,
          duties.second,
          { ...details, createdAt: madeAt(now, existing) },
          now,
        );
      const planned = examine(others);
      if (!planned.ok) throw swapError(planned.problems, duties, zone);
      if (dryRun) return answer(planned.overrides, others);
      const added = await asked(
        // Somebody may have changed the shifts since they were read.
        store.add(planned.overrides, audit, (existing) => {
          const checked = examine(existing);
          return checked.ok ? null : checked.problems;
        }),
        'write',
      );
      if (added.kind === 'refused') throw swapError(added.refusal, duties, zone);
      const kept = added.overrides;
      if (!isAskedFor(body, audit.actor, kept, details.ids)) throw keyReused();
      await deps.known?.refresh();
      return reply.code(201).send(answer(kept, others));
    },
  );
}
