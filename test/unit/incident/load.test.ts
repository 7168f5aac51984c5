import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../domain/escalation/policy.js';
import type { ResponsePlan } from '../../../domain/incident/plan.js';
import { ringsAtNight } from '../../../domain/incident/load.js';
import { timelineWords } from '../../../domain/messages/timeline-words.js';
import { MINUTE } from '../../../domain/time/instant.js';
import type { VirtualIncident } from '../../support/virtual-incident.js';
import { incident, PEOPLE, person, PLAN, planWith, POLICY, SEV0, SEV1, SUNDAY_3 } from './fixtures.js';

const AT_ONCE = planWith({ ...SEV1, page: 'immediately' });

/** SEV1 that pages at any hour, at 03:00 on a Sunday. */
function night(
  pagedTonight: Readonly<Record<string, number>>,
  options: Partial<Parameters<typeof incident>[0]> = {},
): VirtualIncident {
  return incident({ plan: AT_ONCE, startsAt: SUNDAY_3, pagedTonight, ...options });
}

/** Who was paged first at which minute, in order. */
function order(told: VirtualIncident): readonly string[] {
  return told
    .log()
    .filter((line) => line.includes('sms+push:'))
    .map((line) => line.replace(/ sms\+push:.*/, ''));
}

function lines(told: VirtualIncident, type: string): readonly string[] {
  return told
    .state()
    .timeline.filter((entry) => entry.type === type)
    .map((entry) => timelineWords(entry));
}

