import type { Instant } from '../time/instant.js';

/** A person typed back a code that was sent to this address: it leads to them. */
export interface ContactProof {
  readonly userId: string;
  /** The contact method whose code it was; others with the same address are as good. */
  readonly methodId: string;
  /** Stands for the address, without telling it. Another address has another mark. */
  readonly mark: string;
  readonly at: Instant;
  /** Id of the user or API key that typed it. */
  readonly by: string;
}

/** The proofs that are known, whether or not the store answers now. */
export interface ProofsAsOf {
  /** The same array as long as nothing changed. */
  readonly proofs: readonly ContactProof[];
  /** When the store answered last; null: never, and nothing is known of anybody. */
  readonly asOf: Instant | null;
}

/** How long a code is good for. */
export const CODE_GOOD_MS = 10 * 60_000;
/** Codes for one address within a day: somebody else's phone must not be a toy. */
export const CODES_A_DAY = 5;
/** Wrong codes after which a new one must be sent. */
export const WRONG_TRIES = 5;
