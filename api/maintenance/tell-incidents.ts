import type { MaintenanceChange, QuietWindow } from '../../domain/maintenance/window.js';
import { MINUTE, type Milliseconds } from '../../domain/time/instant.js';
import type { StoredWindow } from '../../store/maintenance.js';
import type { Incidents, IncidentFilter, IncidentSummary } from '../incidents/incidents.js';

/** Of a page of the list. */
const PAGE = 100;
/** More open incidents than this are not looked through at once: what is further down hears of it from its own clock. */
const MOST_PAGES = 20;
/** Signals under way at a time. */
const WIDTH = 10;
/** An incident that opened so shortly before its window began may be listed with a later time: clocks differ. */
const CLOCKS: Milliseconds = MINUTE;

/** The part of a stored window that travels. */
export function travelling({ id, from, to, reason }: StoredWindow): QuietWindow {
  return { id, from, to, reason };
}

/** What open incidents have to hear of a window. */
export function changeOf(window: StoredWindow, what: 'began' | 'ended'): MaintenanceChange {
  return what === 'ended'
    ? { type: 'ended', windowId: window.id }
    : { type: 'began', window: travelling(window), stopPages: window.stopPages };
}

/**
 * Tells the open incidents that a window concerns that it began or was ended, and answers with how many those were. Those that
 * heard of it before, as far as lists show, are left out; to hear it twice changes nothing.
 * @throws `TemporalUnavailable`
 */
export async function tellIncidents(
  incidents: Pick<Incidents, 'list' | 'maintain'>,
  window: StoredWindow,
  what: 'began' | 'ended',
): Promise<number> {
  const change = changeOf(window, what);
  // Windows with labels cover alerts as they come in: of what came in before nobody knows the labels any more.
  if (what === 'began' && window.match !== null) return 0;
  const open = await openIncidents(incidents, what === 'ended' ? [] : window.services);
  const meant = open.filter((incident) => concerns(incident, window, what));
  for (let from = 0; from < meant.length; from += WIDTH)
    await Promise.all(
      meant.slice(from, from + WIDTH).map(({ openingId }) => incidents.maintain(openingId, change)),
    );
  return meant.length;
}

function concerns(
  { quiet, phase, startedAt }: IncidentSummary,
  window: StoredWindow,
  what: 'began' | 'ended',
): boolean {
  const knows = quiet?.windows.includes(window.id) === true;
  if (what === 'ended') return knows;
  if (knows) return false;
  if (!window.stopPages) return quiet?.rests === true;
  return phase !== 'monitoring' && startedAt <= Math.max(window.from, window.createdAt) + CLOCKS;
}

/** Those of these services; of all without. */
export async function openIncidents(
  incidents: Pick<Incidents, 'list'>,
  services: readonly string[],
): Promise<readonly IncidentSummary[]> {
  const filters: readonly Partial<IncidentFilter>[] =
    services.length === 0 ? [{}] : services.map((service) => ({ service }));
  const found = new Map<string, IncidentSummary>();
  for (const filter of filters) {
    let cursor: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const asked: IncidentFilter = {
        ...filter,
        open: true,
        limit: PAGE,
        ...(cursor === undefined ? {} : { cursor }),
      };
      const { incidents: listed, next } = await incidents.list(asked);
      const before = found.size;
      for (const incident of listed) found.set(incident.openingId, incident);
      cursor = next;
      if (cursor === undefined || found.size === before) break;
    }
  }
  return [...found.values()];
}
