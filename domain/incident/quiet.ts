import { quietUntil, type MaintenanceChange, type QuietWindow } from '../maintenance/window.js';
import type { AlertBatch } from '../alert/alert.js';
import type { Instant } from '../time/instant.js';
import { edit, fingerprintsOf, startOf, type Fingerprints } from './fingerprints.js';
import type { IncidentState } from './state.js';

/** Alerts that the same maintenance windows cover. */
export interface Cover {
  readonly windows: readonly QuietWindow[];
  /** The worst severity among them. */
  readonly severity: string;
}

/** What an incident knows of maintenance: which of its alerts are covered, and by what. */
export interface Quiet {
  /** Nobody is asked anything until something fires that no window covers. False: it pages, and these alerts wait beside it. */
  readonly rests: boolean;
  readonly covers: readonly Cover[];
  /** For each alert the index of its cover. */
  readonly covered: Fingerprints;
  /** The executives, who would have been told, were not. */
  readonly untoldExecutives?: true;
}

/** So many different covers are told apart; more share the one that ends first. */
const MOST_COVERS = 50;

/** Whether maintenance keeps everybody from being asked. */
export function rests(state: Pick<IncidentState, 'quiet'>): boolean {
  return state.quiet?.rests === true;
}

/** The windows by which an incident opens quietly: everything that fires in its first batch is covered. Undefined: it pages. */
export function openingQuiet(batches: readonly AlertBatch[]): readonly QuietWindow[] | undefined {
  const firing = batches.flatMap(({ alerts, windows }) =>
    alerts.filter(({ status }) => status === 'firing').map((alert) => windowsOf(alert, windows)),
  );
  const isQuiet = firing.length > 0 && firing.every((windows) => windows.length > 0);
  return isQuiet ? [...new Map(firing.flat().map((window) => [window.id, window])).values()] : undefined;
}

/** The windows that cover an alert of a batch. */
export function windowsOf(
  { windows: ids = [] }: { readonly windows?: readonly string[] },
  windows: AlertBatch['windows'] = {},
): readonly QuietWindow[] {
  return ids.flatMap((id) => (Object.hasOwn(windows, id) ? (windows[id] ?? []) : []));
}

/** Whether a window covers this alert at `now`. */
export function isCovered(quiet: Quiet | undefined, fingerprint: string, now: Instant): boolean {
  return quiet !== undefined && untilOf(quiet, fingerprint, now) > now;
}

/** Until when this alert is covered; `now`: it is not. */
export function untilOf(quiet: Quiet, fingerprint: string, now: Instant): Instant {
  const cover = quiet.covers[startOf(quiet.covered, fingerprint) ?? -1];
  return cover === undefined ? now : quietUntil(cover.windows, now);
}

/** When the first of these alerts is no longer covered. */
export function firstEnd(quiet: Quiet, firing: readonly string[], now: Instant): Instant {
  const ends = quiet.covers.map(({ windows }) => quietUntil(windows, now));
  return firing.reduce((first, fingerprint) => {
    const index = startOf(quiet.covered, fingerprint);
    return Math.min(first, index === undefined || index === null ? now : (ends[index] ?? now));
  }, Number.POSITIVE_INFINITY);
}

/** Puts alerts under windows; an alert without any comes out of what covered it. */
export function withCovers(
  quiet: Quiet,
  alerts: readonly {
    readonly fingerprint: string;
    readonly severity: string;
    readonly windows: readonly QuietWindow[];
  }[],
  worse: (one: string, other: string) => string,
  now: Instant,
): Quiet {
  const covers = [...quiet.covers];
  const covered = edit(quiet.covered);
  for (const { fingerprint, severity, windows } of alerts) {
    if (windows.length === 0) {
      covered.remove(fingerprint);
      continue;
    }
    const index = indexOf(covers, windows, severity, now);
    const cover = covers[index];
    if (cover !== undefined) covers[index] = { ...cover, severity: worse(cover.severity, severity) };
    covered.put(fingerprint, index);
  }
  return { ...quiet, covers, covered: covered.done() };
}

