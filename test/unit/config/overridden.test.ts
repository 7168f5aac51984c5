import { describe, expect, it } from 'vitest';
import { withOverrides } from '../../../config/overridden.js';
import type { Target } from '../../../domain/escalation/policy.js';
import type { OverridesAsOf } from '../../../domain/oncall/known.js';
import type { Override } from '../../../domain/oncall/override.js';
import { HOUR } from '../../../domain/time/instant.js';
import { configOf, utc } from './support.js';

/** A Tuesday: alice is primary, bob secondary. */
const AT = utc('2026-01-06 12:00');
const primary: Target = { kind: 'schedule', id: 'payments', slot: 'primary' };
const secondary: Target = { kind: 'schedule', id: 'payments', slot: 'secondary' };
const erinHerself: Target = { kind: 'user', id: 'erin' };

function override(changes: Partial<Override> = {}): Override {
  return {
    id: 'o1',
    schedule: 'payments',
    slot: 'primary',
    userId: 'erin',
    insteadOf: null,
    from: AT - HOUR,
    to: AT + HOUR,
    reason: 'the dentist',
    by: 'alice',
    createdAt: AT - HOUR,
    swapId: null,
    ...changes,
  };
}

function known(overrides: readonly Override[], changes: Partial<OverridesAsOf> = {}): OverridesAsOf {
  return { overrides, asOf: AT, isStale: false, ...changes };
}

describe('who is paged, with overrides', () => {
  const config = configOf();
  const paged = (targets: readonly Target[], overrides: readonly Override[], at = AT) =>
    config
      .findPeople(targets, 'high', at, known(overrides))
      .people.map(({ userId, via }) => `${userId}: ${via}`);

  it('is who has the place at that instant, as long as the override counts', () => {
    expect(paged([primary], [])).toEqual(['alice: primary of payments']);
    expect(paged([primary], [override()])).toEqual(['erin: primary of payments']);
    expect(paged([primary], [override()], AT + HOUR)).toEqual(['alice: primary of payments']);
    expect(paged([primary], [override({ cancelledAt: AT })])).toEqual(['alice: primary of payments']);
    expect(paged([primary], [override({ schedule: 'another' })])).toEqual(['alice: primary of payments']);
    expect(paged([primary, secondary], [override({ userId: 'bob' })])).toEqual([
      'bob: primary of payments',
      'alice: secondary of payments',
    ]);
  });

  it('is who has it by the rotation when the person of the override left the config, and that is told', () => {
    const found = config.findPeople([primary], 'high', AT, known([override({ userId: 'gone' })]));
    expect(found.people.map(({ userId }) => userId)).toEqual(['alice']);
    expect(found.problems).toEqual([
      'the override of primary of payments does not count: gone is no longer in the config',
    ]);
    const over = config.findPeople([primary], 'high', AT + HOUR, known([override({ userId: 'gone' })]));
    expect(over.problems).toEqual([]);
  });

  it('says that there may be newer overrides where a shift was asked for, and only there', () => {
    const old = known([override()], { asOf: AT - 60_000, isStale: true });
    expect(config.findPeople([primary, erinHerself], 'high', AT, old)).toMatchObject({
      people: [{ userId: 'erin' }],
      overridesAsOf: AT - 60_000,
    });
    expect(config.findPeople([primary], 'high', AT, known([], { asOf: null, isStale: true }))).toMatchObject({
      people: [{ userId: 'alice' }],
      overridesAsOf: null,
    });
    expect(config.findPeople([erinHerself], 'high', AT, old)).not.toHaveProperty('overridesAsOf');
    expect(config.findPeople([primary], 'high', AT, known([override()]))).not.toHaveProperty('overridesAsOf');
    expect(config.findPeople([primary], 'high', AT)).not.toHaveProperty('overridesAsOf');
  });

  it('and who is on call are the same, with why and until when', () => {
    expect(config.onCall(AT, known([override()]))).toEqual([
      {
        schedule: 'payments',
        primary: 'erin',
        secondary: 'bob',
        why: { primary: { kind: 'override', id: 'o1' }, secondary: { kind: 'rotation', name: 'rotation' } },
        until: AT + HOUR,
      },
    ]);
  });

  it('works a schedule out once for the same overrides', () => {
    const overrides = [override()];
    expect(config.schedulesWith(overrides)).toBe(config.schedulesWith(overrides));
    expect(config.schedulesWith([...overrides])).not.toBe(config.schedulesWith(overrides));
    expect(config.schedulesWith([]).get('payments')).toBe(config.schedules.get('payments'));
  });
});

describe('a configuration with the overrides that are known', () => {
  it('goes by what is known when it is asked for, and by the configuration in force', () => {
    let [config, now] = [configOf(), known([])];
    const current = withOverrides(
      () => config,
      () => now,
    );
    const who = () => [
      current().findPeople([primary], 'high', AT).people[0]?.userId,
      current().onCall(AT)[0]?.primary,
    ];
    expect(who()).toEqual(['alice', 'alice']);
    now = known([override()]);
    expect(who()).toEqual(['erin', 'erin']);
    expect(current()).toBe(current());
    now = known(now.overrides, { asOf: AT - 31_000, isStale: true });
    expect(current().findPeople([primary], 'high', AT).overridesAsOf).toBe(AT - 31_000);
    now = known(now.overrides);
    expect(current().findPeople([primary], 'high', AT)).not.toHaveProperty('overridesAsOf');
    config = configOf({
      users: `
  alice: { name: Alice, phone: "+12025550101" }
  bob: { name: Bob, phone: "+12025550102" }`,
      groups: `
  ops-room: { name: Ops room, contacts: [{ channel: sms, to: "+12025550199" }] }`,
    });
    expect(who()).toEqual(['alice', 'alice']);
  });
});
