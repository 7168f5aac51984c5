import type { TimelineEntry } from '../domain/incident/timeline.js';
import type { IncidentView } from '../domain/incident/view.js';
import type { Instant } from '../domain/time/instant.js';

/** How the last request to take the incident over stands. */
export type HandOver =
  /** Not answered yet. */
  | Asked
  /** The one who was asked has it. */
  | {
      readonly state: 'accepted';
      readonly to: string;
      readonly from: string;
      readonly at: Instant;
      /** Who asked; absent where the timeline does not reach back so far. */
      readonly by?: string;
    }
  /** The one who was asked did not answer, or passed it on. */
  | { readonly state: 'not-taken'; readonly to: string; readonly at: Instant };

interface Asked {
  readonly state: 'asked';
  readonly to: string;
  readonly by: string;
  readonly since: Instant;
  readonly reason?: string;
}

/** What makes a hand-over that has ended history; that somebody is asked anew is told by the view itself. */
const LATER: ReadonlySet<TimelineEntry['type']> = new Set([
  'acknowledged',
  'taken-over',
  'unacknowledged',
  'monitoring',
]);

/** The hand-over that is under way, or how the last one ended as long as that still matters; null: neither. */
export function handOverOf(view: IncidentView): HandOver | null {
  const { handover, timeline } = view;
  if (handover !== undefined) {
    const request = requestTo(handover.to, timeline);
    return {
      state: 'asked',
      ...handover,
      ...(request?.reason === undefined ? {} : { reason: request.reason }),
    };
  }
  const last = timeline.findLastIndex(
    ({ type }) => type === 'reassigned' || type === 'not-taken-over' || LATER.has(type),
  );
  const entry = timeline[last];
  switch (entry?.type) {
    case 'reassigned': {
      const by = requestTo(entry.who, timeline.slice(0, last))?.who;
      return {
        state: 'accepted',
        to: entry.who,
        from: entry.from,
        at: entry.at,
        ...(by === undefined ? {} : { by }),
      };
    }
    case 'not-taken-over':
      return { state: 'not-taken', to: entry.to, at: entry.at };
    default:
      return null;
  }
}

type Request = Extract<TimelineEntry, { readonly type: 'reassigning' }>;

function requestTo(name: string, timeline: readonly TimelineEntry[]): Request | undefined {
  return timeline.findLast((entry): entry is Request => entry.type === 'reassigning' && entry.to === name);
}
