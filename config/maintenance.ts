import { quietChain, type QuietWindow } from '../domain/maintenance/window.js';
import { DAY, type Instant, type Milliseconds } from '../domain/time/instant.js';
import { durationOf } from './duration.js';
import { momentIn } from './moments.js';
import { createMatcher, type Matcher } from './routing.js';
import type { Written, WrittenMaintenance, WrittenMatch } from './schema/root.js';
import { dateIn, dayNumbers, instantOf, minuteOfDay } from './wall-clock.js';

/** A maintenance window with whom it concerns. */
export interface PlannedWindow extends QuietWindow {
  /** Ids; empty: all services. */
  readonly services: readonly string[];
  /** Labels that an alert must have; null: whichever. */
  readonly match: WrittenMatch | null;
}

/** The windows that cover an alert, those that follow on included; empty: it pages. */
export type CoverOf = (serviceId: string, labels: Readonly<Record<string, string>>) => readonly QuietWindow[];

/** The windows of an entry of the configuration that are in force or to come in a span. */
interface Rule {
  readonly windows: (from: Instant, to: Instant) => readonly PlannedWindow[];
}

/** Windows that follow on are looked for so far ahead: the longest that one may last. */
const AHEAD: Milliseconds = 30 * DAY;

/** The windows of the configuration. */
export function toMaintenance(
  written: Pick<Written, 'maintenance'>,
  defaultZone: string,
): (from: Instant, to: Instant) => readonly PlannedWindow[] {
  const rules = Object.entries(written.maintenance ?? {}).map(([id, entry]) =>
    toRule(id, entry, defaultZone),
  );
  return (from, to) =>
    rules.flatMap(({ windows }) => windows(from, to)).sort((one, other) => one.from - other.from);
}

function toRule(id: string, entry: WrittenMaintenance, defaultZone: string): Rule {
  const { reason, services = [], match = null } = entry;
  const zone = entry.zone ?? defaultZone;
  const whom = { reason, services, match };
  const lasts = entry.for === undefined ? 0 : durationOf(entry.for);
  if (entry.from !== undefined) {
    const from = momentIn(zone, entry.from, 0) ?? 0;
    const to = entry.to === undefined ? from + lasts : (momentIn(zone, entry.to, 0) ?? from);
    const window = { id, from, to, ...whom };
    return { windows: (begin, end) => (from < end && to > begin ? [window] : []) };
  }
  const weekdays = dayNumbers(entry.days ?? []);
  const minute = minuteOfDay(entry.at ?? '00:00');
  return {
    windows: (begin, end) => {
      const found: PlannedWindow[] = [];
      // A day before and one after: wherever the zone's midnight lies.
      const last = dateIn(zone, end + DAY);
      for (
        let date = dateIn(zone, begin - lasts - DAY);
        date.until(last).days >= 0;
        date = date.add({ days: 1 })
      ) {
        if (!weekdays.has(date.dayOfWeek)) continue;
        const from = instantOf(zone, date, minute);
        const to = from + lasts;
        if (from < end && to > begin) found.push({ id: `${id}@${date.toString()}`, from, to, ...whom });
      }
      return found;
    },
  };
}

/** The labels of a window as they are compared, or why they can't be. */
function compiled(match: WrittenMatch | null): { readonly matches: Matcher } | { readonly problem: string } {
  try {
    return { matches: match === null ? () => true : createMatcher(match) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Why the labels of a window can't be compared, so that it covers nothing; null: they can. */
export function problemOf({ match }: { readonly match: WrittenMatch | null }): string | null {
  const found = compiled(match);
  return 'problem' in found ? found.problem : null;
}

/**
 * What covers alerts that come in at this moment. `windows` answers with those that count in a span. One whose labels can't be
 * compared (of the store: nobody checks what a backup or a person put there) covers nothing: rather a page too many.
 */
export function coverAt(
  windows: (from: Instant, to: Instant) => readonly PlannedWindow[],
  at: Instant,
): CoverOf {
  const near = windows(at, at + AHEAD).flatMap((window) => {
    const labels = compiled(window.match);
    return 'matches' in labels ? [{ ...window, matches: labels.matches }] : [];
  });
  if (!near.some(({ from }) => from <= at)) return () => [];
  return (serviceId, labels) => {
    const meant = near.filter(
      ({ services, matches }) => (services.length === 0 || services.includes(serviceId)) && matches(labels),
    );
    if (!meant.some(({ from }) => from <= at)) return [];
    return quietChain(meant, at).map(({ id, from, to, reason }) => ({ id, from, to, reason }));
  };
}
