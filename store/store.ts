import type { Instant } from '../domain/time/instant.js';
import type { AwayReason } from './errors.js';
import type { ApiKeys } from './api-keys.js';
import type { AuditLog } from './audit.js';
import type { Backup } from './backup.js';
import type { Beats } from './beats.js';
import type { Bundles } from './bundles.js';
import type { Calendars } from './calendars.js';
import type { Handoffs } from './handoffs.js';
import type { Maintenance } from './maintenance.js';
import type { Overrides } from './overrides.js';
import type { Records } from './records.js';
import type { PageCounts } from './page-counts.js';
import type { Slots } from './slots.js';
import type { VerifiedMethods } from './verified-methods.js';

/** How the store is now. */
export interface StoreState {
  readonly kind: 'pglite' | 'postgres';
  /** Where it is, for people: a folder, or host, port and database. */
  readonly where: string;
  /** `too-new`: see `StoreTooNew`. */
  readonly status: 'starting' | 'ready' | 'away' | 'too-new';
  /** Since when it has been so. */
  readonly since: Instant;
  /** What is wrong; null: nothing. A ready store may have one: its disk is full, and only reads work. */
  readonly cause: AwayReason | 'too-new' | null;
  /** The same in a sentence for people who operate Tocsin: it may name hosts and folders. */
  readonly reason: string | null;
}

/** How a call ended: done, refused by our own fault (`failed`), or why not. */
export type CallOutcome = 'done' | 'failed' | 'too-new' | AwayReason;

/** Settings of one call. */
export interface CallOptions {
  /** Milliseconds until it rejects with `StoreAway` `slow`. Default 2000. */
  readonly limitMs?: number;
}

/**
 * What is kept beside Temporal. Nobody who pages waits for it: every call has a limit, and rejects at once while the store is
 * not ready.
 * Every method that returns a promise rejects with StoreAway or StoreTooNew.
 */
export interface Store {
  readonly overrides: Overrides;
  readonly audit: AuditLog;
  readonly beats: Beats;
  readonly bundles: Bundles;
  readonly calendars: Calendars;
  readonly handoffs: Handoffs;
  readonly records: Records;
  readonly pageCounts: PageCounts;
  readonly apiKeys: ApiKeys;
  readonly backup: Backup;
  readonly slots: Slots;
  readonly maintenance: Maintenance;
  readonly verifiedMethods: VerifiedMethods;
  state(): StoreState;
  /** Resolves once it is ready; rejects when that takes longer, or when waiting is in vain (too new, closed). */
  untilReady(withinMs: number): Promise<void>;
  /** How many calls ended how, since this process began. */
  calls(): ReadonlyMap<CallOutcome, number>;
  /** Ends it; calls under way are given up. Repeated calls share one end. */
  close(): Promise<void>;
}
