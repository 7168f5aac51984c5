import type { Path } from '../config/problems.js';
import type { Channel, FailureReason } from '../domain/incident/event.js';
import type { Slot } from '../domain/oncall/schedule.js';
import type { Instant, Milliseconds } from '../domain/time/instant.js';
import type { ScriptedAnswer } from './answer-sentence.js';
import type { Expectation } from './expect-sentence.js';
import type { ScriptedWindow } from './maintenance.js';

/** The alerts of one moment, of one group. */
export interface ScriptedAlerts {
  readonly offsetMs: Milliseconds;
  readonly group: string;
  readonly serviceId: string;
  readonly severity: string;
  readonly title: string;
  readonly fires: readonly string[];
  /** `all`: whatever fires then. */
  readonly resolves: readonly string[] | 'all';
  /** Spread over so long, one batch every 200 ms; 0: in one. */
  readonly withinMs: Milliseconds;
}

/** What becomes of messages that this is about. The last rule that fits has it. */
export interface DeliveryRule {
  /** User ids, groups as `group:<id>`; null: everybody. */
  readonly to: readonly string[] | null;
  readonly by: readonly Channel[] | null;
  readonly provider: string | null;
  readonly becomes: 'delivered' | 'answered' | 'voicemail' | 'unanswered' | FailureReason;
  /** Null: a failure is the provider's answer, a callback comes as soon as it usually does. */
  readonly afterMs: Milliseconds | null;
  readonly fromMs: Milliseconds;
  readonly untilMs: Milliseconds;
  readonly nth: number | null;
}

/** Somebody has a place of a schedule, whatever its rotations say. Of several at one moment the last one written wins. */
export interface ScriptedOverride {
  readonly schedule: string;
  readonly slot: Slot;
  readonly userId: string;
  /** Only while this user would have the place; null: whoever has it. */
  readonly insteadOf: string | null;
  readonly fromMs: Milliseconds;
  readonly untilMs: Milliseconds;
}

/** Something is down. */
export interface Outage {
  readonly fromMs: Milliseconds;
  readonly toMs: Milliseconds;
}

/** Where something of a scenario is written down. */
export interface Sourced {
  readonly at: Path;
  readonly source: string;
}

/** A story in virtual time, ready to be told: checked against its configuration. */
export interface Scenario {
  readonly title: string;
  /** The instant of 0:00. */
  readonly startsAt: Instant;
  /** Of the times that people read. */
  readonly zone: string;
  readonly untilMs: Milliseconds;
  readonly resolves: boolean;
  /** Opened by hand at 0:00, instead of by alerts. */
  readonly declared: {
    readonly by: string;
    readonly serviceId: string;
    readonly severity: string;
    readonly title: string;
  } | null;
  readonly alerts: readonly ScriptedAlerts[];
  readonly answers: readonly (ScriptedAnswer & Sourced)[];
  readonly deliveries: readonly DeliveryRule[];
  readonly providers: Readonly<Partial<Record<Channel, readonly string[]>>>;
  readonly overrides: readonly ScriptedOverride[];
  /** Windows in which alerts page nobody, beside those of the configuration. */
  readonly maintenance: readonly ScriptedWindow[];
  /** When the store is away: paging goes on with the overrides that were known. */
  readonly storeAway: readonly Outage[];
  /** Nothing of ours runs. */
  readonly outages: readonly Outage[];
  /** For how many incidents users were paged before in the night in which it begins. */
  readonly nightPages: Readonly<Record<string, number>>;
  readonly expect: readonly (Expectation & Sourced)[];
  /** The whole list of contacts, line by line; null: not demanded. */
  readonly contacts: readonly string[] | null;
}

/** The group of alerts that names none. */
export const FIRST_GROUP = 'A';
