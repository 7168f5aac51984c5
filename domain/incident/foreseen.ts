import type { Target } from '../escalation/policy.js';
import type { Urgency } from '../severity/severity.js';
import { SECOND, type Instant, type Milliseconds } from '../time/instant.js';
import type { FindPeopleCommand } from './command.js';
import type { FoundPeople } from './event.js';
import { openIncident } from './machine.js';
import type { IncidentInput } from './plan.js';

/** Who is meant by a search that the incident is going to make first: found when its alert came in, not a task later. */
export interface ForeseenPeople {
  readonly targets: readonly Target[];
  readonly urgency: Urgency;
  readonly at: Instant;
  readonly found: FoundPeople;
}

/** What opens an incident, with whom its first searches mean when that is known already. */
export interface OpeningInput extends IncidentInput {
  readonly foreseen?: readonly ForeseenPeople[];
}

/** Who is on call may change while an alert waits for a worker: after this they are searched for anew. Clocks may differ by as much. */
const FRESH_MS: Milliseconds = 5 * SECOND;

/** The searches that an incident begins with when it opens now. */
export function firstSearches(input: IncidentInput, now: Instant): readonly FindPeopleCommand[] {
  return openIncident(input, 'foreseen', now).commands.filter((command) => command.type === 'find-people');
}

/** The answer to this search, when it was foreseen just now; else it is to be asked for. */
export function foreseenAnswer(
  foreseen: readonly ForeseenPeople[],
  search: Pick<FindPeopleCommand, 'targets' | 'urgency'>,
  now: Instant,
): FoundPeople | null {
  const known = foreseen.find(
    ({ at, urgency, targets }) =>
      Math.abs(now - at) <= FRESH_MS &&
      urgency === search.urgency &&
      JSON.stringify(targets) === JSON.stringify(search.targets),
  );
  return known?.found ?? null;
}
