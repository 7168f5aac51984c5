import type { TimelineEntry } from './timeline.js';

/** How many things have happened to an incident so far: it grows with whatever changes it, and with nothing else. */
export function revisionOf(incident: {
  readonly timeline: readonly TimelineEntry[];
  readonly timelineDropped: number;
}): number {
  return incident.timeline.length + incident.timelineDropped;
}
