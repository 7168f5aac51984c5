import type { KnownBeside } from '../config/in-force.js';
import { countingWindows, type KnownMaintenance } from '../store/known-maintenance.js';
import type { KnownOverrides } from '../store/known-overrides.js';
import type { KnownVerified } from '../store/known-verified.js';
import { marksOf } from '../tokens/contact-proof.js';
import type { Tokens } from '../tokens/signed-token.js';

/** What a process follows of the store; what is absent it does not know. */
export interface FollowedParts {
  readonly nightPages?: KnownBeside['nightPages'];
  readonly known?: Pick<KnownOverrides, 'current'> | undefined;
  readonly verified?: Pick<KnownVerified, 'current'> | undefined;
  readonly maintenance?: Pick<KnownMaintenance, 'current'> | undefined;
  /** By their secret addresses are known again. */
  readonly tokens: Pick<Tokens, 'derive'>;
}

/** The same as the configuration in force takes it: see `inForce` in config/in-force.ts. */
export function knownBeside(parts: FollowedParts): KnownBeside {
  const { nightPages, known, verified, maintenance, tokens } = parts;
  return {
    nightPages,
    overrides: known && (() => known.current()),
    proofs: verified && {
      known: () => verified.current(),
      marksOf: (contact) => marksOf(tokens, contact),
    },
    windows: maintenance && (() => countingWindows(maintenance.current().value)),
  };
}
