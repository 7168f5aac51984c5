import type { FoundPeople } from '../domain/incident/event.js';
import { incidentsOf, nightAt, type Night, type NightHours, type NightPage } from '../domain/oncall/night.js';
import type { Instant } from '../domain/time/instant.js';
import type { Written } from './schema/root.js';
import type { Config } from './types.js';
import { minuteOfDay } from './wall-clock.js';
import { zoneRules } from './zones.js';

/** How often one person may be woken. */
export interface LoadLimits {
  /** For so many incidents in one night, 1 to 100; null: no limit. */
  readonly pagesPerNight: number | null;
  /** On each person's own clock. */
  readonly night: NightHours;
}

/** Source: specification, "Paging and escalation", load limits. */
export const LOAD_DEFAULTS = { pagesPerNight: 3, night: { from: '22:00', to: '07:00' } } as const;

/** The limits as they are written, or their defaults. */
export function toLoadLimits(written: Written['limits']): LoadLimits {
  const { pagesPerNight = LOAD_DEFAULTS.pagesPerNight, night } = written ?? {};
  return {
    pagesPerNight: pagesPerNight === 'off' ? null : pagesPerNight,
    night: {
      from: minuteOfDay(night?.from ?? LOAD_DEFAULTS.night.from),
      to: minuteOfDay(night?.to ?? LOAD_DEFAULTS.night.to),
    },
  };
}

/** The night of this person in which an instant lies; null by day, and for whoever is no user: a group's contacts never sleep. */
export function nightOf(
  { users, load }: Pick<Config, 'users' | 'load'>,
  userId: string,
  at: Instant,
): Night | null {
  const user = users.get(userId);
  return user === undefined ? null : nightAt(zoneRules(user.zone), load.night, at);
}

/** Says of each person found whether they had their share of pages in the night that it is where they are. */
export function markOverLimit(
  config: Pick<Config, 'users' | 'load'>,
  found: FoundPeople,
  at: Instant,
  pages: Iterable<NightPage>,
): FoundPeople {
  const limit = config.load.pagesPerNight;
  if (limit === null) return found;
  const people = found.people.map((person) => {
    const night = nightOf(config, person.userId, at);
    const count = night === null ? 0 : incidentsOf(pages, person.userId, night);
    return count < limit ? person : { ...person, overLimit: { count, limit } };
  });
  return { ...found, people };
}

/**
 * The configuration in force, whose `findPeople` says who is past their limit, by the pages that are known now. Never waits for
 * the store.
 */
export function withLoad(config: () => Config, pages: () => Iterable<NightPage>): () => Config {
  let last: { readonly config: Config; readonly made: Config } | undefined;
  return () => {
    const current = config();
    if (last?.config === current) return last.made;
    const made: Config = {
      ...current,
      findPeople: (targets, urgency, at, known) => {
        const found = current.findPeople(targets, urgency, at, known);
        // What does not ring wakes nobody.
        return urgency === 'high' ? markOverLimit(current, found, at, pages()) : found;
      },
    };
    last = { config: current, made };
    return made;
  };
}
