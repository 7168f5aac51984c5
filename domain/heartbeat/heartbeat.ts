import type { Instant, Milliseconds } from '../time/instant.js';

/** What is expected of a heartbeat, by value: what its workflow and the alert about it need of the config. */
export interface HeartbeatSettings {
  readonly id: string;
  /** Id of the service whose people are paged. */
  readonly service: string;
  /** A severity id of the scheme; null: the service's, as for any alert that does not say. */
  readonly severity: string | null;
  /** A beat is expected so often. */
  readonly everyMs: Milliseconds;
  /** How late it may be. */
  readonly graceMs: Milliseconds;
  /** IANA time zone in which people read of it. */
  readonly zone: string;
}

/** `waiting`: no beat was ever seen, and none is overdue yet. */
export type HeartbeatPhase = 'waiting' | 'beating' | 'missed';

/** A beat as an API hands it to the workflow, when it could not go to the store. */
export interface SignalledBeat {
  /** By the API's clock. */
  readonly at: Instant;
  /** Names the process that sends it: promises of several do not replace one another. */
  readonly from: string;
  /**
   * Until then this process may take beats without telling: it tells the last of them when that time is over. Should it die
   * before, the last beat counts as one of then. Absent: it tells of each.
   */
  readonly coveredUntil?: Instant;
}

/** What the store said of the last beat. */
export type LastBeat =
  | { readonly kind: 'known'; readonly at: Instant | null }
  /** It could not be asked. */
  | { readonly kind: 'away'; readonly reason: string }
  /** There is none: beats come by signal only. */
  | { readonly kind: 'no-store' };

/** How a heartbeat is, for people and for lists. */
export interface HeartbeatView {
  readonly settings: HeartbeatSettings;
  readonly phase: HeartbeatPhase;
  /** The last beat that its workflow knows of; the store may know a later one. */
  readonly beat: Instant | null;
  /** A beat is missed from then on, as far as is known. */
  readonly dueAt: Instant;
  /** Since when it has been missed. */
  readonly missedAt: Instant | null;
  /** Since when the store could not be asked though it had to be. */
  readonly storeAwaySince: Instant | null;
}

/** What stands in the memo of its workflow, for lists. */
export interface HeartbeatMemo extends Pick<HeartbeatView, 'settings' | 'phase' | 'missedAt'> {
  /** Null too where the store has it. */
  readonly beat: Instant | null;
}
