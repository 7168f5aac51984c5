import type { Config } from '../../config/types.js';
import { firstSearches, type OpeningInput } from '../../domain/incident/foreseen.js';
import type { IncidentInput } from '../../domain/incident/plan.js';
import type { Instant } from '../../domain/time/instant.js';
import type { Incidents } from './incidents.js';

/**
 * Adds who is on call now, for the searches that the incident begins with: the first page then needs no search of its own.
 * Names and ids of contact methods only, as in the answer of `find-people`; no number or address.
 * Where that fails, the input as it was: no alert is lost over it, and the search itself says what is wrong.
 */
export function foresee(config: Config, input: IncidentInput, at: Instant): OpeningInput {
  try {
    const foreseen = firstSearches(input, at).map(({ targets, urgency }) => ({
      targets,
      urgency,
      at,
      found: config.findPeople(targets, urgency, at),
    }));
    return { ...input, foreseen };
  } catch {
    return input;
  }
}

/**
 * The same incidents, with what opens one foreseen as it goes to Temporal: once for each signal, however many requests are in it.
 */
export function withForesight(incidents: Incidents, config: () => Config, now: () => Instant): Incidents {
  return {
    ...incidents,
    intake: (input, batch) => incidents.intake(foresee(config(), input, now()), batch),
    declare: (input, request) => incidents.declare(foresee(config(), input, now()), request),
  };
}
