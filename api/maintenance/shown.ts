import { problemOf, type PlannedWindow } from '../../config/maintenance.js';
import { zoneTimes } from '../../config/zone-times.js';
import type { Instant } from '../../domain/time/instant.js';
import type { StoredWindow } from '../../store/maintenance.js';
import type { ShownWindow } from './schemas.js';

/** A window of the store as the API shows it. */
export function shownStored(window: StoredWindow, now: Instant): ShownWindow {
  const { id, services, match, from, to, reason, stopPages, by, endedAt, endedBy } = window;
  const problem = problemOf(window);
  return {
    ...{ id, origin: 'api', services: [...services] },
    state: endedAt === undefined ? stateOf(from, to, now) : 'ended',
    ...(match === null ? {} : { match }),
    ...{ from, to: endedAt === undefined ? to : Math.min(endedAt, to), reason, stopPages, by },
    ...(endedBy === undefined ? {} : { endedBy }),
    ...(problem === null ? {} : { problem }),
  };
}

/** One of the configuration. */
export function shownPlanned(window: PlannedWindow, now: Instant): ShownWindow {
  const { id, services, match, from, to, reason } = window;
  return {
    ...{ id, origin: 'config', state: stateOf(from, to, now), services: [...services] },
    ...(match === null ? {} : { match }),
    ...{ from, to, reason, stopPages: false },
  };
}

function stateOf(from: Instant, to: Instant, now: Instant): ShownWindow['state'] {
  return now < from ? 'to-come' : now < to ? 'in-force' : 'over';
}

/** "payments, orders", "all services with cluster=staging": whom it concerns. */
export function whomWords({ services, match }: Pick<ShownWindow, 'services' | 'match'>): string {
  const labels = Object.entries(match ?? {}).map(
    ([label, value]) => `${label}=${Array.isArray(value) ? value.join(' or ') : String(value)}`,
  );
  const whom = services.length === 0 ? 'all services' : services.join(', ');
  return labels.length === 0 ? whom : `${whom} with ${labels.join(', ')}`;
}

/** "payments is in maintenance from … until … (database upgrade)" */
export function windowWords(window: ShownWindow, zone: string): string {
  const times = zoneTimes(zone);
  return `${whomWords(window)}: maintenance from ${times.moment(window.from)} until ${times.moment(window.to)} (${window.reason})`;
}
