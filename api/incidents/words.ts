import type { Actor } from '../../domain/incident/plan.js';
import type { IncidentSummary } from './incidents.js';

/** What a person hears when no worker took their answer in time. */
export const NOTED = 'Noted. Tocsin is busy right now; a confirmation follows.';

/** The same for whoever asks: a key has no phone to which a confirmation could go. */
export function notedSentence(by: Actor): string {
  return by.kind === 'user'
    ? NOTED
    : 'Noted; it counts as soon as a worker is back. See the incident for the outcome.';
}

/** How many incidents one answer lists. */
const LISTED = 5;

/** "7KQ2 payments: error rate", for lists in answers. */
export function nameOf({ code, service, title }: IncidentSummary): string {
  const short = title.length > 60 ? `${title.slice(0, 59).trimEnd()}...` : title;
  return `${code === '' ? '(new)' : code} ${service}: ${short}`;
}

/** At most five incidents by name, and how many more there are. */
export function listOf(incidents: readonly IncidentSummary[]): string {
  const more = incidents.length - LISTED;
  return incidents.slice(0, LISTED).map(nameOf).join('; ') + (more > 0 ? `; and ${more} more` : '');
}

/** The sentence for an answer to an incident that is over. */
export function overSentence(openNow: readonly IncidentSummary[]): string {
  return openNow.length === 0
    ? 'That incident is over. Nothing of yours is open now.'
    : `That incident is over; open now: ${listOf(openNow)}.`;
}
