import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timelineWords } from '../../../domain/messages/timeline-words.js';
import { MINUTE } from '../../../domain/time/instant.js';
import type { VirtualIncident } from '../../support/virtual-incident.js';
import {
  incident,
  ON_CALL,
  PEOPLE,
  person,
  PLAN,
  planWith,
  POLICY,
  SEV0,
  SEV1,
  TUESDAY_10,
} from './fixtures.js';

/** SEV1 that pages at any hour. */
const AT_ONCE = planWith({ ...SEV1, page: 'immediately' });

function told(
  unproven: readonly string[],
  options: Partial<Parameters<typeof incident>[0]> = {},
): VirtualIncident {
  return incident({ plan: AT_ONCE, unproven, ...options });
}

/** Who was paged first at which minute, in order. */
function order(one: VirtualIncident): readonly string[] {
  return one
    .log()
    .filter((line) => line.includes('sms+push:'))
    .map((line) => line.replace(/ sms\+push:.*/, ''));
}

function lines(one: VirtualIncident, type: string): readonly string[] {
  return one
    .state()
    .timeline.filter((entry) => entry.type === type)
    .map((entry) => timelineWords(entry));
}

describe('somebody who has confirmed no contact method', () => {
  it('is paged, and the next tier at once as well; the rest in its time', () => {
    const one = told(['alice']);
    one.advanceTo('14:59');
    expect(order(one)).toEqual(['0:00 alice', '0:00 bob', '5:00 carol', '10:00 dan']);
    expect(lines(one, 'unproven')).toEqual([
      'alice confirmed no contact method: secondary is paged at once as well',
    ]);
    const reasons = one.contacts
      .filter(({ at }) => at === TUESDAY_10)
      .map(({ who, reason }) => `${who} ${reason}`);
    expect(new Set(reasons)).toEqual(new Set(['alice alert', 'bob unproven']));
  });

  it('keeps being paged by their rules: nothing that was on its way is called off', () => {
    const one = told(['alice']);
    one.advanceTo('4:00');
    const calls = one.log().filter((line) => line.includes(' voice: '));
    expect(calls.map((line) => line.split(':').slice(0, 2).join(':'))).toEqual([
      '1:00 alice voice',
      '1:00 bob voice',
      '3:00 alice voice',
      '3:00 bob voice',
    ]);
    expect(one.commands.map(({ command }) => command.type)).not.toContain('cancel-deliveries');
  });

  it('is named in the timer with whoever is asked beside them', () => {
    const one = told(['alice']);
    expect(one.state().deadlines['ack']).toEqual({
      at: TUESDAY_10 + 5 * MINUTE,
      label: 'ack timeout: alice, bob (primary + secondary), then tier 2',
    });
  });

  it('is asked with them again in the second round', () => {
    const one = told(['alice']);
    one.advanceTo('20:00');
    expect(order(one).slice(-2)).toEqual(['20:00 alice', '20:00 bob']);
  });

  it('may answer like anybody, and owns it as of their step', () => {
    const one = told(['alice']);
    one.advanceTo('0:30');
    one.acknowledge('alice');
    one.advanceTo('4:00');
    expect(one.state().owner).toMatchObject({ actor: { id: 'alice' }, step: 0 });
    const other = told(['alice']);
    other.advanceTo('0:30');
    other.acknowledge('bob');
    expect(other.state().owner).toMatchObject({ actor: { id: 'bob' }, step: 1 });
  });

  it('brings one tier forward, whether that one counts or not; the one after it in its time', () => {
    const one = told(['alice', 'bob', 'carol']);
    one.advanceTo('9:59');
    expect(order(one)).toEqual(['0:00 alice', '0:00 bob', '5:00 carol', '5:00 dan']);
    expect(lines(one, 'unproven')).toHaveLength(2);
    one.advanceTo('10:01');
    expect(order(one).slice(4)).toEqual(['10:00 erin']);
  });

  it('brings the tier after an empty one forward', () => {
    const one = told(['alice'], { onCall: { ...ON_CALL, 'schedule:payments:secondary': [] } });
    one.advanceTo('1:00');
    expect(order(one)).toEqual(['0:00 alice', '0:00 carol']);
    expect(lines(one, 'skipped')).toEqual([expect.stringContaining('skipped secondary')]);
    const none = told(Object.keys(PEOPLE), { onCall: { ...ON_CALL, 'schedule:payments:secondary': [] } });
    none.advanceTo('1:00');
    expect(order(none)).toEqual(['0:00 alice', '0:00 carol']);
  });

  it('changes nothing where somebody else of the tier counts, or nobody comes after them', () => {
    const onCall = { ...ON_CALL, 'schedule:payments:primary': ['alice', 'fay'] };
    const one = told(['alice'], { onCall });
    one.advanceTo('4:59');
    expect(order(one)).toEqual(['0:00 alice', '0:00 fay']);
    const last = told(['erin']);
    last.advanceTo('24:59');
    expect(order(last).at(-1)).toBe('20:00 erin');
    expect(lines(last, 'unproven')).toEqual([]);
    const all = told(['alice', 'bob', 'carol', 'dan', 'erin'], {
      plan: { ...planWith(SEV0) },
      severity: 'SEV0',
    });
    all.advanceTo('1:00');
    expect(lines(all, 'unproven')).toEqual([]);
  });

  it('wakes no more than two tiers at a time where nobody at all counts, as in a new installation', () => {
    const one = told(Object.keys(PEOPLE));
    one.advanceTo('29:59');
    const pairs = [['alice', 'bob'], ['carol', 'dan'], ['erin']];
    expect(order(one)).toEqual(
      [...pairs, ...pairs].flatMap((names, index) => names.map((name) => `${index * 5}:00 ${name}`)),
    );
    one.advanceTo('30:01');
    expect(one.log('30:00')).toContainEqual(expect.stringContaining('ops-room'));
  });

  it('never loses anybody: whoever would be paged in a round is paged in it, and no later', () => {
    const names = ['alice', 'bob', 'carol', 'dan', 'erin'];
    fc.assert(
      fc.property(
        fc.subarray(names),
        fc.subarray(names.slice(0, 4)),
        fc.integer({ min: 1, max: 3 }),
        (unproven, unreachable, rounds) => {
          const people = {
            ...PEOPLE,
            ...Object.fromEntries(unreachable.map((name) => [name, { ...person, high: [] }])),
          };
          const plan = { ...AT_ONCE, policy: { ...POLICY, rounds } };
          const [one, plain] = [told(unproven, { people, plan }), told([], { people, plan })];
          one.advanceTo('24:59');
          plain.advanceTo('24:59');
          const first = (which: VirtualIncident, name: string) =>
            which.contacts.find(({ who }) => who === name)?.at ?? null;
          for (const name of names) {
            const [mine, usual] = [first(one, name), first(plain, name)];
            if (usual !== null) expect(mine).not.toBeNull();
            if (mine !== null && usual !== null) expect(mine).toBeLessThanOrEqual(usual);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is no matter where an answer comes too late', () => {
    const one = told(['alice'], { plan: PLAN });
    one.advanceTo('0:00');
    one.acknowledge('alice');
    one.advanceTo('20:00');
    expect(order(one).filter((line) => line.startsWith('5:'))).toEqual([]);
  });
});
