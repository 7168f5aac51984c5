import type { Config } from '../config/types.js';
import type { Simulation } from './result.js';

/**
 * Ids of those who are paged and of whom, in a running Tocsin, nothing would count before they have confirmed a contact method:
 * a simulation knows of no codes and takes everybody at the configuration's word. In order of their ids.
 */
export function takenAsConfirmed(
  { contacts, startsAt }: Pick<Simulation, 'contacts' | 'startsAt'>,
  config: Pick<Config, 'users' | 'findPeople'>,
): readonly string[] {
  const paged = new Set(contacts.filter(({ kind }) => kind === 'page').map(({ userId }) => userId));
  return [...paged].sort().filter((id) => {
    const needing = (config.users.get(id)?.methods ?? []).filter(({ needsProof }) => needsProof === true);
    const ids = new Set(needing.map((method) => method.id));
    const { people } = config.findPeople([{ kind: 'user', id }], 'high', startsAt);
    const used = people.flatMap(({ rules }) => rules.flatMap(({ methods }) => methods));
    return used.length > 0 && used.every((method) => ids.has(method.id));
  });
}
