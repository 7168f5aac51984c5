import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairOf, participantOf, participantOtherThan, shiftNumber } from '../../../domain/oncall/rotation.js';

describe('the shifts of a rotation', () => {
  it('are counted from the first day, and backwards before it', () => {
    expect([-8, -7, -1, 0, 6, 7, 13, 14].map((day) => shiftNumber(day, 7))).toEqual([
      -2, -1, -1, 0, 0, 1, 1, 2,
    ]);
  });

  it('go round the participants', () => {
    expect([-1, 0, 1, 2, 3].map((shift) => participantOf(['a', 'b', 'c'], shift))).toEqual([
      'c',
      'a',
      'b',
      'c',
      'a',
    ]);
    expect(participantOf([], 3)).toBeNull();
  });

  it('give the next other person, past the same person twice in the order', () => {
    expect(participantOtherThan(['a', 'a', 'b'], 1, 'a')).toBe('b');
    expect(participantOtherThan(['a', 'a'], 1, 'a')).toBeNull();
  });
});

describe('the secondary', () => {
  const shift = { participants: ['a', 'b', 'c'], shift: 1 };

  it('is the next of the order', () => {
    expect(pairOf(shift, { kind: 'next' })).toEqual({ primary: 'b', secondary: 'c' });
  });

  it('is nobody when nobody is asked for, or nobody else is there', () => {
    expect(pairOf(shift, { kind: 'none' })).toEqual({ primary: 'b', secondary: null });
    expect(pairOf({ participants: ['a'], shift: 4 }, { kind: 'next' })).toEqual({
      primary: 'a',
      secondary: null,
    });
  });

  it('of a rotation of its own is there in a gap of the primary', () => {
    expect(pairOf(null, { kind: 'own', own: { participants: ['d'], shift: 0 } })).toEqual({
      primary: null,
      secondary: 'd',
    });
  });

  it('of a rotation of its own is somebody else when its turn falls on the primary', () => {
    const own = { participants: ['b', 'd'], shift: 0 };
    expect(pairOf(shift, { kind: 'own', own })).toEqual({ primary: 'b', secondary: 'd' });
    expect(pairOf(shift, { kind: 'own', own: { participants: ['b'], shift: 0 } })).toEqual({
      primary: 'b',
      secondary: 'c',
    });
  });

  it('is never the primary, and is there when two different people take part', () => {
    const current = fc.record({
      participants: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 6 }),
      shift: fc.integer({ min: -50, max: 5_000 }),
    });
    fc.assert(
      fc.property(current, fc.option(current), (primary, own) => {
        const secondary = own === null ? ({ kind: 'next' } as const) : ({ kind: 'own', own } as const);
        const pair = pairOf(primary, secondary);
        expect(pair.primary).not.toBeNull();
        expect(pair.secondary).not.toBe(pair.primary);
        const people = new Set([...primary.participants, ...(own?.participants ?? [])]);
        if (people.size > 1) expect(pair.secondary).not.toBeNull();
      }),
    );
  });
});