describe('somebody who had their share of pages this night', () => {
  it('is paged after the next tier, and the rest follows in its time (scenario 11)', () => {
    const told = night({ alice: 3 });
    told.advanceTo('24:59');
    expect(order(told)).toEqual(['0:00 bob', '5:00 alice', '10:00 carol', '15:00 dan', '20:00 erin']);
    expect(lines(told, 'spared')).toEqual([
      'secondary is paged before primary: alice was paged for 3 incidents tonight (limit 3)',
    ]);
    expect(lines(told, 'ack-timeout').slice(0, 2)).toEqual([
      'nobody acknowledged in time: bob (secondary)',
      'nobody acknowledged in time: alice (primary)',
    ]);
  });

  it('is named in the timer, as is who comes before them', () => {
    const told = night({ alice: 4 });
    expect(told.state().deadlines['ack']).toEqual({
      at: SUNDAY_3 + 5 * MINUTE,
      label: 'ack timeout: bob (secondary), then primary, past their limit tonight',
    });
    const searches = told.commands.flatMap(({ command }) =>
      command.type === 'find-people' ? [command.label] : [],
    );
    expect(searches).toContain('find who is secondary: alice was paged for 4 incidents tonight');
    told.advanceTo('5:00');
    expect(told.state().deadlines['ack']?.label).toBe('ack timeout: alice (primary), then tier 2');
  });

  it('hears nothing when the others answer, who own it as of their step', () => {
    const told = night({ alice: 3 });
    told.advanceTo('0:30');
    told.acknowledge('bob');
    told.advanceTo('24:00');
    expect(told.log()).not.toContainEqual(expect.stringContaining('alice'));
    expect(told.state().owner).toMatchObject({ actor: { id: 'bob' }, step: 1 });
  });

  it('leads to one note for the morning, after the pages', () => {
    const told = night({ alice: 3 });
    told.advanceTo('60:00');
    const notes = told.commands.filter(({ command }) => command.type === 'note-spared');
    expect(notes).toEqual([
      {
        at: SUNDAY_3,
        command: {
          type: 'note-spared',
          tier: 'primary',
          instead: 'secondary',
          people: [{ userId: 'alice', name: 'alice', count: 3, limit: 3 }],
        },
      },
    ]);
    const first = told.commands.map(({ command }) => command.type);
    expect(first.indexOf('deliver')).toBeLessThan(first.indexOf('note-spared'));
  });

  it('is paged as ever with one page left', () => {
    const told = night({ alice: 2 });
    told.advanceTo('6:00');
    expect(order(told)).toEqual(['0:00 alice', '5:00 bob']);
    expect(lines(told, 'spared')).toEqual([]);
  });

  it('counts once: whoever was paged for this incident is not put back in its second round', () => {
    const pagedTonight: Record<string, number> = { alice: 2 };
    const told = night(pagedTonight, { plan: { ...AT_ONCE, policy: { ...POLICY, rounds: 3 } } });
    told.advanceTo('1:00');
    pagedTonight['alice'] = 3;
    told.advanceTo('26:00');
    expect(order(told).slice(-1)).toEqual(['25:00 alice']);
  });

  it('stays first where everybody of the next tier is past their limit, too, and the timeline says why', () => {
    const told = night({ alice: 3, bob: 5 });
    told.advanceTo('12:00');
    // Bob's own turn comes: carol has slept so far.
    expect(order(told)).toEqual(['0:00 alice', '5:00 carol', '10:00 bob']);
    expect(lines(told, 'remark')).toEqual([
      'alice was paged for 3 incidents tonight (limit 3); paged all the same, since bob was paged for 5 incidents tonight (limit 3) as secondary',
    ]);
  });

  it('stays first where nobody is in the next tier, or only they are', () => {
    for (const secondary of [[], ['alice']]) {
      const told = night(
        { alice: 3 },
        { onCall: { 'schedule:payments:primary': ['alice'], 'schedule:payments:secondary': secondary } },
      );
      told.advanceTo('0:01');
      expect(order(told)).toEqual(['0:00 alice']);
      expect(lines(told, 'remark')).toEqual([
        'alice was paged for 3 incidents tonight (limit 3); paged all the same, since nobody else is secondary now',
      ]);
    }
  });

  it('stays first where nobody of the next tier can be reached', () => {
    const told = night({ alice: 3 }, { people: { ...PEOPLE, bob: { ...person, high: [] } } });
    told.advanceTo('0:01');
    expect(order(told)).toEqual(['0:00 alice']);
  });

  it('keeps the last tier where it is', () => {
    const told = night({ erin: 9 });
    told.advanceTo('21:00');
    expect(order(told).at(-1)).toBe('20:00 erin');
    expect(lines(told, 'spared')).toEqual([]);
  });

  it('is not spared when somebody of the same tier is left who may be woken', () => {
    const onCall = { 'schedule:payments:primary': ['alice', 'fay'], 'schedule:payments:secondary': ['bob'] };
    const told = night({ alice: 3 }, { onCall });
    told.advanceTo('1:00');
    expect(order(told)).toEqual(['0:00 alice', '0:00 fay']);
    const both = night({ alice: 3, fay: 4 }, { onCall });
    both.advanceTo('6:00');
    expect(order(both)).toEqual(['0:00 bob', '5:00 alice', '5:00 fay']);
    expect(lines(both, 'spared')).toEqual([
      'secondary is paged before primary: alice was paged for 3 incidents tonight (limit 3) and fay was paged for 4 incidents tonight (limit 3)',
    ]);
  });

  it('is paged with everybody else where all hands are called', () => {
    const told = night({ alice: 3 }, { severity: 'SEV0', plan: planWith({ ...SEV0, executives: false }) });
    told.advanceTo('0:30');
    expect(order(told)).toEqual(['0:00 alice', '0:00 bob', '0:00 carol', '0:00 dan', '0:00 erin']);
  });

  it('is asked first as the owner, and past the owner the tiers change places', () => {
    const told = night({ alice: 3, bob: 3 });
    told.advanceTo('0:30');
    told.acknowledge('alice');
    told.advanceTo('31:00');
    // Nobody moved: the tier above alice is bob, who is past his limit; carol is asked before him.
    expect(order(told)).toEqual(['0:00 alice', '30:30 carol']);
    told.advanceTo('36:00');
    expect(order(told).at(-1)).toBe('35:30 bob');
  });

  it('is paged at once after an outage of ours: time was lost already', () => {
    const told = night({ dan: 3 });
    told.outage('4:00', '18:00');
    told.advanceTo('18:01');
    expect(order(told)).toEqual(['0:00 alice', '18:00 dan', '18:00 alice']);
    expect(lines(told, 'spared')).toEqual([]);
  });

  it('waits as long as the tier that is asked first does', () => {
    const steps = POLICY.steps.map((step, index) => ({ ...step, timeoutMs: (index === 1 ? 9 : 2) * MINUTE }));
    const told = night({ alice: 3 }, { plan: { ...AT_ONCE, policy: { ...POLICY, steps } } });
    told.advanceTo('11:00');
    expect(order(told)).toEqual(['0:00 bob', '9:00 alice', '11:00 carol']);
  });
});

