import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Override } from '../../../domain/oncall/override.js';
import { placesOf, type CurrentTurn } from '../../../domain/oncall/places.js';
import { participantOf, participantOtherThan } from '../../../domain/oncall/rotation.js';
import { DAY } from '../../../domain/time/instant.js';
import { override, UTC } from './support.js';

const NO_OVERRIDES = { primary: [], secondary: [] };

function turn(participants: readonly string[], shift: number, name = 'rotation'): CurrentTurn {
  return {
    shift,
    rotation: {
      name,
      zone: UTC,
      participants,
      start: 0,
      handover: 0,
      shiftLength: DAY,
      until: null,
      restrict: null,
      only: null,
      except: null,
    },
  };
}

describe('a rotation', () => {
  it('goes round, also backwards from its start', () => {
    expect([-1, 0, 1, 2, 3].map((shift) => participantOf(['a', 'b', 'c'], shift))).toEqual([
      'c',
      'a',
      'b',
      'c',
      'a',
    ]);
    expect(participantOf([], 4)).toBeNull();
  });

  it('finds the next other person, past the same person twice in the order', () => {
    expect(participantOtherThan(['a', 'a', 'b'], 1, 'a')).toBe('b');
    expect(participantOtherThan(['a', 'a'], 1, 'a')).toBeNull();
  });
});

describe('the secondary', () => {
  const current = turn(['a', 'b', 'c'], 1);

  it('is the next of the order', () => {
    expect(placesOf('next', current, null, NO_OVERRIDES)).toEqual({
      primary: 'b',
      secondary: 'c',
      why: {
        primary: { kind: 'rotation', name: 'rotation' },
        secondary: { kind: 'rotation', name: 'rotation' },
      },
    });
  });

  it('is nobody when nobody is asked for, or nobody else is there', () => {
    expect(placesOf('none', current, null, NO_OVERRIDES)).toMatchObject({ primary: 'b', secondary: null });
    expect(placesOf('next', turn(['a'], 4), null, NO_OVERRIDES)).toMatchObject({
      primary: 'a',
      secondary: null,
      why: { secondary: null },
    });
  });

  it('of a rotation of its own is there in a gap of the primary', () => {
    expect(placesOf('own', null, turn(['d'], 0, 'second'), NO_OVERRIDES)).toEqual({
      primary: null,
      secondary: 'd',
      why: { primary: null, secondary: { kind: 'rotation', name: 'second' } },
    });
  });

  it('of a rotation of its own is somebody else when its turn falls on the primary', () => {
    expect(placesOf('own', current, turn(['b', 'd'], 0), NO_OVERRIDES)).toMatchObject({ secondary: 'd' });
    expect(placesOf('own', current, turn(['b'], 0), NO_OVERRIDES)).toMatchObject({ secondary: 'c' });
  });
});

describe('overrides', () => {
  const current = turn(['a', 'b', 'c'], 0);
  const places = (...overrides: readonly Override[]) => {
    const { primary, secondary } = placesOf('next', current, null, {
      primary: overrides.filter(({ slot }) => slot === 'primary'),
      secondary: overrides.filter(({ slot }) => slot === 'secondary'),
    });
    return `${primary ?? '–'} ${secondary ?? '–'}`;
  };

  it.each([
    ['of the primary leave the secondary', [override({ userId: 'x' })], 'x b'],
    ['that make the secondary primary move the next one up', [override({ userId: 'b' })], 'b c'],
    ['that make the last of the order primary leave the secondary', [override({ userId: 'c' })], 'c b'],
    ['of the secondary leave the primary', [override({ slot: 'secondary', userId: 'x' })], 'a x'],
    [
      'that name the primary as secondary do not count',
      [override({ slot: 'secondary', userId: 'a' })],
      'a b',
    ],
    ['made later win', [override({ id: '1', userId: 'x' }), override({ id: '2', userId: 'y' })], 'y b'],
    [
      'instead of somebody who has not the place do not count',
      [override({ userId: 'x', insteadOf: 'b' })],
      'a b',
    ],
    [
      'can be passed on',
      [override({ userId: 'x', insteadOf: 'a' }), override({ userId: 'y', insteadOf: 'x' })],
      'y b',
    ],
    [
      'of one person in both places count for the primary',
      [override({ userId: 'x' }), override({ slot: 'secondary', userId: 'x' })],
      'x b',
    ],
    [
      'of one person in both places give the secondary back to the override made before',
      [
        override({ userId: 'x' }),
        override({ slot: 'secondary', userId: 'y' }),
        override({ slot: 'secondary', userId: 'x' }),
      ],
      'x y',
    ],
    [
      'let primary and secondary swap',
      [
        override({ userId: 'b', insteadOf: 'a' }),
        override({ slot: 'secondary', userId: 'a', insteadOf: 'b' }),
      ],
      'b a',
    ],
    [
      'relieve a secondary who has moved up',
      [override({ userId: 'b' }), override({ slot: 'secondary', userId: 'x', insteadOf: 'c' })],
      'b x',
    ],
  ] as const)('%s', (_, overrides, expected) => {
    expect(places(...overrides)).toBe(expected);
  });

  it('are the reason', () => {
    expect(
      placesOf('next', current, null, { primary: [override({ id: 'o-7', userId: 'x' })], secondary: [] }).why,
    ).toEqual({
      primary: { kind: 'override', id: 'o-7' },
      secondary: { kind: 'rotation', name: 'rotation' },
    });
  });

  it('fill a gap', () => {
    const primary = [override({ userId: 'x' })];
    expect(placesOf('next', null, null, { primary, secondary: [] })).toMatchObject({
      primary: 'x',
      secondary: null,
    });
  });

  it('make nobody primary and secondary, and leave a secondary when two different people take part', () => {
    const person = fc.constantFrom('a', 'b', 'c', 'd');
    const anyTurn = fc
      .record({
        participants: fc.array(person, { minLength: 1, maxLength: 6 }),
        shift: fc.integer({ min: 0, max: 5_000 }),
      })
      .map(({ participants, shift }) => turn(participants, shift));
    const overrides = fc.array(
      fc.record({ userId: person, insteadOf: fc.option(person) }).map((each) => override(each)),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(anyTurn, fc.option(anyTurn), overrides, overrides, (primary, own, first, second) => {
        const active = {
          primary: first,
          secondary: second.map((each) => ({ ...each, slot: 'secondary' as const })),
        };
        const pair = placesOf(own === null ? 'next' : 'own', primary, own, active);
        expect(pair.primary).not.toBeNull();
        expect(pair.secondary).not.toBe(pair.primary);
        const people = new Set([...primary.rotation.participants, ...(own?.rotation.participants ?? [])]);
        if (people.size > 1) expect(pair.secondary).not.toBeNull();
      }),
      { numRuns: 500 },
    );
  });
});
