import type { AccessScope } from '../domain/access/scope.js';
import type { BusinessTime } from '../domain/time/business-time.js';
import type { Instant, Milliseconds } from '../domain/time/instant.js';
import type { HeartbeatSettings } from '../domain/heartbeat/heartbeat.js';
import type { FoundPeople } from '../domain/incident/event.js';
import type { OverridesAsOf } from '../domain/oncall/known.js';
import type { PreparedSchedule } from '../domain/oncall/on-call.js';
import type { Override } from '../domain/oncall/override.js';
import type { OnCall } from '../domain/oncall/places.js';
import type { ResponsePlan } from '../domain/incident/plan.js';
import type { Target } from '../domain/escalation/policy.js';
import type { Severity, Urgency } from '../domain/severity/severity.js';
import type { Channel } from '../domain/incident/event.js';
import type { DutySource } from './duty.js';
import type { CoverOf, PlannedWindow } from './maintenance.js';
import type { HandoffSettings } from './handoffs.js';
import type { LoadLimits } from './load-limits.js';
import type { ProviderSettings } from './provider-settings.js';

/** A contact method of a user as the config has it. */
export interface ContactMethod {
  /** Unique for its user, e.g. `sms-1`. */
  readonly id: string;
  readonly channel: Channel;
  /** E.164 for sms and voice, an address for email, an ntfy topic for push, a URL for webhook. */
  readonly address: string;
  /** It counts once its person has typed back a code that was sent there. Absent: it is trusted. */
  readonly needsProof?: true;
}

export interface User {
  readonly id: string;
  readonly name: string;
  /** IANA time zone. */
  readonly zone: string;
  readonly manager?: string;
  readonly methods: readonly ContactMethod[];
}

/** A way in for alerts, with its key already read from the environment. */
export interface Integration {
  readonly id: string;
  readonly kind: 'alertmanager' | 'generic' | 'grafana' | 'pagerduty';
  /** The bearer key. Compared in constant time; never logged. */
  readonly key: string;
  /** Service of alerts that no route matches. */
  readonly service?: string;
  /** Severity of alerts that do not say. */
  readonly severity?: string;
  /** Labels whose values make one incident; absent: the sender's own grouping or dedup key. */
  readonly groupBy?: readonly string[];
}

/** The id under which missed heartbeats come in, as if they were an integration's alerts. */
export const HEARTBEAT_INTEGRATION = 'heartbeat';

/** Something whose beats are expected, with its key already read from the environment. */
export interface Heartbeat {
  readonly settings: HeartbeatSettings;
  /** The last part of its address. Never logged. */
  readonly key: string;
}

/** A key for the HTTP API and the CLI. */
export interface ApiKey {
  readonly id: string;
  readonly key: string;
  /** What it may do; absent: everything. */
  readonly scope?: AccessScope;
}

/** What routing makes of an alert's labels. */
export interface Route {
  readonly serviceId: string;
  readonly severity: string;
  /** What happened on the way that a person should know, e.g. unknown service → catch-all. */
  readonly remarks: readonly string[];
}

/** A valid configuration, ready to answer questions. Immutable; a reload makes a new one. */
export interface Config {
  /** First 12 hex digits of the SHA-256 of its content. */
  readonly hash: string;
  readonly users: ReadonlyMap<string, User>;
  readonly integrations: readonly Integration[];
  readonly apiKeys: readonly ApiKey[];
  readonly heartbeats: readonly Heartbeat[];
  /** In the order in which they are tried. */
  readonly providers: readonly ProviderSettings[];
  readonly severities: readonly Severity[];
  readonly serviceIds: readonly string[];
  readonly policyIds: readonly string[];
  readonly scheduleIds: readonly string[];
  /** By id, without overrides: `prepare` of domain/oncall/on-call.ts adds them. */
  readonly schedules: ReadonlyMap<string, PreparedSchedule>;
  readonly teamIds: readonly string[];
  /** What coverage and fairness are worked out from, without overrides. */
  readonly duty: DutySource;
  /** The schedules whose shifts are handed over, by id. */
  readonly handoffs: ReadonlyMap<string, HandoffSettings>;
  /** How often one person may be woken. */
  readonly load: LoadLimits;
  /** Pages to one person by one method that follow a message within this time go out as one; null: each goes on its own. */
  readonly bundlingMs: Milliseconds | null;
  /** How long a page waits for an answer where no policy says otherwise. */
  readonly ackTimeoutMs: Milliseconds;
  /** The user or group member whose phone number (E.164) this is; null when unknown. */
  userByPhone(number: string): User | null;
  /** Who may act by this id: a user, or a group's own contacts (`group:<id>`); null when the config no longer has them. */
  person(id: string): User | null;
  /** Service and severity for an alert of this integration. `severity` may be the sender's word (critical, warning, P1 …) or a severity id. */
  route(
    integration: Integration | null,
    labels: Readonly<Record<string, string>>,
    said: { readonly service?: string; readonly severity?: string },
  ): Route;
  /** Snapshot for an incident of this service opening at `at`. The service id must come from `route` or `serviceIds`. */
  plan(serviceId: string, at: Instant, remarks: readonly string[]): ResponsePlan;
  /**
   * Who the targets mean at `at`, in order, each person once; gaps and unreachable people are `problems`. `known`: the
   * overrides that count; absent: none, or those that `withOverrides` (config/overridden.ts) has put there.
   */
  findPeople(targets: readonly Target[], urgency: Urgency, at: Instant, known?: OverridesAsOf): FoundPeople;
  /** Address of a contact method; null when the config no longer has it. */
  method(userId: string, methodId: string): { readonly user: User; readonly method: ContactMethod } | null;
  /** The schedules by id with these overrides; one whose person is not in the config any more does not count. */
  schedulesWith(overrides: readonly Override[]): ReadonlyMap<string, PreparedSchedule>;
  /** IANA zone of the times that people write for this schedule. */
  zoneOfSchedule(id: string): string;
  /** Who is on call at `at`, for people. `known` as for `findPeople`. */
  onCall(at: Instant, known?: OverridesAsOf): readonly OnCallNow[];
  businessTime(from: Instant): BusinessTime;
  /**
   * Maintenance windows that count at some time of a span, by their beginning: those of the configuration, and those that
   * `withWindows` (config/in-maintenance.ts) has put there.
   */
  windowsIn(from: Instant, to: Instant): readonly PlannedWindow[];
  /** Which windows cover alerts that come in at this moment. */
  coverAt(at: Instant): CoverOf;
}

/** Who is on call by a schedule at an instant. */
export interface OnCallNow extends OnCall {
  readonly schedule: string;
  /** When this changes next, if it does. */
  readonly until: Instant | null;
}

/** One thing wrong with the files. */
export interface ConfigProblem {
  readonly level: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** Where in the document, e.g. `policies.default.steps[2].targets[0]`. */
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
  /** The environment variable that is not set, where that is the problem. */
  readonly variable?: string;
}
