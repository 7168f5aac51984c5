import { describe, expect, it } from 'vitest';
import { toSchedule } from '../../../config/on-call.js';
import { checkOverride } from '../../../domain/oncall/check-override.js';
import { dutyAt, onCallAt, prepare, shifts } from '../../../domain/oncall/on-call.js';
import { indexOverrides, type Override } from '../../../domain/oncall/override.js';
import { swap, type Swap } from '../../../domain/oncall/swap.js';
import { DAY, HOUR } from '../../../domain/time/instant.js';
import { override } from './support.js';

const utc = (text: string): number => Date.parse(`${text.replace(' ', 'T')}:00Z`);
const NOW = utc('2026-06-01 12:00');

/** Monday 09:00 to Monday 09:00 (UTC): a from 1 June, b from 8 June, c from 15 June; who follows is secondary. */
const SCHEDULE = toSchedule(
  's',
  {
    rotation: {
      type: 'weekly',
      handover: '09:00',
      start: '2026-06-01',
      participants: ['a', 'b', 'c'],
    },
  },
  'UTC',
);

const wanted = (from: string, to: string, own: Partial<Override> = {}): Override =>
  override({ id: 'new', from: utc(from), to: utc(to), createdAt: 10, ...own });

/** `<from> <primary> <secondary>` of each span of three weeks. */
function plan(...overrides: readonly Override[]): readonly string[] {
  return shifts(prepare(SCHEDULE, overrides), utc('2026-06-01 09:00'), utc('2026-06-22 09:00')).map(
    ({ from, primary, secondary }) =>
      `${new Date(from).toISOString().slice(5, 16).replace('T', ' ')} ${primary ?? '–'} ${secondary ?? '–'}`,
  );
}

describe('an override', () => {
  it('cuts a shift and leaves both its ends where they were', () => {
    expect(plan(wanted('2026-06-10 18:00', '2026-06-11 06:30'))).toEqual([
      '06-01 09:00 a b',
      '06-08 09:00 b c',
      '06-10 18:00 x c',
      '06-11 06:30 b c',
      '06-15 09:00 c a',
    ]);
  });

  it('reaches over a hand-over, which goes on below it', () => {
    expect(plan(wanted('2026-06-07 00:00', '2026-06-09 00:00', { userId: 'c' }))).toEqual([
      '06-01 09:00 a b',
      '06-07 00:00 c b',
      '06-08 09:00 c a',
      '06-09 00:00 b c',
      '06-15 09:00 c a',
    ]);
  });

  it('instead of one person counts only in that person’s shifts', () => {
    expect(plan(wanted('2026-06-07 00:00', '2026-06-16 00:00', { insteadOf: 'b' }))).toEqual([
      '06-01 09:00 a b',
      '06-08 09:00 x c',
      '06-15 09:00 c a',
    ]);
  });

  it('of another schedule, or one that was cancelled before it began, does not count', () => {
    const other = wanted('2026-06-10 18:00', '2026-06-11 06:00', { schedule: 'other' });
    const cancelled = wanted('2026-06-10 18:00', '2026-06-11 06:00', { cancelledAt: NOW });
    expect(plan(other, cancelled)).toEqual(plan());
    expect(indexOverrides('s', [other, cancelled]).edges).toEqual([]);
  });

  it('that is cancelled while it runs leaves what has been as it was', () => {
    const cancelledAt = utc('2026-06-10 20:00');
    expect(plan(wanted('2026-06-10 18:00', '2026-06-11 06:00', { cancelledAt }))).toEqual(
      plan(wanted('2026-06-10 18:00', '2026-06-10 20:00')),
    );
  });

  it('wins over those made before; of two made at once the greater id does, in whatever order they come', () => {
    const old = wanted('2026-06-10 00:00', '2026-06-12 00:00', { id: 'z', userId: 'y', createdAt: 1 });
    const one = wanted('2026-06-11 00:00', '2026-06-13 00:00', { id: 'm' });
    const other = wanted('2026-06-11 00:00', '2026-06-11 06:00', { id: 'n', userId: 'w' });
    const expected = [
      '06-01 09:00 a b',
      '06-08 09:00 b c',
      '06-10 00:00 y c',
      '06-11 00:00 w c',
      '06-11 06:00 x c',
      '06-13 00:00 b c',
      '06-15 09:00 c a',
    ];
    expect(plan(old, one, other)).toEqual(expected);
    expect(plan(other, one, old)).toEqual(expected);
  });

  it('says that it is the reason, and ends with its last millisecond', () => {
    const each = wanted('2026-06-10 18:00', '2026-06-11 06:00');
    const schedule = prepare(SCHEDULE, [each]);
    expect(onCallAt(schedule, each.from - 1)).toMatchObject({ primary: 'b' });
    expect(onCallAt(schedule, each.from)).toMatchObject({
      primary: 'x',
      why: { primary: { kind: 'override', id: 'new' }, secondary: { kind: 'rotation', name: 'rotation' } },
    });
    expect(onCallAt(schedule, each.to - 1)).toMatchObject({ primary: 'x' });
    expect(onCallAt(schedule, each.to)).toMatchObject({ primary: 'b' });
  });

  it('is a temporary shift where nobody would be on call', () => {
    const before = wanted('2026-05-31 00:00', '2026-06-01 12:00', { userId: 'c' });
    const spans = shifts(prepare(SCHEDULE, [before]), utc('2026-05-30 00:00'), utc('2026-06-02 00:00'));
    expect(spans.map(({ primary, secondary }) => [primary, secondary])).toEqual([
      [null, null],
      ['c', null],
      ['c', 'b'],
      ['a', 'b'],
    ]);
  });
});

