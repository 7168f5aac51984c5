import type { IncidentState } from './state.js';
import type { IncidentView } from './view.js';

/** Whom an incident concerns, by the ids of users (and of a key that has it): by these search attributes it is found again. */
export interface Concerned {
  /** Whose answer it waits for. */
  readonly paged: readonly string[];
  /** Whoever has it, who did something about it, and who was paged: as far as it is remembered, the nearest first. */
  readonly involved: readonly string[];
}

export function concerned(
  { paged, owner }: Pick<IncidentView, 'paged' | 'owner'>,
  { acted = [] }: Pick<IncidentState, 'acted'>,
): Concerned {
  return {
    paged: paged.filter(({ open }) => open).map(({ userId }) => userId),
    involved: [
      ...new Set([
        ...(owner === undefined ? [] : [owner.id]),
        ...acted.toReversed(),
        ...paged.map(({ userId }) => userId),
      ]),
    ],
  };
}
