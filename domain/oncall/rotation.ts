/** Who is on call by a schedule at one instant. Ids of users; null: nobody. */
export interface OnCallPair {
  readonly primary: string | null;
  readonly secondary: string | null;
}

/** Number of the shift that a day falls into, by days since the day of the first shift; negative before it. */
export function shiftNumber(daysSinceStart: number, daysPerShift: number): number {
  return Math.floor(daysSinceStart / daysPerShift);
}

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

/** A rotation with the number of its shift at the instant in question. */
export interface CurrentShift {
  readonly participants: readonly string[];
  readonly shift: number;
}

/**
 * Primary and secondary of one instant. `primary` and `own` are null when that rotation covers nothing now.
 * - `next`: the secondary is who follows the primary in the primary's order; in a gap there is none.
 * - `none`: there is no secondary.
 * - `own`: a rotation of its own, also in a gap of the primary. When its turn falls on the primary, the next of its
 *   order takes it, else the next of the primary's order.
 *
 * Nobody is both, as long as two different people take part.
 */
export function pairOf(
  primary: CurrentShift | null,
  secondary:
    | { readonly kind: 'next' }
    | { readonly kind: 'none' }
    | { readonly kind: 'own'; readonly own: CurrentShift | null },
): OnCallPair {
  const first = primary === null ? null : participantOf(primary.participants, primary.shift);
  const following =
    primary === null ? null : participantOtherThan(primary.participants, primary.shift + 1, first);
  switch (secondary.kind) {
    case 'none':
      return { primary: first, secondary: null };
    case 'next':
      return { primary: first, secondary: following };
    case 'own': {
      if (secondary.own === null) return { primary: first, secondary: null };
      const { participants, shift } = secondary.own;
      return { primary: first, secondary: participantOtherThan(participants, shift, first) ?? following };
    }
  }
}
