import { participantOf, participantOtherThan } from './rotation.js';
import type { ActiveOverrides, Override } from './override.js';
import type { Rotation, SecondaryRule } from './schedule.js';

/** Who is on call by a schedule at one instant. Ids of users; null: nobody. */
export interface OnCallPair {
  readonly primary: string | null;
  readonly secondary: string | null;
}

/** By what somebody has a place: a rotation, by its name, or an override. */
export type Why =
  { readonly kind: 'rotation'; readonly name: string } | { readonly kind: 'override'; readonly id: string };

/** Who is on call, and why: null where nobody is. */
export interface OnCall extends OnCallPair {
  readonly why: { readonly primary: Why | null; readonly secondary: Why | null };
}

/** A rotation with the number of the shift that covers the instant in question. */
export interface CurrentTurn {
  readonly rotation: Rotation;
  readonly shift: number;
}

interface Holder {
  readonly userId: string;
  readonly why: Why;
}

function holderOf(userId: string | null, turn: CurrentTurn): Holder | null {
  return userId === null ? null : { userId, why: { kind: 'rotation', name: turn.rotation.name } };
}

/** The next of an order, from shift number `from` on, who is not `notThis`. */
function otherThan(turn: CurrentTurn, from: number, notThis: Holder | null): Holder | null {
  return holderOf(participantOtherThan(turn.rotation.participants, from, notThis?.userId ?? null), turn);
}

/** The turns that cover an instant, and how the secondary follows from them. */
interface Turns {
  readonly rule: SecondaryRule['kind'];
  readonly primary: CurrentTurn | null;
  readonly own: CurrentTurn | null;
}

function following({ primary }: Turns, notThis: Holder | null): Holder | null {
  return primary === null ? null : otherThan(primary, primary.shift + 1, notThis);
}

/** Who would be secondary beside this primary by the rotations alone. */
function beside(turns: Turns, primary: Holder | null): Holder | null {
  const { rule, own } = turns;
  switch (rule) {
    case 'none':
      return null;
    case 'next':
      return following(turns, primary);
    case 'own':
      return own === null ? null : (otherThan(own, own.shift, primary) ?? following(turns, primary));
    default:
      return rule satisfies never;
  }
}

function byOverride({ id, userId }: Override): Holder {
  return { userId, why: { kind: 'override', id } };
}

/** Who has the place of the primary after one override after the other was made. */
function primaryAfter(turn: Holder | null, overrides: readonly Override[]): Holder | null {
  let holder = turn;
  for (const each of overrides) {
    if (each.insteadOf === null || each.insteadOf === holder?.userId) holder = byOverride(each);
  }
  return holder;
}

/**
 * Who has the place of the secondary, beside a primary who stands: of those who were named one after the other the last
 * who is not the primary, else the next other person of the order.
 */
function secondaryOf(turns: Turns, named: readonly (Holder | null)[], primary: Holder | null): Holder | null {
  const free = named.findLast((each) => each !== null && each.userId !== primary?.userId);
  return free ?? (named[0] === null ? null : beside(turns, primary));
}

function secondaryAfter(
  turns: Turns,
  foreseen: Holder | null,
  overrides: readonly Override[],
  primary: Holder | null,
): Holder | null {
  if (foreseen?.userId !== primary?.userId && overrides.length === 0) return foreseen;
  const named = [foreseen];
  for (const each of overrides) {
    const { insteadOf } = each;
    const counts =
      insteadOf === null ||
      insteadOf === named.at(-1)?.userId ||
      insteadOf === secondaryOf(turns, named, primary)?.userId;
    if (counts) named.push(byOverride(each));
  }
  return secondaryOf(turns, named, primary);
}

/**
 * Primary and secondary of one instant. `primary` and `own` are the turns that cover it; null when none does.
 *
 * - `next`: the secondary is who follows the primary in the order of the primary's rotation; in a gap there is none.
 * - `own`: a rotation of its own, also in a gap of the primary. When its turn falls on the primary, the next of its
 *   order takes it, else the next of the primary's order.
 * - Overrides count in the order in which they were made. One `insteadOf` somebody counts while this person has the place by
 *   the rotations and the overrides made before, or would have it if the other place were not overridden: so a primary
 *   and a secondary can swap.
 * - Nobody is both. The primary stands; when the same person would be secondary, the place goes back to the override
 *   made before, else to the next other person of the order, who may be the one whom an override relieved when there is
 *   nobody else.
 */
export function placesOf(
  rule: SecondaryRule['kind'],
  primary: CurrentTurn | null,
  own: CurrentTurn | null,
  overrides: ActiveOverrides,
): OnCall {
  const turns = { rule, primary, own };
  const turn =
    primary === null ? null : holderOf(participantOf(primary.rotation.participants, primary.shift), primary);
  const first = primaryAfter(turn, overrides.primary);
  const second = secondaryAfter(turns, beside(turns, turn), overrides.secondary, first);
  return {
    primary: first?.userId ?? null,
    secondary: second?.userId ?? null,
    why: { primary: first?.why ?? null, secondary: second?.why ?? null },
  };
}
