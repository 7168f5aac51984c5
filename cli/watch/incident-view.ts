import type { z } from 'zod';
import type { Context } from '../context.js';
import { detailed, entryText, incidentDetails } from '../output/incident-details.js';
import { expect } from '../api-client.js';
import { safe } from '../output/safe.js';
import { clockWords, terminalZone } from '../output/times.js';

type Detailed = z.infer<typeof detailed>;

/** The incident of an answer. @throws CliFailure */
export function incidentOf(body: unknown): Detailed {
  return expect(detailed, body);
}

/** All of it, for a screen. */
export function incidentFrame(incident: Detailed, { now, colours }: Context): string {
  return incidentDetails(incident, now(), terminalZone(), colours);
}

/** How many things have happened to it; those that no longer fit into the answer count too. */
export function happened({ timeline, timelineDropped }: Detailed): number {
  return timeline.length + timelineDropped;
}

/** One line for each thing that happened after the first `seen`. */
export function newLines(incident: Detailed, seen: number, { now, colours }: Context): readonly string[] {
  const count = Math.min(incident.timeline.length, Math.max(0, happened(incident) - seen));
  const zone = terminalZone();
  return incident.timeline
    .slice(incident.timeline.length - count)
    .map((entry) => `${colours.dim(clockWords(entry.at, now(), zone))} ${safe(entryText(entry, zone))}`);
}
