import { describe, expect, it } from 'vitest';
import { coverageSource } from '../../../config/duty.js';
import type { Span } from '../../../domain/oncall/cover.js';
import { coverageOf, type Coverage } from '../../../domain/oncall/coverage.js';
import { DEFAULT_LIMITS, examineDuties } from '../../../domain/oncall/coverage-duties.js';
import type { PolicyCoverage } from '../../../domain/oncall/coverage-steps.js';
import type { Override } from '../../../domain/oncall/override.js';
import type { Urgency } from '../../../domain/severity/severity.js';
import { DAY, HOUR } from '../../../domain/time/instant.js';
import { utc } from '../config/support.js';
import { plantedConfig } from './planted/config.js';
import { override, UTC } from './support.js';

const { duty } = await plantedConfig();
/** 26 weeks, over the change of clocks in spring. */
const SPAN = { from: utc('2026-03-02 00:00'), to: utc('2026-03-02 00:00') + 26 * 7 * DAY };

function covered(overrides: readonly Override[] = [], urgency: Urgency = 'high'): Coverage {
  return coverageOf(coverageSource(duty, overrides), SPAN, urgency);
}

function policy(coverage: Coverage, id: string): PolicyCoverage {
  const found = coverage.policies.find((each) => each.policy === id);
  if (found === undefined) throw new Error(`no policy ${id}`);
  return found;
}

const CLOCKS = { from: utc('2026-03-29 02:00'), to: utc('2026-03-29 03:00') };
/** Whit Monday, 09:00 to 17:00 in Berlin. */
const HOLIDAY = { from: utc('2026-05-25 07:00'), to: utc('2026-05-25 15:00') };

