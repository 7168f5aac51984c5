import type { z } from 'zod';
import { expect } from '../api-client.js';
import { incidentPage } from '../commands/incidents.js';
import type { Context } from '../context.js';
import { incidentList, type listed } from '../output/incident-list.js';
import { phaseColour } from '../output/phase.js';
import { safe } from '../output/safe.js';
import { clockWords, terminalZone } from '../output/times.js';

type Listed = z.infer<typeof listed>;

/** One thing that changed in a list. */
export interface ListChange {
  /** `open`: it was there when watching began; `gone`: no longer on the list (over, or no longer what the filters mean). */
  readonly change: 'open' | 'opened' | 'changed' | 'gone';
  readonly incident: Listed;
}

/** What is new in a list; the first list is all news. */
export function listChanges(
  before: readonly Listed[] | null,
  after: readonly Listed[],
): readonly ListChange[] {
  const known = new Map((before ?? []).map((one) => [one.openingId, one]));
  const stays = new Set(after.map(({ openingId }) => openingId));
  return [
    ...after.flatMap((incident): readonly ListChange[] => {
      const earlier = known.get(incident.openingId);
      if (earlier === undefined) return [{ change: before === null ? 'open' : 'opened', incident }];
      return JSON.stringify(earlier) === JSON.stringify(incident) ? [] : [{ change: 'changed', incident }];
    }),
    ...(before ?? [])
      .filter(({ openingId }) => !stays.has(openingId))
      .map((incident): ListChange => ({ change: 'gone', incident })),
  ];
}

/** The incidents of an answer. @throws CliFailure */
export function listOf(body: unknown): readonly Listed[] {
  return expect(incidentPage, body).incidents;
}

/** The whole list, for a screen. */
export function listFrame(incidents: readonly Listed[], onlyOpen: boolean, context: Context): string {
  return incidentList(incidents, onlyOpen, context.now(), context.colours);
}

/** "12:03:09 opened 7KQ2 SEV1 triggered payments: checkout is down, nobody yet" */
export function changeLine({ change, incident }: ListChange, { now, colours }: Context): string {
  const { openingId, code, severity, phase, service, title, owner, ownerName } = incident;
  const at = now();
  return [
    colours.dim(clockWords(at, at, terminalZone())),
    change,
    colours.bold(code === '' ? openingId : code),
    safe(severity),
    phaseColour(phase, colours)(phase),
    `${safe(service)}: ${safe(title)},`,
    owner === undefined ? 'nobody has it yet' : `${safe(ownerName ?? owner)} has it`,
  ].join(' ');
}
