import { hashOfToken } from '../../../api/calendars/known-calendars.js';
import type { Override } from '../../../domain/oncall/override.js';
import type { Calendars, StoredCalendar } from '../../../store/calendars.js';
import type { OverrideQuery } from '../../../store/override-rows.js';
import type { Overrides } from '../../../store/overrides.js';

/** What is read of a store, in memory: it counts, hangs, and goes away when it is told to. */
export function memoryStore() {
  const byHash = new Map<string, StoredCalendar>();
  const counts = new Map<string, number>();
  let [calendarsVersion, overridesVersion] = [0, 0];
  let overrides: readonly Override[] = [];
  let gate: { readonly opened: Promise<void>; readonly reach: () => void } | null = null;
  const answer = async <T>(name: string, value: () => T): Promise<T> => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const [read, held] = [value(), gate];
    held?.reach();
    await held?.opened;
    if (store.away !== null) throw store.away;
    return read;
  };
  const store = {
    away: null as Error | null,
    asked: {} as OverrideQuery,
    calendars: {
      version: () => answer('version', () => calendarsVersion),
      byTokenHash: () => answer('byTokenHash', () => new Map(byHash)),
    } satisfies Partial<Calendars>,
    overrides: {
      version: () => answer('version', () => overridesVersion),
      list: (query = {}) => {
        store.asked = query;
        return answer('list', () => overrides);
      },
    } satisfies Partial<Overrides>,
    put: (token: string, calendar: StoredCalendar) => {
      byHash.set(hashOfToken(token), calendar);
      calendarsVersion += 1;
    },
    drop: (token: string) => {
      byHash.delete(hashOfToken(token));
      calendarsVersion += 1;
    },
    overridesAre: (now: readonly Override[]) => {
      overrides = now;
      overridesVersion += 1;
    },
    calls: () => [...counts.values()].reduce((sum, count) => sum + count, 0),
    callsOf: (name: string) => counts.get(name) ?? 0,
    /** From now on it reads at once, and answers when it is released. */
    hold: () => {
      let release = (): void => undefined;
      let reach = (): void => undefined;
      const opened = new Promise<void>((resolve) => (release = resolve));
      const reached = new Promise<void>((resolve) => (reach = resolve));
      gate = { opened, reach };
      return {
        reached,
        release: () => {
          gate = null;
          release();
        },
      };
    },
  };
  return store;
}
