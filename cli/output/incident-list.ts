import { z } from 'zod';
import type { Instant } from '../../domain/time/instant.js';
import type { Colours } from './colours.js';
import { phaseColour } from './phase.js';
import { safe } from './safe.js';
import { table } from './table.js';
import { clockWords, relativeWords, terminalZone } from './times.js';

/** An incident as the API lists it. */
export const listed = z.object({
  openingId: z.string(),
  code: z.string(),
  title: z.string(),
  service: z.string(),
  severity: z.string(),
  phase: z.string(),
  open: z.boolean(),
  owner: z.string().optional(),
  ownerName: z.string().optional(),
  startedAt: z.number(),
  quiet: z.object({ until: z.number(), reason: z.string(), rests: z.boolean() }).optional(),
});

const TITLE_LENGTH = 60;

/** Incidents as a table, with a heading; a sentence when there are none. */
export function incidentList(
  incidents: readonly z.infer<typeof listed>[],
  onlyOpen: boolean,
  now: Instant,
  colours: Colours,
): string {
  if (incidents.length === 0) return onlyOpen ? 'No incident is open.' : 'No incidents.';
  const heading = ['CODE', 'SEVERITY', 'PHASE', 'SERVICE', 'WHO HAS IT', 'BEGAN', 'TITLE'].map((text) =>
    colours.dim(text),
  );
  return table([
    heading,
    ...incidents.map(
      ({ code, openingId, severity, phase, service, owner, ownerName, startedAt, title, quiet }) => [
        colours.bold(code === '' ? openingId : code),
        safe(severity),
        phaseColour(phase, colours)(phase),
        safe(service),
        owner === undefined ? nobodyText(quiet, now, colours) : safe(ownerName ?? owner),
        relativeWords(startedAt, now),
        shortened(safe(title)),
      ],
    ),
  ]);
}

/** In maintenance nobody is looked for: until when, on the clock of this machine. */
function nobodyText(quiet: z.infer<typeof listed>['quiet'], now: Instant, colours: Colours): string {
  if (quiet?.rests !== true) return colours.yellow('nobody yet');
  return colours.dim(
    `quiet until ${clockWords(quiet.until, now, terminalZone())} (${shortReason(safe(quiet.reason))})`,
  );
}

const REASON_LENGTH = 30;

function shortReason(text: string): string {
  return text.length > REASON_LENGTH ? `${text.slice(0, REASON_LENGTH - 1).trimEnd()}…` : text;
}

function shortened(text: string): string {
  return text.length > TITLE_LENGTH ? `${text.slice(0, TITLE_LENGTH - 1).trimEnd()}…` : text;
}