describe('a new override', () => {
  const check = (each: Override, existing: readonly Override[] = [], force = false) =>
    checkOverride(SCHEDULE, existing, each, NOW, { force });

  it.each([
    ['that ends before it starts', wanted('2026-06-11 00:00', '2026-06-10 00:00'), 'ends-before-start'],
    ['without length', wanted('2026-06-11 00:00', '2026-06-11 00:00'), 'ends-before-start'],
    [
      'of no time at all',
      { ...wanted('2026-06-11 00:00', '2026-06-12 00:00'), from: Number.NaN },
      'ends-before-start',
    ],
    ['that is over', wanted('2026-05-01 00:00', '2026-06-01 12:00'), 'in-the-past'],
    ['of 366 days and a minute', wanted('2026-06-11 00:00', '2027-06-12 00:01'), 'too-long'],
    ['without an end', { ...wanted('2026-06-11 00:00', '2027-06-12 00:00'), to: Infinity }, 'too-long'],
  ])('%s is refused', (_, each, kind) => {
    expect(check(each).problems.map((problem) => problem.kind)).toEqual([kind]);
    expect(check(each).inEffect).toEqual([]);
  });

  it('that began already, or lasts 366 days, is fine', () => {
    const running = wanted('2026-06-01 09:00', '2026-06-01 18:00');
    expect(check(running)).toEqual({
      problems: [],
      warnings: [],
      inEffect: [{ from: running.from, to: running.to }],
    });
    expect(check(wanted('2026-06-11 00:00', '2027-06-12 00:00')).problems).toEqual([]);
  });

  it('names the others that would no longer count, and may be forced', () => {
    const first = wanted('2026-06-10 00:00', '2026-06-11 00:00', { id: '1', userId: 'y', createdAt: 1 });
    const second = wanted('2026-06-12 00:00', '2026-06-13 00:00', { id: '2', userId: 'y', createdAt: 2 });
    const apart = wanted('2026-06-13 00:00', '2026-06-14 00:00', { id: '3', userId: 'y', createdAt: 3 });
    const gone = { ...first, id: '4', cancelledAt: NOW };
    const existing = [first, second, apart, gone];
    const each = wanted('2026-06-10 12:00', '2026-06-13 00:00');
    expect(check(each, existing).problems).toEqual([{ kind: 'overlaps', overrides: [first, second] }]);
    expect(check(each, existing, true).problems).toEqual([]);
    expect(check(each, [apart, gone]).problems).toEqual([]);
  });

  it('names one of the other place that would no longer count, because its person would be both', () => {
    const other = wanted('2026-06-10 00:00', '2026-06-11 00:00', {
      id: '1',
      slot: 'secondary',
      createdAt: 1,
    });
    const same = wanted('2026-06-10 00:00', '2026-06-11 00:00');
    expect(check(same, [other]).problems).toEqual([{ kind: 'overlaps', overrides: [other] }]);
    expect(check({ ...same, userId: 'y' }, [other]).problems).toEqual([]);
  });

  it('that changes nothing says so', () => {
    expect(check(wanted('2026-06-09 00:00', '2026-06-10 00:00', { userId: 'b' })).warnings).toEqual([
      { kind: 'changes-nothing' },
    ]);
    expect(check(wanted('2026-06-09 00:00', '2026-06-10 00:00', { insteadOf: 'a' }))).toEqual({
      problems: [],
      warnings: [{ kind: 'changes-nothing' }],
      inEffect: [],
    });
    // A secondary who is the primary already.
    expect(
      check(wanted('2026-06-09 00:00', '2026-06-10 00:00', { slot: 'secondary', userId: 'b' })).warnings,
    ).toEqual([{ kind: 'changes-nothing' }]);
  });

  it('that counts only in a part says so, and in which', () => {
    const each = wanted('2026-06-07 00:00', '2026-06-20 00:00', { insteadOf: 'b' });
    expect(check(each)).toEqual({
      problems: [],
      warnings: [{ kind: 'counts-in-part' }],
      inEffect: [{ from: utc('2026-06-08 09:00'), to: utc('2026-06-15 09:00') }],
    });
  });
});

