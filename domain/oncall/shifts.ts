import type { Instant } from '../time/instant.js';
import type { OnCallPair } from './places.js';

/** A span `[from, to)` in which the same people are on call. */
export interface Shift extends OnCallPair {
  readonly from: Instant;
  readonly to: Instant;
}

/** Neighbouring shifts of the same people become one. The input is ordered and without holes. */
export function mergeShifts(shifts: readonly Shift[]): readonly Shift[] {
  const merged: Shift[] = [];
  for (const shift of shifts) {
    const last = merged.at(-1);
    if (last !== undefined && last.primary === shift.primary && last.secondary === shift.secondary) {
      merged[merged.length - 1] = { ...last, to: shift.to };
    } else {
      merged.push(shift);
    }
  }
  return merged;
}

/** The spans in which nobody is primary, as long as they can be. */
export function gapsOf(
  shifts: readonly Shift[],
): readonly { readonly from: Instant; readonly to: Instant }[] {
  return mergeShifts(shifts.map((shift) => ({ ...shift, secondary: null })))
    .filter((shift) => shift.primary === null)
    .map(({ from, to }) => ({ from, to }));
}
