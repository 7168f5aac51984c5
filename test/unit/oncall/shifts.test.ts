import { describe, expect, it } from 'vitest';
import { gapsOf, mergeShifts } from '../../../domain/oncall/shifts.js';

describe('a list of shifts', () => {
  const shifts = [
    { from: 0, to: 10, primary: 'a', secondary: 'b' },
    { from: 10, to: 20, primary: 'a', secondary: 'b' },
    { from: 20, to: 30, primary: null, secondary: 'b' },
    { from: 30, to: 40, primary: null, secondary: null },
    { from: 40, to: 50, primary: 'a', secondary: null },
  ];

  it('joins neighbours with the same people', () => {
    expect(mergeShifts(shifts)).toEqual([
      { from: 0, to: 20, primary: 'a', secondary: 'b' },
      ...shifts.slice(2),
    ]);
  });

  it('has its gaps where nobody is primary, whoever is secondary', () => {
    expect(gapsOf(shifts)).toEqual([{ from: 20, to: 40 }]);
    expect(gapsOf([])).toEqual([]);
  });
});
