import type { Context } from '../context.js';
import { incidentList } from '../output/incident-list.js';
import { phaseColour } from '../output/phase.js';
import { safe } from '../output/safe.js';
import { clockWords, terminalZone } from '../output/times.js';
import type { Followed, ListChange } from './followed.js';

/** The whole list, for a screen. */
export function listFrame(followed: Followed, onlyOpen: boolean, { now, colours }: Context): string {
  const list = incidentList(followed.incidents, onlyOpen, now(), colours);
  return followed.isWhole ? list : `${colours.yellow(moreWords(followed))}\n\n${list}`;
}

/** Says that there are more incidents than are followed. */
export function moreWords({ incidents }: Followed): string {
  return `There are more: the first ${incidents.length} are followed, and of none is said that it is gone. Narrow it down, e.g. with --service.`;
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
