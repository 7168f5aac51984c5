import type { Policy, Target } from '../escalation/policy.js';
import type { QuietWindow } from '../maintenance/window.js';
import type { Severity } from '../severity/severity.js';
import type { BusinessTime } from '../time/business-time.js';
import { HOUR, MINUTE, SECOND, type Milliseconds } from '../time/instant.js';

/** The numbers of the machine that a config can change. Defaults: spec, "Timers of one incident". */
export interface Timings {
  /** Without update or phase change for this long, the incident escalates. */
  readonly noProgressMs: Milliseconds;
  /** How long before that the owner is asked "still on it?". */
  readonly stillOnItBeforeMs: Milliseconds;
  /** How long a status update may be overdue before the next up the line hears of it. */
  readonly updateOverdueMs: Milliseconds;
  /** After a person's resolve while alerts fire: when to look again. */
  readonly recheckMs: Milliseconds;
  /** An owner of a flapping incident is paged at most once in this time. */
  readonly repageMs: Milliseconds;
  /** How long all must be quiet before an incident is resolved. */
  readonly stabilityMs: Milliseconds;
  /** At most one message about new alerts in this time. */
  readonly joinNoticeMs: Milliseconds;
  /** Timers of one person that fall within this time make one message. */
  readonly mergeMs: Milliseconds;
  /** A deadline later than this was missed in an outage of ours. */
  readonly outageAfterMs: Milliseconds;
  /** `next-business-day` pages this long before the next business day ends. */
  readonly beforeCloseMs: Milliseconds;
  /** First wait before a delivery is tried again; doubled each time up to a minute. */
  readonly retryMs: Milliseconds;
  /** The shortest time for which an incident may be snoozed. */
  readonly snoozeShortestMs: Milliseconds;
  /** The longest time for which an incident may be snoozed. */
  readonly snoozeLongestMs: Milliseconds;
}

export const DEFAULT_TIMINGS: Timings = {
  noProgressMs: 30 * MINUTE,
  stillOnItBeforeMs: 5 * MINUTE,
  updateOverdueMs: 5 * MINUTE,
  recheckMs: 5 * MINUTE,
  repageMs: 15 * MINUTE,
  stabilityMs: 30 * MINUTE,
  joinNoticeMs: MINUTE,
  mergeMs: MINUTE,
  outageAfterMs: MINUTE,
  beforeCloseMs: 2 * HOUR,
  retryMs: 5 * SECOND,
  snoozeShortestMs: 5 * MINUTE,
  snoozeLongestMs: 24 * HOUR,
};

/** The timings of a plan. One that was snapshotted before a timing existed has its default. */
export function timingsOf(plan: Pick<ResponsePlan, 'timings'>): Timings {
  return { ...DEFAULT_TIMINGS, ...plan.timings };
}

/** What an incident needs of the config, by value: a later edit does not change an incident under way. */
export interface ResponsePlan {
  readonly configHash: string;
  readonly service: {
    readonly id: string;
    readonly name: string;
    readonly team?: string;
    readonly runbook?: string;
  };
  readonly policy: Policy;
  /** The whole scheme, worst first, so that a severity can change without asking the config. */
  readonly severities: readonly Severity[];
  readonly management: readonly Target[];
  readonly executives: readonly Target[];
  readonly businessTime: BusinessTime;
  readonly timings: Timings;
  /** What the router had to say, e.g. that the service is unknown; goes into the timeline. */
  readonly remarks: readonly string[];
}

/** What starts an incident: the argument of the workflow. */
export interface IncidentInput {
  /** Hash of integration and dedup key (20 hex digits), or random when declared by hand. The workflow id is `incident:<key>`. */
  readonly key: string;
  readonly title: string;
  /** A severity id of the plan's scheme. */
  readonly severity: string;
  readonly plan: ResponsePlan;
  /** Where it came from: the id of an integration, or `manual`. */
  readonly source: string;
  /** Whether the source tells when an alert is over; a hand-declared incident never does. */
  readonly resolves: boolean;
  /** Who declared it by hand. */
  readonly declaredBy?: Actor;
  /** The maintenance windows by which it opens quietly: see `openingQuiet`. Absent: it pages. */
  readonly quiet?: readonly QuietWindow[];
}

/** Who did something. */
export type Actor =
  | { readonly kind: 'user'; readonly id: string; readonly name: string }
  /**
   * A machine or a person behind an API key that names nobody: nobody can be asked or told. Its name says what it is, so that
   * nobody takes it for a person: "API key ci", "integration pagerduty".
   */
  | { readonly kind: 'key'; readonly id: string; readonly name: string };
