import type { ProofsAsOf } from '../domain/contacts/proof.js';
import type { NightPage } from '../domain/oncall/night.js';
import type { OverridesAsOf } from '../domain/oncall/known.js';
import { withLoad } from './load-limits.js';
import { withWindows } from './in-maintenance.js';
import type { PlannedWindow } from './maintenance.js';
import { withOverrides } from './overridden.js';
import type { Config } from './types.js';
import { withVerified, type MarksOf } from './verified.js';

/** What is known beside the files. What is absent does not count: the configuration answers as if it did not exist. */
export interface KnownBeside {
  /** Who was paged for what at night. */
  readonly nightPages?: (() => Iterable<NightPage>) | undefined;
  readonly overrides?: (() => OverridesAsOf) | undefined;
  /** The contact methods that people have confirmed, and how their addresses are known again. */
  readonly proofs?: { readonly known: () => ProofsAsOf; readonly marksOf: MarksOf } | undefined;
  /** The maintenance windows that people made: the same array as long as nothing changed. */
  readonly windows?: (() => readonly PlannedWindow[]) | undefined;
}

/**
 * The configuration in force: that of the files, answering by all that is known beside them. The one place where these are put
 * together, so that who is paged, foreseen and shown is the same in every process. Never waits for the store; as long as
 * nothing changed it answers with the same object.
 */
export function inForce(config: () => Config, beside: KnownBeside): () => Config {
  const { nightPages, overrides, proofs, windows } = beside;
  const limited = nightPages === undefined ? config : withLoad(config, nightPages);
  const overridden = overrides === undefined ? limited : withOverrides(limited, overrides);
  const verified = proofs === undefined ? overridden : withVerified(overridden, proofs.known, proofs.marksOf);
  return windows === undefined ? verified : withWindows(verified, windows);
}
