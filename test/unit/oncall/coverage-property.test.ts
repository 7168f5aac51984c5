import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverageSource } from '../../../config/duty.js';
import { zoneRules } from '../../../config/zones.js';
import { coverageOf, type CoverageSource } from '../../../domain/oncall/coverage.js';
import { DEFAULT_LIMITS } from '../../../domain/oncall/coverage-duties.js';
import type { Meant } from '../../../domain/oncall/coverage-steps.js';
import { onCallAt, prepare } from '../../../domain/oncall/on-call.js';
import type { Override } from '../../../domain/oncall/override.js';
import type { Rotation, Schedule } from '../../../domain/oncall/schedule.js';
import { DAY, HOUR, MINUTE, type Instant } from '../../../domain/time/instant.js';
import { utc } from '../config/support.js';
import { plantedConfig } from './planted/config.js';
import { override } from './support.js';

/** Half a year with both kinds of change of clocks of the north in its neighbourhood. */
const FROM = utc('2026-03-02 00:00');
const SPAN = { from: FROM, to: FROM + 40 * DAY };
const PEOPLE = ['ann', 'ben', 'cid', 'mute'];
const canBePaged = (id: string): boolean => id !== 'mute';

const rotation: fc.Arbitrary<Rotation> = fc.record({
  name: fc.constantFrom('r', 's'),
  zone: fc
    .constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC', 'Africa/Casablanca')
    .map(zoneRules),
  participants: fc.array(fc.constantFrom(...PEOPLE), { minLength: 1, maxLength: 3 }),
  start: fc.integer({ min: FROM / DAY - 20, max: FROM / DAY + 20 }),
  handover: fc.integer({ min: 0, max: 1_439 }),
  shiftLength: fc.constantFrom(5 * HOUR, 12 * HOUR, DAY, 7 * DAY),
  until: fc.option(fc.integer({ min: FROM / DAY + 21, max: FROM / DAY + 60 })),
  restrict: fc.option(
    fc.array(
      fc.record({
        days: fc.option(
          fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }).map((all) => new Set(all)),
        ),
        from: fc.integer({ min: 0, max: 1_439 }),
        to: fc.integer({ min: 0, max: 1_440 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  ),
  only: fc.constant(null),
  except: fc.option(
    fc.uniqueArray(fc.integer({ min: FROM / DAY, max: FROM / DAY + 40 })).map((all) => new Set(all)),
  ),
});

const layers = fc.array(rotation, { minLength: 1, maxLength: 3 });
const schedule = (id: string): fc.Arbitrary<Schedule> =>
  fc.record({
    id: fc.constant(id),
    layers,
    secondary: fc.oneof(
      fc.constant({ kind: 'next' } as const),
      fc.constant({ kind: 'none' } as const),
      layers.map((own) => ({ kind: 'own', layers: own }) as const),
    ),
  });

const moment = fc.integer({ min: -5 * 1_440, max: 45 * 1_440 }).map((minutes) => FROM + minutes * MINUTE);
const overrides: fc.Arbitrary<readonly Override[]> = fc
  .array(
    fc.record({
      schedule: fc.constantFrom('a', 'b'),
      slot: fc.constantFrom('primary' as const, 'secondary' as const),
      userId: fc.constantFrom(...PEOPLE),
      from: moment,
      hours: fc.integer({ min: 1, max: 200 }),
    }),
    { maxLength: 6 },
  )
  .map((all) =>
    all.map(({ hours, ...each }, index) =>
      override({ ...each, id: `o${index}`, to: each.from + hours * HOUR, createdAt: index }),
    ),
  );

const meant: fc.Arbitrary<Meant> = fc.oneof(
  fc.record({
    kind: fc.constant('schedule' as const),
    schedule: fc.constantFrom('a', 'b'),
    slot: fc.constantFrom('primary' as const, 'secondary' as const),
  }),
  fc.constantFrom(...PEOPLE).map((userId) => ({
    kind: 'person' as const,
    userId,
    via: `user ${userId}`,
    canBePaged: { high: canBePaged(userId), low: false },
  })),
);
const step = fc.record({ name: fc.constant('x'), meant: fc.array(meant, { minLength: 1, maxLength: 2 }) });

describe('coverage', () => {
  it('reports an interval just where nobody is paged at that instant', () => {
    fc.assert(
      fc.property(
        fc.tuple(schedule('a'), schedule('b')),
        overrides,
        fc.array(step, { minLength: 1, maxLength: 3 }),
        step,
        fc.array(fc.integer({ min: SPAN.from, max: SPAN.to - 1 }), { minLength: 30, maxLength: 60 }),
        (both, given, steps, catchAll, instants) => {
          const schedules = new Map(both.map((each) => [each.id, prepare(each, given)]));
          const source: CoverageSource = {
            policies: [{ id: 'p', zone: 'UTC', steps, catchAll }],
            schedules,
            person: (id) => ({
              name: id,
              zone: zoneRules('UTC'),
              canBePaged: { high: canBePaged(id), low: false },
            }),
            limits: DEFAULT_LIMITS,
            ignored: [],
          };
          const [found] = coverageOf(source, SPAN).policies;
          if (found === undefined) throw new Error('no policy');
          const pagedAt = (all: readonly Meant[], at: Instant): readonly string[] =>
            all
              .map((each) => {
                if (each.kind === 'person') return each.userId;
                const asked = each.kind === 'schedule' ? schedules.get(each.schedule) : undefined;
                return asked === undefined || each.kind !== 'schedule'
                  ? null
                  : onCallAt(asked, at)[each.slot];
              })
              .filter((id) => id !== null && canBePaged(id)) as readonly string[];
          const edges = [...found.nobody, ...found.gaps, ...found.repeats].flatMap(({ from, to }) =>
            [from - 1, from, to - 1, to].filter((at) => at >= SPAN.from && at < SPAN.to),
          );
          for (const at of [...instants, ...edges]) {
            const paged = steps.map((each) => pagedAt(each.meant, at));
            const caught = pagedAt(catchAll.meant, at);
            const covers = (each: { readonly from: Instant; readonly to: Instant }): boolean =>
              each.from <= at && at < each.to;
            for (const [index, people] of paged.entries()) {
              const isGap = found.gaps.filter((each) => each.step === index + 1).filter(covers).length;
              expect(isGap).toBe(people.length === 0 ? 1 : 0);
              const before = paged.slice(0, index).findLast((each) => each.length > 0);
              const repeats =
                people.length > 0 && before !== undefined && people.every((each) => before.includes(each));
              const isRepeat = found.repeats.filter((each) => each.step === index + 1).filter(covers).length;
              expect(isRepeat).toBe(repeats ? 1 : 0);
            }
            expect(found.gaps.filter((each) => each.step === null).filter(covers)).toHaveLength(
              caught.length === 0 ? 1 : 0,
            );
            expect(found.nobody.filter(covers).map(({ isCaught }) => isCaught)).toEqual(
              paged.flat().length === 0 ? [caught.length > 0] : [],
            );
          }
          // As long as they can be: neighbours of one kind never touch.
          for (const [index, each] of found.nobody.entries()) {
            const next = found.nobody[index + 1];
            if (next?.from === each.to) expect(next.isCaught).not.toBe(each.isCaught);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('says what paging says, for every policy of the example, overrides included', async () => {
    const config = await plantedConfig();
    const span = { from: FROM, to: FROM + 182 * DAY };
    const from = span.from + 40 * DAY;
    // Somebody who has left does not count, whoever made it last.
    const given = [
      override({
        id: 'a',
        schedule: 'shop',
        userId: 'alice',
        from: utc('2026-05-25 10:00'),
        to: utc('2026-05-25 12:00'),
      }),
      override({ id: 'b', schedule: 'weekly', userId: 'vera', from, to: from + 3 * DAY }),
      override({ id: 'c', schedule: 'voices', userId: 'zoe', from, to: from + 9 * DAY, createdAt: 5 }),
      override({ id: 'd', schedule: 'clocks', slot: 'secondary', userId: 'vera', from, to: from + DAY }),
    ];
    const known = { overrides: given, asOf: 0, isStale: false };
    for (const urgency of ['high', 'low'] as const) {
      const coverage = coverageOf(coverageSource(config.duty, given), span, urgency);
      const edges = coverage.policies.flatMap(({ gaps }) =>
        gaps.flatMap(({ from, to }) => [from - 1, from, to - 1, to]),
      );
      fc.assert(
        fc.property(
          fc.oneof(fc.integer({ min: span.from, max: span.to - 1 }), fc.constantFrom(...edges)),
          (at) => {
            fc.pre(at >= span.from && at < span.to);
            for (const service of config.serviceIds) {
              const { policy } = config.plan(service, at, []);
              const found = coverage.policies.find((each) => each.policy === policy.id);
              const isWithin = (each: { readonly from: Instant; readonly to: Instant }): boolean =>
                each.from <= at && at < each.to;
              const inGap = policy.steps.map((_, index) =>
                found?.gaps.some((each) => each.step === index + 1 && isWithin(each)),
              );
              const asked = policy.steps.map(
                ({ targets }) => config.findPeople(targets, urgency, at, known).people.length === 0,
              );
              expect(inGap).toEqual(asked);
              expect(found?.nobody.some(isWithin)).toBe(asked.every((each) => each));
            }
          },
        ),
        { numRuns: 300 },
      );
    }
  });
});
