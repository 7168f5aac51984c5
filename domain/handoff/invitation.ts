import { contentLine, dateTimeValue, textValue } from '../calendar/content-lines.js';
import { oneLine } from '../messages/text.js';
import type { Instant, Milliseconds } from '../time/instant.js';
import { DIGEST_BEFORE_MS, type PlannedHandoff } from './handoff.js';

/** A call in which two people hand over. */
export interface HandoffCall {
  /** Id of the hand-over: the same call is the same event, whoever gets it and how often. */
  readonly id: string;
  readonly from: Instant;
  readonly lengthMs: Milliseconds;
  /** What people read, e.g. "payments (primary): Alice to Bob". */
  readonly title: string;
  readonly description: string;
  /** When this text was made. */
  readonly madeAt: Instant;
}

/**
 * When the call begins: with the change, while both are awake; where somebody's digest comes in the evening before, half an hour
 * after the later of the two digests, and never after the change.
 */
export function callBegins({ at, digestAt }: Pick<PlannedHandoff, 'at' | 'digestAt'>): Instant {
  const read = [digestAt.leaving, digestAt.coming].filter((each) => each !== null);
  return read.length === 0 ? at : Math.min(at, Math.max(...read) + DIGEST_BEFORE_MS);
}

/**
 * The call as the text of an .ics file (RFC 5545). Published, not an invitation with attendees: addresses of people belong into no
 * file that is handed on, and nobody has to answer it.
 */
export function invitationText(call: HandoffCall): string {
  return [
    contentLine('BEGIN', 'VCALENDAR'),
    contentLine('VERSION', '2.0'),
    contentLine('PRODID', '-//Tocsin//Hand-over//EN'),
    contentLine('CALSCALE', 'GREGORIAN'),
    contentLine('METHOD', 'PUBLISH'),
    contentLine('BEGIN', 'VEVENT'),
    contentLine('UID', `handoff-${call.id}@tocsin`),
    contentLine('DTSTAMP', dateTimeValue(call.madeAt)),
    contentLine('DTSTART', dateTimeValue(call.from)),
    contentLine('DTEND', dateTimeValue(call.from + call.lengthMs)),
    contentLine('SUMMARY', textValue(`Hand-over ${oneLine(call.title)}`)),
    contentLine('DESCRIPTION', textValue(call.description)),
    contentLine('TRANSP', 'OPAQUE'),
    contentLine('END', 'VEVENT'),
    contentLine('END', 'VCALENDAR'),
  ].join('');
}
