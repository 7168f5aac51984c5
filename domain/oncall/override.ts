import type { Instant } from '../time/instant.js';
import type { Slot } from './schedule.js';

/**
 * Somebody has a place of a schedule for a time, whatever its rotations say. Where nobody would be on call it is a
 * temporary shift. A swap is two of them with one `swapId`.
 */
export interface Override {
  readonly id: string;
  /** Id of the schedule. */
  readonly schedule: string;
  readonly slot: Slot;
  readonly userId: string;
  /** Counts only while this person would have the place; null: whoever has it. */
  readonly insteadOf: string | null;
  readonly from: Instant;
  /** Not included. */
  readonly to: Instant;
  /** In the words of who made it. */
  readonly reason: string;
  /** Who made it. */
  readonly by: string;
  /** Of several at one instant the one made last wins; of several made at once the one with the greater id. */
  readonly createdAt: Instant;
  readonly swapId: string | null;
  /** From then on it does not count; who was on call by it before stays so. */
  readonly cancelledAt?: Instant;
}

/** When an override ceases to count: its end, or earlier when it was cancelled. At or before `from`: it never counts. */
export function endOf(override: Override): Instant {
  return override.cancelledAt === undefined ? override.to : Math.min(override.to, override.cancelledAt);
}

/** Order in which overrides were made. */
function byAge(one: Override, other: Override): number {
  return one.createdAt - other.createdAt || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}

/** The overrides that count at an instant, oldest first. */
export interface ActiveOverrides {
  readonly primary: readonly Override[];
  readonly secondary: readonly Override[];
}

const NONE: ActiveOverrides = { primary: [], secondary: [] };

/** Overrides of one schedule, sorted once to be asked often. */
export interface OverrideIndex {
  /** Instants at which another set of overrides counts, ascending. */
  readonly edges: readonly Instant[];
  at(instant: Instant): ActiveOverrides;
}

/** Sorts the overrides of a schedule: those of other schedules, and those that never count, are left out. */
export function indexOverrides(schedule: string, overrides: readonly Override[]): OverrideIndex {
  const counting = overrides.filter((each) => each.schedule === schedule && each.from < endOf(each));
  if (counting.length === 0) return { edges: [], at: () => NONE };
  const edges = [...new Set(counting.flatMap((each) => [each.from, endOf(each)]))].sort((a, b) => a - b);
  const starting = [...counting].sort((one, other) => one.from - other.from);
  let started = 0;
  let active: Override[] = [];
  const sets = edges.map((edge): ActiveOverrides => {
    active = active.filter((each) => endOf(each) > edge);
    for (let next = starting[started]; next !== undefined && next.from <= edge; next = starting[started]) {
      active.push(next);
      started += 1;
    }
    active.sort(byAge);
    return {
      primary: active.filter(({ slot }) => slot === 'primary'),
      secondary: active.filter(({ slot }) => slot === 'secondary'),
    };
  });
  return {
    edges,
    at: (instant) => {
      let low = 0;
      let high = edges.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((edges[middle] ?? Number.POSITIVE_INFINITY) <= instant) low = middle + 1;
        else high = middle;
      }
      return sets[low - 1] ?? NONE;
    },
  };
}
