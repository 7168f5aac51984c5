import type { z } from 'zod';
import type { listed } from '../output/incident-list.js';

export type Listed = z.infer<typeof listed>;

/** A list of incidents that is followed. */
export interface Followed {
  /** In the order of the API: open ones first, those that began last in front. */
  readonly incidents: readonly Listed[];
  /** False: there are more than are followed, so that what is missing need not be over. */
  readonly isWhole: boolean;
  /** Seen earlier and pushed off the end since, as they were last; they may still be on the list. Empty when it is whole. */
  readonly outOfSight: readonly Listed[];
}

/** What is followed after a new look at the list. */
export function followedFrom(
  before: Followed | null,
  incidents: readonly Listed[],
  isWhole: boolean,
): Followed {
  const seen = new Set(incidents.map(({ openingId }) => openingId));
  const outOfSight =
    isWhole || before === null
      ? []
      : [...before.incidents, ...before.outOfSight].filter(({ openingId }) => !seen.has(openingId));
  return { incidents, isWhole, outOfSight };
}

/** One thing that changed in a list. */
export interface ListChange {
  /**
   * `open`: it was there when watching began, or moved up from beyond what is followed; `gone`: no longer on the list (over, or
   * no longer what the filters mean).
   */
  readonly change: 'open' | 'opened' | 'changed' | 'gone';
  readonly incident: Listed;
}

/** What is new in a list; the first list is all news. */
export function listChanges(before: Followed | null, after: Followed): readonly ListChange[] {
  const earlier = before === null ? [] : [...before.incidents, ...before.outOfSight];
  const known = new Map(earlier.map((one) => [one.openingId, one]));
  const stays = new Set([...after.incidents, ...after.outOfSight].map(({ openingId }) => openingId));
  return [
    ...after.incidents.flatMap((incident): readonly ListChange[] => {
      const same = known.get(incident.openingId);
      if (same === undefined)
        return [{ change: before === null || wasBeyond(before, incident) ? 'open' : 'opened', incident }];
      return JSON.stringify(same) === JSON.stringify(incident) ? [] : [{ change: 'changed', incident }];
    }),
    ...earlier
      .filter(({ openingId }) => !stays.has(openingId))
      .map((incident): ListChange => ({ change: 'gone', incident })),
  ];
}

/** Whether one that was not seen before was there, behind the last that is followed. */
function wasBeyond({ isWhole, incidents }: Followed, incident: Listed): boolean {
  if (isWhole) return false;
  const oldestOpen = Math.min(...incidents.filter(({ open }) => open).map(({ startedAt }) => startedAt));
  return !incident.open || (Number.isFinite(oldestOpen) && incident.startedAt <= oldestOpen);
}
