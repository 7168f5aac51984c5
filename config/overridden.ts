import type { OverridesAsOf } from '../domain/oncall/known.js';
import { prepare, type PreparedSchedule } from '../domain/oncall/on-call.js';
import { endOf, type Override } from '../domain/oncall/override.js';
import type { Slot } from '../domain/oncall/schedule.js';
import type { Instant } from '../domain/time/instant.js';
import type { Config } from './types.js';

/** The schedules of a config with overrides on top. */
export interface Overridden {
  readonly schedules: ReadonlyMap<string, PreparedSchedule>;
  /** Overrides that would count for this place now, had their person not left the config. */
  readonly unused: (schedule: string, slot: Slot, at: Instant) => readonly Override[];
}

/**
 * Puts overrides on top of schedules. One whose person is not in the config any more does not count, so that the rotation
 * has the place and somebody is paged. What was worked out is kept as long as the array is.
 */
export function createOverridden(
  schedules: ReadonlyMap<string, PreparedSchedule>,
  isKnown: (userId: string) => boolean,
): (overrides: readonly Override[]) => Overridden {
  const none: Overridden = { schedules, unused: () => [] };
  const kept = new WeakMap<readonly Override[], Overridden>();
  return (overrides) => {
    if (overrides.length === 0) return none;
    const before = kept.get(overrides);
    if (before !== undefined) return before;
    const usable = overrides.filter(({ userId }) => isKnown(userId));
    const left = overrides.filter(({ userId }) => !isKnown(userId));
    const named = new Set(usable.map(({ schedule }) => schedule));
    const made: Overridden = {
      schedules: new Map(
        [...schedules].map(([id, schedule]) => [id, named.has(id) ? prepare(schedule, usable) : schedule]),
      ),
      unused: (schedule, slot, at) =>
        left.filter(
          (each) => each.schedule === schedule && each.slot === slot && each.from <= at && at < endOf(each),
        ),
    };
    kept.set(overrides, made);
    return made;
  };
}

/**
 * The configuration in force, answering by the overrides that are known now: who is paged, foreseen and shown on call is the
 * same everywhere in this process. Never waits for the store.
 */
export function withOverrides(config: () => Config, known: () => OverridesAsOf): () => Config {
  let last: { readonly config: Config; readonly known: OverridesAsOf; readonly made: Config } | undefined;
  return () => {
    const [current, now] = [config(), known()];
    const isSame =
      last?.config === current &&
      last.known.overrides === now.overrides &&
      last.known.isStale === now.isStale &&
      (!now.isStale || last.known.asOf === now.asOf);
    if (last !== undefined && isSame) return last.made;
    const made: Config = {
      ...current,
      findPeople: (targets, urgency, at, by = now) => current.findPeople(targets, urgency, at, by),
      onCall: (at, by = now) => current.onCall(at, by),
    };
    last = { config: current, known: now, made };
    return made;
  };
}