function indexOf(covers: Cover[], windows: readonly QuietWindow[], severity: string, now: Instant): number {
  const name = nameOf(windows);
  const known = covers.findIndex((cover) => nameOf(cover.windows) === name);
  if (known >= 0) return known;
  if (covers.length < MOST_COVERS) return covers.push({ windows, severity }) - 1;
  // Rather paged early than late.
  const ends = covers.map((cover) => quietUntil(cover.windows, now));
  return ends.indexOf(Math.min(...ends));
}

/** The same windows with other ends are another cover. */
function nameOf(windows: readonly QuietWindow[]): string {
  return JSON.stringify(windows.map(({ id, to }) => [id, to]).sort());
}

/** These alerts are forgotten: they are over, or count now. */
export function without(quiet: Quiet, fingerprints: readonly string[]): Quiet {
  const covered = edit(quiet.covered);
  for (const fingerprint of fingerprints) covered.remove(fingerprint);
  return { ...quiet, covered: covered.done() };
}

/** What a change of a window makes of the covers of what fires. */
export function changed(
  quiet: Quiet,
  change: MaintenanceChange,
  firing: readonly string[],
  severity: string,
): Quiet {
  switch (change.type) {
    case 'ended':
      return {
        ...quiet,
        covers: quiet.covers.map((cover) => ({
          ...cover,
          windows: cover.windows.filter(({ id }) => id !== change.windowId),
        })),
      };
    case 'began': {
      const { window } = change;
      const covers = quiet.covers.map((cover) => ({
        ...cover,
        windows: [...cover.windows.filter(({ id }) => id !== window.id), window],
      }));
      const uncovered = firing.filter((fingerprint) => startOf(quiet.covered, fingerprint) === undefined);
      if (uncovered.length === 0) return { ...quiet, covers };
      const covered = edit(quiet.covered);
      for (const fingerprint of uncovered) covered.put(fingerprint, covers.length);
      return { ...quiet, covers: [...covers, { windows: [window], severity }], covered: covered.done() };
    }
    default:
      return change satisfies never;
  }
}

/** What fires now. */
export function firingOf(state: Pick<IncidentState, 'alerts'>): readonly string[] {
  return fingerprintsOf(state.alerts.firing).map(([fingerprint]) => fingerprint);
}

/** What maintenance does to an incident, for views and lists. */
export interface QuietView {
  /** Nobody is asked anything before; of one that does not rest: when the first alert beside it counts. */
  readonly until: Instant;
  /** Why, for people. */
  readonly reason: string;
  /** Ids of the windows, at most 20. */
  readonly windows: readonly string[];
  /** False: it pages for another alert, or somebody has it; these alerts wait beside it. */
  readonly rests: boolean;
}

/** Null: nothing that fires is covered. */
export function quietView(state: Pick<IncidentState, 'quiet' | 'deadlines'>): QuietView | null {
  const until = state.deadlines[MAINTENANCE_OVER]?.at;
  if (until === undefined || state.quiet === undefined) return null;
  const windows = [
    ...new Map(state.quiet.covers.flatMap((cover) => cover.windows).map((one) => [one.id, one])).values(),
  ];
  return {
    until,
    reason: reasonOf(windows, until),
    windows: windows.map(({ id }) => id).slice(0, QUIET_WINDOWS),
    rests: state.quiet.rests,
  };
}

/** As many ids as views and lists have. */
export const QUIET_WINDOWS = 20;

/** The reason of the window that ends then; else of any. */
export function reasonOf(windows: readonly QuietWindow[], until: Instant): string {
  return (windows.find(({ to }) => to === until) ?? windows[0])?.reason ?? 'maintenance';
}

/** The deadline of the end. */
export const MAINTENANCE_OVER = 'maintenance-over';
