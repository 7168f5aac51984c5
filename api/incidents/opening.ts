import { listOf } from '../../domain/replies/words.js';
import { keyOfOpening } from '../../temporal-config/names.js';
import { ApiError } from '../errors.js';
import type { Incidents } from './incidents.js';

/** The error for an id that names nothing. */
export function noSuchIncident(): ApiError {
  return new ApiError('incident-not-found', 'No incident has this id.', {
    remedy: 'GET /v1/incidents lists them; an id looks like 3f2a…-9c01d2e4, a code has 4 characters.',
  });
}

/**
 * The opening that an id or a code means: a code means the open incident with it, else the latest that had it.
 * `need`: `past` for whoever reads: those that only the store has may be meant.
 * @throws ApiError `incident-not-found`, or `ambiguous-code` when several open ones share the code; for `past` `store-away`, too
 */
export async function openingOf(incidents: Incidents, idOrCode: string, need?: 'past'): Promise<string> {
  if (keyOfOpening(idOrCode) !== null) return idOrCode;
  if (!/^[A-Za-z0-9]{4}$/.test(idOrCode)) throw noSuchIncident();
  const found = await incidents.byCode(idOrCode, need);
  const open = found.filter((incident) => incident.open);
  if (open.length > 1) {
    throw new ApiError('ambiguous-code', `Several open incidents have this code: ${listOf(open)}.`, {
      remedy: `Use the id: ${open.map(({ openingId, service }) => `${openingId} (${service})`).join(', ')}.`,
    });
  }
  const meant = open[0] ?? found[0];
  if (meant === undefined) throw noSuchIncident();
  return meant.openingId;
}