describe('the duty around an instant', () => {
  it('is all of a person’s time in one place, overrides included', () => {
    const longer = wanted('2026-06-15 09:00', '2026-06-16 00:00', { userId: 'b' });
    expect(dutyAt(prepare(SCHEDULE, [longer]), 'primary', utc('2026-06-10 00:00'))).toEqual({
      slot: 'primary',
      userId: 'b',
      from: utc('2026-06-08 09:00'),
      to: utc('2026-06-16 00:00'),
    });
    expect(dutyAt(SCHEDULE, 'secondary', utc('2026-06-10 00:00'))).toMatchObject({ userId: 'c' });
    expect(dutyAt(SCHEDULE, 'primary', utc('2026-05-30 00:00'))).toBeNull();
  });

  it('of somebody who always has it is cut after two years', () => {
    const alone = prepare(SCHEDULE, [wanted('2020-01-01 00:00', '2040-01-01 00:00')]);
    const at = utc('2030-01-01 00:00');
    expect(dutyAt(alone, 'primary', at)).toMatchObject({ from: at - 731 * DAY, to: at + 731 * DAY });
  });
});

describe('a swap', () => {
  const DETAILS = {
    swapId: 'swap-1',
    ids: { first: 'o-1', second: 'o-2' },
    reason: 'wedding',
    by: 'a',
    createdAt: NOW,
  };
  const duty = (slot: 'primary' | 'secondary', at: string, schedule = SCHEDULE) => {
    const found = dutyAt(schedule, slot, utc(at));
    if (found === null) throw new Error(`nobody is ${slot} at ${at}`);
    return found;
  };
  const overridesOf = (made: Swap): readonly Override[] => {
    if (!made.ok) throw new Error(JSON.stringify(made.problems));
    return made.overrides;
  };

  it('of two shifts gives each to the other', () => {
    const made = swap(
      SCHEDULE,
      duty('primary', '2026-06-02 00:00'),
      duty('primary', '2026-06-09 00:00'),
      DETAILS,
      NOW,
    );
    expect(plan(...overridesOf(made))).toEqual(['06-01 09:00 b c', '06-08 09:00 a c', '06-15 09:00 c a']);
    expect(overridesOf(made)).toEqual([
      override({
        id: 'o-1',
        userId: 'b',
        insteadOf: 'a',
        from: utc('2026-06-01 09:00'),
        to: utc('2026-06-08 09:00'),
        reason: 'wedding',
        by: 'a',
        createdAt: NOW,
        swapId: 'swap-1',
      }),
      override({
        id: 'o-2',
        userId: 'a',
        insteadOf: 'b',
        from: utc('2026-06-08 09:00'),
        to: utc('2026-06-15 09:00'),
        reason: 'wedding',
        by: 'a',
        createdAt: NOW,
        swapId: 'swap-1',
      }),
    ]);
  });

  it('of primary and secondary at one time puts each into the other’s place', () => {
    const span = { from: utc('2026-06-09 00:00'), to: utc('2026-06-10 00:00') };
    const made = swap(
      SCHEDULE,
      { slot: 'primary', userId: 'b', ...span },
      { slot: 'secondary', userId: 'c', ...span },
      DETAILS,
      NOW,
    );
    expect(plan(...overridesOf(made))).toContain('06-09 00:00 c b');
  });

  it('with a secondary who moved up because of an override counts', () => {
    const moved = prepare(SCHEDULE, [wanted('2026-06-09 00:00', '2026-06-10 00:00', { userId: 'c' })]);
    const given = duty('secondary', '2026-06-09 12:00', moved);
    expect(given).toMatchObject({ userId: 'a', to: utc('2026-06-10 00:00') });
    const made = swap(
      moved,
      given,
      { slot: 'secondary', userId: 'b', from: utc('2026-06-03 00:00'), to: utc('2026-06-04 00:00') },
      { ...DETAILS, createdAt: NOW + HOUR },
      NOW,
    );
    const existing = wanted('2026-06-09 00:00', '2026-06-10 00:00', { userId: 'c' });
    expect(plan(existing, ...overridesOf(made))).toContain('06-09 00:00 c b');
  });

  it('of what somebody does not have is refused, with where', () => {
    const first = {
      slot: 'primary',
      userId: 'a',
      from: utc('2026-06-07 00:00'),
      to: utc('2026-06-09 00:00'),
    } as const;
    const second = duty('primary', '2026-06-16 00:00');
    expect(swap(SCHEDULE, first, second, DETAILS, NOW)).toEqual({
      ok: false,
      problems: [
        {
          kind: 'not-on-duty',
          side: 'first',
          spans: [{ from: utc('2026-06-08 09:00'), to: utc('2026-06-09 00:00') }],
        },
      ],
    });
  });

  it('names everything that stands against it', () => {
    const a = duty('primary', '2026-06-02 00:00');
    expect(swap(SCHEDULE, a, { ...a, from: a.to, to: a.from }, DETAILS, NOW)).toEqual({
      ok: false,
      problems: [{ kind: 'same-person' }, { kind: 'ends-before-start', side: 'second' }],
    });
    const later = utc('2026-07-01 00:00');
    const kinds = (made: Swap) => (made.ok ? [] : made.problems.map(({ kind }) => kind));
    expect(kinds(swap(SCHEDULE, a, { ...a, userId: 'b' }, DETAILS, NOW))).toEqual([
      'spans-overlap',
      'not-on-duty',
    ]);
    expect(kinds(swap(SCHEDULE, a, duty('primary', '2026-06-09 00:00'), DETAILS, later))).toEqual([
      'in-the-past',
      'in-the-past',
    ]);
  });
});

describe('many overrides', () => {
  it('are found where they count', () => {
    const all = Array.from({ length: 2_000 }, (_, index) =>
      override({
        id: `o-${index}`,
        userId: `u-${index}`,
        from: NOW + index * HOUR,
        to: NOW + index * HOUR + 3 * HOUR,
        createdAt: index % 7,
      }),
    );
    const index = indexOverrides('s', all);
    for (let at = NOW - HOUR; at < NOW + 2_010 * HOUR; at += 47 * 60_000) {
      const expected = all
        .filter(({ from, to }) => from <= at && at < to)
        .sort((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1));
      expect(index.at(at).primary.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    }
  });
});