describe('nobody is ever dropped by a limit', () => {
  const people = ['u0', 'u1', 'u2', 'u3', 'u4', 'u5'];
  const world = fc.record({
    tiers: fc.array(fc.subarray(people, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 5 }),
    tonight: fc.dictionary(fc.constantFrom(...people), fc.integer({ min: 0, max: 5 })),
    rounds: fc.integer({ min: 1, max: 3 }),
    page: fc.constantFrom('immediately' as const, 'escalate-off-hours' as const),
  });

  function told({ tiers, tonight, rounds, page }: typeof world extends fc.Arbitrary<infer T> ? T : never) {
    const policy: Policy = {
      ...POLICY,
      rounds,
      steps: tiers.map((ids, index) => ({
        name: `tier ${index}`,
        targets: ids.map((id) => ({ kind: 'user' as const, id })),
        timeoutMs: 5 * MINUTE,
      })),
    };
    const plan: ResponsePlan = { ...planWith({ ...SEV1, page }, PLAN), policy };
    return incident({
      plan,
      startsAt: SUNDAY_3,
      people: { ...PEOPLE, ...Object.fromEntries(people.map((id) => [id, person])) },
      pagedTonight: tonight,
    });
  }

  /** Steps in the order in which they were paged: one for each five minutes. */
  function steps(one: VirtualIncident): readonly string[] {
    return one
      .state()
      .timeline.flatMap((entry) => (entry.type === 'ack-timeout' ? [entry.tier] : []))
      .filter((tier) => tier !== 'catch-all');
  }

  it('each tier is paged in each round as without limits, at most one place later, and it takes as long', () => {
    fc.assert(
      fc.property(world, (one) => {
        const limited = told(one);
        const free = told({ ...one, tonight: {} });
        for (const each of [limited, free]) each.advanceTo('80:00');
        const [got, wanted] = [steps(limited), steps(free)];
        const length = wanted.length / one.rounds;
        for (let round = 0; round < one.rounds; round += 1) {
          const here = got.slice(round * length, (round + 1) * length);
          const there = wanted.slice(round * length, (round + 1) * length);
          expect([...here].sort()).toEqual([...there].sort());
          for (const [index, tier] of here.entries())
            expect(index - there.indexOf(tier), `${tier} in ${here.join(', ')}`).toBeLessThanOrEqual(1);
        }
        expect(limited.timeline('catch-all')[0]).toBe(free.timeline('catch-all')[0]);
        // Whoever is paged without limits is paged with them.
        const paged = (each: VirtualIncident) =>
          new Set(each.contacts.filter(({ kind }) => kind === 'page').map(({ who }) => who));
        expect(paged(limited)).toEqual(paged(free));
      }),
      { seed: 20_261_121, numRuns: 60 },
    );
  });
});

it('a page rings, information does not', () => {
  const page = { type: 'page', reason: 'alert', tier: 'primary', round: 1 } as const;
  expect(ringsAtNight({ kind: 'page', parts: [page] })).toBe(true);
  expect(ringsAtNight({ kind: 'page', parts: [{ ...page, reason: 'for-information' }] })).toBe(false);
  expect(ringsAtNight({ kind: 'notice', parts: [{ type: 'told', what: 'management' }] })).toBe(false);
});
