import { DAY, type Instant } from '../time/instant.js';
import type { Rotation } from './schedule.js';
import { instantOf, wallClock, wallClockAt, type WallClock } from './zone.js';

/** Who has shift number `shift`: the participants in their order, over and over. Null only when there are none. */
export function participantOf(participants: readonly string[], shift: number): string | null {
  if (participants.length === 0) return null;
  const position = ((shift % participants.length) + participants.length) % participants.length;
  return participants[position] ?? null;
}

/** The first participant at or after `shift` in the order who is not `notThis`; null when there is nobody else. */
export function participantOtherThan(
  participants: readonly string[],
  shift: number,
  notThis: string | null,
): string | null {
  for (let ahead = 0; ahead < participants.length; ahead += 1) {
    const candidate = participantOf(participants, shift + ahead);
    if (candidate !== notThis) return candidate;
  }
  return null;
}

function clockOfShift(rotation: Rotation, number: number): WallClock {
  return wallClock(rotation.start, rotation.handover) + number * rotation.shiftLength;
}

/**
 * When shift `number` begins: a time of the wall clock, so that 09:00 stays 09:00, and 08:00 and 20:00 stay so, when the
 * clocks change. A shift never begins later than the one after it: one whose time is jumped over along with that of the
 * next has no length, and its person is passed over (a day that a zone skipped).
 */
export function shiftStart(rotation: Rotation, number: number): Instant {
  const { zone } = rotation;
  let earliest = Number.POSITIVE_INFINITY;
  for (let each = number; ; each += 1) {
    const clock = clockOfShift(rotation, each);
    const at = instantOf(zone, clock);
    earliest = Math.min(earliest, at);
    // Only times that are jumped over can come after later ones.
    if (wallClockAt(zone, at) === clock) return earliest;
  }
}

/** The shift at this instant by the hand-overs alone: whether or not the rotation covers it. Negative before the first. */
export function shiftAt(rotation: Rotation, at: Instant): number {
  const clock = Math.max(wallClockAt(rotation.zone, at), at + rotation.zone.offsetAt(at - DAY));
  let number = Math.floor((clock - clockOfShift(rotation, 0)) / rotation.shiftLength);
  while (at < shiftStart(rotation, number)) number -= 1;
  while (at >= shiftStart(rotation, number + 1)) number += 1;
  return number;
}

/** The span in which a rotation is in force, by `start` and `until` alone. */
export function lifeOf(rotation: Rotation): { readonly from: Instant; readonly to: Instant } {
  const { zone, until, handover } = rotation;
  return {
    from: shiftStart(rotation, 0),
    to: until === null ? Number.POSITIVE_INFINITY : instantOf(zone, wallClock(until, handover)),
  };
}
