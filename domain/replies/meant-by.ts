import type { Instant } from '../time/instant.js';

/** What a text message can ask of an incident. */
export type ReplyAction = 'acknowledge' | 'take' | 'progress' | 'resolve' | 'escalate' | 'update';

/** An open incident, as a reply can mean it. */
export interface Meanable {
  readonly openingId: string;
  /** When it opened. */
  readonly startedAt: Instant;
}

/** The open incidents that have to do with one person. One may stand in several lists. */
export interface Theirs<T> {
  /** Those that wait for their answer. */
  readonly paged: readonly T[];
  /** Those that they have. */
  readonly owned: readonly T[];
  /** Those for which they were ever paged, about which they did something, or which they have. */
  readonly involved: readonly T[];
}

/** The last message by which this person was paged, when it was about several incidents. */
export interface LastBundle {
  readonly openingIds: readonly string[];
  /** When it left. */
  readonly sentAt: Instant;
}

/** Which incident a reply without a code means. */
export type Meant<T> =
  | {
      readonly kind: 'one';
      readonly incident: T;
      /** What is asked of it: what was said, but that OK is an acknowledgement to an incident that the person does not have. */
      readonly action: ReplyAction;
    }
  /** More than one, oldest first: nothing is done, the person is asked which. */
  | {
      readonly kind: 'several';
      readonly incidents: readonly T[];
      readonly action: ReplyAction;
      /** ALL would take these. */
      readonly all: boolean;
    }
  /** None that waits for them or is theirs, but these, oldest first, which others have: nothing is done without a code. */
  | { readonly kind: 'others'; readonly incidents: readonly T[]; readonly action: ReplyAction }
  | { readonly kind: 'none' };

/**
 * What a reply without a code means; production and the simulator ask here. Whoever texts is half asleep: what tells them who
 * has it, or takes it, may fall back to an incident that has to do with them; what closes an incident, wakes others or speaks
 * for it (RESOLVE, ESCALATE, UPDATE) only ever means one that waits for them or is theirs, and another by its code.
 */
export function meantBy<T extends Meanable>(action: ReplyAction, theirs: Theirs<T>): Meant<T> {
  const { paged, owned, involved } = theirs;
  switch (action) {
    case 'acknowledge':
      return chosen(firstOf(paged, owned, involved), 'acknowledge', paged.length > 0);
    case 'progress':
      return owned.length > 0
        ? chosen(owned, 'progress')
        : chosen(firstOf(paged, involved), 'acknowledge', paged.length > 0);
    case 'take': {
      const isTheirs = new Set(owned.map(({ openingId }) => openingId));
      const others = [...paged, ...involved].filter(({ openingId }) => !isTheirs.has(openingId));
      // Of nothing but their own they hear that they have it.
      return chosen(firstOf(others, owned), 'take');
    }
    case 'resolve':
    case 'escalate':
    case 'update': {
      const near = [...paged, ...owned];
      if (near.length > 0 || involved.length === 0) return chosen(near, action);
      return { kind: 'others', incidents: inOrder(involved), action };
    }
    default:
      return action satisfies never;
  }
}

/**
 * What a bare acknowledgement takes that answers a message about several incidents: those of them, oldest first, that still wait
 * for this person's answer; `others`: what else does. Null: it means what {@link meantBy} says, since fewer than two wait, or one
 * that opened after that message may be what the person has just read about.
 */
export function meantByBundle<T extends Meanable>(
  { paged }: Pick<Theirs<T>, 'paged'>,
  last: LastBundle | null,
): { readonly incidents: readonly T[]; readonly others: readonly T[] } | null {
  if (last === null || paged.length < 2) return null;
  const incidents = inOrder(paged.filter(({ openingId }) => last.openingIds.includes(openingId)));
  const others = inOrder(paged.filter(({ openingId }) => !last.openingIds.includes(openingId)));
  if (incidents.length === 0 || others.some(({ startedAt }) => startedAt > last.sentAt)) return null;
  return { incidents, others };
}

/** What is open and waits for this person or is theirs, oldest first. */
export function openTo<T extends Meanable>({ paged, owned }: Theirs<T>): readonly T[] {
  return inOrder([...paged, ...owned]);
}

function firstOf<T>(...lists: readonly (readonly T[])[]): readonly T[] {
  return lists.find((list) => list.length > 0) ?? [];
}

function chosen<T extends Meanable>(
  candidates: readonly T[],
  action: ReplyAction,
  all: boolean = false,
): Meant<T> {
  const incidents = inOrder(candidates);
  const [incident, another] = incidents;
  if (incident === undefined) return { kind: 'none' };
  return another === undefined
    ? { kind: 'one', incident, action }
    : { kind: 'several', incidents, action, all };
}

/** Each once, oldest first. */
function inOrder<T extends Meanable>(incidents: readonly T[]): readonly T[] {
  return [...new Map(incidents.map((incident) => [incident.openingId, incident])).values()].sort(
    (one, other) => one.startedAt - other.startedAt,
  );
}