describe('coverage of the example with planted gaps', () => {
  it('finds the hour of the night in which the clocks change, and nothing else there', () => {
    const { nobody, gaps, zone } = policy(covered(), 'clocks');
    expect(nobody).toEqual([{ ...CLOCKS, isCaught: true }]);
    const reason = { kind: 'nobody-on-call', schedule: 'clocks' };
    expect(gaps).toEqual([
      { ...CLOCKS, step: 1, name: 'tier 1', reasons: [{ ...reason, slot: 'primary' }] },
      { ...CLOCKS, step: 2, name: 'tier 2', reasons: [{ ...reason, slot: 'secondary' }] },
    ]);
    expect(zone).toBe('Europe/Berlin');
  });

  it('finds the holiday that nobody covers, and not the one that somebody does', () => {
    const { nobody, gaps } = policy(covered(), 'shop');
    expect(nobody).toEqual([{ ...HOLIDAY, isCaught: true }]);
    expect(gaps.filter(({ step }) => step === 1)).toEqual([
      {
        ...HOLIDAY,
        step: 1,
        name: 'first',
        reasons: [{ kind: 'nobody-on-call', schedule: 'shop', slot: 'primary' }],
      },
    ]);
    // On Easter Monday Carol is alone.
    expect(gaps.filter(({ step }) => step === 2).map(({ from, to }) => ({ from, to }))).toEqual([
      { from: utc('2026-04-05 22:00'), to: utc('2026-04-06 22:00') },
      HOLIDAY,
    ]);
  });

  it('finds who is without a way for low urgency, and the gaps that this makes', () => {
    const { unreachable } = covered();
    expect(unreachable).toEqual([
      {
        userId: 'carol',
        name: 'Carol',
        urgencies: ['high', 'low'],
        policies: ['shop'],
        via: ['group ops-room'],
      },
      {
        userId: 'vera',
        name: 'Vera',
        urgencies: ['low'],
        policies: ['voices'],
        via: ['primary of voices'],
      },
    ]);
    expect(policy(covered(), 'voices').gaps).toEqual([]);
    const low = policy(covered([], 'low'), 'voices');
    const reasons = [{ kind: 'unreachable', userId: 'vera', via: 'primary of voices' }];
    // Vera's weeks: the second, the fourth … of the year's rotation, from 2 March (Alice's ninth) on 13 of them.
    expect(low.gaps).toHaveLength(14);
    expect(low.gaps[0]).toEqual({
      from: SPAN.from,
      to: utc('2026-03-02 08:00'),
      step: 1,
      name: 'tier 1',
      reasons,
    });
    expect(low.gaps[1]).toMatchObject({ from: utc('2026-03-09 08:00'), to: utc('2026-03-16 08:00') });
    expect(low.gaps[2]).toMatchObject({ from: utc('2026-03-23 08:00'), to: utc('2026-03-30 07:00') });
    expect(low.nobody).toHaveLength(14);
  });

  it('finds the step that pages the person whom the step before has paged', () => {
    const { repeats, gaps } = policy(covered(), 'twice');
    expect(gaps).toEqual([]);
    expect(repeats).toHaveLength(9);
    // Bob's third week ends in the morning of 2 March; the others begin on 16 March, 6 April …
    const bobs = { step: 2, name: 'tier 2', people: ['bob'] };
    expect(repeats.slice(0, 3)).toEqual([
      { ...bobs, from: SPAN.from, to: utc('2026-03-02 08:00') },
      { ...bobs, from: utc('2026-03-16 08:00'), to: utc('2026-03-23 08:00') },
      { ...bobs, from: utc('2026-04-06 07:00'), to: utc('2026-04-13 07:00') },
    ]);
  });

  it('an override closes a gap, and another opens one', () => {
    const fills = override({ id: 'a', schedule: 'shop', userId: 'alice', ...HOLIDAY });
    const half = { from: HOLIDAY.from, to: HOLIDAY.from + HOUR };
    expect(policy(covered([fills]), 'shop').nobody).toEqual([]);
    expect(policy(covered([{ ...fills, ...half }]), 'shop').nobody).toEqual([
      { from: half.to, to: HOLIDAY.to, isCaught: true },
    ]);
    // A user's contacts go by low urgency as well; Vera's do not.
    const at = { from: utc('2026-05-27 12:00'), to: utc('2026-05-27 13:30') };
    const opens = override({ id: 'v', schedule: 'weekly', userId: 'vera', ...at });
    const twice = coverageOf(coverageSource(duty, [opens], 'twice'), SPAN, 'low');
    expect(policy(twice, 'twice').gaps).toEqual([
      {
        ...at,
        step: 1,
        name: 'tier 1',
        reasons: [{ kind: 'unreachable', userId: 'vera', via: 'primary of weekly' }],
      },
    ]);
    // Taken back before it began, it leaves nothing.
    const undone = coverageSource(duty, [{ ...opens, cancelledAt: at.from }], 'twice');
    expect(policy(coverageOf(undone, SPAN, 'low'), 'twice').gaps).toEqual([]);
  });

  it('tells of an override that does not count since its person has left, as paging has it', () => {
    const at = { from: utc('2026-06-10 12:00'), to: utc('2026-06-10 13:30') };
    const left = override({ id: 'z', schedule: 'voices', userId: 'zoe', ...at });
    const coverage = covered([left]);
    expect(policy(coverage, 'voices').gaps).toEqual([]);
    expect(coverage.ignored).toEqual([
      { id: 'z', schedule: 'voices', slot: 'primary', userId: 'zoe', ...at },
    ]);
    expect(coverage.summary.ignored).toBe(1);
    expect(covered([{ ...left, cancelledAt: at.from }]).ignored).toEqual([]);
    expect(covered([{ ...left, from: SPAN.from - 1, to: SPAN.from }]).ignored).toEqual([]);
  });

  it('sums up', () => {
    const { summary } = covered();
    expect(summary).toMatchObject({
      policies: 4,
      nobody: 2,
      nobodyMs: 9 * HOUR,
      gaps: 5,
      gapsMs: (1 + 1 + 8 + 24 + 8) * HOUR,
      unreachable: 2,
      repeats: 9,
    });
  });

  it('looks at one policy alone when asked', () => {
    const { policies, unreachable } = coverageOf(coverageSource(duty, [], 'clocks'), SPAN);
    expect(policies.map((each) => each.policy)).toEqual(['clocks']);
    expect(unreachable).toEqual([]);
  });

  it('tells when even the catch-all pages nobody', () => {
    const [shop] = duty.policies.filter(({ id }) => id === 'shop');
    if (shop === undefined) throw new Error('no shop');
    const catchAll = {
      name: 'catch-all',
      meant: [{ kind: 'schedule', schedule: 'shop', slot: 'primary' }] as const,
    };
    const source = { ...coverageSource(duty, []), policies: [{ ...shop, catchAll }] };
    const found = policy(coverageOf(source, SPAN), 'shop');
    expect(found.nobody).toEqual([{ ...HOLIDAY, isCaught: false }]);
    expect(found.gaps.filter(({ step }) => step === null)).toEqual([
      expect.objectContaining({ ...HOLIDAY, name: 'catch-all' }),
    ]);
  });
});

