import type { ContactProof, ProofsAsOf } from '../domain/contacts/proof.js';
import type { FoundPeople } from '../domain/incident/event.js';
import type { Urgency } from '../domain/severity/severity.js';
import type { DutySource } from './duty.js';
import type { Config, ContactMethod, User } from './types.js';

/** What stands for an address in proofs: one for each secret that still counts (tokens/contact-proof.ts). */
export type MarksOf = (contact: { readonly userId: string; readonly address: string }) => readonly string[];

/** Whether a contact method is known to lead to its person. */
export type Standing =
  /** The config says so, or nobody could type anything back. */
  | { readonly kind: 'trusted' }
  | { readonly kind: 'verified'; readonly proof: ContactProof }
  | { readonly kind: 'unverified' };

/** Tells of every contact method whether it counts, by these proofs. Works each address out once. */
export function createStandings(
  proofs: readonly ContactProof[],
  marksOf: MarksOf,
): (userId: string, method: ContactMethod) => Standing {
  const byMark = new Map(proofs.map((proof) => [`${proof.userId} ${proof.mark}`, proof]));
  return (userId, { needsProof, address }) => {
    if (needsProof !== true) return { kind: 'trusted' };
    for (const mark of marksOf({ userId, address })) {
      const proof = byMark.get(`${userId} ${mark}`);
      if (proof !== undefined) return { kind: 'verified', proof };
    }
    return { kind: 'unverified' };
  };
}

/** Ids of the unverified contact methods by user. People without one are not in it. */
export type Unproven = ReadonlyMap<string, ReadonlySet<string>>;

function unprovenOf(users: Iterable<User>, standing: ReturnType<typeof createStandings>): Unproven {
  return new Map(
    [...users].flatMap((user) => {
      const ids = user.methods
        .filter((method) => standing(user.id, method).kind === 'unverified')
        .map(({ id }) => id);
      return ids.length === 0 ? [] : [[user.id, new Set(ids)] as const];
    }),
  );
}

/** Says of each person found whether there is no method among theirs that counts. */
function marked(found: FoundPeople, unproven: Unproven): FoundPeople {
  if (!found.people.some(({ userId }) => unproven.has(userId))) return found;
  const people = found.people.map((person) => {
    const ids = unproven.get(person.userId);
    const methods = person.rules.flatMap((rule) => rule.methods);
    if (ids === undefined || methods.length === 0 || !methods.every(({ id }) => ids.has(id))) return person;
    return { ...person, unproven: true as const };
  });
  return { ...found, people };
}

/** In coverage whoever has confirmed nothing is paged like anybody, and told of beside the gaps. */
function markedDuty(duty: DutySource, isUnproven: (userId: string, urgency: Urgency) => boolean): DutySource {
  const people = new Map<string, ReturnType<DutySource['person']>>();
  const person: DutySource['person'] = (userId) => {
    const known = duty.person(userId);
    if (known === null) return null;
    const isUnverified = { high: isUnproven(userId, 'high'), low: isUnproven(userId, 'low') };
    return { ...known, isUnverified };
  };
  return {
    ...duty,
    // A shift each time that they have the duty: it is worked out once.
    person: (userId) => {
      const found = people.get(userId) ?? person(userId);
      people.set(userId, found);
      return found;
    },
  };
}

/**
 * The configuration in force, whose `findPeople` says who has confirmed no contact method, and whose duty says so
 * as well, by the proofs that are known now. Never waits for the store. As long as nothing was ever known everybody counts.
 */
export function withVerified(config: () => Config, known: () => ProofsAsOf, marksOf: MarksOf): () => Config {
  let worked:
    | { readonly users: Config['users']; readonly proofs: ProofsAsOf['proofs']; readonly unproven: Unproven }
    | undefined;
  let last: { readonly config: Config; readonly unproven: Unproven; readonly made: Config } | undefined;
  return () => {
    const [current, { proofs, asOf }] = [config(), known()];
    if (asOf === null) return current;
    if (worked?.users !== current.users || worked.proofs !== proofs) {
      const unproven = unprovenOf(current.users.values(), createStandings(proofs, marksOf));
      worked = { users: current.users, proofs, unproven };
    }
    const { unproven } = worked;
    if (unproven.size === 0) return current;
    if (last?.config === current && last.unproven === unproven) return last.made;
    const findPeople: Config['findPeople'] = (targets, urgency, at, by) =>
      marked(current.findPeople(targets, urgency, at, by), unproven);
    const isUnproven = (id: string, urgency: Urgency): boolean =>
      unproven.has(id) &&
      findPeople([{ kind: 'user', id }], urgency, 0).people.some((person) => person.unproven === true);
    const made: Config = { ...current, findPeople, duty: markedDuty(current.duty, isUnproven) };
    last = { config: current, unproven, made };
    return made;
  };
}
