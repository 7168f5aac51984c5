import { z } from 'zod';
import type { ContactProof, ProofsAsOf } from '../domain/contacts/proof.js';
import { createLastKnown, type LastKnown, type LastKnownOptions } from './known.js';
import type { VerifiedMethods } from './verified-methods.js';

/** The last proofs of contact methods that were known, whether or not the store answers now. */
export interface KnownVerified extends Omit<LastKnown<readonly ContactProof[]>, 'current'> {
  /** At once, from memory. */
  current(): ProofsAsOf & { readonly isStale: boolean };
}

export interface KnownVerifiedOptions extends LastKnownOptions {
  readonly store: { readonly verifiedMethods: Pick<VerifiedMethods, 'version' | 'list'> };
  /** Where they are kept for the next start, e.g. `<data>/verified-methods.json`. No address is in it. */
  readonly file: string;
}

const schema = z.array(
  z.object({
    userId: z.string(),
    methodId: z.string(),
    mark: z.string(),
    at: z.number().int(),
    by: z.string(),
  }),
);

/** Begins to look every two seconds, and returns at once: first with what the file of an earlier process has. */
export function createKnownVerified({ store, file, ...options }: KnownVerifiedOptions): KnownVerified {
  const known = createLastKnown<readonly ContactProof[]>(
    {
      what: 'contact methods',
      file,
      none: [],
      schema,
      version: () => store.verifiedMethods.version(),
      load: () => store.verifiedMethods.list(),
    },
    options,
  );
  return {
    ...known,
    current: () => {
      const { value, asOf, isStale } = known.current();
      return { proofs: value, asOf, isStale };
    },
  };
}
