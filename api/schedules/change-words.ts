import { zoneTimes } from '../../config/zone-times.js';
import type { Span } from '../../domain/oncall/cover.js';
import type { Override } from '../../domain/oncall/override.js';

/** What is said about overrides, with times on the clock of the schedule. */

/** "from Thu 24 Dec, 18:00 CET until Fri 25 Dec, 09:00 CET". */
export function spanWords({ from, to }: Span, zone: string): string {
  const times = zoneTimes(zone);
  return `from ${times.moment(from)} until ${times.moment(to)}`;
}

/** "fay is primary of payments from … until …, instead of bob". */
export function overrideWords(override: Override, zone: string): string {
  return told(override, 'is', zone);
}

/** "fay as primary of payments from … until …, instead of bob": of one that does not count, or would not. */
export function arrangementWords(override: Override, zone: string): string {
  return told(override, 'as', zone);
}

function told(override: Override, joint: 'is' | 'as', zone: string): string {
  const { userId, slot, schedule, insteadOf } = override;
  const instead = insteadOf === null ? '' : `, instead of ${insteadOf}`;
  return `${userId} ${joint} ${slot} of ${schedule} ${spanWords(override, zone)}${instead}`;
}

/** The same with who made it, why, and its id: for somebody who meets it unexpectedly. */
export function foundWords(override: Override, zone: string): string {
  return `${override.id}: ${overrideWords(override, zone)} (made by ${override.by}: ${override.reason})`;
}
