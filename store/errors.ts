/**
 * Why a call was not done.
 * - `starting`: the store has not been opened yet since this process began
 * - `unreachable`: nothing answers, or the connection broke
 * - `refused`: it answers and does not let us in (login, rights, no such database, read-only, too old)
 * - `in-use`: another process has the embedded store's folder
 * - `disk-full`: there is no room for a write; reads still work
 * - `slow`: no answer within the call's limit. A write may have been done all the same: ask, or do it again with the same ids
 * - `migration`: its tables could not be brought up to date
 * - `closed`: this process has closed it
 */
export type AwayReason =
  'starting' | 'unreachable' | 'refused' | 'in-use' | 'disk-full' | 'slow' | 'migration' | 'closed';

/** The store can't do it now; whoever asked goes on without, or tries again later. */
export class StoreAway extends Error {
  readonly code = 'store-away';
  readonly reason: AwayReason;

  constructor(reason: AwayReason, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'StoreAway';
    this.reason = reason;
  }
}

/** A newer Tocsin has changed the store's tables: this one touches nothing. */
export class StoreTooNew extends Error {
  readonly code = 'store-too-new';
  /** Migrations that the store has and this Tocsin does not know. */
  readonly unknown: readonly string[];

  constructor(where: string, unknown: readonly string[]) {
    super(
      `The store (${where}) was brought up to date by a newer Tocsin: this one does not know ${unknown.join(', ')}. Nothing was changed. Start that newer version, or restore a backup from before it.`,
    );
    this.name = 'StoreTooNew';
    this.unknown = unknown;
  }
}

/**
 * Why a backup was not put in.
 * - `damaged`: it is not whole, or a row of it does not fit the table
 * - `too-new`: a newer Tocsin made it
 * - `not-empty`: the store is in use, and nobody asked for the two to be merged
 */
export type BackupRefusal = 'damaged' | 'too-new' | 'not-empty';

/** A backup was not put in, and nothing was changed. */
export class BackupRefused extends Error {
  readonly reason: BackupRefusal;
  /** From 1; null: it is not about a line. */
  readonly line: number | null;

  constructor(reason: BackupRefusal, message: string, line: number | null, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'BackupRefused';
    this.reason = reason;
    this.line = line;
  }
}