describe('duty and rest', () => {
  it('lets a week be a week when the clocks change', () => {
    // 23 March to 30 March has 167 hours in Berlin; 19 to 26 October 169.
    const source = coverageSource(duty, [], 'twice');
    const found = coverageOf(source, { from: utc('2026-03-02 00:00'), to: utc('2027-02-01 00:00') });
    expect(found.tooLong).toEqual([]);
    expect(found.duties.find(({ userId }) => userId === 'carol')).toMatchObject({
      zone: 'America/New_York',
      primary: { isCut: false },
    });
    expect(Math.max(...found.duties.map(({ primary }) => (primary?.to ?? 0) - (primary?.from ?? 0)))).toBe(
      169 * HOUR,
    );
  });

  it('finds a duty that an override makes too long, whole although it begins before the span', () => {
    // Bob's own week is that of 23 February: with Alice's before it he has 14 days.
    const before = { from: utc('2026-02-16 08:00'), to: utc('2026-02-23 08:00') };
    const given = override({ schedule: 'weekly', userId: 'bob', ...before });
    expect(coverageOf(coverageSource(duty, [given], 'twice'), SPAN).tooLong).toEqual([
      { userId: 'bob', from: before.from, to: utc('2026-03-02 08:00'), isCut: false },
    ]);
    const alices = override({
      schedule: 'weekly',
      userId: 'bob',
      from: utc('2026-03-09 08:00'),
      to: utc('2026-03-16 08:00'),
    });
    expect(coverageOf(coverageSource(duty, [alices], 'twice'), SPAN).tooLong).toEqual([
      { userId: 'bob', from: utc('2026-03-09 08:00'), to: utc('2026-03-23 08:00'), isCut: false },
    ]);
  });

  it('finds a rest that is too short, and tells it with the duties around it', () => {
    const week = { from: utc('2026-03-16 08:00'), to: utc('2026-03-23 08:00') };
    const away = (hours: number): Coverage => {
      const from = utc('2026-03-18 08:00');
      const relief = override({ schedule: 'weekly', userId: 'alice', from, to: from + hours * HOUR });
      return coverageOf(coverageSource(duty, [relief], 'twice'), SPAN);
    };
    expect(away(10.5).shortRests).toEqual([
      {
        userId: 'bob',
        from: utc('2026-03-18 08:00'),
        to: utc('2026-03-18 18:30'),
        before: { from: week.from, to: utc('2026-03-18 08:00') },
        after: { from: utc('2026-03-18 18:30'), to: week.to },
      },
    ]);
    expect(away(11).shortRests).toEqual([]);
    // Day after day 16 hours on, and 8 off.
    const { shortRests } = coverageOf(coverageSource(duty, [], 'clocks'), SPAN);
    expect(shortRests.length).toBeGreaterThan(100);
    const none = { ...coverageSource(duty, [], 'clocks'), limits: { maxDutyMs: null, minRestMs: null } };
    expect(coverageOf(none, SPAN)).toMatchObject({ shortRests: [], tooLong: [] });
  });

  it('does not take the lunch hour between two spans of office hours for a rest', () => {
    const day = utc('2026-03-10 00:00');
    const hours = (from: number, to: number) => ({ from: day + from * HOUR, to: day + to * HOUR });
    const examined = (...primary: readonly Span[]) =>
      examineDuties({ userId: 'a', clocks: [UTC], primary, secondary: [] }, SPAN, SPAN, DEFAULT_LIMITS)
        .shortRests;
    expect(examined(hours(9, 12), hours(13, 17))).toEqual([]);
    expect(examined(hours(9, 12), hours(13, 22))).toEqual([]);
    expect(examined(hours(9, 12), hours(13, 22.5))).toHaveLength(1);
    // Of two schedules: what touches is one duty.
    expect(examined(hours(0, 9), hours(9, 12), hours(23, 24))).toEqual([]);
  });

  it('counts time as primary for the limits, and shows time as either as well', () => {
    const { duties } = coverageOf(coverageSource(duty, [], 'clocks'), SPAN);
    for (const { either, primary } of duties) {
      expect(primary === null ? 0 : primary.to - primary.from).toBe(24 * HOUR);
      // Two people, each always the one or the other, but for the gap.
      expect(either?.isCut).toBe(true);
    }
  });
});
