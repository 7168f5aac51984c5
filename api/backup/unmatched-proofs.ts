import { marksOf } from '../../tokens/contact-proof.js';
import type { AppDeps } from '../deps.js';
import { requireStore } from '../store-errors.js';

/**
 * What is to be said after a backup was put in: that confirmations of contact methods are in the store which fit no address of the
 * configuration. Their marks follow from the secret of the installation and the address, so that one of the two is another.
 */
export async function unmatchedProofs(
  deps: Pick<AppDeps, 'config' | 'store' | 'tokens'>,
): Promise<readonly string[]> {
  const proofs = await requireStore(deps.store).verifiedMethods.list();
  if (proofs.length === 0) return [];
  const owned = [...deps.config().users.values()].flatMap(({ id, methods }) =>
    methods.flatMap(({ address }) =>
      marksOf(deps.tokens, { userId: id, address }).map((mark) => `${id} ${mark}`),
    ),
  );
  const known = new Set(owned);
  const lost = proofs.filter(({ userId, mark }) => !known.has(`${userId} ${mark}`)).length;
  if (lost === 0) return [];
  return [
    `${lost} of ${proofs.length} confirmations of contact methods fit no address here: TOCSIN_SECRET is another than where they were made (there in the environment, or in <data folder>/secrets.json), or the addresses have changed. Start with that secret, as TOCSIN_SECRET or TOCSIN_SECRET_PREVIOUS, or let people confirm anew (tocsin contact list).`,
  ];
}
